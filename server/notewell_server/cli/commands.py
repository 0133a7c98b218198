"""The command line: the tools as subcommands, and the commands for files and serving."""

import importlib

import click

from notewell_server import VERSION
from notewell_server.cli.output import guard_streams
from notewell_server.cli.tools import command_of
from notewell_server.settings import Settings, read_settings
from notewell_tools.catalogue import CATALOGUE

IMPORTED_WHEN_USED = {
    "import": "files:import_command",
    "export": "files:export_command",
    "hook": "hook:hook_command",
    "token": "tokens:token_command",
    "check": "check:check_command",
    "impact": "impact:impact_command",
    "search": "search:search_command",
    **{name: f"upkeep:{name}_command" for name in ("backup", "verify", "restore", "doctor", "salvage")},
}
"""Commands that bring modules of their own, which the others need not wait for."""


class Commands(click.Group):
    """Lists the commands in the order in which they were added, then those that are imported when used."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [*self.commands, *IMPORTED_WHEN_USED]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in IMPORTED_WHEN_USED:
            return super().get_command(context, name)
        module, _, command = IMPORTED_WHEN_USED[name].partition(":")
        found: click.Command = getattr(importlib.import_module(f"notewell_server.cli.{module}"), command)
        return found


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


@cli.command()
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


for _tool in CATALOGUE.values():
    cli.add_command(command_of(_tool))


def run() -> None:
    """The console script's way in."""
    guard_streams()
    cli(prog_name="notewell")
