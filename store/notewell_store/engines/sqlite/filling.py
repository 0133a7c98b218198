"""A file into which another store is copied: see contract.Engine.filling.

Its version is one that all who look at versions refuse, as each transaction does. The write lock is held all the while,
so that nobody else fills the same file.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from notewell_store.contract import CLOSING_PATIENCE
from notewell_store.engines.sqlite.connection import INCOMPLETE, SCHEMA_VERSION, Connection, connect
from notewell_store.engines.sqlite.copies import remove_with_sides
from notewell_store.engines.sqlite.database_file import must_be_regular, resolved
from notewell_store.engines.sqlite.errors import wording
from notewell_store.engines.sqlite.store import open_file
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.errors import Busy, Invalid, Unusable
from notewell_store.tables.copied_rows import ANEW, is_empty


@contextmanager
def filling(path: Path, *, anew: bool = False) -> Iterator["FileFilling"]:
    """See contract.Engine.filling."""
    file = resolved(path)
    must_be_regular(file)
    if not _is_begun(file):
        _begin(file)
    elif anew:
        with _held(file):
            remove_with_sides(file)
        _begin(file)
    with _held(file), closing(connect(file)) as db:
        with wording(file, "read"):
            _must_be_of_today(db, file)
        yield FileFilling(db)


@contextmanager
def _held(file: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(hold_lock(lock_file_of(file), CLOSING_PATIENCE))
        except Busy as error:
            raise Busy(f"{file} is being copied into by another process") from error
        yield


def _is_begun(file: Path) -> bool:
    if not file.exists() or not file.stat().st_size:
        return False
    with closing(connect(file)) as db, wording(file, "read"):
        (version,) = db.execute("PRAGMA user_version").fetchone()
        return bool(version == INCOMPLETE)


def _begin(file: Path) -> None:
    with closing(open_file(file)) as store, store.writing() as db:
        if not is_empty(db):
            raise Invalid(f"{file} holds a store already: name a file that is not there yet, or an empty store")
        db.execute("CREATE TABLE copying (told TEXT NOT NULL, schema INTEGER NOT NULL)")
        db.execute("INSERT INTO copying VALUES ('', ?)", (SCHEMA_VERSION,))
        db.execute(f"PRAGMA user_version = {INCOMPLETE}")


def _must_be_of_today(db: Connection, file: Path) -> None:
    (schema,) = db.execute("SELECT schema FROM copying").fetchone()
    if schema != SCHEMA_VERSION:
        raise Unusable(f"the copy in {file} was begun by another version of Notewell: begin it anew, with ", ANEW)


class FileFilling:
    """See contract.Filling."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with wording(self._db.file, "read"):
            self._db.execute("BEGIN")
            try:
                yield self._db
            finally:
                self._db.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with wording(self._db.file, "written"):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    @contextmanager
    def finishing(self) -> Iterator[Connection]:
        with self.writing() as db:
            yield db
            db.execute("DROP TABLE copying")
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
