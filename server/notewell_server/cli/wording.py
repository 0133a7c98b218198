"""What comes next, as one says it on the command line; and which arguments a command takes without their names."""

from collections.abc import Iterator, Mapping

from notewell_server.cli import command_name
from notewell_store.errors import OTHERS, NextArgument, NextCall, NextCommand, NextStep, Open
from notewell_tools.catalogue import CATALOGUE
from notewell_tools.definition import Tool

POSITIONAL = frozenset({"ref", "query", "slug", "source", "targets", "prefix"})
FIRST = 3
"""How many arguments of a tool may be positional, unless it requires more."""


def positionals(tool: Tool) -> tuple[str, ...]:
    """The arguments of a tool's command that are given by their place: what names a note, or a query."""
    return tuple(
        name
        for number, (name, argument) in enumerate(tool.takes.items())
        if name in POSITIONAL and (number < FIRST or argument.is_required)
    )


def as_commands(step: NextStep) -> str:
    """`notewell get sop-deploy --view toc`, or an option of the command that was given."""
    match step:
        case NextCall(tool, arguments):
            words = _words(positionals(CATALOGUE[tool]), arguments or {})
            return f"`{' '.join(['notewell', command_name(tool), *words])}`"
        case NextArgument(name, None):
            return f"--{_hyphened(name)}"
        case NextArgument(name, value) if name in POSITIONAL:
            return _quoted(value)
        case NextArgument(name, value):
            return " ".join(filter(None, _option(name, value)))
        case NextCommand():
            return str(step)


def _words(placed: tuple[str, ...], arguments: Mapping[str, object]) -> Iterator[str]:
    for name in placed:
        value = arguments.get(name, [])
        yield from map(_quoted, value if isinstance(value, list) else [value])
    for name, value in arguments.items():
        if name not in placed:
            yield from _option(name, value)


def _option(name: str, value: object) -> list[str]:
    if name == OTHERS:
        return [name]
    if isinstance(value, bool):
        return [f"--{'' if value else 'no-'}{_hyphened(name)}"]
    return [f"--{_hyphened(name)}", _quoted(",".join(value) if isinstance(value, list) else value)]


def _quoted(value: object) -> str:
    from shlex import quote  # which a start that says no command need not wait for

    return str(value) if isinstance(value, Open) else quote(str(value))


def _hyphened(name: str) -> str:
    return name.replace("_", "-")
