"""The store as it was: at a time, or at a change number."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from notewell_store.clock import parse_time
from notewell_store.contract import Connection
from notewell_store.errors import Invalid, NotYetMade
from notewell_store.models import Filter, Listing, Metadata, NoteSummary, Sort
from notewell_store.tables import notes
from notewell_store.tables.labels import labels_of, spellings, status_label
from notewell_store.tables.revisions import read_metadata, text_at
from notewell_store.vocabulary import types_meant

Moment = tuple[str, str | int]
"""A condition on `revisions r` with its value: what had happened by then."""


def read_moment(text: str) -> Moment:
    """A time, or, all digits, a change number. Raises Invalid."""
    stripped = text.strip()
    if stripped.isascii() and stripped.isdigit():
        return "r.seq <= ?", min(int(stripped), 2**62)
    return "r.revised_at <= ?", parse_time(text, "as_of")


def revision_at(db: Connection, note_id: int, slug: str, moment: Moment) -> int:
    """The number of the revision that stood then. Raises NotYetMade when the note did not exist yet."""
    condition, value = moment
    row = db.execute(
        f"SELECT r.revision FROM revisions r WHERE r.note_id = ? AND {condition} ORDER BY r.seq DESC LIMIT 1",
        (note_id, value),
    ).fetchone()
    if row is None:
        first, seq = db.execute(
            "SELECT revised_at, seq FROM revisions WHERE note_id = ? ORDER BY revision LIMIT 1", (note_id,)
        ).fetchone()
        raise NotYetMade(slug, value, first, seq)
    return int(row[0])


def list_notes_at(
    db: Connection, wanted: Filter, sort: Sort, limit: int, cursor: str | None, moment: Moment
) -> Listing[NoteSummary]:
    """As listing.list_notes, of the notes as they were then. Looks at every note that existed: history has no index
    by tag. The cursor is a position, since the past does not move."""
    found = [state for state in _states(db, moment) if _fits(db, state[1], state[0], wanted)]
    found.sort(key=_ORDERS[sort], reverse=sort in {"updated", "created"})
    start = _position(cursor)
    shown = found[start : start + limit]
    more = str(start + limit) if start + limit < len(found) else None
    return Listing(len(found), tuple(_with_chars(db, summary) for summary, _, _ in shown), more)


State = tuple[NoteSummary, Metadata, int]


def _states(db: Connection, moment: Moment) -> Iterator[State]:
    """Every note that existed, as its summary (without size), its metadata, and its newest change's number."""
    condition, value = moment
    rows = db.execute(
        f"""SELECT n.note_id, n.seq, n.revision, n.revised_at,
              (SELECT m.metadata FROM revisions m WHERE m.note_id = n.note_id AND m.revision <= n.revision
                 AND m.metadata IS NOT NULL ORDER BY m.revision DESC LIMIT 1)
            FROM (SELECT max(r.seq) AS seq FROM revisions r WHERE {condition} GROUP BY r.note_id) newest
              JOIN main.revisions n ON n.seq = newest.seq""",
        (value,),
    )
    for note_id, seq, revision, revised_at, kept in rows:
        then = read_metadata(kept)
        facts = (then.note_type, then.status, then.project, then.tags, revision, revised_at, 0)
        yield NoteSummary(note_id, then.slug, then.title, *facts), then, seq


_ORDERS: dict[Sort, Any] = {
    "updated": lambda state: state[2],
    "created": lambda state: state[0].id,
    "title": lambda state: (state[0].title.lower(), state[0].id),
    "slug": lambda state: state[0].slug,
    "position": lambda state: (state[1].position is None, state[1].position or 0, state[0].slug),
}


def _fits(db: Connection, then: Metadata, summary: NoteSummary, wanted: Filter) -> bool:
    labels = labels_of(then)
    return (
        then.deleted == wanted.deleted
        and all(not labels.isdisjoint(spellings(tag)) for tag in wanted.tags)
        and (not wanted.any_tags or any(not labels.isdisjoint(spellings(tag)) for tag in wanted.any_tags))
        and (wanted.note_type is None or then.note_type in types_meant(wanted.note_type))
        and wanted.project in (None, then.project)
        and (wanted.status is None or status_label(then.status or "-") == status_label(wanted.status))
        and (wanted.updated_since is None or summary.updated_at >= wanted.updated_since)
        and (wanted.parent is None or wanted.parent == (notes.find_slug(db, then.parent or "") or 0))
    )


def _position(cursor: str | None) -> int:
    if cursor is not None and not (cursor.isascii() and cursor.isdigit()):
        raise Invalid("that cursor is not one of a list with as_of: send the last answer's, unchanged", "cursor")
    return int(cursor or 0)


def _with_chars(db: Connection, summary: NoteSummary) -> NoteSummary:
    return replace(summary, chars=len(text_at(db, summary.id, summary.revision)))


def metadata_at(db: Connection, note_id: int, moment: Moment) -> Metadata | None:
    """What the note was then but for its text; None when it did not exist yet."""
    condition, value = moment
    row = db.execute(
        f"""SELECT r.metadata FROM revisions r WHERE r.note_id = ? AND {condition} AND r.metadata IS NOT NULL
            ORDER BY r.seq DESC LIMIT 1""",
        (note_id, value),
    ).fetchone()
    return read_metadata(row[0]) if row else None
