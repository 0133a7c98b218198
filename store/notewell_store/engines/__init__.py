"""The engines that a store can stand on: one folder each, and nothing outside it knows how that engine works."""

from importlib import import_module
from typing import TYPE_CHECKING

from notewell_store.errors import Unusable

if TYPE_CHECKING:
    from notewell_store.contract import Engine

ENGINES = {"": "sqlite", "postgresql": "postgres", "postgres": "postgres"}
"""The folder of each engine by the scheme of its addresses; a path has none. Its module `engine` holds ENGINE."""


def engine_of(address: str) -> "Engine":
    """The engine that serves an address: a URL, or the path of a file. Raises Unusable where none does."""
    scheme, is_url, _ = address.partition("://")
    folder = ENGINES.get(scheme.lower() if is_url and scheme.isascii() and scheme[:1].isalpha() else "")
    if folder is None:  # the address itself is not repeated: it may hold a password
        raise Unusable(
            f"no store can be opened at {scheme}://…: name a file, such as notewell.db, or postgresql://user@server/name"
        )
    engine: Engine = import_module(f"{__name__}.{folder}.engine").ENGINE
    return engine


def without_password(address: str) -> tuple[str, str | None]:
    """A URL without the password that it may hold, and that; any other address as it is."""
    scheme, is_url, rest = address.partition("://")
    if not is_url:
        return address, None
    from urllib.parse import unquote  # only who names a server needs it

    rest, is_asking, query = rest.partition("?")
    user, is_named, place = rest.rpartition("@")
    name, holds, password = user.partition(":")
    kept = [part for part in query.split("&") if not part.lower().startswith("password=")]
    said = [part.partition("=")[2] for part in query.split("&") if part.lower().startswith("password=")]
    told = f"{scheme}://{name}{is_named}{place}" + (f"?{'&'.join(kept)}" if is_asking and kept != [""] and kept else "")
    found = said[-1] if said else password if holds else None
    return told, None if found is None else unquote(found)
