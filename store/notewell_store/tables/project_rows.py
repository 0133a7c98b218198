"""Projects, by their slugs and by their repositories. Imports little, for the session's hook.

What changes them, and all that is told of them, stands in `projects`.
"""

from typing import NamedTuple, NoReturn

from notewell_store.contract import Connection
from notewell_store.errors import NotFound


class ProjectRow(NamedTuple):
    id: int
    slug: str
    name: str
    repo_url: str | None


class CountedProject(NamedTuple):
    """A project with how many living notes it has."""

    slug: str
    name: str
    repo_url: str | None
    notes: int


def has_project(db: Connection, slug: str | None) -> bool:
    return db.execute("SELECT 1 FROM projects WHERE slug = ?", (slug,)).fetchone() is not None


def project_id(db: Connection, slug: str) -> int:
    """The id of the project. Raises NotFound, naming the projects that look like it."""
    row = db.execute("SELECT id FROM projects WHERE slug = ?", (slug,)).fetchone()
    return int(row[0]) if row else _not_found(db, slug)


def project_named(db: Connection, slug: str) -> ProjectRow:
    """The project of that slug. Raises NotFound, naming the projects that look like it."""
    row = db.execute("SELECT id, slug, name, repo_url FROM projects WHERE slug = ?", (slug,)).fetchone()
    return ProjectRow._make(row) if row else _not_found(db, slug)


def _not_found(db: Connection, slug: str) -> NoReturn:
    from notewell_store.nearest import closest  # difflib: only a refusal needs it

    known = [known for (known,) in db.execute("SELECT slug FROM projects")]
    raise NotFound("project", slug, closest(slug, known, close=0.4) or sorted(known)[:5])


def repository_of(db: Connection, slug: str | None) -> tuple[str | None, str | None] | None:
    """The address and the platform of the project's repository, as far as they are known; None where there is no such
    project."""
    row = db.execute("SELECT repo_url, platform FROM projects WHERE slug = ?", (slug,)).fetchone()
    return (row[0], row[1]) if row else None


def repositories_called(db: Connection, name: str) -> list[tuple[str, str]]:
    """The slugs, in their order, and the repositories of projects whose address holds this name, in which `%` stands
    for anything."""
    return db.execute(
        "SELECT slug, repo_url FROM projects WHERE repo_url LIKE ? ORDER BY slug", (f"%{name}%",)
    ).fetchall()


def count_projects(db: Connection) -> int:
    (total,) = db.execute("SELECT count(*) FROM projects").fetchone()
    return int(total)


def first_projects(db: Connection, most: int) -> list[CountedProject]:
    """The first projects by slug."""
    rows = db.execute(
        """SELECT slug, name, repo_url, (SELECT count(*) FROM notes n WHERE n.project_id = p.id AND NOT n.deleted)
           FROM projects p ORDER BY slug LIMIT ?""",
        (most,),
    )
    return list(map(CountedProject._make, rows))
