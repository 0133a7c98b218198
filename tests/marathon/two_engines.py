"""What `twins` tries on a file, on a database; and whether a project's token is told the same on both.

On each engine a store begins the same, and the writer of one project does the same at random. Then all that speaks of
the other project is asked of both, and all that the project's own writer may ask: but for times, each answer is the
same to the byte.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import twins
from notewell_store import StoreError, open_store
from notewell_store.access.rights import OWNER, Rights
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError
from outages import a_server
from servers import BrokenPromise

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from notewell_store import Store

TIMES = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?|\b\d+ (?:second|minute)s? ago|just now")
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_notes", {"limit": 100}),
    ("list_notes", {"limit": 100, "sort": "title", "include_deleted": True}),
    ("revisions", {"limit": 100}),
    ("list_notes", {"tags": ["strict"], "sort": "position"}),
    *(("search_notes", {"query": words}) for words in ("deploy queue", '"the queue"', "wom*", "qeue", "mole steps")),
)
READERS = {"owner": OWNER, "writer of a": Rights("write", "a"), "reader of b": Rights("read", "b")}


@dataclass(frozen=True, slots=True)
class SameFigures:
    rounds: int
    done: int
    answers_compared: int


def on_postgres(*, seed: int, rounds: int, acts: int = 60) -> twins.TwinFigures:
    with a_server() as server:
        base = server.new_database()

        def copied(_: str, name: str) -> str:
            server.execute("postgres", f"CREATE DATABASE {name} TEMPLATE {base}")
            return server.address(name)

        return twins.attack_at(server.address(base), copied, seed=seed, rounds=rounds, acts=acts)


def same(folder: Path, *, seed: int, rounds: int, acts: int = 60) -> SameFigures:
    """Raises BrokenPromise where an answer is another. So few acts leave a store in which all that a search finds is
    weighed; of more than sixty passages each engine would propose those that it ranks best."""
    done = compared = 0
    with a_server() as server:
        for number in range(rounds):
            addresses = (str(folder / f"{number}.db"), server.address(server.new_database()))
            for address in addresses:
                twins.make(address)
            stores = on_file, on_database = open_store(addresses[0]), open_store(addresses[1])
            try:
                dice = [random.Random(f"{seed}-{number}") for _ in stores]
                for _ in range(acts):
                    kept, kept_too = (twins.act(store, own) for store, own in zip(stores, dice, strict=True))
                    if kept != kept_too:
                        raise BrokenPromise(f"seed {seed}, round {number}: one engine does what the other refuses")
                    done += kept
                compared += _compare(on_file, on_database, f"seed {seed}, round {number}")
            finally:
                for store in stores:
                    store.close()
    return SameFigures(rounds, done, compared)


def _compare(on_file: Store, on_database: Store, where: str) -> int:
    compared = 0
    for (name, told), (_, wanted) in zip(_told(on_database), _told(on_file), strict=True):
        if TIMES.sub("…", told) != TIMES.sub("…", wanted):
            raise BrokenPromise(f"{where}: {name} says on a database\n{told}\nand on a file\n{wanted}")
        compared += 1
    return compared


def _told(store: Store) -> Iterator[tuple[str, str]]:
    yield from twins.told_by(store)
    for who, rights in READERS.items():
        for tool, arguments in ASKED:
            yield f"{tool} {arguments} to the {who}", _answer(store, rights, tool, arguments)


def _answer(store: Store, rights: Rights, tool: str, arguments: dict[str, Any]) -> str:
    try:
        return call_tool(lambda: Call(store, "someone", None, rights), tool, dict(arguments)).shown
    except (ToolError, StoreError) as error:
        return f"refused: {error}"
