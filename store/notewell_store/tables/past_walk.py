"""The notes as they were at a time, those first that had been changed last: read backwards from that time, as far as it
takes to fill a page and no further than a bound, whatever the history is. Where few notes are seen their own histories
are read instead, since what is hidden would have to be gone through. All of them at once, sorted and counted, are
`past.list_notes_at`, which looks at all history.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from notewell_store.contract import Connection, number_of
from notewell_store.errors import Invalid
from notewell_store.models import Filter, Metadata, NoteSummary
from notewell_store.tables.filters import checks_of, fits, groups_of
from notewell_store.tables.project_rows import renamed_projects
from notewell_store.tables.revisions import read_metadata

MOST_WALKED = (20_000, 1_000)
"""Changes of one part, for who sees everything and for others."""
MOST_JUDGED = 1_500
"""Notes whose state is looked at."""
FEW = 1_000
"""Notes that somebody sees, for whom these are gone through and not the changes of all."""

_Change = tuple[int, int, int, str, bool]
"""Its number, the note, the revision, when, and whether it is the last of its note up to the time."""


class PastPart(NamedTuple):
    """Notes as they were, without their sizes. `following` is where the rest goes on; None at the end. Fewer than were
    asked for may come though there are more."""

    notes: tuple[NoteSummary, ...]
    following: str | None


def list_walking_back(db: Connection, wanted: Filter, at: str, place: str, limit: int) -> PastPart:
    """The notes that the filter takes in their state at the time `at`, on from a place ('': from the beginning)."""
    groups, checks, called = groups_of(wanted), checks_of(db, wanted), renamed_projects(db)
    found: dict[int, NoteSummary] = {}
    judged = walked = 0
    last: tuple[str, int] | None = None
    changes, most = _changes(db, at, place)
    for seq, note_id, revision, revised_at, is_state in changes:
        walked, last = walked + 1, (revised_at, seq)
        if not is_state or note_id in found:
            continue
        judged += 1
        then = _metadata(db, note_id, revision, called)
        if then is not None and fits(wanted, groups, checks, then, revised_at):
            found[note_id] = _summary(note_id, then, revision, revised_at)
        if len(found) == limit or judged == MOST_JUDGED:
            return PastPart(tuple(found.values()), _write_place(last))
    return PastPart(tuple(found.values()), _write_place(last) if last and walked == most else None)


def _changes(db: Connection, at: str, place: str) -> tuple[Iterator[_Change], int]:
    """Those to be looked at, and how many they are at most: where fewer come, that was the end."""
    if not db.is_limited:
        return _backwards(db, at, place, MOST_WALKED[0]), MOST_WALKED[0]
    few = _few_seen(db)
    if few is not None:
        return _states(db, few, at, place), FEW + 1
    return _backwards(db, at, place, MOST_WALKED[1]), MOST_WALKED[1]


def _backwards(db: Connection, at: str, place: str, most: int) -> Iterator[_Change]:
    """The changes up to that time, the last first, each with whether it is the last of its note; read while they are
    asked for, since a page is often full after a few."""
    behind, values = _behind(at, place)
    rows = db.execute(
        f"""SELECT r.seq, r.note_id, r.revision, r.revised_at, NOT EXISTS
              (SELECT 1 FROM main.revisions later
               WHERE later.note_id = r.note_id AND later.revision = r.revision + 1 AND later.revised_at <= ?)
            FROM revisions r WHERE {behind} ORDER BY r.revised_at DESC, r.seq DESC LIMIT {most}""",
        [at, *values],
    )
    return iter(rows)


def _few_seen(db: Connection) -> list[int] | None:
    """The notes that are seen, if they are few."""
    ids = [note for (note,) in db.execute(f"SELECT id FROM notes LIMIT {FEW + 1}")]
    return ids if len(ids) <= FEW else None


def _states(db: Connection, notes: list[int], at: str, place: str) -> Iterator[_Change]:
    """As `_backwards`, of these notes the last change alone."""
    behind, values = _behind(at, place)
    rows = db.execute(
        f"""SELECT r.seq, r.note_id, r.revision, r.revised_at, TRUE FROM revisions r
            WHERE r.seq IN (SELECT last.seq FROM main.revisions last
                WHERE last.note_id IN {db.VALUES} AND last.revised_at <= ? AND NOT EXISTS
                  (SELECT 1 FROM main.revisions later
                   WHERE later.note_id = last.note_id AND later.revision = last.revision + 1 AND later.revised_at <= ?))
              AND {behind} ORDER BY r.revised_at DESC, r.seq DESC""",
        [db.listed(notes), at, at, *values],
    )
    return iter(rows)


def _behind(at: str, place: str) -> tuple[str, list[str | int]]:
    """The condition of what comes at a place or behind it, and its values."""
    found = _read_place(place)
    return ("(r.revised_at, r.seq) < (?, ?)", [*found]) if found else ("r.revised_at <= ?", [at])


def _metadata(db: Connection, note_id: int, revision: int, called: dict[str, str]) -> Metadata | None:
    row = db.execute(
        """SELECT metadata FROM revisions WHERE note_id = ? AND revision <= ? AND metadata IS NOT NULL
           ORDER BY revision DESC LIMIT 1""",
        (note_id, revision),
    ).fetchone()
    if row is None:
        return None
    then = read_metadata(row[0])
    return replace(then, project=called[then.project]) if then.project in called else then


def _summary(note_id: int, then: Metadata, revision: int, revised_at: str) -> NoteSummary:
    facts = (then.note_type, then.status, then.project, then.tags, revision, revised_at, 0)
    return NoteSummary(note_id, then.slug, then.title, *facts)


def _write_place(last: tuple[str, int]) -> str:
    return f"{last[0]}~{last[1]}"


def _read_place(place: str) -> tuple[str, int] | None:
    if not place:
        return None
    time, _, number = place.partition("~")
    seq = number_of(number)
    if seq is None:
        raise Invalid("that place is not one of this list: begin anew without it", "cursor")
    return time, seq
