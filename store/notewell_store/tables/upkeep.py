"""What of a store wants to be looked after though nothing in it is wrong: old procedures, todos that belong nowhere."""

import json
from typing import NamedTuple

from notewell_store.contract import Condition, Connection
from notewell_store.tables.note_rows import COUNTS
from notewell_store.vocabulary import kind_of, standing

_LABELLED = "n.id IN (SELECT note_id FROM labels WHERE label = '{}' AND live = TRUE)"


class Stale(NamedTuple):
    slug: str
    title: str
    updated_at: str


class Orphan(NamedTuple):
    slug: str
    title: str
    status: str | None


class DanglingLink(NamedTuple):
    """A link that leads nowhere: the note that it stands in, and what it names."""

    slug: str
    title: str
    project: str | None
    target: str


MOST_DANGLING = 1_000
"""Links that lead nowhere, as far as they are counted."""
MOST_WALKED = 2_000
"""Notes whose links are looked at for who does not see everything: the index of links to nothing is everybody's. And
deleted notes that links are looked for to."""


def dangling_links(db: Connection, project: str | None = None, most: int = MOST_DANGLING) -> list[DanglingLink]:
    """The first `most` links of living notes that lead to no note, or to a deleted one; what a note names twice
    is told once."""
    if db.is_limited:
        newest = f"SELECT * FROM notes WHERE NOT deleted ORDER BY seq DESC LIMIT {MOST_WALKED}"
        return _dangling(
            db, f"({newest}) n CROSS JOIN links l", "l.source_id = n.id AND l.target_id IS NULL", project, most
        )
    found = _dangling(db, "links l CROSS JOIN notes n", "n.id = l.source_id AND l.target_id IS NULL", project, most)
    gone = f"(SELECT id FROM notes WHERE deleted = TRUE ORDER BY seq DESC LIMIT {MOST_WALKED}) t"
    to_gone = f"{gone} CROSS JOIN links l CROSS JOIN notes n"
    left = most - len(found)
    return found + _dangling(db, to_gone, "l.target_id = t.id AND n.id = l.source_id", project, left)


def _dangling(db: Connection, source: str, leads: str, project: str | None, most: int) -> list[DanglingLink]:
    within, values = _in_project(project)
    rows = db.execute(
        f"""SELECT DISTINCT n.slug, n.title, (SELECT p.slug FROM projects p WHERE p.id = n.project_id), l.target
            FROM {source} WHERE {leads} AND {COUNTS} AND NOT n.deleted AND {within} LIMIT {most}""",
        values,
    ).fetchall()
    return list(map(DanglingLink._make, rows))


def count_dangling(db: Connection) -> int | None:
    """How many there are, up to MOST_DANGLING; None for who does not see everything, for whom that would take long."""
    return None if db.is_limited else len(dangling_links(db))


def stale_sops(db: Connection, before: str, project: str | None = None) -> list[Stale]:
    """Active SOPs that were not revised since `before`, a time; the oldest first."""
    within, values = _in_project(project)
    rows = db.execute(
        f"""SELECT n.note_type, n.status, n.tags, n.slug, n.title, n.updated_at FROM notes n
            WHERE {_LABELLED.format("sop")} AND n.updated_at < ? AND {within}
            ORDER BY n.updated_at, n.slug""",
        (before, *values),
    )
    return [
        Stale(*facts)
        for note_type, status, tags, *facts in rows
        if kind_of(note_type, json.loads(tags)) == "sop" and standing(status, json.loads(tags)) == "active"
    ]


def orphaned_todos(db: Connection, project: str | None = None) -> list[Orphan]:
    """Todos that are not over and have no living parent, by slug."""
    within, values = _in_project(project)
    rows = db.execute(
        f"""SELECT n.note_type, n.tags, n.slug, n.title, n.status FROM notes n
            WHERE {_LABELLED.format("todo")} AND {within}
              AND NOT EXISTS (SELECT 1 FROM notes above WHERE above.id = n.parent_id AND NOT above.deleted)
            ORDER BY n.slug""",
        values,
    )
    return [
        Orphan(slug, title, status)
        for note_type, tags, slug, title, status in rows
        if kind_of(note_type, json.loads(tags)) == "todo" and standing(status, json.loads(tags)) != "over"
    ]


def _in_project(project: str | None) -> Condition:
    return ("TRUE", []) if project is None else ("n.project_id = (SELECT id FROM projects WHERE slug = ?)", [project])
