"""The engines that the contract is tested on. Another is a class and an entry here; it skips where it has no server."""

from __future__ import annotations

import os
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, ClassVar, Protocol

from tests.postgres_server import server

from notewell_store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable


class EngineUnderTest(Protocol):
    def new_address(self) -> str:
        """An address at which no store is yet. What comes to be there goes with the test."""

    def address(self) -> str:
        """An address at which a store is, or comes to be when it is opened, in which nothing is yet."""

    def end(self) -> None:
        """What was made so far is of no use any more, and all stores of it are closed."""


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "notewell.db"
        open_store(file).close()
        return file.read_bytes()


def lay_empty(file: Path) -> Path:
    """An empty store at that place. To lay its tables takes seven times as long as to open it: it is done once."""
    file.touch(0o600)
    file.write_bytes(_empty())
    return file


class SQLite:
    def __init__(self, folder: Path) -> None:
        self._files = (folder / f"notewell-{number}.db" for number in count(1))

    def new_address(self) -> str:
        return str(next(self._files))

    def address(self) -> str:
        return str(lay_empty(next(self._files)))

    def end(self) -> None: ...


USER = os.environ.get("NOTEWELL_TEST_USER")
"""As whom stores that are there are opened: `nw_app`, or the owner of the tables where nothing is said."""
EMPTY = """
DO $$
DECLARE kept record;
BEGIN
  SET LOCAL session_replication_role = replica;
  SET LOCAL lock_timeout = '10s';
  FOR kept IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'main' AND tablename != 'gate' LOOP
    EXECUTE format('DELETE FROM main.%I', kept.name);
  END LOOP;
  FOR kept IN SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'main' AND last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE main.%I RESTART', kept.name);
  END LOOP;
  UPDATE main.gate SET commits = 0;
END $$
"""
"""To delete the few rows of a test takes a tenth of what it takes to truncate."""


STATE = "SELECT to_regclass('main.gate') IS NOT NULL, to_regclass('main.copying') IS NOT NULL"
"""Whether a store is in a database, and whether it is one into which another was not copied to the end."""


class Postgres:
    """Databases of one server. To make one takes longer than most tests: they are emptied and lent again."""

    unlaid: ClassVar[list[str]] = []
    """Databases without a schema."""
    laid: ClassVar[list[str]] = []
    """Databases with an empty store, whose owner opens it; or USER may."""

    def __init__(self, folder: Path) -> None:
        self._server = server()
        self._lent: list[str] = []
        self._served: list[str] = []
        """Of those that are lent, which are opened by USER."""

    def new_address(self) -> str:
        return self._server.address(self._lend(Postgres.unlaid, self._server.new_database))

    def address(self) -> str:
        if USER is None:
            return self._server.address(self._lend(Postgres.laid, self._server.new_database))
        self._served.append(self._lend(Postgres.laid, self._server.new_served_database))
        return self._server.address(self._served[-1], USER)

    def _lend(self, free: list[str], make: Callable[[], str]) -> str:
        self._lent.append(free.pop() if free else make())
        return self._lent[-1]

    def end(self) -> None:
        while self._lent:
            name = self._lent.pop()
            ((is_laid, is_begun),) = self._server.execute(name, STATE)
            is_for_others = USER is None or name in self._served
            if is_begun or (is_laid and not is_for_others):
                self._server.execute(name, "DROP SCHEMA seen, main CASCADE")
                is_laid = False
            elif is_laid:
                self._server.execute(name, EMPTY)
            (Postgres.laid if is_laid else Postgres.unlaid).append(name)


ENGINES: dict[str, Callable[[Path], EngineUnderTest]] = {"sqlite": SQLite, "postgres": Postgres}
"""By the folder of each in notewell_store/engines; each is given a folder of its own, which is there for one test."""
