"""How the embedder is that the settings name, for the doctor."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from notewell_store.contract import Snapshot
from notewell_store.errors import NextCommand, StoreError
from notewell_store.findings import Check, ok, warning
from notewell_store.meaning.choosing import Wanted, unrested
from notewell_store.meaning.embedder import Space, Unreachable
from notewell_store.meaning.pieces import LONGEST_PIECE
from notewell_store.tables import meanings

if TYPE_CHECKING:
    from notewell_store.meaning.embedder import Embedder

PATIENCE = 20.0  # seconds, in which a model may have to be loaded
WITHOUT = "until then search goes by words alone"
LEAST_SHARE = 4 / 5  # of the passages that have vectors, below which meaning may be left out of scores: see by_meaning


def examine(wanted: Wanted | None) -> Iterator[Check]:
    """What it is, where text goes, and whether it answers: nothing where none is named. No key is in it. A word of ours
    is sent, and nothing that is stored."""
    embedder = unrested(wanted)
    if wanted is None or embedder is None:
        return
    try:
        space = embedder.space(PATIENCE)
    except Unreachable as error:
        yield warning("embedder", error.why, WITHOUT)
        return
    yield _fit(wanted, space, f"{_said(wanted, embedder)}; {space.dimensions} numbers, space {space.name}")


def examine_vectors(
    wanted: Wanted | None, read_once: Callable[[], AbstractContextManager[Snapshot]]
) -> Iterator[Check]:
    """How much of a store has the vectors of the embedder: nothing where that or the store cannot be told, which other
    checks say."""
    embedder = unrested(wanted)
    if embedder is not None:
        with suppress(Unreachable, StoreError):
            space = embedder.space(PATIENCE)
            with read_once() as db:
                yield _filled(db, space, public_only=embedder.sends == "public")


def _filled(db: Snapshot, space: Space, *, public_only: bool) -> Check:
    every = meanings.amount_lacking(db, None, LONGEST_PIECE, public_only=public_only).passages
    number = meanings.space_id(db, space.name)
    lacking = meanings.amount_lacking(db, number, LONGEST_PIECE, public_only=public_only).passages
    found = f"{every - lacking:,} of {every:,} passages have them"
    if every - lacking >= LEAST_SHARE * every:
        return ok("vectors", found)
    return warning("vectors", found, f"make the others with {NextCommand('embed')}")


def _said(wanted: Wanted, embedder: "Embedder") -> str:
    told = f"{embedder.name}, {wanted.model}" if wanted.model else embedder.name
    if not embedder.is_remote:
        return f"{told}, on this machine"
    whose = "all notes" if embedder.sends == "all" else "public notes"
    return f"{told}, remote: it is sent the text of {whose}, and what is searched for"


def _fit(wanted: Wanted, space: Space, found: str) -> Check:
    if wanted.dimensions in (None, space.dimensions):
        return ok("embedder", found)
    advice = f"it does not make the {wanted.dimensions} of NOTEWELL_EMBED_DIMENSIONS: take that out"
    return warning("embedder", found, advice)
