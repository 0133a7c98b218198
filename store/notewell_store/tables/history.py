"""Reading history: which revisions there are, what one changed, who brought each line."""

import base64
import itertools
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from notewell_store.clock import parse_time
from notewell_store.contract import Connection, number_of
from notewell_store.errors import Invalid
from notewell_store.markdown.diffs import blame, unified_diff
from notewell_store.models import BlameRange, ExplicitLink, Listing, Metadata, Revision
from notewell_store.tables.revisions import load_at, newest_texts

MOST_BLAMED = 200
"""Revisions that are compared for who brought a line."""
MOST_COMPARED = 10_000_000
"""Characters of these together: some 1.5 s."""


def list_revisions(
    db: Connection,
    note_id: int | None = None,
    *,
    revised_by: str | None = None,
    actor: str | None = None,
    since: str | None = None,
    up_to: int | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> Listing[Revision]:
    """Revisions of one note or of the whole store, newest first, by `seq`.

    `since` is a time or, all digits, a change number: what came after it. `up_to` is a revision of the note, the last
    that counts.
    """
    where, values = _conditions(db, note_id, revised_by, actor, since)
    if up_to is not None:
        where, values = f"{where} AND r.revision <= ?", [*values, up_to]
    only = f" WHERE {where}" if values else ""  # SQLite counts a table by its pages only where there is no condition
    (total,) = db.execute(f"SELECT count(*) FROM revisions r{only}", values).fetchone()
    if cursor is not None:
        where += " AND r.seq < ?"
        values = [*values, _read_cursor(cursor)]
    by = db.aside("r.seq") if "r.revised_at" in where else "r.seq"  # else all may be read back to the beginning
    rows = db.execute(
        f"""SELECT n.slug, r.revision, r.seq, r.revised_at, r.actor, r.revised_by, r.reason, r.changed
            FROM revisions r JOIN notes n ON n.id = r.note_id
            WHERE {where} ORDER BY {by} DESC LIMIT ?""",
        [*values, limit + 1],
    ).fetchall()
    items = tuple(_revision(row) for row in rows[:limit])
    return Listing(total, items, _write_cursor(items[-1].seq) if len(rows) > limit else None)


def changes_after(db: Connection, seq: int, limit: int) -> tuple[Revision, ...]:
    """The first `limit` revisions of the whole store after that change number, oldest first."""
    rows = db.execute(
        """SELECT n.slug, r.revision, r.seq, r.revised_at, r.actor, r.revised_by, r.reason, r.changed
           FROM revisions r JOIN notes n ON n.id = r.note_id WHERE r.seq > ? ORDER BY r.seq LIMIT ?""",
        (seq, limit),
    ).fetchall()
    return tuple(map(_revision, rows))


def _revision(row: tuple[Any, ...]) -> Revision:
    slug, revision, seq, revised_at, actor, revised_by, reason, changed = row
    return Revision(slug, revision, seq, revised_at, actor, revised_by, reason, tuple(changed.split(",")))


def _conditions(
    db: Connection, note_id: int | None, revised_by: str | None, actor: str | None, since: str | None
) -> tuple[str, list[object]]:
    where: list[str] = []
    values: list[object] = []
    by = db.aside("r.actor") if since else "r.actor"  # what came since is little; an actor may have done half of all
    for column, value in (("r.note_id", note_id), ("r.revised_by", revised_by), (by, actor)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if since is not None:
        number = number_of(since.strip())
        where.append("r.revised_at > ?" if number is None else "r.seq > ?")
        values.append(parse_time(since, "since") if number is None else number)
    return " AND ".join(where) or "TRUE", values


def diff_revisions(db: Connection, note_id: int, slug: str, old: int, new: int) -> str:
    """What lies between two revisions: changed metadata as `- status: draft`, then a unified diff of the text."""
    if old == 0:  # what the first revision did
        return unified_diff("", load_at(db, note_id, slug, new).markdown, "(new)", f"{slug}@{new}")
    before, after = load_at(db, note_id, slug, old), load_at(db, note_id, slug, new)
    text = unified_diff(before.markdown, after.markdown, f"{slug}@{old}", f"{slug}@{new}")
    return diff_metadata(before.metadata, after.metadata) + text


def diff_metadata(old: Metadata, new: Metadata) -> str:
    """Two lines for each field that differs: `- status: draft` and `+ status: active`."""
    return "".join(
        f"{sign} {name}: {_shown(getattr(state, name))}\n"
        for name in old.__slots__
        if getattr(old, name) != getattr(new, name)
        for sign, state in (("-", old), ("+", new))
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    if isinstance(value, ExplicitLink):
        return f"{value.relation} {value.target}"
    return "" if value is None else str(value)


def blame_note(db: Connection, note_id: int) -> tuple[BlameRange, ...]:
    """For each run of lines of the newest text, the revision that brought it, as far back as is looked."""
    versions = _newest_within(newest_texts(db, note_id, MOST_BLAMED), MOST_COMPARED)
    lines = blame(versions)
    by = {
        revision: (revised_by, actor)
        for revision, revised_by, actor in db.execute(
            "SELECT revision, revised_by, actor FROM revisions WHERE note_id = ?", (note_id,)
        )
    }
    oldest = versions[0][0] if versions and versions[0][0] > min(by) else None
    ranges: list[BlameRange] = []
    first = 1
    for revision, run in itertools.groupby(lines, key=lambda line: line[0]):
        text = [line for _, line in run]
        revised_by, actor = by[revision]
        last = first + len(text) - 1
        ranges.append(BlameRange(revision, revised_by, actor, first, last, "".join(text), revision == oldest))
        first += len(text)
    return tuple(ranges)


def _newest_within(versions: Iterable[tuple[int, str]], most: int) -> Sequence[tuple[int, str]]:
    """The last of these, as many as have that many characters together; the very last in any case."""
    kept: deque[tuple[int, str]] = deque()
    size = 0
    for version in versions:
        kept.append(version)
        size += len(version[1])
        while size > most and len(kept) > 1:
            size -= len(kept.popleft()[1])
    return kept


def _write_cursor(seq: int) -> str:
    return base64.urlsafe_b64encode(str(seq).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise Invalid("that cursor is not one of ours: send the last answer's cursor, unchanged", "cursor") from None
