"""All of a store in one SQLite file, and all of a file in a database: what is tried on, what a backup is, and how a
store moves from the one engine to the other.

Everything goes along but the tokens, which count where they were made and nowhere else.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from notewell_store.contract import Progress, Snapshot
from notewell_store.engines.postgres.connection import Connection
from notewell_store.engines.sqlite.store import open_file
from notewell_store.errors import Invalid
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


COUNTED = ("projects", "project_changes", "notes", "passages", "links", "sources")
"""Tables whose ids PostgreSQL gives."""


def copy_from_file(source: Snapshot, db: Connection, progress: Progress | None = None) -> None:
    """Fill a store in which nothing is yet with all that a file holds, in one transaction. Raises Invalid where
    something is there, and nothing is changed then."""
    db.tell("BEGIN; SELECT commits FROM main.gate FOR UPDATE")
    if db.execute("SELECT 1 FROM main.revisions UNION ALL SELECT 1 FROM main.projects LIMIT 1").fetchone():
        raise Invalid(f"{db.place.name} holds a store already: name an empty database")
    for done, table in enumerate(TABLES, start=1):
        columns = columns_of(source, table)
        named = ", ".join(f'"{column}"' for column in columns)
        with db.driver.cursor().copy(f"COPY main.{table} ({named}) FROM STDIN") as copy:
            for row in source.execute(f"SELECT {named} FROM main.{table}"):
                copy.write_row(row)
        if progress is not None:
            progress(done, len(TABLES))
    for table in COUNTED:
        db.execute(
            f"""SELECT setval(pg_get_serial_sequence('main.{table}', 'id'), max(id)) FROM main.{table}
                HAVING max(id) IS NOT NULL"""
        )
    take_in_again(db, progress)
    db.tell("UPDATE main.gate SET commits = commits + 1; COMMIT")
