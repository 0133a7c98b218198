"""A store: one SQLite file, read in snapshots and written through the gate."""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

from notewell_store.contract import Engine, Snapshot, Visibility
from notewell_store.engines import engine_of
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.connection import (
    SCHEMA_VERSION,
    Connection,
    connect,
    create_file,
    migrate,
    must_not_be_newer,
    must_not_orphan,
    set_journal,
    sync_folders,
    version_of,
)
from notewell_store.engines.sqlite.copies import copy_database, laid_down
from notewell_store.engines.sqlite.data_version import DataVersion, Version
from notewell_store.engines.sqlite.errors import RIGHTS, refusing_what_sqlite_cannot_hold, wording
from notewell_store.engines.sqlite.immutable import is_frozen, reading_frozen
from notewell_store.engines.sqlite.visibility import limit, unlimit
from notewell_store.engines.sqlite.write_lock import gate_of, pass_gate
from notewell_store.errors import Busy, NextCommand, Unusable
from notewell_store.tables.rendered import store_pages
from notewell_store.writing.background import CLOSING_PATIENCE, Behind

PATIENCE = 30.0  # seconds a writer waits for the writers before it


def open_store(path: Path | str, *, create: bool = True) -> "Store":
    """Open the store at `path`, making it (mode 0600) where there is none unless `create` is False.

    An older file is migrated, after a copy of it was laid beside it. Raises Unusable when the file is
    missing, of another program, of a newer version, or damaged.
    """
    file = Path(path).expanduser().resolve()  # one file has one gate, whatever links lead to it
    if create:
        _make_folder_and_file(file)
    elif not file.exists():
        raise Unusable(f"there is no store at {file}: ", NextCommand("import"), " or any write makes one")
    store = Store(file)
    try:
        store.prepare()
    except BaseException:
        store.close()
        raise
    return store


def _make_folder_and_file(file: Path) -> None:
    """What was witnessed here is of a store that somebody took away; a file that is there may have lost it."""
    if file.exists():
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with pass_gate(gate_of(file), PATIENCE) as gate:
            if not file.exists():
                must_not_orphan(file)
                commit_log.forget(gate)
            create_file(file)
    except OSError as error:
        raise Unusable(f"{file} cannot be made: {error.strerror}") from error


Identity = tuple[int, int]


