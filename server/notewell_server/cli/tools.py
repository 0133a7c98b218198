"""Every tool as a subcommand, made from its definition."""

import os
import stat
import sys
from collections.abc import Callable
from typing import Any, get_args

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from notewell_server.cli.output import show
from notewell_server.cli.store import refusals, store_call
from notewell_server.cli.wording import positionals
from notewell_server.settings import Settings
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Tool

LONG_TEXTS = {"content": "--content-file", "new_text": "--new-text-file"}


def command_of(tool: Tool) -> click.Command:
    """The subcommand that calls a tool: what names a note or a query is positional, the rest are options."""
    placed = positionals(tool)
    parameters: list[click.Parameter] = [
        parameter
        for name, field in tool.arguments.model_fields.items()
        if name != "format"
        for parameter in _parameters(name, field, is_placed=name in placed)
    ]
    parameters.append(click.Option(["--json", "as_json"], is_flag=True, help="Answer with JSON."))
    return click.Command(
        tool.name.replace("_", "-"), params=parameters, callback=_callback(tool), help=tool.description
    )


def _parameters(name: str, field: FieldInfo, *, is_placed: bool) -> list[click.Parameter]:
    if is_placed:
        return [click.Argument([name], required=field.is_required(), nargs=-1 if name == "targets" else 1)]
    flag = f"--{name.replace('_', '-')}"
    options: list[click.Parameter] = [_option(flag, name, field)]
    if name in LONG_TEXTS:
        help_text = f"Read {name} from a file; - is standard input."
        options.append(click.Option([LONG_TEXTS[name], f"{name}_file"], type=click.File("rb"), help=help_text))
    return options


def _option(flag: str, name: str, field: FieldInfo) -> click.Option:
    annotation = field.annotation
    if annotation is bool or bool in get_args(annotation):
        return click.Option([f"{flag}/--no-{flag[2:]}", name], default=None, help=field.description)
    choices = [choice for choice in get_args(annotation) if isinstance(choice, str)]
    kind = click.Choice(choices) if choices else click.STRING
    return click.Option([flag, name], type=kind, help=field.description)


def _callback(tool: Tool) -> Callable[..., None]:
    @click.pass_obj
    def run(settings: Settings, /, as_json: bool, **given: Any) -> None:
        arguments = _with_texts(tool.arguments, given)
        with refusals():
            writes = tool.needs(tool.read(arguments)) is not None
        with store_call(settings, create=writes) as call:
            answer = call_tool(lambda: call, tool.name, arguments | {"format": "json" if as_json else "text"})
        show(answer.shown)

    return run


def _with_texts(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    """The arguments with long texts read from their files or from piped standard input."""
    arguments: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in given.items()
    }
    for name in LONG_TEXTS:
        file = arguments.pop(f"{name}_file", None)
        if file is not None:
            arguments[name] = _decoded(file.read())
        elif name in model.model_fields and arguments.get(name) is None and _is_piped():
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
