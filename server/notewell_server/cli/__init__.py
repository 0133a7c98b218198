"""The command line: what people and their scripts type."""

import re
from collections.abc import Container
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

NAMES = {"list_notes": "list", "get_note": "get", "search_notes": "search"}
"""The tools whose commands are called otherwise than they. Their own names are commands too, which no list shows."""


def command_name(tool: str) -> str:
    """What the command of a tool is called."""
    return NAMES.get(tool) or tool.replace("_", "-")


def described(words: str, arguments: Container[str]) -> str:
    """What a tool with these arguments says of itself, in the command line's terms."""

    def as_typed(found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        if value is not None:
            return value if name == "ref" else f"{_option(name)} {value}"
        if name in arguments:
            return _option(name)
        return f"`{command_name(name)}`" if name.endswith(("_note", "_notes")) else name

    return re.sub(r"\b([a-z]+(?:_[a-z]+)+|[a-z]+(?==))(?:='([^']*)')?", as_typed, words)


def _option(argument: str) -> str:
    return f"--{argument.replace('_', '-')}"


def complete_notes(context: "click.Context", parameter: "click.Parameter", begun: str) -> "list[CompletionItem]":
    """The notes whose slugs begin so, for the shell that asks what may stand there."""
    from notewell_server.cli.completion import notes_begun

    return notes_begun(context, begun)


def complete_projects(context: "click.Context", parameter: "click.Parameter", begun: str) -> "list[CompletionItem]":
    from notewell_server.cli.completion import projects_begun

    return projects_begun(context, begun)
