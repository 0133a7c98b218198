"""The engines that a store can stand on: one folder each, and nothing outside it knows how that engine works."""

from importlib import import_module
from typing import TYPE_CHECKING

from notewell_store.errors import Unusable

if TYPE_CHECKING:
    from notewell_store.contract import Engine

ENGINES = {"": "sqlite"}
"""The folder of each engine by the scheme of its addresses; a path has none. Its module `engine` holds ENGINE."""


def engine_of(address: str) -> "Engine":
    """The engine that serves an address: a URL, or the path of a file. Raises Unusable where none does."""
    scheme, is_url, _ = address.partition("://")
    folder = ENGINES.get(scheme.lower() if is_url and scheme.isascii() and scheme[:1].isalpha() else "")
    if folder is None:  # the address itself is not repeated: it may hold a password
        raise Unusable(f"no store can be opened at {scheme}://…: name a file, such as notewell.db")
    engine: Engine = import_module(f"{__name__}.{folder}.engine").ENGINE
    return engine
