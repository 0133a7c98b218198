"""A database into which another store is copied: see contract.Engine.filling.

The gate's row tells a schema that all who look at it refuse, as each transaction does. A lock of the session keeps
others from filling the same database; the server ends it with a process that is killed. The tables' owner alone can do
this, for it makes a table, and tells the numbers that ids go on from.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg

from notewell_store.engines.postgres.address import place_of
from notewell_store.engines.postgres.connection import Connection, connect
from notewell_store.engines.postgres.copying import go_on_counting
from notewell_store.engines.postgres.database import SNAPSHOT
from notewell_store.engines.postgres.errors import wording
from notewell_store.engines.postgres.schema import INCOMPLETE, SCHEMA_VERSION, lay, number_of
from notewell_store.errors import Busy, Invalid, Unusable
from notewell_store.tables.copied_rows import ANEW, is_empty

PATIENCE = "3s"  # until the server has noticed that who filled it before was killed

WORDS = "main.search_by_words"
"""An index that is made in a fraction of the time once all is there: until then its definition is kept."""


@contextmanager
def filling(address: str, *, anew: bool = False) -> Iterator["DatabaseFilling"]:
    """See contract.Engine.filling."""
    place = place_of(address)
    with closing(connect(place)) as db:
        with wording(place, "written"):
            _must_be_alone(db)
            is_begun = number_of(db) == INCOMPLETE
            if is_begun and anew:
                db.tell("DROP SCHEMA seen, main CASCADE")
            if not is_begun or anew:
                _begin(db)
            _must_be_of_today(db)
        yield DatabaseFilling(db)


def _must_be_alone(db: Connection) -> None:
    db.tell(f"SET lock_timeout = '{PATIENCE}'")
    try:
        db.tell(f"SELECT pg_advisory_lock({db.place.lock + 1})")
    except psycopg.errors.LockNotAvailable as error:
        raise Busy(f"{db.place.name} is being copied into by another process") from error


def _begin(db: Connection) -> None:
    lay(db)
    db.tell("BEGIN; UPDATE main.gate SET commits = commits + 1")  # from here on nobody else writes
    if not is_empty(db):
        db.tell("ROLLBACK")
        raise Invalid(f"{db.place.name} holds a store already: name an empty database, which createdb makes")
    db.tell(
        f"""CREATE TABLE main.copying (told text COLLATE "C" NOT NULL, schema integer NOT NULL, words text NOT NULL);
            INSERT INTO main.copying VALUES ('', {SCHEMA_VERSION}, pg_get_indexdef('{WORDS}'::regclass));
            DROP INDEX {WORDS};
            UPDATE main.gate SET schema = {INCOMPLETE};
            COMMIT"""
    )


def _must_be_of_today(db: Connection) -> None:
    row = db.execute("SELECT schema FROM main.copying").fetchone()
    if row is None or row[0] != SCHEMA_VERSION:
        raise Unusable(
            f"the copy in {db.place.name} was begun by another version of Notewell: begin it anew, with ", ANEW
        )


class DatabaseFilling:
    """See contract.Filling."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with wording(self._db.place, "read"):
            self._db.tell(SNAPSHOT)
            try:
                yield self._db
            finally:
                self._end()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with wording(self._db.place, "written"):
            self._db.tell("BEGIN")
            try:
                yield self._db
                self._db.tell("COMMIT")
            finally:
                self._end()

    def _end(self) -> None:
        if self._db.wire.is_in_use and not self._db.driver.closed:
            self._db.tell("ROLLBACK")

    @contextmanager
    def finishing(self) -> Iterator[Connection]:
        """With figures for the planner, which else come a minute later."""
        with self.writing() as db:
            yield db
            (words,) = db.execute("SELECT words FROM main.copying").fetchone()
            db.tell(words)
            tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'main'").fetchall()
            db.tell(f"ANALYZE {', '.join(f'main.{name}' for (name,) in tables)}")
            go_on_counting(db)
            db.tell(f"DROP TABLE main.copying; UPDATE main.gate SET schema = {SCHEMA_VERSION}, commits = commits + 1")
