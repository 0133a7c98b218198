"""A store's folder is moved away under a running server, and another is laid in its place.

What would be written to the file that is still open would be lost with it, so nothing is, and the server follows
the name that it was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checking import Written, check_store
from servers import BrokenPromise, Server

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class MoveFigures:
    moves: int
    said: str


def attack(folder: Path) -> MoveFigures:
    """Raises BrokenPromise when a write is answered that is nowhere, or a note is read that is not there any more."""
    here, away, other = folder / "here", folder / "away", folder / "other"
    put(other, "of-the-other")
    with Server(here / "notewell.db") as server:
        write(server, "first")
        here.rename(away)
        said = [server.call("upsert_note", slug="lost", content="x"), server.call("get_note", ref="first")]
        for answer in said:
            if not answer.failed or "gone" not in answer.text:
                raise BrokenPromise(f"the store is gone, and the server says: {answer.text}")
        other.rename(here)
        if server.call("get_note", ref="of-the-other").failed or not server.call("get_note", ref="first").failed:
            raise BrokenPromise("the server does not read what was laid in the place of its store")
        write(server, "second")
        here.rename(other)
        away.rename(here)
        if server.call("get_note", ref="first").failed or not server.call("get_note", ref="second").failed:
            raise BrokenPromise("the server does not read its store that was put back")
        write(server, "third")
    check_store(here / "notewell.db", [Written("first", 1, "first"), Written("third", 1, "third")])
    check_store(other / "notewell.db", [Written("of-the-other", 1, "of-the-other"), Written("second", 1, "second")])
    return MoveFigures(4, said[0].text)


def write(server: Server, slug: str) -> None:
    _ = server.call("upsert_note", slug=slug, title="a note", content=slug, format="json").data


def put(folder: Path, slug: str) -> None:
    folder.mkdir()
    with Server(folder / "notewell.db") as server:
        write(server, slug)
        server.close_input()
        server.wait()
