"""The schema: numbered files of SQL, each a step. `main.gate` tells how many of them were taken.

A schema that is there and not of today is brought up to date by whoever owns it; others are told to let it be done.
"""

from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg

from notewell_store.errors import NextCommand, Unusable

if TYPE_CHECKING:
    from notewell_store.engines.postgres.address import Place
    from notewell_store.engines.postgres.connection import Connection

SCHEMA_VERSION = 6
"""How many steps there are."""

INCOMPLETE = -1
"""The number of a schema into which another store is being copied: all that looks at numbers refuses it (filling)."""

THERE = "SELECT to_regclass('main.gate') IS NOT NULL, to_regnamespace('main') IS NOT NULL"
NUMBER = "SELECT schema FROM main.gate"
OLDEST_SERVER = 150_000
MIGRATE = NextCommand("migrate")


def lay(db: "Connection", *, create: bool = True) -> None:
    """Give the database the schema of today; at once in one process of all. Raises Unusable: there is none and it is
    not to be made, it is newer, or this user may not change it."""
    from notewell_store.engines.postgres.errors import wording

    if db.driver.info.server_version < OLDEST_SERVER:
        raise Unusable(f"{db.place.name} is of PostgreSQL {db.driver.info.server_version // 10_000}: use 15 or later")
    with wording(db.place, "opened"):
        number = number_of(db)
        if number is None and not create:
            raise Unusable(f"{db.place.name} holds no store: ", MIGRATE, " makes one")
        if number is None or 0 <= number < SCHEMA_VERSION:
            _take_steps(db)
        else:
            must_be_known(db.place, number)


def must_be_known(place: "Place", number: int) -> None:
    """Raise Unusable unless that is the schema of today."""
    if number == INCOMPLETE:
        raise Unusable(
            f"{place.name} is a copy of another store, and not yet complete: the same ",
            NextCommand("copy"),
            " again goes on with it",
        )
    if number > SCHEMA_VERSION:
        raise Unusable(
            f"{place.name} was made by a newer Notewell (schema {number}, this one knows {SCHEMA_VERSION}): "
            "update notewell and begin a new session, or name another database"
        )
    if number < SCHEMA_VERSION:
        raise Unusable(
            f"{place.name} has the schema {number} of an older Notewell (this one needs {SCHEMA_VERSION}): "
            "bring it up to date as the schema's owner, with ",
            MIGRATE,
        )


def number_of(db: "Connection") -> int | None:
    """How many steps were taken; None where there is no store."""
    is_ours, is_any = db.execute(THERE).fetchone() or (False, False)
    if is_any and not is_ours:
        raise Unusable(f"{db.place.name} has a schema `main` of some other program: name another database")
    if not is_ours:
        return None
    row = db.execute(NUMBER).fetchone()
    return int(row[0]) if row else None


def _take_steps(db: "Connection") -> None:
    try:
        db.tell(f"BEGIN; SELECT pg_advisory_xact_lock({db.place.lock})")
        number = number_of(db)  # again: another process may have done it while this one waited
        if number == INCOMPLETE or (number or 0) > SCHEMA_VERSION:
            must_be_known(db.place, number or 0)
        if number is not None:
            db.tell("SELECT FROM main.gate FOR UPDATE")  # a server of before may be writing what no step would see
        for step in steps()[number or 0 :]:
            db.tell(step)
        db.tell(f"UPDATE main.gate SET schema = {SCHEMA_VERSION}; COMMIT")
    except psycopg.errors.InsufficientPrivilege as error:
        db.tell("ROLLBACK")
        raise Unusable(
            f"{db.place.name} holds no store of today, and this user may not change its schema: as its owner, call ",
            MIGRATE,
        ) from error


def steps() -> list[str]:
    """The steps in their order."""
    found = sorted(
        (each for each in files(__name__).iterdir() if each.name.endswith(".sql")), key=lambda each: each.name
    )
    return [each.read_text(encoding="utf-8") for each in found]
