"""What of a store wants to be looked after though nothing in it is wrong: old procedures, todos that belong nowhere."""

from typing import NamedTuple

from notewell_store.contract import Connection

CLOSED = "archived canceled cancelled closed complete completed done obsolete rejected resolved superseded wontfix"
"""Labels of todos that nobody has to do any more."""

_LABELLED = "n.id IN (SELECT note_id FROM labels WHERE label = '{}' AND live = 1)"
_IN_PROJECT = "(? IS NULL OR n.project_id = (SELECT id FROM projects WHERE slug = ?))"


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
    rows = db.execute(
        f"""SELECT n.slug, n.title, n.updated_at FROM notes n
            WHERE {_LABELLED.format("sop")} AND {_LABELLED.format("active")}
              AND lower(coalesce(n.status, 'active')) = 'active' AND n.updated_at < ? AND {_IN_PROJECT}
            ORDER BY n.updated_at, n.slug""",
        (before, project, project),
    )
    return list(map(Stale._make, rows))


def orphaned_todos(db: Connection, project: str | None = None) -> list[Orphan]:
    """Open todos without a living parent, by slug."""
    rows = db.execute(
        f"""SELECT n.slug, n.title, n.status FROM notes n
            WHERE {_LABELLED.format("todo")} AND {_IN_PROJECT}
              AND NOT EXISTS (SELECT 1 FROM notes above WHERE above.id = n.parent_id AND NOT above.deleted)
              AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.note_id = n.id
                AND l.label IN {db.VALUES}) ORDER BY n.slug""",
        (project, project, db.listed(CLOSED.split())),
    )
    return list(map(Orphan._make, rows))
