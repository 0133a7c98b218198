"""The command line: the tools as subcommands, and the commands for files, upkeep and serving.

What a command needs is imported when it is asked for by its name; a list of all imports none.
"""

import json
import os
from collections import UserDict
from collections.abc import Callable, Iterator
from functools import partial, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from notewell_server import VERSION
from notewell_server.cli import NAMES, command_name, complete_projects, described
from notewell_server.cli.output import guard_streams, show
from notewell_server.mcp import LISTED
from notewell_server.settings import SettingError, Settings, read_settings

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from notewell_server.offering import Offer

OTHERS = {
    "edit": {
        "edit": "Edit a note in your own editor: the one in VISUAL, else in EDITOR.",
    },
    "files": {
        "import": "Import a folder of Markdown, or a git repository (or bundle) with its history.",
        "export": "Write every note as a Markdown file with front matter, to be imported again anywhere.",
    },
    "hook": {
        "hook": "Tell a session what it should know at one of its events, or install that as Claude Code's hooks.",
    },
    "tokens": {
        "token": "Make, list and revoke the tokens of callers over HTTP.",
    },
    "check": {
        "check": "Check that what PATHS refer to exists: files, folders of Markdown, - for standard input.",
    },
    "impact": {
        "impact": "List the notes that mention what a change touches: its files, the definitions in it, pages that "
        "were imported.",
    },
    "suggest": {
        "suggest": "Say what stands near a note, or twice in the store, and what notes may say and link to, and why.",
    },
    "stores": {
        "stores": "Say which stores there are, where, how large, and which of them is used here.",
    },
    "completion": {
        "completion": "Print what makes a shell complete commands, options, notes and projects.",
    },
    "upkeep": {
        "backup": "Copy the store, beside running sessions, into TARGET: a new file, or a folder for files named by "
        "the time.",
        "verify": "Look through the whole store: every revision against its SHA-256, and all that is made from it.",
        "restore": "Put BACKUP in the place of the store.",
        "doctor": "Say how the store, its place and its backups are, and what to do.",
        "salvage": "Save all that can be proved of DAMAGED into a new store NEW.",
    },
    "copy": {
        "copy": "Copy the store FROM, with all its history, to TO, where none or an empty one is: each a file, or "
        "postgresql://….",
    },
    "migrate": {
        "migrate": "Make the store where there is none, or bring it up to date, as the user that is to own it.",
    },
    "open": {
        "open": "Open the pages in your browser, as the store's owner.",
    },
    "embed": {
        "embed": "Make the vectors that notes lack, by which search finds what they mean; or serve the local model.",
    },
    "redact": {
        "redact": "Take the text of former revisions out of the store for good, such as SLUG@3..5, because a secret "
        "stands in it.",
    },
}
"""By the module beside this one in which each stands as `<name>_command`: the commands that are no tools, and the first
sentence of the help of each. A test compares it with the help."""

PORT, WORKERS = click.IntRange(0, 65535), click.IntRange(1, 64)


@click.command()
@click.option("--http", is_flag=True, help="Serve REST and MCP over HTTP instead.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: the address to listen on.")
@click.option("--port", default=8722, show_default=True, type=PORT, help="With --http: its port.")
@click.option("--pages", is_flag=True, help="Serve pages for people, beside --http or alone.")
@click.option("--pages-host", default="127.0.0.1", show_default=True, help="With --pages: the address to listen on.")
@click.option("--pages-port", default=8723, show_default=True, type=PORT, help="With --pages: their port.")
@click.option("--workers", default=1, show_default=True, type=WORKERS, help="Over HTTP: how many processes serve.")
@click.option("--tools", type=click.Choice(["all", "core"]), help="core leaves out the tools for boards.")
@click.option("--behind-tls-proxy", is_flag=True, help="Over HTTP: a proxy in front speaks TLS.")
@click.pass_obj
def serve(
    settings: Settings,
    http: bool,
    host: str,
    port: int,
    pages: bool,
    pages_host: str,
    pages_port: int,
    workers: int,
    tools: "Offer | None",
    behind_tls_proxy: bool,
) -> None:
    """Serve MCP on standard input and output, or over HTTP; pages for people too."""
    if tools:
        os.environ["NOTEWELL_TOOLS"] = tools  # where workers read it
        settings = settings._replace(tools=tools)
    if http or pages:
        from notewell_server.cli.serve_http import Place, serve_http

        api = Place(host, port) if http else None
        serve_http(settings, api, Place(pages_host, pages_port) if pages else None, workers, behind_tls_proxy)
    else:
        from notewell_server.stdio import choice

        choice.serve(settings)


PART_ENDS = ("; ", ": ", ", ")
LEAST_SHOWN = 20  # characters of what a command does, in a list of all


