"""A glance at a store: one snapshot for a process that reads once and ends, such as a session's hook.

It imports next to nothing, waits for nobody for long, and changes nothing: no file is made, no schema migrated, and
a connection that may not write leaves the checkpoint to those that pass the gate.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notewell_store.engines.sqlite.connection import Connection, connect, version_of
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.immutable import is_frozen, reading_frozen
from notewell_store.errors import Busy, NextCommand, Unusable

PATIENCE = 500  # milliseconds that a foreign program's lock is waited for


@contextmanager
def glancing(path: Path) -> Iterator[Connection]:
    """One snapshot of the store at `path`. A store of an older version is read as it is: all versions so far have
    the tables of the first. Raises Unusable (missing, newer, damaged, of another program) and Busy (locked)."""
    if not path.is_file():
        raise Unusable(f"there is no store at {path}")
    try:
        if is_frozen(path):
            with reading_frozen(path) as db:
                _must_hold_notes(db, path)
                yield db
            return
        db = connect(path, read_only=True, patience=PATIENCE)
        try:
            db.execute("BEGIN")
            _must_hold_notes(db, path)
            yield db
        finally:
            db.close()
    except Unusable as error:
        if _is_locked(error.__cause__):
            raise Busy(f"{path} is locked by another program") from error
        raise
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if _is_locked(error):
            raise Busy(f"{path} is locked by another program") from error
        raise Unusable(f"{path} cannot be read ({error}): ", NextCommand("doctor"), " tells more") from error


def _must_hold_notes(db: Connection, path: Path) -> None:
    if version_of(db, path) == 0:
        raise Unusable(f"{path} is empty: no note was ever written to it")


def _is_locked(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
