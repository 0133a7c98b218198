"""The command line: every tool as a subcommand made from the catalogue, and the commands for files and serving."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, get_args

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from notewell_server import VERSION
from notewell_server.settings import Settings, read_settings, system_user
from notewell_store import StoreError, open_store
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call, Tool
from notewell_tools.errors import ToolError, worded

POSITIONAL = {"ref", "query", "slug", "source", "targets", "prefix"}
LONG_TEXTS = {"content": "--content-file", "new_text": "--new-text-file"}


class Commands(click.Group):
    """Lists the tools first, as the catalogue orders them, then the other commands."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="notewell")
@click.option("--db", metavar="FILE", help="The store's file. [env: NOTEWELL_DB]")
@click.option("--actor", help="Who writes. [env: NOTEWELL_ACTOR; default: the system user]")
@click.option("--home", metavar="PROJECT", help="The project that new notes belong to. [env: NOTEWELL_PROJECT]")
@click.pass_context
def cli(context: click.Context, db: str | None, actor: str | None, home: str | None) -> None:
    """Notewell: the knowledge that agents and people share. Without a command: serve MCP on standard input and output."""
    context.obj = read_settings(db, home, actor)
    if context.invoked_subcommand is None:
        context.invoke(serve)


@cli.command()
@click.pass_obj
def serve(settings: Settings) -> None:
    """Serve MCP on standard input and output."""
    from notewell_server import stdio

    stdio.serve(settings)


def command_of(tool: Tool) -> click.Command:
    """The subcommand that calls a tool: what names a note or a query is positional, the rest are options."""
    parameters: list[click.Parameter] = [
        parameter
        for number, (name, field) in enumerate(tool.arguments.model_fields.items())
        if name != "format"
        for parameter in _parameters(name, field, first=number <= 2)
    ]
    parameters.append(click.Option(["--json", "as_json"], is_flag=True, help="Answer with JSON."))
    return click.Command(
        tool.name.replace("_", "-"), params=parameters, callback=_callback(tool), help=tool.description
    )


def _parameters(name: str, field: FieldInfo, *, first: bool) -> list[click.Parameter]:
    if name in POSITIONAL and (first or field.is_required()):
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
        with store_call(settings) as call:
            answer = call_tool(lambda: call, tool.name, arguments | {"format": "json" if as_json else "text"})
        click.echo(answer.shown)

    return run


def _with_texts(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    """The arguments with long texts read from their files or from piped standard input."""
    arguments: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
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


@contextmanager
def store_call(settings: Settings) -> Iterator[Call]:
    """The store, open for one command; errors of ours become the command's, which prints them and exits with 1."""
    try:
        store = open_store(settings.database)
        try:
            yield Call(store, settings.actor or system_user(), settings.project)
        finally:
            store.close()
    except ToolError as error:
        raise click.ClickException(error.message) from error
    except StoreError as error:
        raise click.ClickException(worded(error).message) from error


for _tool in CATALOGUE.values():
    cli.add_command(command_of(_tool))


def run() -> None:
    """The console script's way in."""
    cli(prog_name="notewell")
