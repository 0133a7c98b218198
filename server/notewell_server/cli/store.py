"""The store as a command uses it, and errors of ours as a command's."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import click

from notewell_server.cli.progress import progress_once_told
from notewell_server.cli.wording import as_commands
from notewell_server.settings import SettingError, Settings, chosen_embedder, issue_tokens, system_user
from notewell_store import Store, StoreError, open_store
from notewell_store.models import Door
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError, to_tool_error
from notewell_tools.reads import Read

Failure = type[click.ClickException]


@contextmanager
def opened(
    settings: Settings,
    *,
    create: bool = False,
    writing: bool = False,
    failure: Failure = click.ClickException,
    by_meaning: bool = False,
) -> Iterator[Store]:
    """The store, open for one command, made where there is none if the command is one that `create`s; with the embedder
    that the settings name, where it may search `by_meaning`. See refusals."""
    with refusals(writing=writing, failure=failure):
        embedder = chosen_embedder() if by_meaning else None
        with progress_once_told("bringing the store up to date") as progress:
            store = open_store(settings.database, create=create, progress=progress, embedder=embedder)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def store_call(settings: Settings, *, create: bool, by_meaning: bool = False) -> Iterator[Call]:
    """The store, open for a command that does what a tool does. See opened."""
    with opened(settings, create=create, writing=True, by_meaning=by_meaning) as store:
        actor = settings.actor or system_user()
        recorder = _Recorder(settings.database) if settings.reads else None
        asked = store, actor, settings.project
        yield Call(*asked, say=as_commands, issue_tokens=issue_tokens(), door=_door(), recorder=recorder)


class _Recorder:
    """Keeps what a command reads, of which there is little: so it is written at once, and one that reads nothing does
    not load what keeps it."""

    def __init__(self, database: str) -> None:
        self._database = database

    def add(self, call: Call, reads: Sequence[Read]) -> None:
        from notewell_server.reads.record import ReadRecord

        with closing(ReadRecord(self._database)) as record:
            record.add(call, reads)


def _door() -> Door:
    """Who types, or reads what is printed, sits at a terminal; a program that runs a command has pipes for both."""
    return "terminal" if os.isatty(0) or os.isatty(1) else "cli"


@contextmanager
def refusals(*, writing: bool = True, failure: Failure = click.ClickException) -> Iterator[None]:
    """Errors of ours become the command's, whose kind of `failure` has its exit status. Who was `writing` is told that
    nothing was written."""
    try:
        yield
    except SettingError as error:
        raise failure(str(error)) from error
    except ToolError as error:
        raise failure(error.worded(as_commands)) from error
    except StoreError as error:
        raise failure(to_tool_error(error, writing=writing).worded(as_commands)) from error
    except OSError as error:  # of a path that some argument named; what has none, such as a closed pipe, is no such
        if error.filename is None:
            raise
        raise failure(f"{str(error.filename)[:200]}: {error.strerror}: name another file or folder") from error
