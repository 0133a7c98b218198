"""The doctor of a database: how the server is set, who this user is, what wants looking after; each with what to do.

What only a superuser or a member of pg_monitor is told is left out for others.
"""

from collections.abc import Callable, Iterator

import psycopg

from notewell_store.engines.postgres.address import place_of
from notewell_store.engines.postgres.connection import Connection, connect
from notewell_store.engines.postgres.errors import wording
from notewell_store.engines.postgres.schema import INCOMPLETE, MIGRATE, SCHEMA_VERSION
from notewell_store.errors import NextCommand, StoreError
from notewell_store.findings import Check, ok, problem, warning
from notewell_store.tables import redactions
from notewell_store.tables.tokens import read_tokens

LONG = 3_600  # seconds that a transaction is open: its snapshot keeps the server from tidying up
FULL = 0.8  # of the connections that may be
HELD = 1024**3  # bytes of log that a slot holds back


def examine(address: str) -> tuple[Check, ...]:
    """Look at everything that is known to go wrong. Raises nothing, whatever is there or is not."""
    try:
        place = place_of(address)
        db = connect(place)
    except StoreError as error:
        return (problem("database", str(error), "see docs/postgresql.md"),)
    try:
        found = [ok("database", f"{place.name}, PostgreSQL {_one(db, 'SHOW server_version')}")]
        for name, look in LOOKS:
            found += _guarded(db, name, look)
        return tuple(found)
    finally:
        db.close()


def _guarded(db: Connection, name: str, look: "Look") -> list[Check]:
    try:
        with wording(db.place, "read"):
            return list(look(db))
    except (StoreError, psycopg.Error) as error:
        return [problem(name, f"cannot be examined: {error}", "see that this user may read the schemas main and seen")]


def _one(db: Connection, query: str) -> str:
    row = db.execute(query).fetchone()
    return "" if row is None else str(row[0])


def _schema(db: Connection) -> Iterator[Check]:
    if _one(db, "SELECT to_regclass('main.gate')") == "None":
        yield warning("schema", "there is none", f"{MIGRATE}, as the user that is to own it")
        return
    number = int(_one(db, "SELECT schema FROM main.gate"))
    if number == INCOMPLETE:
        advice = f"the same {NextCommand('copy')} again"
        yield problem("schema", "a copy of another store, and not yet complete", advice)
    elif number < SCHEMA_VERSION:
        yield problem("schema", f"{number}, older than {SCHEMA_VERSION}", f"{MIGRATE}, as its owner")
    elif number > SCHEMA_VERSION:
        yield problem("schema", f"{number}; this Notewell knows {SCHEMA_VERSION}", "update notewell")
    else:
        yield ok("schema", str(number))


def _encoding(db: Connection) -> Iterator[Check]:
    found = _one(db, "SHOW server_encoding")
    yield (
        ok("encoding", found)
        if found == "UTF8"
        else problem("encoding", found, "make the database anew with ENCODING 'UTF8': texts may be refused")
    )


def _role(db: Connection) -> Iterator[Check]:
    row = db.execute(
        """SELECT current_user, rolsuper, CASE WHEN to_regclass('main.revisions') IS NULL THEN FALSE
             ELSE has_table_privilege('main.revisions', 'DELETE') END FROM pg_roles WHERE rolname = current_user"""
    ).fetchone()
    user, is_super, may_delete = row or ("nobody", False, False)
    if is_super:
        yield warning("user", f"{user} is a superuser", "serve as a user of deploy/postgres/roles.sql")
    elif may_delete:
        yield warning(
            "user", f"{user} owns the tables, and so may change them", "serve as nw_app (deploy/postgres/roles.sql)"
        )
    else:
        yield ok("user", f"{user}, who cannot change history")


