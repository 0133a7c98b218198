"""One file as all its readers and writers in this process share it: prepared, followed, and locked for writing."""

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from notewell_store.contract import (
    CLOSING_PATIENCE,
    PATIENCE,
    Background,
    Meaning,
    NoBackground,
    Progress,
    Version,
    Visibility,
)
from notewell_store.engines.sqlite import commit_log, upgrade
from notewell_store.engines.sqlite.connection import (
    BUSY_MILLISECONDS,
    OLDEST_READ,
    SCHEMA_VERSION,
    Connection,
    connect,
    must_not_be_newer,
    version_of,
)
from notewell_store.engines.sqlite.data_version import DataVersion
from notewell_store.engines.sqlite.database_file import FollowedFile
from notewell_store.engines.sqlite.errors import RIGHTS, wording
from notewell_store.engines.sqlite.read_only import needs_immutable, reading_immutable
from notewell_store.engines.sqlite.visibility import limit, show_as_today
from notewell_store.engines.sqlite.write_lock import WriteLock, uncollected
from notewell_store.errors import Busy, Unusable
from notewell_store.patience import deadline, seconds_until
from notewell_store.tables.changes import newest_change

if TYPE_CHECKING:
    from notewell_store.engines.sqlite.log_length import LogLength

MOST_OPEN = 64
"""Connections of one file that a process has open, idle ones included: two descriptors each, beside those of clients,
and most systems let a process have 1,024. The doors have fewer threads than that."""
UNERASED = "SELECT 1 FROM redactions WHERE erased = FALSE LIMIT 1"
"""As redactions.are_unfinished, which each start would have to import."""

ERASING_PATIENCE = 1.0
"""Seconds that an opening waits, where something is yet to be erased, for those who write or read meanwhile."""


