"""What a page for people shows of a note and of what stands round it, of one and the same moment."""

from collections.abc import Iterator
from itertools import islice

from typing_extensions import TypedDict

from notewell_store.contract import Snapshot
from notewell_store.markdown.sections import toc
from notewell_store.models import Metadata, Note
from notewell_store.models import NoteSummary as StoredSummary
from notewell_store.references import parse_reference
from notewell_store.tables import history, links, notes, past, past_links
from notewell_store.tables.backlinks import Backlink, backlinks
from notewell_store.tables.changes import newest_change as newest
from notewell_store.tables.sections import sections_of
from notewell_tools.answers import link_end, note_summary, revision_entry
from notewell_tools.definition import Call
from notewell_tools.get_note import note_named, shown_whole
from notewell_tools.results import LinkEnd, NoteSummary, Revision, TocEntry, WholeNote

MOST_ABOVE = 12
MOST_BESIDE = 60
MOST_LINKS = 40


class NotePage(TypedDict):
    """`slug` is what the note is called now; `revision` the change that made it what is shown, `newest` the number of
    its last one. `above` are the notes above it, the topmost first; `beside` the children of the one right above, this
    one among them."""

    note: WholeNote
    slug: str
    newest: int
    revision: Revision
    contents: list[TocEntry]
    above: list[NoteSummary]
    beside: list[NoteSummary]
    beside_total: int
    below: list[NoteSummary]
    below_total: int
    backlinks: tuple[Backlink, ...]
    backlinks_total: int
    links: list[LinkEnd]
    links_total: int


def note_page(call: Call, ref: str, as_of: str | None = None) -> NotePage:
    """The note, at the revision that the reference names, or as it was at a time or change. Links of what is past are
    those of then. Raises StoreError as get_note does."""
    with call.store.reading() as db:
        asked = None if as_of is None else past.read_moment(as_of)
        note = note_named(db, ref, asked)
        entry = history.revision_of(db, note.id, note.revision)
        slug, newest_revision = notes.head_of(db, note.id)
        then = asked if asked or note.revision == newest_revision else ("r.seq <= ?", note.seq)
        outgoing = past_links.outgoing_at(db, note, then) if then else links.outgoing(db, note.id)
        below_total, below = notes.children(db, note.id, MOST_BESIDE)
        incoming = backlinks(db, note.id, MOST_LINKS)
        above = list(_above(db, note))
        beside_total, beside = notes.children(db, above[0].id, MOST_BESIDE) if above else (0, ())
        return {
            "note": shown_whole(db, note, then),
            "slug": slug,
            "newest": newest_revision,
            "revision": revision_entry(entry),
            "contents": [
                {"anchor": one.anchor, "heading": one.heading, "level": one.level, "chars": one.chars}
                for one in toc(sections_of(db, note))
            ],
            "above": [note_summary(one) for one in reversed(above)],
            "beside": list(map(note_summary, beside)),
            "beside_total": beside_total,
            "below": list(map(note_summary, below)),
            "below_total": below_total,
            "backlinks": incoming.shown,
            "backlinks_total": incoming.total,
            "links": [link_end(link) for link in outgoing[:MOST_LINKS]],
            "links_total": len(outgoing),
        }


def _above(db: Snapshot, note: Note) -> Iterator[StoredSummary]:
    """The notes above, the nearest first, as far as they are seen."""
    return islice(notes.above(db, note.id), MOST_ABOVE)


def newest_change(call: Call) -> int:
    """The number of the newest change of the store: while it is the same, so are notes and what stands round them."""
    with call.store.reading() as db:
        return newest(db)


def metadata_of(call: Call, ref: str) -> Metadata:
    """Of a note, be it a tombstone. Raises StoreError."""
    with call.store.reading() as db:
        return notes.load(db, notes.find(db, parse_reference(ref))).metadata