def _identity(path: Path) -> Identity | None:
    """Which file it is, whatever its name; None where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


class Store:
    """Connections to one file, lent to one thread at a time. Safe to share between threads, not across fork."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._gate = gate_of(path)
        self._wal_path = path.with_name(f"{path.name}-wal")
        self._turn = threading.Lock()
        self._idle: list[Connection] = []
        self._file: Identity | None = None
        self._wal: Identity | None = None
        self.pages_behind = Behind(partial(store_pages, self.reading, partial(self.writing, CLOSING_PATIENCE)))
        self._seen: dict[Visibility, LimitedStore] = {}
        self._data_version = DataVersion(path)

    def seen_by(self, visibility: Visibility | None) -> "Store":
        """The same store as one sees it who may not read everything; None may. Closed with this one."""
        if visibility is None:
            return self
        seen = self._seen.get(visibility)
        return seen or self._seen.setdefault(visibility, LimitedStore(self, visibility))

    def version(self) -> Version | None:
        """What is another whenever the store has changed since, whoever changed it: what was read after it had been
        asked is still so while it is the same. None where that cannot be told at once."""
        return self._data_version.read()

    @property
    def engine(self) -> Engine:
        """See contract.Store."""
        return engine_of(str(self.path))

    @property
    def visibility(self) -> Visibility | None:
        """What is seen of it; None is everything."""
        return None

    def seeing(self, db: Snapshot) -> AbstractContextManager[None]:
        """See contract.Store."""
        return nullcontext()

    def prepare(self) -> None:
        """Lay or migrate the schema if the file lacks any of it."""
        self._file = _identity(self.path)
        if is_frozen(self.path):
            return self._must_be_of_today()
        db = self._take()
        try:
            version = version_of(db, self.path)
        except BaseException:
            db.close()  # not through the gate: that would leave a file beside one that is not ours
            raise
        try:
            if version < SCHEMA_VERSION:
                with self._passing():
                    self._bring_up_to_date(db)
        finally:
            self._give_back(db)

    def _must_be_of_today(self) -> None:
        with self.reading() as db:
            if version_of(db, self.path) < SCHEMA_VERSION:
                raise Unusable(f"{self.path} has no schema of today, and may not be changed: {RIGHTS}")

    def _bring_up_to_date(self, db: Connection) -> None:
        version = version_of(db, self.path)  # again: another process may have done it while this one waited
        if version == SCHEMA_VERSION:
            return
        if version == 0:
            self._must_be_new()
            sync_folders(self.path)
            set_journal(db)
        else:
            self._keep_as_it_was()
        migrate(db)

    def _must_be_new(self) -> None:
        """An empty file may be a truncated one: a new store in it would hide that."""
        written = commit_log.read(self._gate)
        if written:
            raise Unusable(
                f"{self.path} is empty, but {written[-1].seq:,} changes were written to it: put a backup in its place "
                "with ",
                NextCommand("restore"),
                f", or, to begin a new store, remove it and {self._gate.name}",
            )

    def _keep_as_it_was(self) -> None:
        """Lay a copy beside the file, which bears its name only once it is complete."""
        kept = self.path.with_name(f"{self.path.name}.before-schema-{SCHEMA_VERSION}")
        with laid_down(kept, replace=True) as part, self.reading() as db:
            copy_database(db, part)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot: all that is read in the block is of one moment, whatever others write meanwhile."""
        self._follow_file()
        if not self._idle and is_frozen(self.path):
            with wording(self.path, "read"), refusing_what_sqlite_cannot_hold(), reading_frozen(self.path) as db:
                self._open_eyes(db)
                yield db
            return
        db = self._take()
        try:
            with wording(self.path, "read"), refusing_what_sqlite_cannot_hold():
                db.execute("BEGIN")
                must_not_be_newer(db, self.path)
                yield db
        finally:
            self._give_back(db)

    @contextmanager
    def writing(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """One transaction, the only one in any process. On disk when the block ends; undone if it raises.

        Raises Busy when the file stays locked for `patience` seconds, Unusable when the disk refuses (full, read-only).
        """
        self._follow_file()
        with self._passing(patience) as gate, wording(self.path, "written"), refusing_what_sqlite_cannot_hold():
            db = self._take()
            try:
                db.execute("BEGIN IMMEDIATE")
                must_not_be_newer(db, self.path)
                before = commit_log.newest_seq(db)
                yield db
                changes = commit_log.changes_after(db, before)
                db.execute("COMMIT")
                commit_log.testify(gate, changes)
            finally:
                self._give_back(db)

    @contextmanager
    def trial(self) -> Iterator["Store"]:
        """See contract.Store."""
        import tempfile  # what it brings costs every other start

        with tempfile.TemporaryDirectory(prefix="notewell-") as folder:
            copy = Path(folder) / "copy.db"
            with self.reading() as db:
                copy_database(db, copy)
            store = open_store(copy)
            try:
                yield store
            finally:
                store.close()

    def close(self) -> None:
        """Store the pages that are still to be stored, and close all connections.

        The last one out of a file checkpoints it, so this passes the gate too. Where the gate stays shut they are
        left to the end of the process: the next to open the file recovers it.
        """
        self.pages_behind.finish()
        if not self._idle and not self._seen:
            return
        with suppress(Busy, Unusable), self._passing(CLOSING_PATIENCE):
            self._close_idle()
            self._data_version.close()

    def _close_idle(self) -> None:
        for seen in self._seen.values():
            seen._close_idle()
        while self._idle:
            self._idle.pop().close()

    def _follow_file(self) -> None:
        """Open whatever was laid in the place of our file: what is written to a file that lost its name is lost."""
        file, wal = _identity(self.path), _identity(self._wal_path)
        if file is None:
            raise Unusable(f"{self.path} is gone: put it back")
        if self._file != file:
            if wal is not None and wal == self._wal:
                raise Unusable(
                    f"another file was laid in the place of {self.path}, and {self._wal_path.name}, which is of the "
                    "former, would damage it: end all sessions, move both away, and use ",
                    NextCommand("restore"),
                )
            self._close_idle()
            self.prepare()
        self._wal = wal

    @contextmanager
    def _passing(self, patience: float = PATIENCE) -> Iterator[int]:
        if not self._turn.acquire(timeout=patience):
            raise Busy(f"another thread has been writing {self.path} for {patience:g} s")
        try:
            with pass_gate(self._gate, patience) as gate:
                yield gate
        finally:
            self._turn.release()

    def _take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            db = connect(self.path)
            self._open_eyes(db)
            return db

    def _open_eyes(self, db: Connection) -> None:
        """What a new connection needs before it reads."""

    def _give_back(self, db: Connection) -> None:
        if db.in_transaction:
            db.execute("ROLLBACK")
        if os.access(self.path, os.W_OK):
            self._idle.append(db)
        else:  # it would stay read-only when the file no longer is
            db.close()


class LimitedStore(Store):
    """A store of which not everything is seen. Its connections are its own; writing goes through the whole one's."""

    def __init__(self, whole: Store, visibility: Visibility) -> None:
        super().__init__(whole.path)
        self._whole = whole
        self._visibility = visibility
        self.pages_behind = whole.pages_behind

    @property
    def visibility(self) -> Visibility:
        return self._visibility

    def seen_by(self, visibility: Visibility | None) -> Store:
        raise ValueError("who does not see everything cannot say what others see")

    @contextmanager
    def writing(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """As the whole store's: all is seen, since what is written must fit to all. See seeing."""
        with self._whole.writing(patience) as db:
            yield db

    @contextmanager
    def seeing(self, db: Snapshot) -> Iterator[None]:
        assert isinstance(db, Connection)
        limit(db, self._visibility)
        try:
            yield
        finally:
            unlimit(db)

    def close(self) -> None:
        """Nothing: it closes with the whole one."""

    def _open_eyes(self, db: Connection) -> None:
        limit(db, self._visibility)

    def _follow_file(self) -> None:
        self._whole._follow_file()
