"""Lists of notes: filters, orders, and cursors that stay right while others write."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from notewell_store.contract import Condition, Connection
from notewell_store.errors import Invalid, NextArgument
from notewell_store.models import Filter, Listing, NoteSummary, Sort
from notewell_store.tables.filters import Column, Groups, checks_of, groups_of, marks
from notewell_store.tables.notes import SUMMARY_COLUMNS, summaries


class Order(NamedTuple):
    """How a list is sorted: the key's columns, its ORDER BY, and the condition for what comes after a key."""

    key: str
    order: str
    after: str


def order_by(db: Connection, sort: Sort) -> Order:
    match sort:
        case "updated":
            return Order("n.seq", "n.seq DESC", "n.seq < ?")
        case "oldest":
            return Order("n.seq", "n.seq", "n.seq > ?")
        case "created":
            return Order("n.id", "n.id DESC", "n.id < ?")
        case "slug":
            return Order("n.slug", "n.slug", "n.slug > ?")
        case "title":
            title = db.folded("n.title")
            return Order("n.title, n.id", f"{title}, n.id", f"({title}, n.id) > ({db.folded('?')}, ?)")
        case "position":
            key = "coalesce(n.position, 9e18), n.slug"
            return Order(key, key, f"({key}) > (?, ?)")


INDEXED_AMONG_LIVING = frozenset({"updated", "oldest", "title"})
"""The orders whose index holds the living notes apart."""

MOST_SORTED = 1_000
"""Notes that are found first and sorted after; more are met in their order, where most of them fit."""

RARE = (250, 1_000, 4_000)
"""Notes of a label that are few beside those of another: the fewer, the better."""


def list_notes(
    db: Connection, wanted: Filter, sort: Sort = "updated", limit: int = 20, cursor: str | None = None
) -> Listing[NoteSummary]:
    """A part of the notes that a filter takes. `updated` and `created` run newest first, by store order, and `oldest`
    begins at what was changed longest ago; folders, which say nothing themselves, come last."""
    order = order_by(db, sort)
    by_index = _is_of_columns(wanted) and order.key == "n.seq"
    total, few = (_count(db, _source(db, wanted)), None) if by_index else _found(db, wanted)
    if few is not None:
        taken: Condition = f"n.id IN {db.VALUES}", [db.listed(few)]
    else:
        taken = conditions(db, wanted) if by_index or sort == "position" else _walking_conditions(db, wanted, sort)
    at = None if cursor is None else _read_cursor(cursor, sort, order)
    rows: list[tuple[Any, ...]] = []
    if at is None or not at.among_folders:
        rows += _rows(db, taken, OTHERS, order, at, limit + 1, by_index)
    others = len(rows)
    if others <= limit and (at is not None or others < total):
        behind = at if at and at.among_folders else None
        rows += _rows(db, taken, FOLDERS, order, behind, limit + 1 - others, by_index)
    shown = rows[:limit]
    if len(rows) <= limit:
        return Listing(total, summaries(shown))
    return Listing(total, summaries(shown), _write_cursor(sort, Place(shown[-1][10:], limit > others)))


class Place(NamedTuple):
    """Where a list goes on: behind this key, which is one of the folders or of what comes before them."""

    key: Sequence[Any]
    among_folders: bool


FOLDERS = "n.note_type = 'folder'"
OTHERS = "coalesce(n.note_type, '') != 'folder'"


def _rows(
    db: Connection, taken: Condition, kind: str, order: Order, at: Place | None, most: int, by_index: bool
) -> list[tuple[Any, ...]]:
    """Where an index tells which ones come first, no others are looked at."""
    where, values = taken
    behind, key = (f" AND {order.after}", at.key) if at else ("", ())
    first = f"WHERE {where} AND {kind}{behind} ORDER BY {order.order} LIMIT {most}"
    if by_index:
        first = f"WHERE n.id IN (SELECT n.id FROM notes n {first}) ORDER BY {order.order}"
    return db.execute(f"SELECT {SUMMARY_COLUMNS}, {order.key} FROM notes n {first}", [*values, *key]).fetchall()


def _found(db: Connection, wanted: Filter) -> tuple[int, list[int] | None]:
    """How many notes the filter takes and, unless they are more than can be sorted quickly or all there are, their ids
    in no order."""
    source, values = _source(db, wanted)
    asked = len(groups_of(wanted)) + len(checks_of(db, wanted))
    if asked:
        rows = db.execute(source, values)
        ids = [note_id for (note_id,) in rows.fetchmany(MOST_SORTED + 1)]
        if len(ids) <= MOST_SORTED:
            return len(ids), ids
    if asked <= 1:
        return _count(db, (source, values)), None
    return len(ids) + sum(1 for _ in rows), None  # to begin again would cost more than to go on


def _count(db: Connection, source: Condition) -> int:
    query, values = source
    (total,) = db.execute(f"SELECT count(*) FROM ({query}) taken", values).fetchone()
    return int(total)


def _source(db: Connection, wanted: Filter) -> Condition:
    """A query for the ids of what the filter takes. Where it names labels alone, no note is looked at."""
    groups, checks = groups_of(wanted), checks_of(db, wanted)
    if not groups or wanted.parent or wanted.within is not None or _is_of_columns(wanted):
        where, values = conditions(db, wanted)
        return f"SELECT n.id FROM notes n WHERE {where}", values
    members, values = _members(db, groups, wanted)
    if not checks:
        return members, values
    where, checked = _joined([check.aside(db) for check in checks])
    return f"SELECT n.id FROM ({members}) m CROSS JOIN notes n WHERE n.id = m.id AND {where}", [*values, *checked]


