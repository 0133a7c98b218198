"""Erasing what was redacted from the tables, their indexes and their free room, by writing them anew.

A redaction marks its rows, in the transaction in which they change, as not yet erased. Whoever erases takes the mark
away at the end. What stands in the server's log, on standbys' archives and in backups goes with these: see
docs/postgresql.md.
"""

import psycopg

from notewell_store.contract import PATIENCE
from notewell_store.engines.postgres.address import place_of
from notewell_store.engines.postgres.connection import connect
from notewell_store.engines.postgres.errors import wording
from notewell_store.errors import NextCommand, Unusable
from notewell_store.tables import redactions

TABLES = "revisions, texts, search, receipts, origins, aliases, names, links, notes, meanings, meant"
"""In which a revision, or what was made of it, may have stood."""


def erase(address: str, patience: float = PATIENCE) -> None:
    """See contract.Upkeep. Readers and writers wait while a table is written anew."""
    place = place_of(address)
    db = connect(place)
    try:
        with wording(place, "written"):
            if redactions.are_unfinished(db):
                db.tell(f"SET lock_timeout = {max(1, int(patience * 1_000))}")
                db.tell(f"VACUUM (FULL, ANALYZE) {', '.join(f'main.{name}' for name in TABLES.split(', '))}")
                redactions.finish(db)
                db.settle()
    except psycopg.errors.InsufficientPrivilege as error:
        raise Unusable("only the owner of the tables erases what was redacted: as that, call ", REDACT) from error
    finally:
        db.close()


REDACT = NextCommand("redact")
