"""What pages for people show of a note's history, each of one and the same moment: its revisions with how much they
changed, what lies between two of them, and who brought which lines."""

from typing import NamedTuple

from typing_extensions import TypedDict

from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid
from notewell_store.models import BlameRange
from notewell_store.references import parse_reference
from notewell_store.tables import history, notes, pages, revisions
from notewell_tools.answers import revision_entry
from notewell_tools.definition import Call
from notewell_tools.get_note import note_named
from notewell_tools.results import Revision

MOST_COMPARED = 600_000
"""Characters of two texts together that are compared for a page: some seconds at worst."""


class Lines(NamedTuple):
    added: int
    removed: int


class HistoryPage(TypedDict):
    """`lines` has how much each revision changed, as far as it was counted."""

    slug: str
    title: str
    project: str | None
    is_deleted: bool
    newest: int
    total: int
    revisions: list[Revision]
    lines: dict[int, Lines]
    next_cursor: str | None


class FieldChange(NamedTuple):
    name: str
    before: str
    after: str


class Difference(TypedDict):
    """What lies between two revisions; `old` is 0, and its text empty, where the first is asked for alone. `before` and
    `after` are the steps to the neighbours of `new`. The texts and pages are None where they are too large together."""

    slug: str
    title: str
    project: str | None
    newest: int
    old: int
    new: int
    before: int | None
    after: int | None
    revision: Revision
    fields: list[FieldChange]
    texts: tuple[str, str] | None
    chars: int


class Blamed(NamedTuple):
    """The newest text as a page, whose blocks bear the number of their first line, and who brought which lines."""

    html: str
    ranges: tuple[BlameRange, ...]


def history_page(call: Call, ref: str, limit: int, cursor: str | None) -> HistoryPage:
    """Raises StoreError."""
    with call.store.reading() as db:
        note_id = notes.find(db, parse_reference(ref))
        note = notes.load(db, note_id)
        found = history.list_revisions(db, note_id, limit=limit, cursor=cursor)
        counted = history.line_counts(db, note_id, {one.revision for one in found.items})
        return {
            "slug": note.metadata.slug,
            "title": note.metadata.title,
            "project": note.metadata.project,
            "is_deleted": note.metadata.deleted,
            "newest": note.revision,
            "total": found.total,
            "revisions": list(map(revision_entry, found.items)),
            "lines": {revision: Lines(*lines) for revision, lines in counted.items()},
            "next_cursor": found.next_cursor,
        }


def difference(call: Call, ref: str, old: int | None, new: int | None) -> Difference:
    """Between two revisions; without `old` what `new` changed, without both what the newest did. Raises StoreError."""
    with call.store.reading() as db:
        note_id = notes.find(db, parse_reference(ref))
        note = notes.load(db, note_id)
        slug, shown = note.metadata.slug, new or note.revision
        state = revisions.load_at(db, note_id, slug, shown)
        before, after = history.neighbours(db, note_id, shown)
        start = (before or 0) if old is None else old
        former = revisions.load_at(db, note_id, slug, start) if start else None
        text = former.markdown if former else ""
        chars = len(text) + len(state.markdown)
        entry = history.revision_of(db, note_id, shown)
        fields = history.metadata_changes(former.metadata if former else None, state.metadata)
        return {
            "slug": slug,
            "title": note.metadata.title,
            "project": note.metadata.project,
            "newest": note.revision,
            "old": start,
            "new": shown,
            "before": before,
            "after": after,
            "revision": revision_entry(entry),
            "fields": [FieldChange(*field) for field in fields],
            "texts": (text, state.markdown) if chars <= MOST_COMPARED else None,
            "chars": chars,
        }


def revision_pages(call: Call, slug: str, revision_numbers: tuple[int, int]) -> tuple[str, str]:
    """Two revisions as pages; that of number 0 is empty. Raises StoreError."""
    with call.store.reading() as db:
        note_id = notes.find(db, parse_reference(slug))
        old, new = (_page(db, note_id, slug, number) for number in revision_numbers)
        return old, new


def _page(db: Snapshot, note_id: int, slug: str, revision: int) -> str:
    if revision == 0:
        return ""
    note = revisions.load_at(db, note_id, slug, revision)
    return pages.page_of(db, note, 0, len(note.markdown), then=("r.seq <= ?", note.seq))


def blamed(call: Call, ref: str) -> Blamed:
    """Raises StoreError: Invalid of a former revision."""
    reference = parse_reference(ref)
    if reference.revision is not None:
        raise Invalid("who brought a line is known of the newest text", "ref")
    with call.store.reading() as db:
        note = note_named(db, ref)
        return Blamed(pages.page_with_lines(db, note), history.blame_note(db, note.id))
