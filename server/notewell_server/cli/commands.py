"""The command line: the tools as subcommands, and the commands for files, upkeep and serving.

What a command needs is imported when it is asked for by its name; a list of all imports none.
"""

import json
from collections import UserDict
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

import click

from notewell_server import VERSION
from notewell_server.cli.output import guard_streams
from notewell_server.mcp import LISTED
from notewell_server.settings import Settings, read_settings

OTHERS = {
    "files": {
        "import": "Import a folder of Markdown, or a git repository (or bundle) with its history.",
        "export": "Write every note as a Markdown file with front matter, to be imported again anywhere.",
    },
    "hook": {
        "hook": "Tell a beginning session what it should know (session-start), or install that as Claude Code's hook.",
    },
    "tokens": {
        "token": "Make, list and revoke the tokens with which programs come in over HTTP.",
    },
    "check": {
        "check": "Check that what PATHS refer to exists: files, folders of Markdown, - for standard input.",
    },
    "impact": {
        "impact": "List the notes that mention what a change touches: its files, the definitions in it, pages that "
        "were imported.",
    },
    "search": {
        "search": "Find notes by words or a question: best first, each with the section that matched (slug#anchor) and "
        "a snippet.",
    },
    "upkeep": {
        "backup": "Copy the store, beside running sessions, into TARGET: a new file, or a folder for files named by "
        "the time.",
        "verify": "Look through the whole store: every revision against its SHA-256, and all that is made from it.",
        "restore": "Put BACKUP in the place of the store.",
        "doctor": "Say how the store, its place and its backups are, and what to do.",
        "salvage": "Save all that can be proved of the store DAMAGED into a new store NEW.",
    },
}
"""By the module beside this one in which each stands as `<name>_command`: the commands that are no tools, and the first
sentence of the help of each. A test compares it with the help."""


@click.command()
@click.option("--http", is_flag=True, help="Serve REST and MCP over HTTP instead.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: the address to listen on.")
@click.option("--port", default=8722, show_default=True, type=click.IntRange(0, 65535), help="With --http.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="With --http: processes.")
@click.option("--behind-tls-proxy", is_flag=True, help="With --http: a proxy in front speaks TLS.")
@click.pass_obj
def serve(settings: Settings, http: bool, host: str, port: int, workers: int, behind_tls_proxy: bool) -> None:
    """Serve MCP on standard input and output, or over HTTP."""
    if http:
        from notewell_server.cli.serve_http import serve_http

        serve_http(settings, host, port, workers, behind_tls_proxy)
    else:
        from notewell_server.mcp import stdio

        stdio.serve(settings)


class Listed(click.Command):
    """A command as a list of them shows it, with what makes it."""

    def __init__(self, name: str, summary: str, make: Callable[[], click.Command]) -> None:
        super().__init__(name, help=summary)
        self.make = make


class ByName(UserDict[str, click.Command]):
    """Commands, each of them made when it is first asked for; `data` holds the others as they are listed."""

    def __getitem__(self, name: str) -> click.Command:
        command = self.data[name]
        if isinstance(command, Listed):
            command = self.data[name] = command.make()
        return command


class InOrder(click.Group):
    """Lists its commands in the order in which they were added."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)


class Commands(InOrder):
    """Makes none of its commands in order to list them."""

    def __init__(self, **attributes: Any) -> None:
        self._by_name = ByName(dict(_listed()))
        super().__init__(commands=self._by_name, **attributes)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        InOrder(commands=self._by_name.data).format_commands(context, formatter)


def _listed() -> Iterator[tuple[str, click.Command]]:
    yield "serve", serve
    for tool in json.loads(LISTED.read_bytes())["tools"]:
        name = tool["name"].replace("_", "-")
        yield name, Listed(name, tool["description"], partial(_of_tool, tool["name"]))
    for module, commands in OTHERS.items():
        for name, summary in commands.items():
            yield name, Listed(name, summary, partial(_in_module, module, name))


def _of_tool(name: str) -> click.Command:
    from notewell_server.cli.tools import command_of
    from notewell_tools.catalogue import CATALOGUE

    return command_of(CATALOGUE[name])


def _in_module(module: str, name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"notewell_server.cli.{module}"), f"{name}_command")
    return command


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="notewell")
@click.option("--db", metavar="FILE", help="The store's file. [env: NOTEWELL_DB]")
@click.option("--actor", help="Who writes. [env: NOTEWELL_ACTOR; default: the system user]")
@click.option("--home", metavar="PROJECT", help="The project that new notes belong to. [env: NOTEWELL_PROJECT]")
@click.pass_context
def cli(context: click.Context, db: str | None, actor: str | None, home: str | None) -> None:
    """Notewell: the knowledge that agents and people share. Without a command it serves MCP on standard input and
    output."""
    context.obj = read_settings(db, home, actor)
    if context.invoked_subcommand is None:
        context.invoke(serve)


def run() -> None:
    """The console script's way in."""
    guard_streams()
    cli(prog_name="notewell")
