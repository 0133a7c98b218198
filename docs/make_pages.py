"""Writes what is made from the catalogue: docs/tools.md, and the tool list that the stdio door answers with.

`--check` writes nothing and fails when either is out of date; a test runs it.
"""

import re
import sys
from pathlib import Path

from notewell_server.mcp.server import LISTED, listing
from notewell_tools.catalogue import CATALOGUE
from notewell_tools.definition import Tool

PAGE = Path(__file__).with_name("tools.md")
INTRODUCTION = """\
# The tools

Made from the catalogue by `make docs`; do not edit. Every tool is the same over MCP and on the command line
(`notewell get-note …`), takes `format` (`text`, or `json` for the same data as JSON), and refuses arguments that
it does not know. Lists may be sent as JSON lists or as comma-separated strings.
"""


def page() -> str:
    made = "\n".join([INTRODUCTION, *map(section, CATALOGUE.values())])
    return re.sub(r"\[\[.*?\]\]", r"`\g<0>`", made)  # examples, which no check is to take for links


def section(tool: Tool) -> str:
    rows = [row(tool, name) for name in tool.schema["properties"] if name != "format"]
    return "\n".join(
        [
            f"## `{tool.name}`",
            "",
            tool.description,
            "",
            f"Hints: {hints(tool)}.",
            "",
            "| argument | type | default | |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


def row(tool: Tool, name: str) -> str:
    schema = tool.schema["properties"][name]
    field = tool.arguments.model_fields[name]
    kind = " · ".join(f"`{value}`" for value in schema["enum"]) if "enum" in schema else schema["type"]
    default = "required" if field.is_required() else "" if field.default in (None, [], "") else f"`{field.default}`"
    return f"| `{name}` | {kind} | {default} | {schema.get('description', '')} |"


def hints(tool: Tool) -> str:
    if tool.hints.reads_only:
        return "reads only"
    words = ["destructive" if tool.hints.destructive else "not destructive"]
    return ", ".join([*words, "idempotent"] if tool.hints.idempotent else words)


def main() -> None:
    made = {PAGE: page().encode(), LISTED: listing()}
    for path, content in made.items():
        if "--check" not in sys.argv:
            path.write_bytes(content)
        elif path.read_bytes() != content:
            sys.exit(f"{path.name} is out of date: run make docs")


if __name__ == "__main__":
    main()
