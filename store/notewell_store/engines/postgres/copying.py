"""A copy of a store in one SQLite file: what is tried on, and what a backup is.

It holds all but the tokens, which count where they were made and nowhere else.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from notewell_store.contract import Progress, Snapshot
from notewell_store.engines.postgres.connection import Connection
from notewell_store.engines.sqlite.store import open_file
from notewell_store.tables.passages import take_in_again

TABLES = (
    *("projects", "project_changes", "project_aliases", "notes", "texts", "aliases", "labels", "names", "sections"),
    *("passages", "links", "revisions", "redactions", "lost_changes", "receipts", "sources", "origins", "stale"),
)
"""Each behind those that it refers to, but for notes, which refer to each other."""
AT_ONCE = 2_000  # rows


def copy_to_file(db: Snapshot, file: Path, progress: Progress | None = None) -> None:
    """Lay all that `db` sees into a new store at `file`, in one transaction there; `progress` counts tables, then
    notes whose passages are taken into the index."""
    assert isinstance(db, Connection)
    with closing(open_file(file)) as store, store.writing() as copy:
        copy.execute("PRAGMA defer_foreign_keys = ON")  # until the commit: a note may stand before its parent
        for done, table in enumerate(TABLES, start=1):
            columns = columns_of(copy, table)
            named = ", ".join(f'"{column}"' for column in columns)
            marks = ", ".join("?" for _ in columns)
            for rows in _rows(db, f"SELECT {named} FROM main.{table} ORDER BY {named}"):
                copy.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)
            if progress is not None:
                progress(done, len(TABLES))
        take_in_again(copy, progress)


def columns_of(copy: Snapshot, table: str) -> list[str]:
    return [name for (name,) in copy.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))]


def _rows(db: Connection, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """In batches: a table may not fit into memory."""
    with psycopg.ServerCursor(db.driver, "copied") as cursor:
        cursor.execute(query)
        while batch := cursor.fetchmany(AT_ONCE):
            yield batch
