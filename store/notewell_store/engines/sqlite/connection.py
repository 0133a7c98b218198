"""Connections to one file: how each is opened, and how its age is checked before anything else happens."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notewell_store.contract import Condition, Progress, Snapshot
from notewell_store.engines.sqlite.database_file import must_be_regular, must_be_regular_beside
from notewell_store.engines.sqlite.driver import sqlite3, wal_is_safe
from notewell_store.errors import Busy, NextCommand, Unusable

if TYPE_CHECKING:
    from notewell_store.contract import Cursor
    from notewell_store.engines.sqlite.fts import Fts5


class Connection(sqlite3.Connection):
    """See contract.Connection. What is called most stays SQLite's own method."""

    DAMAGE: tuple[type[Exception], ...] = (sqlite3.DatabaseError, ValueError, OverflowError)
    REFUSED: tuple[type[Exception], ...] = (sqlite3.IntegrityError,)
    VALUES = TEXTS = "(SELECT value FROM json_each(?))"
    KNOWS_WHAT_IS_RARE = False
    is_limited = False
    commits: int | None = None
    ahead: "dict[tuple[str, int], Any] | None" = None
    file = Path()
    laid: str | None = None  # rows that stand in temp.laid

    def listed(self, values: Iterable[int] | Iterable[str]) -> str:
        return json.dumps(list(values))

    def at_once(self, questions: "Iterable[Cursor]") -> "Iterable[Cursor]":
        return questions  # one statement that is open twice is compiled twice

    def settle(self) -> None:
        """All is done at once."""

    def insert_rows(self, table: str, columns: Sequence[str], rows: str, first: int = 0, /, **same: int) -> None:
        """In one statement: half of what executemany costs is the way of each value there."""
        marks = ["?" for _ in same]
        head = f"INSERT INTO {table} ({', '.join([*same, *columns])}) SELECT"
        if rows is self.laid:
            query = f"{head} {', '.join([*marks, *columns])} FROM temp.laid WHERE place >= ? ORDER BY place"
            self.execute(query, (*same.values(), first))
            return
        values = ", ".join([*marks, *(f"value ->> {place}" for place in range(len(columns)))])
        left_out = f" WHERE key >= {first:d}" if first else ""
        self.execute(f"{head} {values} FROM json_each(?){left_out}", (*same.values(), rows))

    def lay_aside(self, columns: Sequence[str], rows: str, /) -> None:
        """In a temporary table, in memory, of which a connection has one: to make numbers and texts of JSON takes twice
        as long as to keep them."""
        if self.laid is not None:
            return
        self.execute("PRAGMA temp_store = MEMORY")
        self.execute(f"CREATE TEMP TABLE laid (place INTEGER PRIMARY KEY, {', '.join(columns)})")
        values = ", ".join(f"value ->> {place}" for place in range(len(columns)))
        self.execute(f"INSERT INTO temp.laid SELECT key, {values} FROM json_each(?)", (rows,))
        self.laid = rows

    def forget_laid(self) -> None:
        """What was laid aside is gone with the memory that it stood in. No transaction may be under way."""
        if self.laid is not None:
            self.execute("PRAGMA temp_store = DEFAULT")
            self.laid = None

    def lay_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], /) -> None:
        marks = ", ".join("?" for _ in columns)
        self.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def is_older(self) -> bool:
        (version,) = self.execute("PRAGMA user_version").fetchone()
        return int(version) < SCHEMA_VERSION

    def aside(self, column: str) -> str:
        return f"+{column}"

    def folded(self, title: str) -> str:
        return f"{title} COLLATE NOCASE"

    def same(self, column: str, value: int | str | None) -> Condition:
        return f"{column} IS ?", [value]

    def by_index(self, table: str, index: str) -> str:
        """Without statistics SQLite takes an index by how many columns it matches, whatever their values."""
        return f"{table} INDEXED BY {index}"

    def token_record(self) -> Mapping[str, str | None] | None:
        from notewell_store.engines.sqlite import token_record  # only those who come with tokens need it

        return token_record.read(self.file)

    def amend_token_record(self, told: Mapping[str, str | None]) -> None:
        from notewell_store.engines.sqlite import token_record

        token_record.amend(self.file, told)

    def rewriting(self, changes: Iterable[int]) -> AbstractContextManager[None]:
        from notewell_store.engines.sqlite.rewriting import rewriting  # which a store may never need

        return rewriting(self, self.file, changes)

    @property
    def index(self) -> "Fts5":
        from notewell_store.engines.sqlite.fts import Fts5  # what reads no more than a note needs no index

        return Fts5(self)


SCHEMA_VERSION = 8
INCOMPLETE = 2**31 - 1
"""The version of a file into which another store is being copied: all that looks at versions refuses it (filling)."""
OLDEST_READ = 2  # has all tables; what may not be changed is read as it is from here on
APPLICATION_ID = 0x4E6F7465  # "Note", so that `file` and a careful opener can tell our files
MOST_COMPILED = 500
"""Statements that a connection keeps compiled: more than there are. Where too few are kept, pysqlite3 drops the one
that came last, again and again, however often it is needed."""
PRAGMAS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "recursive_triggers = ON",  # else REPLACE deletes a revision and no trigger sees it
    "cell_size_check = ON",
    "cache_size = -8000",
    "journal_size_limit = 8000000",  # bytes that a -wal keeps after some reader made it grow
)
BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
BUSY_MILLISECONDS = 10_000  # how long a foreign program's lock is waited for


