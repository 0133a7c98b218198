"""All that may be said of a note that is there: what stands near it, and why."""

from dataclasses import dataclass

from notewell_store.contract import Snapshot
from notewell_store.models import Note
from notewell_store.saved import Proposed
from notewell_store.suggesting.copies import Copy, copies
from notewell_store.suggesting.linking import Linkable, linkable
from notewell_store.suggesting.mentions import SURE, Mention, Text, mentions
from notewell_store.suggesting.neighbours import Neighbour, Sought, found
from notewell_store.suggesting.telling_words import AT_LEISURE
from notewell_store.suggesting.votes import proposed
from notewell_store.tables import near_notes
from notewell_store.tables.near_notes import Facts

MOST_NEAR = 5
MOST_LINKS = 5


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Of one note: what is near it, what of it stands elsewhere, what its empty fields may say, which notes it calls
    without a link, and which others it may link to. `facts` are of the notes that these name."""

    near: tuple[Neighbour, ...]
    copies: tuple[Copy, ...]
    proposed: tuple[Proposed, ...]
    mentions: tuple[Mention, ...]
    links: tuple[Linkable, ...]
    facts: dict[int, Facts]


def suggestions(db: Snapshot, note: Note) -> Suggestions:
    """Of a living note, as who asks may see."""
    metadata = note.metadata
    sought = Sought(metadata.title, note.markdown, metadata.project, note.id)
    near = found(db, sought, AT_LEISURE)
    linked = frozenset(led.target for led in near_notes.led_by(db, [note.id]))
    text = Text(note.markdown[: AT_LEISURE.characters])
    called = mentions(db, text, sought, near.passages, linked, least=1)
    sure = tuple(one for one in called if one.telling >= SURE)
    copied = tuple(copies(db, sought, near))
    not_these = linked | {note.id, *(one.note_id for one in sure)}
    named = {*(one.note_id for one in sure), *(one.note_id for one in copied)}
    return Suggestions(
        near.neighbours[:MOST_NEAR],
        copied,
        proposed(near.neighbours, metadata),
        sure,
        linkable(db, near.neighbours, called, metadata.project, not_these, MOST_LINKS),
        near_notes.facts(db, named),
    )
