"""The notes that a record of reads speaks of, and those of which it does not."""

from collections.abc import Collection
from typing import NamedTuple

from notewell_store.contract import Condition, Connection
from notewell_store.models import NoteSummary
from notewell_store.tables.notes import SUMMARY_COLUMNS, summaries

MOST_UNREAD = 400
OF_NO_USE = ("template", "folder", "project", "board")
"""Types that nobody need read."""


class Named(NamedTuple):
    id: int
    slug: str
    title: str
    project: str | None
    deleted: bool


def named(db: Connection, ids: Collection[int], project: int | None) -> list[Named]:
    """The notes of these ids, tombstones too, as far as they are seen; those of a project, if one is named."""
    within, values = _in_project(project)
    rows = db.execute(
        f"""SELECT n.id, n.slug, n.title, (SELECT p.slug FROM projects p WHERE p.id = n.project_id), n.deleted
            FROM notes n WHERE n.id IN {db.VALUES} AND {within}""",
        (db.listed(ids), *values),
    )
    return [Named._make((*facts, bool(deleted))) for *facts, deleted in rows]


def unread(db: Connection, read: Collection[int], made_before: str, project: int | None) -> tuple[NoteSummary, ...]:
    """The living notes, made before that time, that are none of those that were `read`: the MOST_UNREAD that were
    changed longest ago."""
    within, values = _in_project(project)
    kinds = ", ".join(f"'{kind}'" for kind in OF_NO_USE)
    rows = db.execute(
        f"""SELECT {SUMMARY_COLUMNS} FROM notes n
            WHERE n.id NOT IN {db.VALUES} AND n.created_at < ? AND NOT n.deleted
              AND coalesce(n.note_type, '') NOT IN ({kinds}) AND {within}
            ORDER BY n.updated_at LIMIT {MOST_UNREAD}""",
        (db.listed(read), made_before, *values),
    ).fetchall()
    return summaries(rows)


def _in_project(project: int | None) -> Condition:
    return ("TRUE", []) if project is None else ("n.project_id = ?", [project])
