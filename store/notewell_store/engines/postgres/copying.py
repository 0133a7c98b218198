"""All of a store in one SQLite file, and all of a file in a database, each in one transaction: what is tried on, what a
backup is, and how one comes back.

Everything goes along but the tokens, which count where they were made and nowhere else.
"""

from contextlib import closing
from pathlib import Path

from notewell_store.contract import Progress, Snapshot
from notewell_store.engines.postgres.connection import Connection
from notewell_store.engines.sqlite.store import open_file
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.errors import Invalid
from notewell_store.tables.copied_rows import PARTS, batches, is_empty, lay
from notewell_store.tables.passages import take_in_again

AT_ONCE = 500  # rows; each may hold a text of a megabyte

IDENTITIES = """
SELECT quote_ident(nspname) || '.' || quote_ident(relname), quote_ident(attname) FROM pg_attribute
  JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE nspname = 'main' AND attidentity != '' ORDER BY 1
"""


def copy_to_file(db: Snapshot, file: Path, progress: Progress | None = None) -> None:
    """Lay all that `db` sees into a new store at `file`, in one transaction there; `progress` counts tables, then
    notes whose passages are taken into the index. Nothing is left beside the file."""
    try:
        with closing(open_file(file)) as store, store.writing() as copy:
            _copy_all(db, copy, progress)
    finally:
        lock_file_of(file).unlink(missing_ok=True)


def copy_from_file(source: Snapshot, db: Connection, progress: Progress | None = None) -> None:
    """Fill a store in which nothing is yet with all that a file holds, in one transaction. Raises Invalid where
    something is there, and nothing is changed then."""
    db.tell("BEGIN; SELECT commits FROM main.gate FOR UPDATE")
    if not is_empty(db):
        raise Invalid(f"{db.place.name} holds a store already: name an empty database")
    _copy_all(source, db, progress)
    go_on_counting(db)
    db.tell("UPDATE main.gate SET commits = commits + 1; COMMIT")


def _copy_all(source: Snapshot, copy: Snapshot, progress: Progress | None) -> None:
    for done, part in enumerate(PARTS, start=1):
        for rows in batches(source, part, AT_ONCE):
            lay(copy, part, rows)
        if progress is not None:
            progress(done, len(PARTS))
    take_in_again(copy, progress)


def go_on_counting(db: Connection) -> None:
    """Let the ids that PostgreSQL gives from now on come after those that rows of another store have brought."""
    for table, column in db.execute(IDENTITIES).fetchall():
        db.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), max({column})) FROM {table}"
        ).fetchone()
