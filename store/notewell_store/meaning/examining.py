"""How the embedder is that the settings name, for the doctor."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from notewell_store.findings import Check, ok, warning
from notewell_store.meaning.choosing import Wanted, unrested
from notewell_store.meaning.embedder import Space, Unreachable

if TYPE_CHECKING:
    from notewell_store.meaning.embedder import Embedder

PATIENCE = 20.0  # seconds, in which a model may have to be loaded
WITHOUT = "until then search goes by words alone"


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
