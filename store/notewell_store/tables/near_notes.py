"""What is asked of the notes that are like a text: what they are labelled with, what they link to, what they are
called."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from notewell_store.contract import Connection
from notewell_store.index_query import IndexQuery
from notewell_store.models import Filter
from notewell_store.resolution import Way
from notewell_store.tables.found_passages import CANDIDATE, WITH_TEXT, Candidate, candidate_of, taken_by
from notewell_store.tables.note_rows import and_heeded

T = TypeVar("T")

LAST = "\U0010ffff"
MOST_CALLED = 500  # titles that are looked at
MOST_NEAR = 4


class Facts(NamedTuple):
    """A living note. `parent` is the slug of the one above it, where that is seen."""

    id: int
    slug: str
    title: str
    revision: int
    note_type: str | None
    project: str | None
    tags: tuple[str, ...]
    parent: str | None


class Called(NamedTuple):
    """A living note by its title: `key` is that, folded."""

    key: str
    id: int
    slug: str
    title: str


class Led(NamedTuple):
    """A link of one note to another; `name` is how its text names that, where a slug would not do."""

    source: int
    target: int
    name: str | None


def unless_damaged(db: Connection, ask: Callable[[], T | None]) -> T | None:
    """What is found; nothing where rows that are read are damaged, which keeps nobody from writing others."""
    faults: tuple[type[Exception], ...] = (LookupError, TypeError, AttributeError, *db.DAMAGE)
    try:
        return ask()
    except faults:
        return None


def facts(db: Connection, note_ids: Iterable[int], project: str | None = None) -> dict[int, Facts]:
    """Those of these notes that live, and that the project heeds, where one is named."""
    heeded, values = and_heeded(project)
    rows = db.execute(
        f"""SELECT n.id, n.slug, n.title, n.revision, n.note_type, p.slug, n.tags, above.slug
            FROM notes n LEFT JOIN projects p ON p.id = n.project_id LEFT JOIN notes above ON above.id = n.parent_id
            WHERE n.id IN {db.VALUES} AND NOT n.deleted{heeded}""",
        [db.listed(note_ids), *values],
    )
    return {
        note_id: Facts(note_id, slug, title, revision, note_type, owner, _list(tags), above)
        for note_id, slug, title, revision, note_type, owner, tags, above in rows
    }


def near(
    db: Connection, query: IndexQuery, most: int, limit: int, project: str | None, but: int
) -> list[tuple[Candidate, Facts]]:
    """The passages that the index ranks best, of those that are seen in notes that the project heeds, but those of the
    note `but`, with the facts of their notes; of more than `most` the newest are ranked. They are looked for among
    MOST_NEAR times as many: to know of each passage whose it is costs more than to rank it."""
    ranked, asked = db.index.ranked(query)
    taken = taken_by(db, Filter())
    heeded, values = and_heeded(project)
    rows = db.execute(
        f"""SELECT {CANDIDATE}, above.slug FROM
              (SELECT id, rank FROM (SELECT hit.id, hit.rank FROM ({ranked}) hit WHERE {taken.where}
                  ORDER BY hit.id DESC LIMIT {most}) newest
                ORDER BY rank, id DESC LIMIT {MOST_NEAR * limit}) best
            CROSS JOIN {WITH_TEXT} LEFT JOIN notes above ON above.id = n.parent_id
            WHERE p.id = best.id AND n.id != ?{heeded} ORDER BY best.rank, best.id DESC LIMIT {limit}""",
        [*asked, *taken.values, but, *values],
    )
    return [(candidate_of(row), _facts_of(row, parent)) for *row, parent in rows]


def _facts_of(row: Sequence[Any], parent: str | None) -> Facts:
    """From the columns of CANDIDATE."""
    _, note_id, slug, note_type, _, project, revision, _, _, tags, title, *_ = row
    return Facts(note_id, slug, title, revision, note_type, project, _list(tags), parent)


@lru_cache(maxsize=256)  # of the notes near one few have tags of their own
def _list(tags: str) -> tuple[str, ...]:
    return tuple(json.loads(tags))


def titled(db: Connection, beginnings: Iterable[str], project: str | None) -> list[Called]:
    """The living notes that the project heeds whose titles, folded, begin so; MOST_CALLED at most."""
    heeded, values = and_heeded(project)
    rows = db.execute(
        f"""SELECT DISTINCT k.key, n.id, n.slug, n.title FROM {db.TEXTS} j CROSS JOIN names k CROSS JOIN notes n
            WHERE k.key >= j.value AND k.key < j.value || '{LAST}' AND k.way = {Way.TITLE:d}
              AND n.id = k.note_id AND NOT n.deleted{heeded} LIMIT {MOST_CALLED}""",
        [db.listed(beginnings), *values],
    )
    return [Called(*row) for row in rows]


def led_by(db: Connection, note_ids: Iterable[int]) -> list[Led]:
    """The links of these notes that lead to another, in their order."""
    rows = db.execute(
        f"""SELECT l.source_id, l.target_id, l.name FROM links l
            WHERE l.source_id IN {db.VALUES} AND l.target_id IS NOT NULL AND l.target_id != l.source_id
            ORDER BY l.source_id, l.id""",
        (db.listed(note_ids),),
    )
    return [Led(*row) for row in rows]
