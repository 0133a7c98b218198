"""What changed, for people who follow a store: changes with their notes' titles, and how many there were when.

Nothing here reads all of history. Changes are numbered without gaps, so a stretch of them is a range of numbers, and
costs the same whatever the store holds; who does not see everything is asked about each row, and has a shorter one.
"""

from typing import Any, NamedTuple

from notewell_store.clock import parse_time
from notewell_store.contract import Condition, Connection, number_of
from notewell_store.errors import Invalid
from notewell_store.tables.changes import newest_change
from notewell_store.tables.project_rows import project_id

MOST_LOOKED_AT = (20_000, 1_000)
"""Changes of one part of the feed, for who sees everything and for others."""
MOST_COUNTED = (10_000, 1_000)
"""Changes that are counted by days."""
MOST_SAMPLED = (2_000, 500)
"""Changes by which all of history is judged."""
MOST_NOTES = 5_000
"""Notes of a project by which it is told when it was changed last."""


class FeedEntry(NamedTuple):
    """A change, and what its note is called today."""

    seq: int
    slug: str
    title: str
    note_type: str | None
    project: str | None
    deleted: bool
    revision: int
    revised_at: str
    actor: str
    revised_by: str | None
    reason: str | None
    changed: tuple[str, ...]
    door: str | None
    client: str | None


class FeedPart(NamedTuple):
    """Changes, newest first. `before` is the number to go on below; None where the beginning was reached."""

    entries: tuple[FeedEntry, ...]
    before: int | None


COLUMNS = """r.seq, n.slug, n.title, n.note_type, (SELECT p.slug FROM projects p WHERE p.id = n.project_id), n.deleted,
  r.revision, r.revised_at, r.actor, r.revised_by, r.reason, r.changed, r.door, r.client"""


def newest_first(
    db: Connection,
    *,
    actor: str | None = None,
    project: str | None = None,
    since: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> FeedPart:
    """Changes that fit, below the number `before`. `since` is a time. Fewer than `limit` may come though there are
    more: so many changes are looked at, and no others. Raises Invalid, NotFound."""
    own = None if project is None else project_id(db, project)
    top = _begin(db, actor, own, before)
    floor = max(0, top - _of(db, MOST_LOOKED_AT))
    tests, values = _tests(db, actor, own, since)
    rows = db.execute(
        f"""SELECT {COLUMNS} FROM revisions r JOIN notes n ON n.id = r.note_id
            WHERE r.seq <= ? AND r.seq > ?{tests} ORDER BY r.seq DESC LIMIT {limit + 1}""",
        [top, floor, *values],
    ).fetchall()
    entries = tuple(map(_entry, rows[:limit]))
    if len(rows) > limit:
        return FeedPart(entries, entries[-1].seq)
    return FeedPart(entries, floor + 1 if floor else None)


def after(db: Connection, seq: int, limit: int) -> tuple[FeedEntry, ...]:
    """The first changes after that number, oldest first."""
    rows = db.execute(
        f"""SELECT {COLUMNS} FROM revisions r JOIN notes n ON n.id = r.note_id
            WHERE r.seq > ? ORDER BY r.seq LIMIT {limit}""",
        (seq,),
    ).fetchall()
    return tuple(map(_entry, rows))


def _begin(db: Connection, actor: str | None, project: int | None, before: int | None) -> int:
    """The change at which to begin: where somebody was long away, the newest that may fit."""
    top = newest_change(db) if before is None else before - 1
    if db.is_limited:
        return top
    if actor is not None:
        (newest,) = db.execute("SELECT max(seq) FROM revisions WHERE actor = ? AND seq <= ?", (actor, top)).fetchone()
        return newest or 0
    if project is not None:
        some = f"SELECT seq FROM notes WHERE project_id = ? LIMIT {MOST_NOTES + 1}"
        count, newest = db.execute(f"SELECT count(*), max(seq) FROM ({some}) some", (project,)).fetchone()
        return top if count > MOST_NOTES else min(top, newest or 0)
    return top


def _tests(db: Connection, actor: str | None, project: int | None, since: str | None) -> Condition:
    """The range of numbers is what a plan begins at, but for the changes of one actor."""
    tests: list[str] = []
    values: list[Any] = []
    if actor is not None:
        tests.append("r.actor = ?")
        values.append(actor)
    if project is not None:
        tests.append(f"{db.aside('n.project_id')} = ?")
        values.append(project)
    if since is not None:
        tests.append(f"{db.aside('r.revised_at')} > ?")
        values.append(parse_time(since, "since"))
    return "".join(f" AND {test}" for test in tests), values


def _entry(row: tuple[Any, ...]) -> FeedEntry:
    return FeedEntry._make((*row[:5], bool(row[5]), *row[6:11], tuple(row[11].split(",")), *row[12:]))


class Count(NamedTuple):
    """How many changes one actor made by one door on one day."""

    day: str
    actor: str
    door: str | None
    changes: int


class Counted(NamedTuple):
    """`since` is the time from which on all were counted."""

    since: str
    counts: tuple[Count, ...]


def counted_by_day(db: Connection, since: str) -> Counted:
    """The changes since a time, as many of the newest as are counted."""
    most = _of(db, MOST_COUNTED)
    last = db.execute(
        f"SELECT revised_at FROM main.revisions ORDER BY revised_at DESC LIMIT 1 OFFSET {most}"
    ).fetchone()
    since = max(since, last[0]) if last else since
    rows = db.execute(
        """SELECT substr(r.revised_at, 1, 10) AS day, r.actor, r.door, count(*) FROM revisions r
           WHERE r.revised_at > ? GROUP BY day, r.actor, r.door""",
        (since,),
    ).fetchall()
    return Counted(since, tuple(map(Count._make, rows)))


def months(db: Connection) -> dict[str, int]:
    """Of each month of history, such as 2026-11, about how many changes were made: judged by some, evenly taken, where
    there are many. Every month in which some were is there as far as these tell, the first and the last surely for who
    sees everything."""
    newest = newest_change(db)
    step = max(1, -(-newest // _of(db, MOST_SAMPLED)))
    rows = db.execute(
        f"""SELECT substr(r.revised_at, 1, 7) AS month, count(*) FROM revisions r WHERE r.seq IN {db.VALUES}
            GROUP BY month""",
        (db.listed(range(newest, 0, -step)),),
    ).fetchall()
    found = {month: count * step for month, count in rows}
    if not db.is_limited and newest:
        for order in ("", " DESC"):
            (time,) = db.execute(f"SELECT revised_at FROM revisions ORDER BY revised_at{order} LIMIT 1").fetchone()
            found.setdefault(time[:7], 1)
    return dict(sorted(found.items()))


def _of(db: Connection, most: tuple[int, int]) -> int:
    return most[1] if db.is_limited else most[0]


def read_place(text: str) -> int | None:
    """Where a part goes on, as an address says it; None for ''. Raises Invalid."""
    if not text:
        return None
    number = number_of(text)
    if number is None:
        raise Invalid(f"before={text[:80]!r} is no change number", "before")
    return number
