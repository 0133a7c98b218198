"""Reading a store without writing anything, neither to it nor beside it.

Two readers need that. One reads where nothing may be written, such as a read-only disk: a WAL database cannot be read
without its `-shm` beside it, except as one that nobody changes (SQLite's `immutable`). Where there is no `-shm`, nobody
has the file open, and where there is no `-wal` either, the file alone is the whole store. Somebody else may begin to
write while it is read: that is noticed afterwards, and what was read does not count.

The other reads once and ends, such as a session's hook. It imports next to nothing, waits for nobody for long, and
changes nothing: no file is made, no schema migrated, and a connection that may not write leaves the checkpoint to those
that hold the write lock.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notewell_store.engines.sqlite.connection import (
    LOCKED,
    SCHEMA_VERSION,
    Connection,
    Locked,
    code_of,
    connect,
    version_of,
)
from notewell_store.engines.sqlite.database_file import must_be_regular
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.errors import Busy, NextCommand, Unusable

PATIENCE = 500  # milliseconds that a foreign program's lock is waited for

State = tuple[int, ...]


@contextmanager
def read_once(path: Path) -> Iterator[Connection]:
    """One snapshot of the store at `path`. A store of an older version is read as it is: all versions so far have
    the tables of the first. Raises Unusable (missing, newer, damaged, of another program) and Busy (locked)."""
    must_be_regular(path)
    if not path.exists():
        raise Unusable(f"there is no store at {path}")
    try:
        with _opened(path) as db:
            version = version_of(db, path)
            if version == 0:
                raise Unusable(f"{path} is empty: no note was ever written to it")
            if version < SCHEMA_VERSION:
                from notewell_store.engines.sqlite.visibility import show_as_today  # few stores need it

                show_as_today(db)
            yield db
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if code_of(error) in LOCKED:
            raise Locked(path) from error
        raise Unusable(f"{path} cannot be read ({error}): ", NextCommand("doctor"), " tells more") from error


@contextmanager
def _opened(path: Path) -> Iterator[Connection]:
    if needs_immutable(path):
        with reading_immutable(path) as db:
            yield db
        return
    db = connect(path, read_only=True, patience=PATIENCE)
    try:
        db.execute("BEGIN")
        yield db
    finally:
        db.close()


def needs_immutable(path: Path) -> bool:
    """Whether the store can be read as one that nobody changes, and in no other way."""
    return not os.access(path.parent, os.W_OK) and not any(_state(path)[3:])


@contextmanager
def reading_immutable(path: Path) -> Iterator[Connection]:
    """The file as it is, under no lock. Raises Busy where it was changed meanwhile."""
    before = _state(path)
    db = connect(path, immutable=True)
    try:
        yield db
    except Exception as error:
        _must_be(before, path, error)  # else the change is the cause, whatever it looks like
        raise
    finally:
        db.close()
    _must_be(before, path, None)


def _must_be(before: State, path: Path, error: Exception | None) -> None:
    if _state(path) != before:
        raise Busy(f"{path} was changed by another program while it was read") from error


def _state(path: Path) -> State:
    """What changes when the file is written: identity, time and size, and the sizes of what SQLite lays beside it."""
    facts = path.stat()
    beside = (_size(path, ending) for ending in ("-wal", "-shm", "-journal"))
    return facts.st_ino, facts.st_mtime_ns, facts.st_size, *beside


def _size(path: Path, ending: str) -> int:
    try:
        return path.with_name(path.name + ending).stat().st_size
    except FileNotFoundError:
        return 0
