"""Connections to one file that are open and idle, for readers who see the same of it."""

import os
from pathlib import Path

from notewell_store.contract import Visibility
from notewell_store.engines.sqlite.connection import Connection, connect
from notewell_store.engines.sqlite.visibility import limit, show_as_today


class Pool:
    """Lends each connection to one thread at a time. Safe to share between threads, not across fork."""

    def __init__(self, path: Path, visibility: Visibility | None) -> None:
        self._path = path
        self._visibility = visibility
        self._idle: list[Connection] = []

    @property
    def is_empty(self) -> bool:
        return not self._idle

    def take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self.limited(connect(self._path))

    def limited(self, db: Connection) -> Connection:
        """The connection, which sees from now on what the readers of this pool may see."""
        if self._visibility is not None:
            limit(db, self._visibility)
        elif db.is_older():
            show_as_today(db)
        return db

    def give_back(self, db: Connection) -> None:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if os.access(self._path, os.W_OK):
            self._idle.append(db)
        else:  # it would stay read-only when the file no longer is
            db.close()

    def close(self) -> None:
        """The last one out of a file checkpoints it, so the write lock must be held."""
        while self._idle:
            self._idle.pop().close()
