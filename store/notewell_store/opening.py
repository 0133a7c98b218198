"""Opening a store: from its address to its engine, and from the engine's store to one whose pages are stored as well.

This is the one place outside `engines` that imports an engine, and the one that joins engines with what they know
nothing of.
"""

from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from notewell_store.engines import engine_of, without_password

if TYPE_CHECKING:
    from notewell_store.contract import Engine, Progress, Snapshot, Store
    from notewell_store.meaning.embedder import Embedder

__all__ = ["engine_at", "load_engine", "open_store", "read_once", "without_password"]


def open_store(
    address: str | Path,
    *,
    create: bool = True,
    progress: "Progress | None" = None,
    embedder: "Embedder | None" = None,
) -> "Store":
    """Open the store at an address, the path of a file or the URL of a database, making it where there is none unless
    `create` is False.

    What is written to it gets its pages in the background, and its vectors where there is an embedder, which is asked
    what queries mean as well. See contract.Engine.open for the rest.
    """
    from notewell_store.contract import CLOSING_PATIENCE
    from notewell_store.tables.rendered import store_pages
    from notewell_store.writing.background import InBackground

    store = engine_of(str(address)).open(str(address), create=create, progress=progress)
    store.background = InBackground(partial(store_pages, store.reading, partial(store.writing, CLOSING_PATIENCE)))
    if embedder is not None:
        _let_know_meaning(store, embedder)
    return store


def _let_know_meaning(store: "Store", embedder: "Embedder") -> None:
    from notewell_store.meaning.filling import Filling, PagesAndMeanings  # which few stores need
    from notewell_store.meaning.known import KnownMeaning

    filling = Filling(store, embedder)
    store.meaning = KnownMeaning(embedder, filling.add_all)
    store.background = PagesAndMeanings(store.background, filling)


def read_once(address: str | Path) -> "AbstractContextManager[Snapshot]":
    """One snapshot for a process that reads once and ends. See contract.Engine.read_once."""
    return engine_of(str(address)).read_once(str(address))


def engine_at(address: str | Path) -> "Engine":
    """The engine that serves an address, for what is done to a store as a whole. Raises Unusable where none does."""
    return engine_of(str(address))


def load_engine(address: str | Path) -> None:
    """Import what opening a store at that address needs, for who has time before it is asked for. Opens nothing. Raises
    Unusable where no engine serves the address."""
    from notewell_store.writing import background  # noqa: F401

    engine_of(str(address)).load()