def _durability(db: Connection) -> Iterator[Check]:
    off = [name for name in ("fsync", "full_page_writes") if _one(db, f"SHOW {name}") != "on"]
    if off:
        yield problem("durability", f"{' and '.join(off)} off", "turn on: a power cut may damage the database")
    else:
        yield ok("durability", f"fsync on, synchronous_commit {_one(db, 'SHOW synchronous_commit')}")
    if _one(db, "SHOW data_checksums") != "on":
        yield warning("checksums", "off", "pg_checksums --enable, while the server is stopped: damage is then found")
    else:
        yield ok("checksums", "on")


def _place(db: Connection) -> Iterator[Check]:
    if _one(db, "SELECT pg_is_in_recovery()") == "True":
        yield problem("writing", "this is a standby", "name all hosts, with ?target_session_attrs=read-write")
        return
    standbys = _one(db, "SHOW synchronous_standby_names")
    if standbys:
        yield ok("standbys", f"answered writes are at {standbys} too")
    else:
        advice = (
            "set synchronous_standby_names, best by Patroni or CloudNativePG: else a lost host loses its last writes"
        )
        yield warning("standbys", "none is waited for", advice)


def _archive(db: Connection) -> Iterator[Check]:
    if _one(db, "SHOW archive_mode") == "off":
        yield warning("archive", "the log is not archived", "back up with pgBackRest, Barman or CloudNativePG")
        return
    row = db.execute(
        "SELECT last_failed_time > coalesce(last_archived_time, '-infinity'), last_failed_wal FROM pg_stat_archiver"
    ).fetchone()
    if row and row[0]:
        yield problem("archive", f"archiving fails since {row[1]}", "see the server's log: its disk fills until then")
    else:
        yield ok("archive", "the log is archived")


def _slots(db: Connection) -> Iterator[Check]:
    rows = db.execute(
        """SELECT slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) FROM pg_replication_slots
           WHERE NOT active AND NOT pg_is_in_recovery() AND restart_lsn IS NOT NULL"""
    ).fetchall()
    held = [(name, int(size)) for name, size in rows if size > HELD]
    for name, size in held:
        yield problem(
            "slots", f"{name} holds {size // HELD:,} GiB of log and is not in use", "drop it, or start its user"
        )


def _load(db: Connection) -> Iterator[Check]:
    used, most = int(_one(db, "SELECT count(*) FROM pg_stat_activity")), int(_one(db, "SHOW max_connections"))
    if used > FULL * most:
        yield warning("connections", f"{used} of {most}", "raise max_connections, or lower NOTEWELL_DB_CONNECTIONS")
    else:
        yield ok("connections", f"{used} of {most}")
    oldest = _one(db, "SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)::bigint FROM pg_stat_activity")
    if int(oldest) > LONG:
        yield warning(
            "transactions", f"one is open for {int(oldest) // 60:,} minutes", "pg_stat_activity names it: end it"
        )


def _contents(db: Connection) -> Iterator[Check]:
    count = int(_one(db, "SELECT count(*) FROM main.stale"))
    if count:
        advice = f"run the same {NextCommand('import')} again"
        yield warning("import", f"{count} notes are not yet ready for search", advice)
    else:
        yield ok("import", "finished")
    if redactions.are_unfinished(db):
        found = "what was redacted is not yet erased from the tables"
        yield warning("redaction", found, f"{NextCommand('redact')}, as the owner of the tables, goes on with it")
    unknown = [row for row in read_tokens(db) if not row.is_known and row.revoked_at is None]
    if unknown:
        found = f"{len(unknown):,} were made in another database, and are not taken here"
        yield warning("tokens", found, f"make new ones: {NextCommand('token create')}")


Look = Callable[[Connection], Iterator[Check]]

LOOKS: tuple[tuple[str, Look], ...] = (
    ("schema", _schema),
    ("encoding", _encoding),
    ("user", _role),
    ("durability", _durability),
    ("standbys", _place),
    ("archive", _archive),
    ("slots", _slots),
    ("connections", _load),
    ("contents", _contents),
)
