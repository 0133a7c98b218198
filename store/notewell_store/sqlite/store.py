"""A store: one SQLite file, read in snapshots and written through the gate."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from notewell_store.errors import Busy, Invalid, Unusable
from notewell_store.sqlite.connection import (
    SCHEMA_VERSION,
    Connection,
    connect,
    create_file,
    migrate,
    set_journal,
    version_of,
)
from notewell_store.sqlite.driver import sqlite3
from notewell_store.sqlite.gate import pass_gate

PATIENCE = 30.0  # seconds a writer waits for the writers before it


def open_store(path: Path | str, *, create: bool = True) -> "Store":
    """Open the store at `path`, making it (mode 0600) where there is none unless `create` is False.

    An older file is migrated, after a copy of it was laid beside it. Raises Unusable when the file is
    missing, of another program, of a newer version, or damaged.
    """
    file = Path(path).expanduser()
    if create:
        _make_folder_and_file(file)
    elif not file.exists():
        raise Unusable(f"there is no store at {file}: `notewell import` or any write makes one")
    store = Store(file)
    try:
        store.prepare()
    except BaseException:
        store.close()
        raise
    return store


def _make_folder_and_file(file: Path) -> None:
    try:
        create_file(file)
    except OSError as error:
        raise Unusable(f"{file} cannot be made: {error.strerror}") from error


class Store:
    """Connections to one file, lent to one thread at a time. Safe to share between threads, not across fork."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._gate = path.with_name(path.name + ".gate")
        self._turn = threading.Lock()
        self._idle: list[Connection] = []

    def prepare(self) -> None:
        """Lay or migrate the schema if the file lacks any of it."""
        db = self._take()
        try:
            if version_of(db, self.path) < SCHEMA_VERSION:
                with self._passing():
                    self._bring_up_to_date(db)
        finally:
            self._idle.append(db)

    def _bring_up_to_date(self, db: Connection) -> None:
        version = version_of(db, self.path)  # again: another process may have done it while this one waited
        if version == SCHEMA_VERSION:
            return
        if version == 0:
            set_journal(db)
        else:
            self._copy_to(self.path.with_name(f"{self.path.name}.before-schema-{SCHEMA_VERSION}"))
        migrate(db)

    def _copy_to(self, target: Path) -> None:
        with suppress(FileNotFoundError):
            target.unlink()
        create_file(target)
        copy = connect(target)
        try:
            with self.reading() as db:
                db.backup(copy)
        finally:
            copy.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot: all that is read in the block is of one moment, whatever others write meanwhile."""
        db = self._take()
        try:
            db.execute("BEGIN")
            with _refusing_what_sqlite_cannot_hold():
                yield db
        finally:
            self._give_back(db)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, the only one in any process. On disk when the block ends; undone if it raises.

        Raises Busy when the file stays locked, Unusable when the disk refuses (full, read-only).
        """
        with self._passing():
            db = self._take()
            try:
                _execute(db, "BEGIN IMMEDIATE", self.path)
                with _refusing_what_sqlite_cannot_hold():
                    yield db
                _execute(db, "COMMIT", self.path)
            except sqlite3.OperationalError as error:
                raise _worded(error, self.path) from error
            finally:
                self._give_back(db)

    def close(self) -> None:
        """Close all connections. The last one out of a file checkpoints it, so this passes the gate too."""
        with suppress(Busy, Unusable), self._passing():
            while self._idle:
                self._idle.pop().close()

    @contextmanager
    def _passing(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=PATIENCE):
            raise Busy(f"another thread has been writing {self.path} for {PATIENCE:g} s")
        try:
            with pass_gate(self._gate, PATIENCE):
                yield
        finally:
            self._turn.release()

    def _take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return connect(self.path)

    def _give_back(self, db: Connection) -> None:
        if db.in_transaction:
            db.execute("ROLLBACK")
        self._idle.append(db)


@contextmanager
def _refusing_what_sqlite_cannot_hold() -> Iterator[None]:
    """Whichever argument it came in, so that no caller has to look through all of them."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise Invalid("an argument holds half of a surrogate pair: send whole characters") from error
    except OverflowError as error:
        raise Invalid("an argument holds a number that is too large") from error


def _execute(db: Connection, statement: str, path: Path) -> None:
    try:
        db.execute(statement)
    except sqlite3.OperationalError as error:
        raise _worded(error, path) from error


def _worded(error: sqlite3.OperationalError, path: Path) -> Exception:
    text = str(error)
    if "locked" in text or "busy" in text:
        return Busy(f"{path} stayed locked by another program")
    return Unusable(f"{path} cannot be written: {text}")
