"""Lists of notes: filters, orders, and cursors that stay right while others write."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import NamedTuple

from notewell_store.errors import Invalid
from notewell_store.models import Filter, NoteSummary, Page, Sort
from notewell_store.sqlite.connection import Connection
from notewell_store.sqlite.labels import spellings, status_label
from notewell_store.sqlite.notes import CHILD, SUMMARY_COLUMNS, summaries


class Order(NamedTuple):
    """How a list is sorted: the key's columns, its ORDER BY, and the condition for what comes after a key."""

    key: str
    order: str
    after: str


ORDERS: dict[Sort, Order] = {
    "updated": Order("n.seq", "n.seq DESC", "n.seq < ?"),
    "created": Order("n.id", "n.id DESC", "n.id < ?"),
    "slug": Order("n.slug", "n.slug", "n.slug > ?"),
    "title": Order("n.title, n.id", "n.title COLLATE NOCASE, n.id", "(n.title COLLATE NOCASE, n.id) > (?, ?)"),
    "position": Order(
        "ifnull(n.position, 9e18), n.slug",
        "ifnull(n.position, 9e18), n.slug",
        "(ifnull(n.position, 9e18), n.slug) > (?, ?)",
    ),
}


def list_notes(
    db: Connection, wanted: Filter, sort: Sort = "updated", limit: int = 20, cursor: str | None = None
) -> Page[NoteSummary]:
    """One page of the notes that a filter takes. `updated` and `created` run newest first, by store order."""
    where, values = conditions(db, wanted)
    (total,) = db.execute(f"SELECT count(*) FROM notes n WHERE {where}", values).fetchone()
    order = ORDERS[sort]
    if cursor is not None:
        where += f" AND {order.after}"
        values = [*values, *_read_cursor(cursor, sort, order)]
    rows = db.execute(
        f"SELECT {SUMMARY_COLUMNS}, {order.key} FROM notes n WHERE {where} ORDER BY {order.order} LIMIT ?",
        [*values, limit + 1],
    ).fetchall()
    page = rows[:limit]
    more = len(rows) > limit
    return Page(total, summaries(page), _write_cursor(sort, page[-1][10:]) if more else None)


def conditions(db: Connection, wanted: Filter) -> tuple[str, list[object]]:
    """The filter as an SQL condition on `notes n`, with its values."""
    where: list[str] = ["n.deleted = ?"]
    values: list[object] = [wanted.deleted]
    live = not wanted.deleted
    groups = [(tag,) for tag in wanted.tags] + ([wanted.any_tags] if wanted.any_tags else [])
    if wanted.note_type is not None:
        groups.append((wanted.note_type,))
        where.append("n.note_type = ?")
        values.append(wanted.note_type)
    if wanted.status is not None:
        statuses = _spellings(db, status_label(wanted.status), live)
        where.append(f"n.status IN ({_marks(statuses)})")
        values += statuses
        groups.append((status_label(wanted.status),))
    for group in groups:
        either = tuple(dict.fromkeys(label for word in group for label in spellings(word)))
        where.append(f"n.id IN (SELECT note_id FROM labels WHERE label IN ({_marks(either)}) AND live = ?)")
        values += [*either, live]
    if wanted.project is not None:
        where.append("n.project_id = (SELECT id FROM projects WHERE slug = ?)")
        values.append(wanted.project)
    if wanted.parent is not None:
        where.append(CHILD if wanted.parent else "n.parent_id IS NULL")
        values += [wanted.parent] if wanted.parent else []
    if wanted.updated_since is not None:
        where.append("n.updated_at >= ?")
        values.append(wanted.updated_since)
    return " AND ".join(where), values


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _spellings(db: Connection, label: str, live: bool) -> list[str]:
    """The statuses, as written, that filters see as this label. SQLite's `lower` knows ASCII only."""
    rows = db.execute(
        """SELECT DISTINCT n.status FROM labels l JOIN notes n ON n.id = l.note_id
           WHERE l.label = ? AND l.live = ? AND n.status IS NOT NULL""",
        (label, live),
    )
    return [status for (status,) in rows if status_label(status) == label]


def _write_cursor(sort: Sort, key: tuple[object, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, *key]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: Sort, order: Order) -> list[object]:
    try:
        kept, *key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise Invalid("that cursor is not one of ours: send the last answer's cursor, unchanged", "cursor") from None
    if kept != sort or len(key) != order.after.count("?") or not all(isinstance(k, str | int | float) for k in key):
        raise Invalid(f"that cursor belongs to sort={kept}: send the same arguments as before", "cursor")
    return list(key)
