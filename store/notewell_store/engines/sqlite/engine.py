"""SQLite as an engine. It loads what it is asked for and no more: see contract.Engine."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notewell_store.contract import Engine, Filling, Progress, Snapshot, Store, Upkeep


class SQLite:
    """Stores in one file each; an address is its path."""

    def load(self) -> None:
        from notewell_store.engines.sqlite import store  # noqa: F401

    def open(self, address: str, *, create: bool = True, progress: "Progress | None" = None) -> "Store":
        from notewell_store.engines.sqlite.store import open_file

        return open_file(Path(address), create=create, progress=progress)

    def read_once(self, address: str) -> "AbstractContextManager[Snapshot]":
        from notewell_store.engines.sqlite.read_only import read_once

        return read_once(Path(address))

    def filling(self, address: str, *, anew: bool = False) -> "AbstractContextManager[Filling]":
        from notewell_store.engines.sqlite.filling import filling

        return filling(Path(address), anew=anew)

    @property
    def upkeep(self) -> "Upkeep":
        from notewell_store.engines.sqlite.upkeep.of_files import UPKEEP

        return UPKEEP


ENGINE: "Engine" = SQLite()
