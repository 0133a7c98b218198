"""What a page for people shows of what is read: the notes that the record of reads speaks of, and those that nobody
read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from notewell_store.models import NoteSummary
from notewell_store.tables import reads, sections
from notewell_store.tables.project_rows import project_id
from notewell_store.tables.reads import Named
from notewell_store.vocabulary import standing
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError
from notewell_tools.reads import number_of_section

SHOWN = 50
"""Of each kind."""
SECTIONS = 3
"""Of one note, those first that were read most."""


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note that was read. Of a tombstone only its slug is told, and of sections only those that there still are."""

    id: int
    slug: str
    title: str
    project: str | None
    deleted: bool
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """`read` are those with most reads, most first; `unread` has one more than is shown where there are more."""

    read: list[ReadNote]
    unread: list[NoteSummary]


def check_oversees(call: Call) -> None:
    """Raise ToolError unless the caller administers the whole store."""
    if not call.rights.allow("admin") or call.rights.project is not None:
        words = "What is read is shown to who administers the whole store."
        raise ToolError(words, "forbidden" if call.rights.scope else "unauthorized")


def noted(
    call: Call, counts: Mapping[int, int], read_sections: Mapping[int, Sequence[int]], since: str, project: str
) -> Noted:
    """The notes of these ids, by how often they were read `since` a time, with the sections of each that were (see
    number_of_section), those first that were read most; and which notes that hold nobody read, though they were there.
    Of a project, or, where it is '', of all. Raises ToolError, StoreError."""
    check_oversees(call)
    with call.store.reading() as db:
        own = project_id(db, project) if project else None
        found = sorted(reads.named(db, counts, own), key=lambda note: (-counts[note.id], note.slug))[:SHOWN]
        unread = reads.unread(db, counts, since, own)
        shown = [_shown(note, read_sections.get(note.id, ()), sections.read_anchors(db, note.id)) for note in found]
    holding = [note for note in unread if standing(note.status, note.tags) != "over"]
    return Noted(shown, holding[: SHOWN + 1])


def _shown(note: Named, read: Sequence[int], anchors: Collection[str]) -> ReadNote:
    if note.deleted:
        return ReadNote(note.id, note.slug, note.slug, note.project, note.deleted, ())
    named = {number_of_section(anchor): anchor for anchor in anchors}
    there = [named[number] for number in read if number in named]
    return ReadNote(*note, tuple(there[:SECTIONS]))
