"""What of a store wants to be looked after though nothing in it is wrong: old procedures, todos that belong nowhere."""

import json
from typing import NamedTuple

from notewell_store.contract import Condition, Connection
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
