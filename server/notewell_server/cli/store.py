"""The store as a command uses it."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from notewell_server.cli.wording import as_commands
from notewell_server.settings import Settings, system_user
from notewell_store import StoreError, open_store
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError, to_tool_error


@contextmanager
def store_call(settings: Settings, *, create: bool) -> Iterator[Call]:
    """The store, open for one command, made where there is none if the command is one that `create`s."""
    with refusals():
        store = open_store(settings.database, create=create)
        try:
            yield Call(store, settings.actor or system_user(), settings.project, say=as_commands)
        finally:
            store.close()


@contextmanager
def refusals() -> Iterator[None]:
    """Errors of ours become the command's, which prints them and exits with 1."""
    try:
        yield
    except ToolError as error:
        raise click.ClickException(error.worded(as_commands)) from error
    except StoreError as error:
        raise click.ClickException(to_tool_error(error).worded(as_commands)) from error
