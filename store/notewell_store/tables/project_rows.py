"""Projects, by their slugs and by their repositories. Imports little, for the session's hook.

What changes them, and all that is told of them, stands in `projects`.
"""

from typing import Any, NamedTuple, NoReturn

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


def _find(db: Connection, columns: str, slug: str | None) -> Any:
    """Columns of the project `p` that is called so, or was and no other is; None where there is none."""
    if slug is None:
        return None
    row = db.execute(f"SELECT {columns} FROM projects p WHERE p.slug = ? AND p.deleted = FALSE", (slug,)).fetchone()
    if row is not None:
        return row
    return db.execute(
        f"""SELECT {columns} FROM project_aliases a JOIN projects p ON p.id = a.project_id
            WHERE a.slug = ? AND p.deleted = FALSE""",
        (slug,),
    ).fetchone()


def has_project(db: Connection, slug: str | None) -> bool:
    return _find(db, "1", slug) is not None


def project_id(db: Connection, slug: str) -> int:
    """The id of the project that is or was called so. Raises NotFound, naming the projects that look like it."""
    row = _find(db, "p.id", slug)
    return int(row[0]) if row else _not_found(db, slug)


def present_slug(db: Connection, slug: str) -> str:
    """What the project is called that is or was called so. Raises NotFound, naming the projects that look like it."""
    row = _find(db, "p.slug", slug)
    return str(row[0]) if row else _not_found(db, slug)


def slug_now(db: Connection, slug: str | None) -> str | None:
    """As present_slug; None of what names no project."""
    row = _find(db, "p.slug", slug)
    return str(row[0]) if row else None


def called_now(db: Connection, slug: str | None) -> str | None:
    """As present_slug; what names no project stays as it is."""
    return slug_now(db, slug) or slug


COUNT_FORMER = "(SELECT count(*) FROM project_aliases)"
"""Whether any project was ever called otherwise: where none was, former names need not be looked up."""


def former_slugs(db: Connection, project: int) -> list[str]:
    """All that the project was called before, in the order of the alphabet."""
    rows = db.execute("SELECT slug FROM project_aliases WHERE project_id = ? ORDER BY slug", (project,))
    return [slug for (slug,) in rows]


def renamed_projects(db: Connection) -> dict[str, str]:
    """What each project that was called otherwise is called now, by its former slugs."""
    rows = db.execute(
        "SELECT a.slug, p.slug FROM project_aliases a JOIN projects p ON p.id = a.project_id WHERE p.deleted = FALSE"
    )
    return dict(rows.fetchall())


def project_slug(db: Connection, number: int | None) -> str | None:
    """The slug of the project of that id."""
    row = db.execute("SELECT slug FROM projects WHERE id = ?", (number,)).fetchone()
    return str(row[0]) if row else None


def project_named(db: Connection, slug: str) -> ProjectRow:
    """The project that is or was called so. Raises NotFound, naming the projects that look like it."""
    row = _find(db, "p.id, p.slug, p.name, p.repo_url", slug)
    return ProjectRow._make(row) if row else _not_found(db, slug)


def _not_found(db: Connection, slug: str) -> NoReturn:
    from notewell_store.nearest import closest  # difflib: only a refusal needs it

    known = [known for (known,) in db.execute("SELECT slug FROM projects WHERE deleted = FALSE")]
    raise NotFound("project", slug, closest(slug, known, close=0.4) or sorted(known)[:5])


def repository_of(db: Connection, slug: str | None) -> tuple[str | None, str | None] | None:
    """The address and the platform of the project's repository, as far as they are known; None where there is no such
    project."""
    row = _find(db, "p.repo_url, p.platform", slug)
    return (row[0], row[1]) if row else None


def repositories_called(db: Connection, name: str) -> list[tuple[str, str]]:
    """The slugs, in their order, and the repositories of projects whose address holds this name, in which `%` stands
    for anything."""
    return db.execute(
        "SELECT slug, repo_url FROM projects WHERE repo_url LIKE ? AND deleted = FALSE ORDER BY slug", (f"%{name}%",)
    ).fetchall()


def count_projects(db: Connection) -> int:
    (total,) = db.execute("SELECT count(*) FROM projects WHERE deleted = FALSE").fetchone()
    return int(total)


def first_projects(db: Connection, most: int) -> list[CountedProject]:
    """The first projects by slug."""
    rows = db.execute(
        f"""SELECT slug, name, repo_url, (SELECT count(*) FROM notes n WHERE n.project_id = p.id AND NOT n.deleted)
           FROM projects p WHERE p.deleted = FALSE ORDER BY slug LIMIT {most}"""
    )
    return list(map(CountedProject._make, rows))