def connect(
    path: Path,
    *,
    existing: bool = True,
    read_only: bool = False,
    immutable: bool = False,
    patience: int = BUSY_MILLISECONDS,
    pragmas: Iterable[str] = PRAGMAS,
) -> Connection:
    """Open one connection, with the pragmas of the design unless told otherwise. Raises Unusable when the file cannot
    be opened, Locked and Broken where that is why.

    `read_only` can neither write nor checkpoint; `immutable` reads the file alone and without locks: see read_only.
    `patience` counts milliseconds.
    """
    must_be_regular(path)
    must_be_regular_beside(path)
    must_not_orphan(path)
    mode = "ro&immutable=1" if immutable else "ro" if read_only else "rw" if existing else "rwc"
    file = path.resolve()
    uri = f"{file.as_uri()}?mode={mode}"
    try:
        db = sqlite3.connect(
            uri,
            uri=True,
            timeout=patience / 1000,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=MOST_COMPILED,
            factory=Connection,
        )
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{path} cannot be opened: {error}") from error
    db.file = file
    try:
        for pragma in pragmas:
            db.execute(f"PRAGMA {pragma}")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter from SQLite's own words on damage
        db.close()
        raise _unopened(path, error) from error
    return db


class Locked(Busy):
    """Another program keeps the file locked."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is locked by another program")


class Broken(Unusable):
    """The file is damaged, or no SQLite file."""


def code_of(error: BaseException) -> int:
    """SQLite's code of what it raised, the plain one; where its own words were damaged there is none. 0 for others."""
    unread = sqlite3.SQLITE_CORRUPT if isinstance(error, sqlite3.DatabaseError | UnicodeDecodeError) else 0
    return int(getattr(error, "sqlite_errorcode", unread)) & 0xFF


def _unopened(path: Path, error: Exception) -> Locked | Unusable:
    if code_of(error) in LOCKED:
        return Locked(path)
    if code_of(error) in BROKEN:
        return Broken(
            f"{path} cannot be opened, for it is damaged or no SQLite file ({error}): put a backup in its place with ",
            NextCommand("restore"),
            ", or save what it still holds with ",
            NextCommand("salvage"),
        )
    return Unusable(
        f"{path} cannot be opened ({error}): the file, its folder, and what stands beside it under its name "
        "must be readable, and the folder writable if there is a -wal"
    )


class Orphaned(Unusable):
    """The file is gone or empty, and its -wal still holds changes."""


def must_not_orphan(path: Path) -> None:
    """Raise Orphaned where the file is gone or empty and its -wal is not: SQLite would remove what that holds."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size and not (path.exists() and path.stat().st_size):
        raise Orphaned(
            f"{path} is {'empty' if path.exists() else 'gone'}, and {wal.name} still holds changes of it: put the file "
            "back, or save what the -wal holds with ",
            NextCommand("salvage"),
            f", or move {wal.name} away",
        )


def create_file(path: Path) -> None:
    """Make the empty file, readable by its owner only, if there is none."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return


def version_of(db: Snapshot, path: Path) -> int:
    """The file's schema version, 0 when it is empty. Raises Unusable for a file that is not or not yet ours, Locked."""
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if code_of(error) in LOCKED:
            raise Locked(path) from error
        kind = Broken if code_of(error) in BROKEN else Unusable
        raise kind(f"{path} cannot be read as a Notewell store: {error}") from error
    if application != APPLICATION_ID and (application or version or tables):
        raise Unusable(f"{path} is an SQLite file of some other program, not a Notewell store: name another file")
    _must_be_known(version, path)
    return int(version)


def must_not_be_newer(db: Connection, path: Path) -> None:
    """Raise Unusable where a newer Notewell has migrated the file since it was opened here."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    _must_be_known(version, path)


def _must_be_known(version: int, path: Path) -> None:
    if version == INCOMPLETE:
        raise Unusable(
            f"{path} is a copy of another store, and not yet complete: the same ",
            NextCommand("copy"),
            " again goes on with it",
        )
    if version > SCHEMA_VERSION:
        raise Unusable(
            f"{path} was made by a newer Notewell (schema {version}, this one knows {SCHEMA_VERSION}): "
            "update notewell and begin a new session, or name another file"
        )


def set_journal(db: Connection) -> None:
    """WAL where this SQLite is safe with it; the mode stays with the file. See driver."""
    db.execute(f"PRAGMA journal_mode = {'WAL' if wal_is_safe() else 'DELETE'}").fetchone()


def migrate(db: Connection, progress: Progress | None = None) -> None:
    """Bring the schema up to date, all steps in one transaction. The gate must be held."""
    from notewell_store.engines.sqlite.schema import Watched, migrations  # 100 ms, which an open store does without

    db.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(Watched(db, progress))
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
