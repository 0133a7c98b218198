"""PostgreSQL as an engine. It loads the driver when it is first asked for: see contract.Engine."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from notewell_store.errors import Unusable

if TYPE_CHECKING:
    from notewell_store.contract import Engine, Filling, Progress, Snapshot, Store, Upkeep


class Postgres:
    """Stores in one database each; an address is a URL as libpq reads it, `postgresql://user@host,host/database`."""

    def load(self) -> None:
        try:
            import psycopg  # noqa: F401
        except ImportError as error:
            raise Unusable(
                "a store on PostgreSQL needs psycopg, which is not here: pip install 'notewell[postgres]'"
            ) from error
        from notewell_store.engines.postgres import store  # noqa: F401

    def open(self, address: str, *, create: bool = True, progress: "Progress | None" = None) -> "Store":
        self.load()
        from notewell_store.engines.postgres.store import open_database

        return open_database(address, create=create)

    def read_once(self, address: str) -> "AbstractContextManager[Snapshot]":
        self.load()
        from notewell_store.engines.postgres.database import read_once

        return read_once(address)

    def filling(self, address: str, *, anew: bool = False) -> "AbstractContextManager[Filling]":
        self.load()
        from notewell_store.engines.postgres.filling import filling

        return filling(address, anew=anew)

    @property
    def upkeep(self) -> "Upkeep":
        self.load()
        from notewell_store.engines.postgres.upkeep.of_databases import UPKEEP

        return UPKEEP


ENGINE: "Engine" = Postgres()
