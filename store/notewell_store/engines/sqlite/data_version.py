"""Whether a file was changed since, told in some microseconds and without reading any of it.

SQLite's data version is another after each commit of another connection, in whichever process
(https://www.sqlite.org/pragma.html#pragma_data_version). So it is asked on a connection of its own, that never writes.
"""

import os
import threading
from pathlib import Path
from time import monotonic

from notewell_store.contract import Version
from notewell_store.engines.sqlite.connection import Connection, Locked, connect
from notewell_store.engines.sqlite.database_file import record_file_of
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.errors import Unusable

AGAIN = 1.0  # seconds after which a file that could not be asked is asked again


class DataVersion:
    """Of one file. Safe to share between threads, not across fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._record = record_file_of(path)
        self._turn = threading.Lock()
        self._db: Connection | None = None
        self._file: Version = ()
        self._opened = 0
        self._not_before = 0.0

    def read(self) -> Version | None:
        """What is another after each commit, after another file was laid in the place of this one, and after a token
        was made or revoked, which is written down beside the file before it is committed; None where that cannot be
        told without waiting, or the file may not be written: a connection that was opened then would keep all others of
        this process from writing once it may."""
        with self._turn:
            if monotonic() < self._not_before or not os.access(self._path, os.W_OK):
                return None
            try:
                facts = self._path.stat()
                db = self._connected((facts.st_dev, facts.st_ino))
                return *self._file, self._opened, *self._of_record(), *db.execute("PRAGMA data_version").fetchone()
            except (OSError, Locked, Unusable, sqlite3.DatabaseError):
                self._not_before = monotonic() + AGAIN
                return None

    def _of_record(self) -> Version:
        """Whose change tells that other tokens may be taken. Raises OSError."""
        try:
            facts = self._record.stat()
        except FileNotFoundError:
            return ()
        return facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns

    @property
    def is_open(self) -> bool:
        """Whether there is a connection to close."""
        return self._db is not None

    def close(self) -> None:
        """Before all others to the file: who closes the last one checkpoints it, and this one has no pragmas."""
        with self._turn:
            if self._db is not None:
                self._db.close()
            self._db = None

    def _connected(self, file: Version) -> Connection:
        if self._db is None or file != self._file:
            if self._db is not None:
                self._db.close()  # of a file that has lost its name
                self._db = None
            self._db, self._file = connect(self._path, patience=0, pragmas=()), file  # most have it read the schema
            self._opened += 1  # the versions of two connections cannot be compared
        return self._db
