"""The gate that lets one writer in the world through, and the marks by which writes that went through it are known.

The gate is a row. Who writes locks it first, so that all others wait at that row; it tells the schema's number, and
how many transactions have changed something, in the message that begins a transaction. Who has changed something
counts on as the last it does, and leaves a mark of its own, in one of so many places by that number. Where the
connection is lost while this is committed, the mark tells whether it was.
"""

from contextlib import closing
from time import monotonic, sleep
from typing import TYPE_CHECKING

import psycopg

from notewell_store.engines.postgres.connection import connect
from notewell_store.engines.postgres.errors import unsure
from notewell_store.errors import StoreError, Unsure
from notewell_store.patience import seconds_until

if TYPE_CHECKING:
    from notewell_store.engines.postgres.address import Place

SILENCE = 20  # seconds that who holds the gate may say nothing: then its machine sleeps, and others are still waiting
PLACES = 10_000
"""Of marks: so many later writes leave one's own where it is."""
PAUSE = 0.2  # seconds between two tries to reach a database that went away


COUNTED = f"""
WITH counted AS (UPDATE main.gate SET commits = commits + 1 RETURNING commits)
INSERT INTO main.marks (place, mark) SELECT commits % {PLACES}, ? FROM counted
ON CONFLICT (place) DO UPDATE SET mark = EXCLUDED.mark
"""
"""Of a transaction that has changed something, with its mark."""


def through(patience: float) -> str:
    """The commands that begin a transaction behind the gate, and answer with the schema's number and how many have
    changed something. A lock_timeout of 0 would be none. A statement_timeout would end a commit's wait for standbys,
    and call it done."""
    return f"""
        BEGIN;
        SET LOCAL lock_timeout = {max(1, int(patience * 1_000))};
        SET LOCAL statement_timeout = 0;
        SET LOCAL idle_in_transaction_session_timeout = '{SILENCE}s';
        SELECT schema, commits FROM main.gate FOR UPDATE"""


def was_committed(place: "Place", number: int, mark: str, until: float) -> bool:
    """Whether the change of that number left its mark, asked for until the moment `until`.
    Raises Unsure where nobody tells."""
    while True:
        try:
            return _has_mark(place, number, mark, seconds_until(until))
        except Unsure:
            raise
        except (psycopg.Error, StoreError) as error:
            if monotonic() >= until:
                raise unsure() from error
        sleep(PAUSE)


def _has_mark(place: "Place", number: int, mark: str, patience: float) -> bool:
    """Asked behind the gate, where what may be under way on the lost connection is over, and committed, so that what is
    found is wherever commits are waited for."""
    with closing(connect(place)) as db:
        _, commits = db.tell(through(patience)).fetchone() or (0, 0)
        row = db.execute("SELECT mark FROM main.marks WHERE place = ?", (number % PLACES,)).fetchone()
        db.execute(COUNTED, (f"looked for {mark}",))
        db.tell("COMMIT")
    if row != (mark,) and commits - number >= PLACES:
        raise unsure()
    return bool(row == (mark,))
