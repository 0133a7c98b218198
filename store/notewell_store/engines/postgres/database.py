"""One database as all its readers and writers in this process share it: a bounded list of connections, snapshots, and
the gate that lets one writer in the world through.

Reading is one REPEATABLE READ snapshot. Writing is READ COMMITTED: behind the gate nobody else changes anything, and a
snapshot that was taken before it would have to be refused whenever one waited there.
"""

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import psycopg

from notewell_store.contract import PATIENCE, Background, Meaning, NoBackground, Visibility
from notewell_store.engines.postgres.address import Place, place_of
from notewell_store.engines.postgres.connection import LIMITS, Connection, connect, limits
from notewell_store.engines.postgres.errors import wording
from notewell_store.engines.postgres.gate import COUNTED, through, was_committed
from notewell_store.engines.postgres.schema import must_be_known
from notewell_store.engines.postgres.wire import Answer
from notewell_store.errors import Busy, Lost
from notewell_store.patience import deadline, seconds_until

MOST_OPEN = 10
"""Connections of one database that a process has open, unless NOTEWELL_DB_CONNECTIONS says otherwise: a server has 100
for all processes of all hosts, as it comes."""

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
STATE = "SELECT schema, commits FROM main.gate"
STATE_OF_LIMITED = f"SELECT schema, commits, {LIMITS} FROM main.gate"


def most_open() -> int:
    said = os.environ.get("NOTEWELL_DB_CONNECTIONS", "")
    return max(2, int(said)) if said.isascii() and said.isdigit() else MOST_OPEN


class Database:
    """Safe to share between threads, not across fork."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.background: Background = NoBackground()
        self.meaning: Meaning | None = None
        self._connections = Connections(place)
        self._writer = threading.Lock()

    @contextmanager
    def reading(self, visibility: Visibility | None) -> Iterator[Connection]:
        """See contract.Store."""
        with wording(self.place, "read"):
            db = self._connections.take()
            try:
                begin_reading(db, visibility)
                yield db
                db.settle()
            finally:
                self._connections.give_back(db)

    @contextmanager
    def writing(self, patience: float) -> Iterator[Connection]:
        """See contract.Store. Writers of one process wait for each other here, so that one connection waits there."""
        until = deadline(patience)
        if not self._writer.acquire(timeout=max(0.0, seconds_until(until))):
            raise Busy(f"{self.place.name} stayed locked by other writers of this process for {patience:g} s")
        try:
            with wording(self.place, "written"):
                mark = uuid.uuid4().hex
                db = self._begun(through(seconds_until(until)))
                try:
                    with self._committing(db, mark, patience):
                        yield db
                        if db.has_changed:
                            db.execute(COUNTED, (mark,))
                        db.is_committing = True
                        db.wire.command("COMMIT")
                        db.settle()
                finally:
                    self._connections.give_back(db)
        finally:
            self._writer.release()

    @contextmanager
    def _committing(self, db: Connection, mark: str, patience: float) -> Iterator[None]:
        """The commit is sent behind all that is yet to be done: where that fails, nobody heeds it. Where the connection
        fails, the mark tells. Raises Lost where nothing was committed, Unsure where nobody tells."""
        try:
            yield
        except psycopg.OperationalError as error:
            if not db.is_committing or not db.driver.closed or db.commits is None:
                raise
            if not was_committed(self.place, db.commits + 1, mark, monotonic() + patience):
                raise Lost(f"the connection to {self.place.name} was lost. Nothing was written. Try again") from error

    def _begun(self, commands: str) -> Connection:
        """A connection at which these commands have begun a transaction."""
        db = self._connections.take()
        try:
            schema, db.commits = db.tell(commands).fetchone() or (0, 0)
            must_be_known(self.place, schema)
        except BaseException:
            self._connections.give_back(db)
            raise
        return db

    def add(self, db: Connection) -> None:
        """A connection that was opened by another."""
        self._connections.add(db)

    def close(self) -> None:
        self._connections.close()


def begin_reading(db: Connection, visibility: Visibility | None) -> None:
    """Begin a snapshot: it is taken when the first question is asked, and refused then if its schema is not known."""

    def begun(state: Answer) -> None:
        schema, db.commits, *_ = state.fetchone() or (0, 0)
        must_be_known(db.place, schema)

    db.is_limited, db.ahead = visibility is not None, {}
    db.wire.command(SNAPSHOT)
    if visibility is None:
        db.wire.say(STATE, then=begun)
    else:
        db.wire.say(STATE_OF_LIMITED, limits(visibility), then=begun)


class Connections:
    """Those that are open: each is lent to one thread at a time. Safe to share between threads, not across fork."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._most = most_open()
        self._turn = threading.Condition()
        self._lent = 0
        self._idle: list[Connection] = []
        self._is_closed = False

    def take(self) -> Connection:
        """One to be given back. Raises Busy where all stay lent, Unusable where none can be opened."""
        with self._turn:
            if not self._turn.wait_for(lambda: self._lent < self._most, PATIENCE):
                raise Busy(f"{self._most} calls have been using {self._place.name} at once for {PATIENCE:g} s")
            self._lent += 1
        try:
            return self._idle_one() or connect(self._place)
        except BaseException:
            self._leave(None)
            raise

    def _idle_one(self) -> Connection | None:
        """One that has idled, and whose server is still there."""
        while True:
            with self._turn:
                if not self._idle:
                    return None
                db = self._idle.pop()
            if db.wire.is_there():
                return db
            db.close()

    def give_back(self, db: Connection) -> None:
        """Whatever transaction is open on it ends, which nobody waits for; one that is lost is forgotten, and with it
        all that idle, since their server is gone."""
        db.is_limited = db.has_changed = db.is_committing = False
        db.commits = db.ahead = None
        try:
            if db.wire.is_in_use and not db.driver.closed:
                db.wire.end("ROLLBACK")
        except psycopg.Error:
            db.close()
        except BaseException:
            db.close()
            raise
        finally:
            if db.driver.closed:
                self._forget_idle()
            self._leave(None if db.driver.closed else db)

    def add(self, db: Connection) -> None:
        with self._turn:
            self._lent += 1
        self.give_back(db)

    def _leave(self, db: Connection | None) -> None:
        with self._turn:
            is_kept = db is not None and not self._is_closed
            if db is not None and is_kept:
                self._idle.append(db)
            self._lent -= 1
            self._turn.notify()
        if db is not None and not is_kept:
            db.close()

    def close(self) -> None:
        """Those that are idle; what is lent is closed as it comes back."""
        self._is_closed = True
        self._forget_idle()

    def _forget_idle(self) -> None:
        with self._turn:
            idle, self._idle = self._idle, []
        for db in idle:
            with suppress(psycopg.Error):
                db.close()


@contextmanager
def read_once(address: str) -> Iterator[Connection]:
    """See contract.Engine.read_once."""
    place = place_of(address)
    db = connect(place)
    try:
        with wording(place, "read"):
            begin_reading(db, None)
            db.settle()
            yield db
    finally:
        db.close()
