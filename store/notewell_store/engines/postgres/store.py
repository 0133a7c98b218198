"""A store in one database: see contract.Store."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from notewell_store.contract import PATIENCE, Background, Engine, Meaning, Snapshot, Version, Visibility
from notewell_store.engines import engine_of
from notewell_store.engines.postgres.address import Place, place_of
from notewell_store.engines.postgres.connection import LIMITS, NO_LIMITS, Connection, connect, limits
from notewell_store.engines.postgres.database import Database
from notewell_store.engines.postgres.schema import lay

if TYPE_CHECKING:
    from notewell_store.contract import Store as AnyStore


def open_database(address: str, *, create: bool = True) -> "Store":
    """Open the store in the database at an address, laying its schema where there is none unless `create` is False, and
    bringing an older one up to date as far as this user may. Raises Unusable."""
    place = place_of(address)
    database = Database(place)
    db = connect(place)
    try:
        lay(db, create=create)
    except BaseException:
        db.close()
        raise
    database.add(db)
    return Store(database)


class Store:
    """A database as those see it who may see so much of it. Writing goes through the same gate for all."""

    def __init__(self, database: Database, visibility: Visibility | None = None) -> None:
        self._database = database
        self._visibility = visibility

    @property
    def place(self) -> Place:
        """For this engine's own upkeep."""
        return self._database.place

    @property
    def address(self) -> str:
        return self._database.place.address

    @property
    def engine(self) -> Engine:
        return engine_of(self.address)

    @property
    def background(self) -> Background:
        return self._database.background

    @background.setter
    def background(self, background: Background) -> None:
        self._database.background = background

    @property
    def meaning(self) -> Meaning | None:
        return self._database.meaning

    @meaning.setter
    def meaning(self, meaning: Meaning | None) -> None:
        self._database.meaning = meaning

    @property
    def visibility(self) -> Visibility | None:
        return self._visibility

    def seen_by(self, visibility: Visibility | None) -> "Store":
        if self._visibility is not None:
            raise ValueError("who does not see everything cannot say what others see")
        return self if visibility is None else Store(self._database, visibility)

    def reading(self) -> AbstractContextManager[Connection]:
        return self._database.reading(self._visibility)

    def writing(
        self, patience: float = PATIENCE, ready: Callable[[Snapshot], None] | None = None
    ) -> AbstractContextManager[Connection]:
        """Nothing is laid aside: that would be sent twice."""
        return self._database.writing(patience)

    @contextmanager
    def seeing(self, db: Snapshot) -> Iterator[None]:
        if self._visibility is None:
            yield
            return
        assert isinstance(db, Connection)
        db.execute(f"SELECT {LIMITS}", limits(self._visibility))
        db.is_limited = True
        yield  # where this raises, the transaction is of no use any more
        db.is_limited = False
        db.execute(f"SELECT {LIMITS}", NO_LIMITS)

    def version(self) -> Version | None:
        """None: to ask the server takes a round trip, and would hold up the loop that asks."""
        return None

    @contextmanager
    def trial(self) -> Iterator["AnyStore"]:
        """In a file: whoever tries for minutes would keep all others from writing to a database."""
        import tempfile  # what it brings costs every other start

        from notewell_store.engines.postgres.copying import copy_to_file

        with tempfile.TemporaryDirectory(prefix="notewell-") as folder:
            copy = Path(folder) / "copy.db"
            with self.reading() as db:
                copy_to_file(db, copy)
            store = engine_of(str(copy)).open(str(copy))
            try:
                yield store
            finally:
                store.close()

    def close(self) -> None:
        """What sees less than all closes with the whole store."""
        if self._visibility is None:
            self.background.finish()
            self._database.close()
