"""Opening a store: from its address to its engine."""

from pathlib import Path
from typing import TYPE_CHECKING

from notewell_store.engines import engine_of

if TYPE_CHECKING:
    from notewell_store.contract import Engine


def engine_at(address: str | Path) -> "Engine":
    """The engine that serves an address, for what is done to a store as a whole. Raises Unusable where none does."""
    return engine_of(str(address))
