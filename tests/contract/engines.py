"""The engines that the contract is tested on. Another is a class and an entry here; it skips where it has no server."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class EngineUnderTest(Protocol):
    def new_address(self) -> str:
        """An address at which no store is yet. What comes to be there goes with the folder."""


class SQLite:
    def __init__(self, folder: Path) -> None:
        self._files = (folder / f"notewell-{number}.db" for number in count(1))

    def new_address(self) -> str:
        return str(next(self._files))


ENGINES: dict[str, Callable[[Path], EngineUnderTest]] = {"sqlite": SQLite}
"""By the folder of each in notewell_store/engines; each is given a folder of its own, which is there for one test."""
