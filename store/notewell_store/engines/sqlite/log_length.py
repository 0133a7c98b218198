"""The -wal is kept short while many read and write.

SQLite brings what a -wal holds into the file after each thousandth page, and begins it anew where nobody reads from it
at that moment. Where some read is always under way, each of a few milliseconds, that moment may not come, and the -wal
grows: then it is waited for, behind the write lock, so that nobody else writes meanwhile. Who begins to read then reads
the file, and is in nobody's way.
"""

import os
from contextlib import suppress

from notewell_store.engines.sqlite.connection import BUSY_MILLISECONDS, Connection
from notewell_store.engines.sqlite.driver import sqlite3

LONG = 10_000_000
"""Bytes from which on readers are waited for: more than a -wal keeps that begins anew (`journal_size_limit`)."""
PATIENCE = 50  # milliseconds for all who read
MORE = 1.25
"""By how much it must have grown for readers to be waited for again: somebody may read for hours."""


class LogLength:
    """Of one file, whose write lock is held whenever this is asked."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._next: float = LONG

    def keep_short(self, db: Connection) -> None:
        """Begin the -wal anew where it is long, unless somebody reads from it all the while. Raises nothing: what was
        written is on disk."""
        with suppress(OSError, sqlite3.DatabaseError):
            size = os.stat(self._log).st_size  # noqa: PTH116 - looked at after each write
            if size < LONG:
                self._next = LONG
            elif size >= self._next:
                self._next = MORE * size if _is_read_from(db) else LONG


def _is_read_from(db: Connection) -> bool:
    """Whether the -wal cannot begin anew, for somebody reads from it still."""
    db.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    try:
        (is_held, *_) = db.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    return bool(is_held)
