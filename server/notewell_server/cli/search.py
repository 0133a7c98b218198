"""`notewell search`: the tool, and with --explain why it finds what it finds."""

from typing import Any

import click

from notewell_server.cli.output import show_answer
from notewell_server.cli.store import store_call
from notewell_server.cli.tools import command_of
from notewell_server.settings import Settings
from notewell_tools.catalogue import CATALOGUE

TOOL = CATALOGUE["search_notes"]
AS_TOOL = command_of(TOOL)


@click.pass_context
def _search(context: click.Context, /, explain: bool, **given: Any) -> None:
    if not explain:
        context.invoke(AS_TOOL, **given)
        return
    if given.pop("as_json"):
        raise click.UsageError("--explain answers with text: leave out --json.")
    from notewell_tools.explain_search import explain_search  # which a plain search need not wait for

    settings: Settings = context.obj
    arguments = TOOL.read({name: value for name, value in given.items() if value is not None})
    with store_call(settings, create=False, by_meaning=True) as call:
        show_answer(explain_search(call, **{name: value for name, value in arguments.items() if name != "format"}))


def make_command() -> click.Command:
    why = click.Option(["--explain"], is_flag=True, help="Say how the query was read, and what each hit's score is of.")
    return click.Command("search", params=[*AS_TOOL.params, why], callback=_search, help=AS_TOOL.help)
