"""Every tool as a subcommand, made from its definition."""

import os
import stat
import sys
from collections.abc import Callable, Iterable
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import click

from notewell_server.cli import command_name, complete_notes, complete_projects, described
from notewell_server.cli.option_words import words_of
from notewell_server.cli.output import show, show_answer
from notewell_server.cli.store import refusals, store_call
from notewell_server.cli.wording import positionals
from notewell_server.settings import Settings
from notewell_tools.arguments import Argument
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Tool

COMPLETED = dict.fromkeys(
    ("parent", "ref", "refs", "slug", "source", "supersedes", "targets", "to", "within"), complete_notes
)
COMPLETED["project"] = complete_projects
LONG_TEXTS = {"content": "--content-file", "new_text": "--new-text-file"}


def command_of(tool: Tool) -> click.Command:
    """The subcommand that calls a tool: what names a note or a query is positional, the rest are options."""
    placed = positionals(tool)
    parameters: list[click.Parameter] = [
        parameter
        for name, argument in tool.takes.items()
        if name != "format"
        for parameter in _parameters(argument, is_placed=name in placed)
    ]
    parameters.append(click.Option(["--json", "as_json"], is_flag=True, help="Answer with JSON."))
    words = described(tool.description, tool.takes)
    return click.Command(command_name(tool.name), params=parameters, callback=_callback(tool), help=words)


def _parameters(argument: Argument, *, is_placed: bool) -> list[click.Parameter]:
    name = argument.name
    told: dict[str, Any] = {"help": words_of(name, argument), "shell_complete": COMPLETED.get(name)}
    if is_placed:
        number = -1 if name == "targets" else 1
        return [click.Argument([name], required=argument.is_required, nargs=number, **told)]
    options: list[click.Parameter] = [_option(argument, told)]
    if name in LONG_TEXTS:
        help_text = f"Read {name} from a file; - is standard input."
        options.append(click.Option([LONG_TEXTS[name], f"{name}_file"], type=click.File("rb"), help=help_text))
    return options


def _option(argument: Argument, told: dict[str, Any]) -> click.Option:
    hyphened, kinds = argument.name.replace("_", "-"), _kinds(argument.type)
    if bool in kinds:
        return click.Option([f"--{hyphened}/--no-{hyphened}", argument.name], default=None, **told)
    default: Any = None if argument.is_required or argument.default in (None, [], "") else argument.default
    names, kind = [f"--{hyphened}", argument.name], _type(argument, kinds)
    return click.Option(names, type=kind, default=default, show_default=default is not None, **told)


def _kinds(annotation: Any) -> list[Any]:
    """What an argument may be, of which None is one."""
    return list(get_args(annotation)) if get_origin(annotation) in (Union, UnionType) else [annotation]


def _type(argument: Argument, kinds: Iterable[Any]) -> click.ParamType[Any]:
    if int in kinds:
        lowest, highest = argument.field.ge, argument.field.le
        return click.INT if lowest is highest is None else click.IntRange(lowest, highest)
    choices = [choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]
    return click.Choice(choices) if choices else click.STRING


def _callback(tool: Tool) -> Callable[..., None]:
    @click.pass_obj
    def run(settings: Settings, /, as_json: bool, **given: Any) -> None:
        arguments = _with_texts(tool, given)
        with refusals():
            writes = tool.needs(tool.read(arguments)) is not None
        with store_call(settings, create=writes, by_meaning=tool.name == "search_notes") as call:
            answer = call_tool(lambda: call, tool.name, arguments | {"format": "json" if as_json else "text"})
        if as_json:
            show(answer.shown)
        else:
            show_answer(answer.shown, "diff" if arguments.get("diff") or arguments.get("dry_run") else tool.name)

    return run


def _with_texts(tool: Tool, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments with long texts read from their files or from piped standard input."""
    arguments: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in given.items()
    }
    for name in LONG_TEXTS:
        file = arguments.pop(f"{name}_file", None)
        if file is not None:
            arguments[name] = _decoded(file.read())
        elif name == "content" and arguments.get(name) == "-":  # no page, and what others call standard input
            arguments[name] = _decoded(sys.stdin.buffer.read())
        elif name in tool.takes and arguments.get(name) is None and _is_piped():
            arguments[name] = _decoded(sys.stdin.buffer.read()) or None
    return arguments


def _is_piped() -> bool:
    """Whether standard input is a pipe or a file, not a terminal and not /dev/null."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise click.ClickException(f"the text is not UTF-8 (byte {error.start}): convert it first") from None