def _is_of_columns(wanted: Filter) -> bool:
    """Whether it names a type and a project, which one index holds together in the order of changes, and nothing else:
    of two labels that thousands of notes bear, each would be read to the end."""
    named = Filter(note_type=wanted.note_type, project=wanted.project, deleted=wanted.deleted)
    return wanted == named and None not in (wanted.note_type, wanted.project)


def conditions(db: Connection, wanted: Filter) -> Condition:
    """The filter as an SQL condition on `notes n`, with its values, for a query that begins at what few notes have:
    a parent or what is below a note, else the rarest label, else a time."""
    groups, checks = groups_of(wanted), checks_of(db, wanted)
    is_below = bool(wanted.parent or wanted.within is not None)
    if _is_of_columns(wanted):
        tests: list[Condition] = []
    elif is_below:
        tests = [_bearing(db, group, wanted) for group in groups]
    else:
        members = [_members(db, groups, wanted)] if groups else []
        tests = [(f"n.id IN ({source})", values) for source, values in members]
    begins = bool(groups or is_below or wanted.parent is not None or wanted.updated_since or wanted.updated_before)
    alive = Column("n.deleted", "= ?", [wanted.deleted])  # by its index whoever lists all would be read
    return _joined([alive.aside(db) if begins else alive.plain(), *tests, *(check.plain() for check in checks)])


def _walking_conditions(db: Connection, wanted: Filter, sort: Sort) -> Condition:
    """As conditions, for a query that goes through the notes in their order until it has enough: so many fit that
    sorting them would cost more than passing over those that do not."""
    alive = Column("n.deleted", "= ?", [wanted.deleted])
    living = alive.plain() if sort in INDEXED_AMONG_LIVING else alive.aside(db)
    tests = [_bearing(db, group, wanted) for group in groups_of(wanted)]
    return _joined([living, *tests, *(check.aside(db) for check in checks_of(db, wanted))])


def _joined(tests: list[Condition]) -> Condition:
    return " AND ".join(test for test, _ in tests), [value for _, values in tests for value in values]


def _members(db: Connection, groups: Groups, wanted: Filter) -> Condition:
    """The ids of the notes that bear a label of each group, as a query that begins at a rare one and, where none is
    rare, merges what the index holds in one order; an engine that knows which is rare begins there by itself."""
    rare = groups[0] if db.KNOWS_WHAT_IS_RARE else _rare(db, groups, not wanted.deleted)
    begins = [rare] if rare else [group for group in groups if len(group) == 1] or groups[:1]
    merged = [_bearers(group, wanted, "labels" if group is begins[0] else "main.labels") for group in begins]
    source = " INTERSECT ".join(query for query, _ in merged) + (" ORDER BY id" if len(merged) > 1 else "")
    values = [value for _, own in merged for value in own]
    tests = [_bearing(db, group, wanted, "m.id") for group in groups if group not in begins]
    if not tests:
        return source, values
    where, tested = _joined(tests)
    return f"SELECT m.id FROM ({source}) m WHERE {where}", [*values, *tested]


def _bearers(group: tuple[str, ...], wanted: Filter, labels: str) -> Condition:
    """One source shows the reader no more than is visible; what is asked of its notes beside need not look away."""
    several = "DISTINCT " if len(group) > 1 else ""
    query = f"SELECT {several}note_id AS id FROM {labels} WHERE label IN ({marks(group)}) AND live = ?"
    return query, [*group, not wanted.deleted]


def _bearing(db: Connection, group: tuple[str, ...], wanted: Filter, note: str = "n.id") -> Condition:
    """A range of one, so that SQLite looks among the notes of the label, which lie together, and not among the labels
    of the note, which would read the whole index by and by. Who knows what is rare sees in it a range of any width."""
    one = f"b.note_id = {note}" if db.KNOWS_WHAT_IS_RARE else f"b.note_id >= {note} AND b.note_id <= {note}"
    test = f"EXISTS (SELECT 1 FROM main.labels b WHERE b.label IN ({marks(group)}) AND b.live = ? AND {one})"
    return test, [*group, not wanted.deleted]


def _rare(db: Connection, groups: Groups, live: bool) -> tuple[str, ...] | None:
    """A group that few notes bear, so few that they are asked one by one what else they bear; looked at no further
    than that needs."""
    query = "SELECT 1 FROM main.labels WHERE label IN ({}) AND live = ? LIMIT 1 OFFSET ?"
    for most in RARE if len(groups) > 1 else ():
        for group in groups:
            if db.execute(query.format(marks(group)), (*group, live, most)).fetchone() is None:
                return group
    return None


def _write_cursor(sort: Sort, place: Place) -> str:
    told = [sort, *place.key, *([True] if place.among_folders else [])]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: Sort, order: Order) -> Place:
    try:
        kept, *key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise Invalid("that cursor is not one of ours: send the last answer's cursor, unchanged", "cursor") from None
    among_folders = key[-1:] == [True] and isinstance(key[-1], bool)
    key = key[: len(key) - among_folders]
    if kept != sort or len(key) != order.after.count("?") or not all(isinstance(k, str | int | float) for k in key):
        belongs = ("that cursor belongs to ", NextArgument("sort", kept), ": send the same arguments as before")
        raise Invalid(belongs, "cursor")
    return Place(key, among_folders)
