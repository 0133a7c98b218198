"""What calls cost on PostgreSQL: statements, and how often the server is waited for. No clock is read.

python tests/costs/measure_postgres.py            # prints what each call costs
python tests/costs/measure_postgres.py --write    # writes postgres.json anew: say in the commit why it may

Several commands in one message count as one statement, and so does executemany.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from tests.costs.measure import CALLS, NOTES, make_store, opened
from tests.postgres_server import server

from notewell_store.engines.postgres import database
from notewell_store.engines.postgres.connection import Connection
from notewell_store.engines.postgres.wire import Wire
from notewell_tools.catalogue import CATALOGUE, call_tool

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).with_name("postgres.json")
ENDS = ("COMMIT", "ROLLBACK")


class Told:
    """What this thread sends between `begin` and `end`, and how often it waits for answers."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.waits = self.gated = self.gated_waits = 0
        self._of = self._depth = 0
        self._is_gated = False

    def begin(self) -> None:
        self.__init__()  # type: ignore[misc]
        self._of = threading.get_ident()

    def end(self) -> None:
        self._of = 0

    def counts(self) -> bool:
        return threading.get_ident() == self._of

    @contextmanager
    def saying(self, sql: str) -> Iterator[None]:
        """One statement, whatever else is said for it while the block lasts."""
        if self.counts() and not self._depth:
            self.sent.append(sql)
            self._is_gated = self._is_gated and not sql.startswith(ENDS)
            self.gated += self._is_gated
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
        self._is_gated = self._is_gated or "FOR UPDATE" in sql

    def waited(self) -> None:
        if self.counts():
            self.waits += 1
            self.gated_waits += self._is_gated


SAYING = (
    (database, "begin_reading"),
    *((Connection, name) for name in ("execute", "executemany", "tell")),
    *((Wire, name) for name in ("command", "end")),
)


@contextmanager
def recorded() -> Iterator[Told]:
    """Connections tell what they send while this lasts."""
    told = Told()
    with pytest.MonkeyPatch.context() as patch:
        for kind, name in SAYING:
            patch.setattr(kind, name, _saying(told, getattr(kind, name)))
        patch.setattr(Wire, "hear", _hearing(told, Wire.hear))
        yield told


def _saying(told: Told, usual: Any) -> Any:
    def saying(db: Any, *said: Any) -> Any:
        with told.saying(" ".join(str(said[0]).split())):
            answer = usual(db, *said)
        if usual.__name__ == "tell":
            told.waited()
        return answer

    return saying


def _hearing(told: Told, usual: Any) -> Any:
    def hearing(self: Any) -> None:
        if self._unheard:
            told.waited()
        usual(self)

    return hearing


def measured() -> dict[str, dict[str, int]]:
    """The whole table of the present code."""
    of = server()
    address = of.address(of.new_database())
    with TemporaryDirectory() as folder:
        make_store(Path(folder), address)
    with recorded() as told:
        return {name: _cost(told, address, *asked) for name, asked in CALLS.items()}


def _cost(told: Told, address: str, tool: str, arguments: dict[str, Any]) -> dict[str, int]:
    """Of one call."""
    with opened(address) as call:
        told.begin()
        try:
            call_tool(lambda: call, tool, arguments)
        finally:
            told.end()
    cost = {"statements": len(told.sent), "waits": told.waits}
    gated = {"behind the gate": told.gated, "waits behind the gate": told.gated_waits}
    return cost if CATALOGUE[tool].hints.reads_only else cost | gated


def main() -> None:
    now = measured()
    if sys.argv[1:] == ["--write"]:
        TABLE.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
        return
    print(f"{NOTES} notes")
    for name, cost in now.items():
        print(f"{name}: {', '.join(f'{number} {what}' for what, number in cost.items())}")


if __name__ == "__main__":
    main()
