"""Reading from a file that may be damaged anywhere: what cannot be read is said, and the rest is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from notewell_store.contract import Connection
from notewell_store.engines.sqlite.connection import Connection as FileConnection
from notewell_store.engines.sqlite.connection import connect
from notewell_store.engines.sqlite.driver import sqlite3

Row = tuple[Any, ...]

DAMAGE = (sqlite3.DatabaseError, ValueError, OverflowError)
"""What reading damaged rows raises: SQLite's own errors, and those of values that are not what they were."""

LONGEST = 160  # characters of an error's words
UNTOLD = ("ok", "*** in database main ***")


@contextmanager
def reading_alone(path: Path) -> Iterator[FileConnection]:
    """A file that nobody writes, read without locks; nothing is made beside it. Raises Unusable."""
    db = connect(path, immutable=True)
    try:
        db.execute("BEGIN")
        yield db
    finally:
        db.close()


def words(error: Exception) -> str:
    """What an error says, on one short line: SQLite quotes what it finds, whatever that is."""
    said = " ".join("".join(char if char.isprintable() else " " for char in str(error)).split())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def rows(db: Connection, query: str, *values: object) -> list[Row] | str:
    """All rows, or why they cannot be read."""
    try:
        return db.execute(query, values).fetchall()
    except DAMAGE as error:
        return f"cannot be read: {words(error)}"


def row(db: Connection, query: str, *values: object) -> Row | str | None:
    """The first row, None where there is none, or why it cannot be read."""
    found = rows(db, query, *values)
    return found if isinstance(found, str) else found[0] if found else None


def keys(db: Connection, onwards: str, backwards: str = "") -> tuple[set[int], str | None]:
    """The whole numbers that a query gives in batches after its parameter, read from both ends as far as that
    goes, and what went wrong between."""
    found: set[int] = set()
    fault = _collect(found, db, onwards, -(2**63))
    if fault is not None and backwards:
        _collect(found, db, backwards, 2**63 - 1)
    return found, fault


def _collect(found: set[int], db: Connection, query: str, start: int) -> str | None:
    try:
        while True:
            batch = [key for (key,) in db.execute(query, (start,)) if isinstance(key, int)]
            if not batch or found.issuperset(batch):
                return None
            found.update(batch)
            start = batch[-1]
    except DAMAGE as error:
        return words(error)


def messages(db: Connection, pragma: str) -> Iterator[str]:
    """What a checking pragma says, line by line; nothing when all is well."""
    try:
        for (text,) in db.execute(f"PRAGMA {pragma}"):
            yield from (line for line in str(text).splitlines() if line not in UNTOLD)
    except DAMAGE as error:
        yield words(error)
