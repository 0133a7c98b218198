"""A store in one SQLite file: see contract.Store."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from notewell_store.contract import PATIENCE, Background, Engine, Meaning, Progress, Snapshot, Version, Visibility
from notewell_store.engines import engine_of
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.connection import Connection, create_file, must_not_orphan
from notewell_store.engines.sqlite.copies import copy_database
from notewell_store.engines.sqlite.database import Database
from notewell_store.engines.sqlite.database_file import make_folder, must_be_regular, resolved
from notewell_store.engines.sqlite.visibility import limit, unlimit
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.errors import NextCommand, Unusable


def open_file(path: Path, *, create: bool = True, progress: Progress | None = None) -> "Store":
    """Open the store at `path`, making it (mode 0600) where there is none unless `create` is False.

    An older file is migrated, after a copy of it was laid beside it; of that alone `progress` is told. Raises Unusable
    when the file is missing, of another program, of a newer version, or damaged.
    """
    file = resolved(path)  # one file has one lock, whatever links lead to it
    must_be_regular(file)
    if create:
        _make_folder_and_file(file)
    elif not file.exists():
        raise Unusable(f"there is no store at {file}: ", NextCommand("import"), " or any write makes one")
    database = Database(file)
    try:
        database.prepare(progress)
    except BaseException:
        database.close()
        raise
    return Store(database)


def _make_folder_and_file(file: Path) -> None:
    """What was committed here is of a store that somebody took away; a file that is there may have lost it."""
    if file.exists():
        return
    try:
        make_folder(file.parent)
        with hold_lock(lock_file_of(file), PATIENCE) as lock:
            if not file.exists():
                must_not_orphan(file)
                commit_log.forget(lock)
            create_file(file)
    except OSError as error:
        raise Unusable(f"{file} cannot be made: {error.strerror}") from error


class Store:
    """A database as those see it who may see so much of it. Writing goes through the same lock for all."""

    def __init__(self, database: Database, visibility: Visibility | None = None) -> None:
        self._database = database
        self._visibility = visibility

    @property
    def path(self) -> Path:
        """The file; for this engine's own upkeep."""
        return self._database.path

    @property
    def address(self) -> str:
        return str(self._database.path)

    @property
    def engine(self) -> Engine:
        return engine_of(self.address)

    @property
    def background(self) -> Background:
        return self._database.background

    @background.setter
    def background(self, background: Background) -> None:
        self._database.background = background

    @property
    def meaning(self) -> Meaning | None:
        return self._database.meaning

    @meaning.setter
    def meaning(self, meaning: Meaning | None) -> None:
        self._database.meaning = meaning

    @property
    def visibility(self) -> Visibility | None:
        return self._visibility

    def seen_by(self, visibility: Visibility | None) -> "Store":
        if self._visibility is not None:
            raise ValueError("who does not see everything cannot say what others see")
        return self if visibility is None else Store(self._database, visibility)

    def reading(self) -> AbstractContextManager[Connection]:
        return self._database.reading(self._visibility)

    def writing(
        self, patience: float = PATIENCE, ready: Callable[[Snapshot], None] | None = None
    ) -> AbstractContextManager[Connection]:
        return self._database.writing(patience, ready)

    @contextmanager
    def seeing(self, db: Snapshot) -> Iterator[None]:
        if self._visibility is None:
            yield
            return
        assert isinstance(db, Connection)
        limit(db, self._visibility)
        try:
            yield
        finally:
            unlimit(db)

    def version(self) -> Version | None:
        return self._database.version()

    @contextmanager
    def trial(self) -> Iterator["Store"]:
        import tempfile  # what it brings costs every other start

        with tempfile.TemporaryDirectory(prefix="notewell-") as folder:
            copy = Path(folder) / "copy.db"
            with self.reading() as db:
                copy_database(db, copy)
            store = open_file(copy)
            try:
                yield store
            finally:
                store.close()

    def close(self) -> None:
        """What sees less than all closes with the whole store."""
        if self._visibility is None:
            self.background.finish()
            self._database.close()
