"""Writes what is made from the catalogue: docs/tools.md, the tool list, what the quick door on standard input answers.

`--check` writes nothing and fails when either is out of date; a test runs it.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recorded_answers import recorded

from notewell_server.mcp import LISTED
from notewell_server.mcp.server import listing
from notewell_server.stdio import PREPARED
from notewell_tools.answer_schemas import schemas_of
from notewell_tools.catalogue import CATALOGUE
from notewell_tools.definition import Tool

PAGE = Path(__file__).with_name("tools.md")
INTRODUCTION = """\
# The tools

Made from the catalogue by `make docs`; do not edit. Every tool is the same over MCP and on the command line
(`notewell get …`), takes `format` (`text`, or `json` for the same data as JSON), and refuses arguments that
it does not know. Lists may be sent as JSON lists or as comma-separated strings.
"""
ANSWERS = """\
# The answers

As JSON, field by field. A field without "always" is absent where it would say nothing. Times are UTC, such as
`2026-11-21T09:30:00.000Z`.
"""


def page() -> str:
    answers, types = schemas_of({tool.name: tool.answer for tool in CATALOGUE.values()}, "{model}")
    tools = [section(tool, answers[tool.name]) for tool in CATALOGUE.values()]
    made = "\n".join([INTRODUCTION, *tools, ANSWERS, *(answer(name, types[name]) for name in types)])
    return re.sub(r"\[\[.*?\]\]", r"`\g<0>`", made)  # examples, which no check is to take for links


def section(tool: Tool, answered: Mapping[str, Any]) -> str:
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
            f"Answer: {kind_of(answered)}.",
            "",
        ]
    )


def row(tool: Tool, name: str) -> str:
    schema = tool.schema["properties"][name]
    field = tool.arguments.model_fields[name]
    kind = " · ".join(f"`{value}`" for value in schema["enum"]) if "enum" in schema else schema["type"]
    default = "required" if field.is_required() else "" if field.default in (None, [], "") else f"`{field.default}`"
    return f"| `{name}` | {kind} | {default} | {schema.get('description', '')} |"


def answer(name: str, schema: Mapping[str, Any]) -> str:
    """One type of the answers: what is always there first."""
    needed = schema.get("required", [])
    names = sorted(schema["properties"], key=lambda field: field not in needed)
    rows = [
        f"| `{field}` | {kind_of(schema['properties'][field])} | {'always' if field in needed else ''} "
        f"| {schema['properties'][field].get('description', '')} |"
        for field in names
    ]
    head = ["| field | type | | |", "| --- | --- | --- | --- |"]
    told = [schema["description"], ""] if "description" in schema else []
    return "\n".join([f"## {name}", "", *told, *head, *rows, ""])


def kind_of(schema: Mapping[str, Any]) -> str:
    """A type of JSON in words, with links to those that have a name."""
    if "$ref" in schema:
        return f"[`{schema['$ref']}`](#{schema['$ref'].lower()})"
    if "anyOf" in schema:
        return " or ".join(map(kind_of, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {kind_of(schema['items'])}"
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    return " · ".join(f"`{value}`" for value in schema["enum"]) if "enum" in schema else str(schema["type"])


def hints(tool: Tool) -> str:
    if tool.hints.reads_only:
        return "reads only"
    words = ["destructive" if tool.hints.destructive else "not destructive"]
    return ", ".join([*words, "idempotent"] if tool.hints.idempotent else words)


def main() -> None:
    made: dict[Path, Callable[[], bytes]] = {
        PAGE: lambda: page().encode(),
        LISTED: listing,
        PREPARED: recorded,  # asks a server, which reads the list that was written before
    }
    for path, make in made.items():
        content = make()
        if "--check" not in sys.argv:
            path.write_bytes(content)
        elif path.read_bytes() != content:
            sys.exit(f"{path.name} is out of date: run make docs")


if __name__ == "__main__":
    main()
