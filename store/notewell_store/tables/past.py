"""The store as it was: at a time, or at a change number."""

import string
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from notewell_store.clock import parse_time
from notewell_store.contract import Connection, number_of
from notewell_store.errors import Invalid, NotYetMade
from notewell_store.models import Filter, Listing, Metadata, NoteSummary, Sort
from notewell_store.tables.filters import checks_of, fits, groups_of
from notewell_store.tables.notes import find_slug
from notewell_store.tables.project_rows import COUNT_FORMER, called_now, renamed_projects
from notewell_store.tables.revisions import read_metadata, text_at

Moment = tuple[str, str | int]
"""A condition on `revisions r` with its value: what had happened by then."""


def read_moment(text: str) -> Moment:
    """A time, or, all digits, a change number. Raises Invalid."""
    number = number_of(text.strip())
    return ("r.revised_at <= ?", parse_time(text, "as_of")) if number is None else ("r.seq <= ?", number)


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
    groups, checks = groups_of(wanted), checks_of(db, wanted)
    if wanted.unlinked:
        raise Invalid("what links to a note is known of today only: leave out as_of, or unlinked", "unlinked")
    states = list(_states(db, moment))
    if wanted.within is not None:
        below = _below(db, wanted.within, states)
        states = [state for state in states if state[0].id in below]
    found = [state for state in states if fits(wanted, groups, checks, state[1], state[0].updated_at)]
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
    called = renamed_projects(db)
    for note_id, seq, revision, revised_at, kept in rows:
        then = read_metadata(kept)
        if then.project in called:
            then = replace(then, project=called[then.project])
        facts = (then.note_type, then.status, then.project, then.tags, revision, revised_at, 0)
        yield NoteSummary(note_id, then.slug, then.title, *facts), then, seq


def _below(db: Connection, note_id: int, states: list[State]) -> set[int]:
    """The ids of all notes that stood below that one, by the names that their parents have had since."""
    children: dict[int | None, list[int]] = {}
    for summary, then, _ in states:
        if then.parent is not None:
            children.setdefault(find_slug(db, then.parent), []).append(summary.id)
    found: set[int] = set()
    level = [note_id]
    while level:
        level = [child for parent in level for child in children.get(parent, ()) if child not in found]
        found.update(level)
    return found


_FOLDED = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""How titles are compared where their index stands: other letters than those of ASCII are what they are."""

_ORDERS: dict[Sort, Any] = {
    "updated": lambda state: state[2],
    "oldest": lambda state: state[2],
    "created": lambda state: state[0].id,
    "title": lambda state: (state[0].title.translate(_FOLDED), state[0].id),
    "slug": lambda state: state[0].slug,
    "position": lambda state: (state[1].position is None, state[1].position or 0, state[0].slug),
}


def _position(cursor: str | None) -> int:
    position = number_of(cursor or "0")
    if position is None:
        raise Invalid("that cursor is not one of a list with as_of: send the last answer's, unchanged", "cursor")
    return position


def _with_chars(db: Connection, summary: NoteSummary) -> NoteSummary:
    return summary._replace(chars=len(text_at(db, summary.id, summary.revision)))


def metadata_at(db: Connection, note_id: int, moment: Moment) -> Metadata | None:
    """What the note was then but for its text, its project as it is called today; None when it did not exist yet."""
    condition, value = moment
    row = db.execute(
        f"""SELECT r.metadata, {COUNT_FORMER} FROM revisions r
            WHERE r.note_id = ? AND {condition} AND r.metadata IS NOT NULL
            ORDER BY r.seq DESC LIMIT 1""",
        (note_id, value),
    ).fetchone()
    if row is None:
        return None
    then = read_metadata(row[0])
    return replace(then, project=called_now(db, then.project)) if row[1] else then
