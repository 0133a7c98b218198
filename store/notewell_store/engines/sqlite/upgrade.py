"""Bringing a file up to date: the schema laid in a new one, an older one migrated after a copy of it was made."""

from pathlib import Path

from notewell_store.contract import Progress
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.connection import (
    SCHEMA_VERSION,
    Connection,
    connect,
    migrate,
    set_journal,
    version_of,
)
from notewell_store.engines.sqlite.copies import copy_database, laid_down
from notewell_store.engines.sqlite.database_file import sync_folders
from notewell_store.engines.sqlite.errors import wording
from notewell_store.errors import NextCommand, Unusable


def bring_up_to_date(db: Connection, path: Path, lock_file: Path, progress: Progress | None = None) -> None:
    """Give the file the schema of today. The write lock must be held. Raises Unusable, and nothing has changed then."""
    version = version_of(db, path)  # again: another process may have done it while this one waited
    if version == SCHEMA_VERSION:
        return
    if version == 0:
        _must_be_new(path, lock_file)
        sync_folders(path)
        set_journal(db)
    else:
        _keep_as_it_was(path, progress)
    migrate(db, progress)


def _must_be_new(path: Path, lock_file: Path) -> None:
    """An empty file may be a truncated one: a new store in it would hide that."""
    written = commit_log.read(lock_file)
    if written:
        raise Unusable(
            f"{path} is empty, but {written[-1].seq:,} changes were written to it: put a backup in its place with ",
            NextCommand("restore"),
            f", or, to begin a new store, remove it and {lock_file.name}",
        )


def _keep_as_it_was(path: Path, progress: Progress | None) -> None:
    """Lay a copy beside the file, which bears its name only once it is complete."""
    kept = path.with_name(f"{path.name}.before-schema-{SCHEMA_VERSION}")
    with laid_down(kept, replace=True) as part, wording(path, "read"):
        db = connect(path)
        try:
            db.execute("BEGIN")
            copy_database(db, part, progress)
        finally:
            db.close()
