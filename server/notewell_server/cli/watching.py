"""A folder that is followed: taken in at once, and again whenever it changes, until the process is told to end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Any

from watchfiles import watch

from notewell_server.cli.output import remark
from notewell_server.cli.wording import as_commands
from notewell_store import Attribution, Store
from notewell_store.errors import Busy
from notewell_store.files.folder import is_left_out
from notewell_store.files.importing import import_folder
from notewell_store.files.project_file import NAME
from notewell_store.files.summary import ImportOptions, Listed, Summary
from notewell_store.files.writing_back import WrittenBack, write_back
from notewell_tools.errors import to_tool_error
from notewell_tools.revisions import newest_change

SETTLED = 300  # milliseconds without a change: an editor has written all of a file by then, and its folder
LONGEST = 3_000  # milliseconds that a folder which never settles is waited for
BETWEEN = 1_000  # milliseconds from one look at the store to the next

Shown = Callable[[Summary, WrittenBack | None], None]


class _Ended(Exception):
    """The process was told to end."""


class Round:
    """One time after the other what is new in the folder, and where asked for in the store, goes to the other side."""

    def __init__(
        self, store: Store, folder: Path, options: ImportOptions, by: Attribution, shown: Shown, *, writes_back: bool
    ) -> None:
        self._store = store
        self._folder = folder
        self._options = options
        self._by = by
        self._shown = shown
        self._writes_back = writes_back
        self._seen: int | None = None
        self._told: Any = None

    def is_due(self) -> bool:
        """Whether something of the store may have to go back."""
        return self._writes_back and self._seen is not None and newest_change(self._store) != self._seen

    def take(self, go_on: Callable[[int, int], None]) -> None:
        """Raises StoreError, and what `go_on` raises, between two transactions."""
        newest = newest_change(self._store)  # what others write from here on is of the next round
        if not self._writes_back or self._seen is None:
            self._tell(import_folder(self._store, self._folder, self._options, self._by, go_on))
        if self._writes_back:
            back = write_back(self._store, self._folder, self._options, self._by, go_on)
            self._tell(back.imported, back)
        self._seen = newest

    def _tell(self, summary: Summary, back: WrittenBack | None = None) -> None:
        """What was done; what was not, where that is new."""
        left = (summary.gone, summary.skipped, summary.conflicting, summary.warnings, back.left if back else Listed())
        if summary.revisions or left != self._told or (back and back.written.total):
            self._shown(summary, back)
        self._told = left


def follow(folder: Path, round_: Round) -> None:
    """Take rounds until SIGINT or SIGTERM. One that is under way ends between two transactions; the next import goes on
    from there."""
    with _told_to_end() as ending, suppress(_Ended):
        remark(f"following {folder}: Ctrl-C ends it")
        due = True
        for changes in _changes(folder, ending):
            if changes or due or round_.is_due():
                due = not _taken(round_, ending)


def _changes(folder: Path, ending: Event) -> Iterator[object]:
    """Changes since the last look, once they have settled; none of them where there were none for a while."""
    root = folder.resolve()

    def is_looked_at(_: object, path: str) -> bool:
        inside = Path(path).relative_to(root).parts if Path(path).is_relative_to(root) else ()
        return inside == (NAME,) or not any(map(is_left_out, inside))

    return watch(
        root,
        watch_filter=is_looked_at,
        stop_event=ending,
        step=SETTLED,
        debounce=LONGEST,
        rust_timeout=BETWEEN,
        yield_on_timeout=True,
        raise_interrupt=False,
    )


def _taken(round_: Round, ending: Event) -> bool:
    """Whether the round was taken; what others held too long is tried again."""

    def go_on(done: int, total: int) -> None:
        if ending.is_set():
            raise _Ended

    try:
        round_.take(go_on)
    except Busy as error:
        remark(to_tool_error(error, writing=False).worded(as_commands))
        return False
    return True


@contextmanager
def _told_to_end() -> Iterator[Event]:
    ending = Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(each, lambda number, frame: ending.set()) for each in signals]
    try:
        yield ending
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)
