"""One file as all its readers and writers in this process share it: prepared, followed, and locked for writing."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from notewell_store.contract import CLOSING_PATIENCE, PATIENCE, Background, NoBackground, Progress, Version, Visibility
from notewell_store.engines.sqlite import commit_log, upgrade
from notewell_store.engines.sqlite.connection import (
    OLDEST_READ,
    SCHEMA_VERSION,
    Connection,
    connect,
    must_not_be_newer,
    version_of,
)
from notewell_store.engines.sqlite.data_version import DataVersion
from notewell_store.engines.sqlite.database_file import FollowedFile
from notewell_store.engines.sqlite.errors import RIGHTS, refusing_what_sqlite_cannot_hold, wording
from notewell_store.engines.sqlite.pool import Pool
from notewell_store.engines.sqlite.read_only import needs_immutable, reading_immutable
from notewell_store.engines.sqlite.write_lock import WriteLock
from notewell_store.errors import Busy, Unusable
from notewell_store.tables.changes import newest_change


class Database:
    """Safe to share between threads, not across fork. Whatever file bears the name is read and written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.background: Background = NoBackground()
        self._lock = WriteLock(path)
        self._file = FollowedFile(path)
        self._pools: dict[Visibility | None, Pool] = {}
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
        finally:
            self._pool(None).give_back(db)

    def _must_be_of_today(self) -> None:
        with self.reading(None) as db:
            if version_of(db, self.path) < OLDEST_READ:
                raise Unusable(f"{self.path} has no schema of today, and may not be changed: {RIGHTS}")

    @contextmanager
    def reading(self, visibility: Visibility | None) -> Iterator[Connection]:
        """See contract.Store."""
        self._follow()
        pool = self._pool(visibility)
        if pool.is_empty and needs_immutable(self.path):
            with wording(self.path, "read"), refusing_what_sqlite_cannot_hold(), reading_immutable(self.path) as db:
                yield pool.limited(db)
            return
        db = pool.take()
        try:
            with wording(self.path, "read"), refusing_what_sqlite_cannot_hold():
                db.execute("BEGIN")
                must_not_be_newer(db, self.path)
                yield db
        finally:
            pool.give_back(db)

    @contextmanager
    def writing(self, patience: float) -> Iterator[Connection]:
        """See contract.Store."""
        self._follow()
        pool = self._pool(None)
        with self._lock.held(patience) as lock, wording(self.path, "written"), refusing_what_sqlite_cannot_hold():
            db = pool.take()
            try:
                db.execute("BEGIN IMMEDIATE")
                must_not_be_newer(db, self.path)
                before = newest_change(db)
                yield db
                changes = commit_log.changes_after(db, before)
                db.execute("COMMIT")
                commit_log.record(lock, changes)
            finally:
                pool.give_back(db)

    def version(self) -> Version | None:
        """See contract.Store. A file that was laid in the place of ours is not opened for this; until it is followed,
        its version is another each time."""
        stranger = self._file.stranger()
        return self._data_version.read() if stranger is None else (*stranger, next(self._of_strangers))

    def close(self) -> None:
        """Close all connections. The last one out of a file checkpoints it, so this takes the lock too. Where that
        stays taken they are left to the end of the process: the next to open the file recovers it."""
        if not self._data_version.is_open and all(pool.is_empty for pool in self._pools.values()):
            return
        with suppress(Busy, Unusable), self._lock.held(CLOSING_PATIENCE):
            self._close_idle()
            self._data_version.close()

    def _pool(self, visibility: Visibility | None) -> Pool:
        pool = self._pools.get(visibility)
        return pool or self._pools.setdefault(visibility, Pool(self.path, visibility))

    def _close_idle(self) -> None:
        for pool in tuple(self._pools.values()):
            pool.close()

    def _follow(self) -> None:
        """Open whatever was laid in the place of our file."""
        if self._file.is_another():
            self._close_idle()
            self.prepare()
