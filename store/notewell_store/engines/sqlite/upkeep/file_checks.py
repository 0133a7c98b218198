"""What SQLite itself finds wrong with a store's file: its pages and indexes, references, and the search index."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from notewell_store.contract import Snapshot
from notewell_store.findings import Finding, Numbers
from notewell_store.tables.kept_rows import Unreadable, as_unreadable, numbers, words

MOST_MESSAGES = 100  # of SQLite's own check: one broken page brings thousands
UNTOLD = ("ok", "*** in database main ***")

OPEN_INDEX = "SELECT rowid FROM search LIMIT 1"
"""Before a check FTS5 does not look whether another process has written since this connection used the index: it
would find its own memory damaged. A query looks."""
UNINDEXED = "SELECT count(*) FROM passages WHERE id NOT IN (SELECT id FROM search_docsize)"
ORPHANS = "SELECT count(*) FROM search_docsize WHERE id NOT IN (SELECT id FROM passages)"
REFERENCES = 'SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2'
NOTES_BY_UPDATE = "SELECT DISTINCT id FROM notes INDEXED BY notes_by_update WHERE id > ? ORDER BY id"


class FileChecks:
    """See contract.EngineChecks."""

    def broken(self, db: Snapshot) -> Iterator[Finding]:
        """What SQLite's own check says of pages, indexes and the search index, and what refers to nothing."""
        with suppress(Unreadable):  # the check says so too
            _rows(db, OPEN_INDEX)
        for message in messages(db, f"integrity_check({MOST_MESSAGES})"):
            yield Finding("file", message)
        try:
            found = _rows(db, REFERENCES)
        except Unreadable as error:
            yield Finding("file", f"the references between tables cannot be read: {error}")
            return
        for table, parent, count in found:
            yield Finding("file", f"{count} rows of {table} refer to rows of {parent} that are not there")

    def more_note_ids(self, db: Snapshot) -> dict[str, Numbers]:
        """Those that an index knows of: it has pages of its own."""
        return {"notes by time": numbers(db, NOTES_BY_UPDATE)}

    def reread(self, db: Snapshot) -> None:
        """Let pages be read anew: SQLite complains of a broken one once, when it comes into its cache."""
        with suppress(Unreadable):
            _rows(db, "PRAGMA shrink_memory")

    def index(self, db: Snapshot) -> Iterator[Finding]:
        """Whether the search index holds the passages that are listed, and no others."""
        for query, what in ((UNINDEXED, "passages are not in it"), (ORPHANS, "of its rows are of no passage")):
            try:
                ((count,),) = _rows(db, query)
            except Unreadable as error:
                yield Finding("derived", f"the search index cannot be read: {error}")
                continue
            if count:
                yield Finding("derived", f"the search index: {count} {what}")


def _rows(db: Snapshot, query: str) -> list[tuple[Any, ...]]:
    with as_unreadable(db):
        return db.execute(query).fetchall()


def messages(db: Snapshot, pragma: str) -> Iterator[str]:
    """What a checking pragma says, line by line; nothing when all is well."""
    try:
        for (text,) in db.execute(f"PRAGMA {pragma}"):
            yield from (line for line in str(text).splitlines() if line not in UNTOLD)
    except db.DAMAGE as error:
        yield words(error)
