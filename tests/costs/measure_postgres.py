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

from notewell_tools.catalogue import CATALOGUE, call_tool

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).with_name("postgres.json")
ENDS = ("COMMIT", "ROLLBACK")


class Told:
    """What this thread sends between `begin` and `end`, and waits for. Behind the gate what is sent is waited for when
    its answer is asked for, with all else that was sent by then; the commit in any case."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.waits = self.gated = self.gated_waits = 0
        self._of = self._arrived = 0
        self._is_gated = False

    def begin(self) -> None:
        self.__init__()  # type: ignore[misc]
        self._of = threading.get_ident()

    def end(self) -> None:
        self._of = 0

    def executed(self, sql: str, answer: Any, *, is_sent_on: bool) -> None:
        if threading.get_ident() != self._of:
            return
        self.sent.append(" ".join(sql.split()))
        answer.number = len(self.sent) if is_sent_on else 0
        ends = sql.startswith(ENDS)
        self.gated += self._is_gated and not ends
        if ends or not is_sent_on:
            self._wait(len(self.sent))
        self._is_gated = not ends and (self._is_gated or "FOR UPDATE" in sql)

    def asked(self, answer: Any) -> None:
        if threading.get_ident() == self._of and getattr(answer, "number", 0) > self._arrived:
            self._wait(len(self.sent))  # the driver takes in all that comes

    def settled(self) -> None:
        """The end of a block in which several were sent at once."""
        if threading.get_ident() == self._of and len(self.sent) > self._arrived:
            self._wait(len(self.sent))

    def _wait(self, number: int) -> None:
        self.waits += 1
        self.gated_waits += self._is_gated
        self._arrived = number


@contextmanager
def recorded() -> Iterator[Told]:
    """Connections tell what they send while this lasts."""
    from notewell_store.engines.postgres.connection import Answer, Connection

    told = Told()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("execute", "executemany", "tell"):
            patch.setattr(Connection, name, _sending(told, getattr(Connection, name)))
        for name in ("fetchone", "fetchmany", "fetchall", "__iter__"):
            patch.setattr(Answer, name, _asking(told, getattr(Answer, name)))
        patch.setattr(Connection, "sending_on", _settling(told, Connection.sending_on))
        yield told


def _settling(told: Told, usual: Any) -> Any:
    @contextmanager
    def settling(self: Any) -> Iterator[None]:
        with usual(self):
            yield
        told.settled()

    return settling


def _sending(told: Told, usual: Any) -> Any:
    def sending(self: Any, sql: str, *values: Any) -> Any:
        answer = usual(self, sql, *values)
        told.executed(sql, answer, is_sent_on=self._pipeline is not None)
        return answer

    return sending


def _asking(told: Told, usual: Any) -> Any:
    def asking(self: Any, *values: Any) -> Any:
        told.asked(self)
        return usual(self, *values)

    return asking


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
