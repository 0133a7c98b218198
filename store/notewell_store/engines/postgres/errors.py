"""What PostgreSQL and its driver raise, as errors of ours that say what to do; sorted by SQLSTATE, since the driver's
classes put a full disk and a lock that is not free into one (https://www.postgresql.org/docs/current/errcodes-appendix.html).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from notewell_store.errors import Busy, Invalid, Lost, NextArgument, NextCommand, StoreError, Unsure, Unusable

if TYPE_CHECKING:
    from notewell_store.engines.postgres.address import Place

AGAIN = ", then try again"
REACHING = "see that PostgreSQL runs there, and that host, port and network are right"
ADMISSION = "give the user's password by PGPASSFILE or PGPASSWORD, and see that pg_hba.conf lets the user in"
RIGHTS = "give this user the rights of deploy/postgres/roles.sql, or do it as the owner of the schema"
PRIMARY = "name the primary, best all hosts with ?target_session_attrs=read-write"
ROOM = "make room on the server's disk"
CONNECTIONS = "raise max_connections, or lower NOTEWELL_DB_CONNECTIONS and the number of processes"

REMEDIES: tuple[tuple[str, str, str], ...] = (
    ("28", "it does not let this user in", ADMISSION),
    ("3D000", "there is no such database", "make it with createdb, or name another"),
    ("42501", "this user may not", RIGHTS),
    ("25006", "it is read-only, as a standby is", PRIMARY),
    ("53100", "its disk is full", ROOM),
    ("53300", "it has too many connections", CONNECTIONS),
    ("53", "it lacks memory or another resource", "see the server's log"),
    ("57P03", "it is starting, or is a standby that takes no connections", "wait"),
    ("57", "it was shut down, or ended this connection", "see that it runs"),
    ("08", "the connection was lost", REACHING),
    ("25P03", "this process said nothing for too long", "see whether the machine was asleep"),
    ("58", "its disk or a file of it fails", "see the server's log"),
)
"""By the beginning of an SQLSTATE: what is wrong, and what to do."""

SAID: tuple[tuple[str, str], ...] = (
    ("password authentication failed|no password supplied|no pg_hba.conf entry|authentication failed", "28"),
    ("role .* does not exist|not permitted to log in", "28"),
    ("database .* does not exist", "3D000"),
    ("permission denied", "42501"),
    ("too many (?:clients|connections)|remaining connection slots", "53300"),
    ("session is read-only|session is not read-only|in hot standby mode|in recovery mode$", "25006"),
    ("starting up|shutting down|not yet accepting|in recovery mode", "57P03"),
)
"""Words of refusals at the door, of which libpq tells no SQLSTATE."""


def unreached(place: "Place", error: psycopg.Error) -> StoreError:
    """Why no connection could be opened."""
    told = " ".join(str(error).split())
    state = error.sqlstate or next((code for words, code in SAID if re.search(words, told)), "")
    return refusal(place, state, "opened") or Unusable(f"{place.name} cannot be reached: {REACHING}{AGAIN}")


def refusal(place: "Place", state: str, done: str) -> StoreError | None:
    """The error for an SQLSTATE; None for one that is a fault of the program."""
    nothing = " Nothing was written." if done == "written" else ""
    if state in ("55P03", "40001", "40P01", "57014"):
        return Busy(f"{place.name} stayed locked by other writers")
    if state in ("3F000", "42P01"):
        return Unusable(f"{place.name} holds no store: ", NextCommand("migrate"), " makes one")
    if state.startswith("XX"):
        return Unusable(f"{place.name} is damaged: restore it as its keeper does, then ", NextCommand("verify"))
    if state == "54000":
        return Invalid("an argument is too long for an index of the database: send a shorter one")
    for code, what, remedy in REMEDIES:
        if state.startswith(code):
            kind = Lost if state.startswith(GONE) else Unusable
            return kind(f"{place.name} cannot be {done}: {what}.{nothing} To mend it, {remedy}{AGAIN}")
    return None


def unsure() -> Unsure:
    """Of a write whose commit was sent, and of which nobody could be asked since."""
    return Unsure(
        "the connection to the database was lost while this was written, and it is not known whether it was: send it "
        "again with the same ",
        NextArgument("idempotency_key"),
        ", or look before you send it without one",
    )


GONE = ("08", "25P03", "57P01", "57P02", "57P03")
"""SQLSTATEs of a connection that has ended, whatever was asked on it."""


@contextmanager
def wording(place: "Place", done: str) -> Iterator[None]:
    """What the driver raises for a server that is gone, full or refuses, as an error of ours. And for what it cannot
    hold, whichever argument that came in."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise Invalid("an argument holds half of a surrogate pair: send whole characters") from error
    except OverflowError as error:
        raise Invalid("an argument holds a number that is too large") from error
    except psycopg.Error as error:
        state = error.sqlstate or ("08006" if isinstance(error, psycopg.OperationalError) else "")
        if not state and "NUL" in str(error):
            raise Invalid("an argument holds a NUL character: leave it out") from error
        worded = refusal(place, state, done)
        if worded is None:
            raise  # a fault of the program, not of the database
        raise worded from error