class Database:
    """Safe to share between threads, not across fork. Whatever file bears the name is read and written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.background: Background = NoBackground()
        self.meaning: Meaning | None = None
        self._lock = WriteLock(path)
        self._file = FollowedFile(path)
        self._connections = Connections(path)
        self._data_version = DataVersion(path)
        self._of_strangers = itertools.count()

    def prepare(self, progress: Progress | None = None) -> None:
        """Lay or migrate the schema if the file lacks any of it; `progress` is told of a migration alone."""
        self._file.remember()
        if needs_immutable(self.path):
            return self._must_be_of_today()
        db = connect(self.path)
        try:
            version = version_of(db, self.path)
        except BaseException:
            db.close()  # without the lock: that would leave a file beside one that is not ours
            raise
        try:
            if version < SCHEMA_VERSION:
                with self._lock.held(PATIENCE):
                    upgrade.bring_up_to_date(db, self.path, self._lock.file, progress)
            elif db.execute(UNERASED).fetchone():
                self._go_on_erasing()
        finally:
            self._connections.add(db)

    def _go_on_erasing(self) -> None:
        """A process that redacted was killed before all was erased, or is at it: then it holds the lock."""
        from notewell_store.engines.sqlite.upkeep.erasing import erase  # which hardly any start needs

        with suppress(Busy, Unusable):
            erase(self.path, ERASING_PATIENCE)

    def _must_be_of_today(self) -> None:
        with self.reading(None) as db:
            if version_of(db, self.path) < OLDEST_READ:
                raise Unusable(f"{self.path} has no schema of today, and may not be changed: {RIGHTS}")

    @contextmanager
    def reading(self, visibility: Visibility | None) -> Iterator[Connection]:
        """See contract.Store."""
        self._follow()
        with wording(self.path, "read"):
            if not self._connections.are_idle and needs_immutable(self.path):
                with reading_immutable(self.path) as db:
                    yield _limited(db, visibility)
                return
            db, file = self._connections.take(visibility)
            try:
                db.execute("BEGIN")
                must_not_be_newer(db, self.path)
                yield db
            finally:
                self._connections.give_back(db, visibility, file)

    @contextmanager
    def writing(self, patience: float, ready: Callable[[Connection], None] | None = None) -> Iterator[Connection]:
        """See contract.Store."""
        self._follow()
        until = deadline(patience)
        with (
            self._ready(ready) as early,
            self._lock.held(patience) as lock,
            uncollected(),
            wording(self.path, "written"),
            self._lent(early) as db,
        ):
            _begin(db, seconds_until(until))
            must_not_be_newer(db, self.path)
            before = newest_change(db)
            yield db
            changes = commit_log.changes_after(db, before)
            db.execute("COMMIT")
            commit_log.record(lock, changes)
            self._log.keep_short(db)

    @contextmanager
    def _ready(self, ready: Callable[[Connection], None] | None) -> Iterator[tuple[Connection, int] | None]:
        """A connection on which something was laid aside before the lock, with the number of the file that it leads
        to; None where nothing is to be."""
        if ready is None:
            yield None
            return
        db, file = self._connections.take(None)
        try:
            with wording(self.path, "read"):
                ready(db)
            yield db, file
        finally:
            db.forget_laid()
            self._connections.give_back(db, None, file)

    @contextmanager
    def _lent(self, early: tuple[Connection, int] | None) -> Iterator[Connection]:
        """That connection, or another where it leads to a former file. Behind the lock no transaction is left."""
        if early is not None and self._connections.is_file(early[1]):
            db, _ = early
            try:
                yield db
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
            return
        db, file = self._connections.take(None)
        try:
            yield db
        finally:
            self._connections.give_back(db, None, file)

    @cached_property
    def _log(self) -> "LogLength":
        from notewell_store.engines.sqlite.log_length import LogLength  # which nobody needs who reads

        return LogLength(f"{self.path}-wal")

    def version(self) -> Version | None:
        """See contract.Store. A file that was laid in the place of ours is not opened for this; until it is followed,
        its version is another each time."""
        stranger = self._file.stranger()
        return self._data_version.read() if stranger is None else (*stranger, next(self._of_strangers))

    def close(self) -> None:
        """Close all connections. The last one out of a file checkpoints it, so this takes the lock too. Where that
        stays taken they are left to the end of the process: the next to open the file recovers it."""
        if not self._data_version.is_open and not self._connections.are_idle:
            return
        with suppress(Busy, Unusable), self._lock.held(CLOSING_PATIENCE):
            self._data_version.close()
            self._connections.close()

    def _follow(self) -> None:
        """Open whatever was laid in the place of our file."""
        if self._file.is_another():
            self._connections.close()
            self.prepare()


def _begin(db: Connection, left: float) -> None:
    """Begin to write; a lock of a foreign program is waited for no longer than anything else."""
    wait = min(BUSY_MILLISECONDS, int(left * 1000))
    if wait < BUSY_MILLISECONDS:
        db.execute(f"PRAGMA busy_timeout = {wait}")
    try:
        db.execute("BEGIN IMMEDIATE")
    finally:
        if wait < BUSY_MILLISECONDS:
            db.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")


class Connections:
    """Those that are open: each is lent to one thread at a time, and then idle until a reader comes who sees the same.
    Safe to share between threads, not across fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._place = threading.Condition(self._turn)
        self._lent = 0
        self._file = 0  # how often another file has been laid in the place of the first
        self._idle: list[tuple[Visibility | None, Connection]] = []  # the longest idle first

    @property
    def are_idle(self) -> bool:
        """Whether there is a connection to close."""
        return bool(self._idle)

    def is_file(self, number: int) -> bool:
        """Whether that is still the number of the file."""
        return number == self._file

    def take(self, visibility: Visibility | None) -> tuple[Connection, int]:
        """One that sees no more than that, to be given back with the number of the file that it leads to. Raises Busy
        where all stay lent, Unusable where none can be opened."""
        with self._turn:
            if self._lent >= MOST_OPEN:
                self._wait_for_a_place()
            self._lent += 1
            file = self._file
            for index in range(len(self._idle) - 1, -1, -1):
                if self._idle[index][0] == visibility:
                    return self._idle.pop(index)[1], file
        try:
            return self._opened(visibility), file
        except BaseException:
            with self._turn:
                self._leave()
            raise

    def give_back(self, db: Connection, visibility: Visibility | None, file: int) -> None:
        """A connection that was lent while another file was laid in place leads to the former one: it ends."""
        is_kept = False
        try:
            if db.in_transaction:
                db.execute("ROLLBACK")
            is_kept = os.access(self._path, os.W_OK)  # else it would stay read-only when the file no longer is
        finally:
            with self._turn:
                is_kept = is_kept and file == self._file
                if is_kept:
                    self._idle.append((visibility, db))
                self._leave()
        if not is_kept:
            db.close()

    def add(self, db: Connection) -> None:
        """One that was opened by another, and sees everything."""
        with self._turn:
            self._lent += 1
        self.give_back(db, None, self._file)

    def _wait_for_a_place(self) -> None:
        if not self._place.wait_for(lambda: self._lent < MOST_OPEN, seconds_until(deadline(PATIENCE))):
            raise Busy(f"{MOST_OPEN} calls have been using {self._path} at once for {PATIENCE:g} s")

    def _leave(self) -> None:
        self._lent -= 1
        if self._lent == MOST_OPEN - 1:
            self._place.notify_all()

    def _opened(self, visibility: Visibility | None) -> Connection:
        """A new one, in the place of the one that is idle for longest where there are as many as may be. That one is
        closed last, so that it is not the last one out of the file, which needs the write lock."""
        db = _limited(connect(self._path), visibility)
        with self._turn:
            spare = self._idle.pop(0)[1] if self._lent + len(self._idle) > MOST_OPEN else None
        if spare is not None:
            spare.close()
        return db

    def close(self) -> None:
        """Close those that are idle. The last one out of a file checkpoints it, so the write lock must be held."""
        with self._turn:
            self._file += 1
            idle, self._idle = self._idle, []
        for _, db in idle:
            db.close()


def _limited(db: Connection, visibility: Visibility | None) -> Connection:
    """The connection, which sees from now on what the reader may see."""
    if visibility is not None:
        limit(db, visibility)
    elif db.is_older():
        show_as_today(db)
    return db