class Listed(click.Command):
    """A command as a list of them shows it, with what makes it."""

    def __init__(self, name: str, summary: str, make: Callable[[], click.Command], *, hidden: bool = False) -> None:
        super().__init__(name, help=summary, hidden=hidden)
        self._make = make

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence, or as much of it as there is room for up to one of its signs."""
        words = super().get_short_help_str(10_000)
        if len(words) <= limit:
            return words
        for sign in PART_ENDS:
            end = words.rfind(sign, LEAST_SHOWN, limit + len(sign))
            if end > 0:
                return words[:end]
        return super().get_short_help_str(limit)

    def made(self) -> click.Command:
        command = self._make()
        command.hidden = self.hidden
        return with_settings(command)


class ByName(UserDict[str, click.Command]):
    """Commands, each of them made when it is first asked for; `data` holds the others as they are listed."""

    def __getitem__(self, name: str) -> click.Command:
        command = self.data[name]
        if isinstance(command, Listed):
            command = self.data[name] = command.made()
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

    def shell_complete(self, context: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        listed = ((name, command) for name, command in self._by_name.data.items() if name.startswith(incomplete))
        names = [
            CompletionItem(name, help=command.get_short_help_str()) for name, command in listed if not command.hidden
        ]
        return names + click.Command.shell_complete(self, context, incomplete)

    def resolve_command(
        self, context: click.Context, words: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(context, words)
        except click.NoSuchCommand as error:
            asked = (f"--{words[0]}",) if words[0] in ("help", "version") else error.possibilities or ()
            near = dict.fromkeys(map(_shown_name, asked))
            meant = f" Did you mean {' or '.join(near)}?" if near else ""
            raise click.UsageError(f"{error.message}{meant}", context) from None


def _shown_name(name: str) -> str:
    return command_name(name.replace("-", "_")) if name.replace("-", "_") in NAMES else name


def _listed() -> Iterator[tuple[str, click.Command]]:
    yield "serve", Listed("serve", serve.help or "", lambda: serve)
    for tool in json.loads(LISTED.read_bytes())["tools"]:
        make = partial(_of_tool, tool["name"])
        words = described(tool["description"], tool["inputSchema"]["properties"])
        name = command_name(tool["name"])
        yield name, Listed(name, words, make)
        if tool["name"] in NAMES:
            older = tool["name"].replace("_", "-")
            yield older, Listed(older, words, make, hidden=True)
    for module, commands in OTHERS.items():
        for name, summary in commands.items():
            yield name, Listed(name, summary, partial(_in_module, module, name))


def _of_tool(name: str) -> click.Command:
    if name == "search_notes":
        from notewell_server.cli.search import make_command

        return make_command()
    from notewell_server.cli.tools import command_of
    from notewell_tools.catalogue import CATALOGUE

    return command_of(CATALOGUE[name])


def _in_module(module: str, name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"notewell_server.cli.{module}"), f"{name}_command")
    return command


def _settings(**attributes: Any) -> list[click.Option]:
    return [
        click.Option(
            ["--db"],
            type=click.Path(),
            metavar="STORE",
            help="The store: a file, or postgresql://… [env: NOTEWELL_DB]",
            **attributes,
        ),
        click.Option(["--actor"], help="Who writes. [env: NOTEWELL_ACTOR; default: the system user]", **attributes),
        click.Option(
            ["--home"],
            metavar="PROJECT",
            help="The project that new notes belong to. [env: NOTEWELL_PROJECT]",
            shell_complete=complete_projects,
            **attributes,
        ),
        click.Option(
            ["--no-pager"],
            is_flag=True,
            help="On a terminal: show long answers as they are. [env: NOTEWELL_PAGER, PAGER; default: less]",
            **attributes,
        ),
    ]


def _behind(context: click.Context, option: click.Parameter, value: str | bool | None) -> None:
    """A setting that is given behind a command counts as if it stood before it."""
    if value and option.name:
        context.find_root().params[option.name] = value


def with_settings(command: click.Command) -> click.Command:
    """The command, which takes the settings too, and reads them when it is run: but what it calls by the same name."""
    own = {flag for parameter in command.params for flag in parameter.opts}
    command.params = [*command.params, *(option for option in SETTINGS if own.isdisjoint(option.opts))]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            with_settings(below)
    elif command.callback:
        command.callback = _with_settings_read(command.callback)
    return command


def _with_settings_read(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def with_them(*values: Any, **options: Any) -> Any:
        context = click.get_current_context()
        given = context.find_root().params
        try:
            context.obj = read_settings(given["db"], given["home"], given["actor"])
        except SettingError as error:
            raise click.ClickException(str(error)) from error
        return run(*values, **options)

    return with_them


SETTINGS = _settings(expose_value=False, callback=_behind)


@click.command(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=_settings(),
)
@click.version_option(VERSION, prog_name="notewell")
@click.pass_context
def cli(context: click.Context, /, **_: str | None) -> None:
    """Notewell: the knowledge that agents and people share. Without a command it serves MCP on standard input and
    output; on a terminal it shows this."""
    if context.invoked_subcommand is not None:
        return
    if os.isatty(0):
        show(context.get_help())
    else:
        context.invoke(serve)


def run() -> None:
    """The console script's way in."""
    guard_streams()
    cli(prog_name="notewell")
