"""What calls cost on PostgreSQL: messages to the server, each of which is waited for. No clock is read.

python tests/costs/measure_postgres.py            # prints what each call costs
python tests/costs/measure_postgres.py --write    # writes postgres.json anew: say in the commit why it may
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.costs.measure import CALLS, NOTES, make_store
from tests.postgres_server import server

from notewell_store import open_store
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).with_name("postgres.json")
ENDS = ("COMMIT", "ROLLBACK")


class Messages:
    """What this thread sends between `begin` and `end`. One of several statements is one, and so is executemany, which
    sends all its rows before it waits."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.gated = 0
        self._of = 0
        self._is_gated = False

    def begin(self) -> None:
        self.sent, self.gated, self._is_gated = [], 0, False
        self._of = threading.get_ident()

    def end(self) -> None:
        self._of = 0

    def told(self, sql: str) -> None:
        if threading.get_ident() != self._of:
            return
        self.sent.append(" ".join(sql.split()))
        ends = sql.startswith(ENDS)
        self.gated += self._is_gated and not ends
        self._is_gated = not ends and (self._is_gated or "UPDATE main.gate" in sql)


@contextmanager
def recorded() -> Iterator[Messages]:
    """Connections tell what they send while this lasts."""
    from notewell_store.engines.postgres.connection import Connection

    told = Messages()
    usual = {name: getattr(Connection, name) for name in ("execute", "executemany", "tell")}

    def telling(name: str) -> Any:
        def sending(self: Any, sql: str, *values: Any) -> Any:
            told.told(sql)
            return usual[name](self, sql, *values)

        return sending

    for name in usual:
        setattr(Connection, name, telling(name))
    try:
        yield told
    finally:
        for name, method in usual.items():
            setattr(Connection, name, method)


def measured() -> dict[str, dict[str, int]]:
    """The whole table of the present code."""
    of = server()
    address = of.address(of.new_database())
    with TemporaryDirectory() as folder:
        make_store(Path(folder), address)
    with recorded() as told:
        return {name: _cost(told, address, *asked) for name, asked in CALLS.items()}


def _cost(told: Messages, address: str, tool: str, arguments: dict[str, Any]) -> dict[str, int]:
    """Of one call, on a store that was asked something before, so that its connection stands."""
    store = open_store(address)
    call = Call(store, "measure")
    try:
        call_tool(lambda: call, "projects", {})
        told.begin()
        call_tool(lambda: call, tool, arguments)
        told.end()
        if "--show" in sys.argv and tool in sys.argv:
            for sql, times in Counter(told.sent).most_common():
                print(times, sql[:200])
        cost = {"messages": len(told.sent)}
        return cost if CATALOGUE[tool].hints.reads_only else cost | {"behind the gate": told.gated}
    finally:
        told.end()
        store.close()


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
