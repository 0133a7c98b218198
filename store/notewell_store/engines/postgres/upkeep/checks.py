"""What PostgreSQL itself tells of a database's order. References between tables and unique names are kept by it."""

from collections.abc import Iterator

from notewell_store.contract import Snapshot
from notewell_store.findings import Finding, Numbers
from notewell_store.tables.kept_rows import Unreadable, as_unreadable

FAILURES = "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
UNINDEXED = "SELECT count(*) FROM main.passages p WHERE NOT EXISTS (SELECT 1 FROM main.search s WHERE s.id = p.id)"
ORPHANS = "SELECT count(*) FROM main.search s WHERE NOT EXISTS (SELECT 1 FROM main.passages p WHERE p.id = s.id)"


class DatabaseChecks:
    """See contract.EngineChecks."""

    def broken(self, db: Snapshot) -> Iterator[Finding]:
        """Pages that were found not to be what was written, by those who read them since the figures began."""
        failures = _number(db, FAILURES)
        if failures:
            yield Finding("file", f"{failures} pages of the database were not what was written: see the server's log")

    def more_note_ids(self, db: Snapshot) -> dict[str, Numbers]:
        """None: a reference to a note that is not there cannot be."""
        return {}

    def reread(self, db: Snapshot) -> None:
        """The server reads what it needs."""

    def index(self, db: Snapshot) -> Iterator[Finding]:
        for query, what in ((UNINDEXED, "passages are not in it"), (ORPHANS, "of its rows are of no passage")):
            try:
                count = _number(db, query)
            except Unreadable as error:
                yield Finding("derived", f"the search index cannot be read: {error}")
                return
            if count:
                yield Finding("derived", f"the search index: {count} {what}")


def _number(db: Snapshot, query: str) -> int:
    with as_unreadable(db):
        (number,) = db.execute(query).fetchone()
        return int(number)
