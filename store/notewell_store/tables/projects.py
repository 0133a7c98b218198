"""Projects: codebases that notes belong to."""

from notewell_store.clock import now
from notewell_store.contract import Connection, Store
from notewell_store.errors import Invalid, ProjectInUse
from notewell_store.markdown.slugs import is_slug
from notewell_store.models import Once, Project
from notewell_store.names import is_readable, on_one_line
from notewell_store.saved import Saved
from notewell_store.tables import idempotency, labels, tokens
from notewell_store.tables.project_rows import ProjectRow, called_now, present_slug, project_named

PLATFORMS = ("github", "forgejo", "local")
LONGEST_NAME = 200


def list_projects(db: Connection, slug: str | None = None) -> tuple[Project, ...]:
    """All projects, or the one that is or was called so. Raises NotFound."""
    only = ""
    if slug is not None:
        slug = present_slug(db, slug)
        only = "AND p.slug = ?"
    rows = db.execute(
        f"""WITH gone AS (SELECT project_id, count(*) AS notes FROM notes WHERE deleted = TRUE GROUP BY project_id)
           SELECT p.slug, p.name, p.platform, p.repo_url,
             (SELECT count(*) FROM notes n WHERE n.project_id = p.id) - coalesce(gone.notes, 0)
           FROM projects p LEFT JOIN gone ON gone.project_id = p.id
           WHERE p.deleted = FALSE {only} ORDER BY p.slug""",
        () if slug is None else (slug,),
    )
    return tuple(Project(*row) for row in rows)


def save_project(
    store: Store,
    slug: str,
    actor: str,
    name: str | None = None,
    platform: str | None = None,
    repo_url: str | None = None,
    once: Once | None = None,
    new_slug: str | None = None,
) -> Project:
    """Create the project, or change what is given of it; each state is kept. With a `new_slug` one that there is is
    called so from now on; its former slugs go on leading to it, and never to another. Raises Invalid, NotFound.

    A repeated `once` changes nothing; the answer is then the project as it stands.
    """
    _check_slug(slug, "slug")
    if new_slug is not None:
        _check_slug(new_slug, "new_slug")
    if platform is not None and platform not in PLATFORMS:
        raise Invalid(f"platform={platform!r}: send one of {', '.join(PLATFORMS)}", "platform")
    name = None if name is None else _name(name)
    _check_url(repo_url)
    with store.writing() as db:
        if idempotency.first_answer(db, once) is None:
            before = None if new_slug is None else project_named(db, slug)
            write_project(db, slug, actor, name, platform, repo_url)
            if before is not None and new_slug is not None:
                _rename(db, before, new_slug, actor)
            idempotency.keep(db, once, Saved(slug, 0, "updated"))
        (project,) = list_projects(db, slug)
    return project


def delete_project(store: Store, slug: str, actor: str, once: Once | None = None) -> str:
    """Let there be no such project any more, which must be empty; the answer is its slug. What it was stays known, and
    its names lead to no other: to make it again is to have it back. Raises ProjectInUse, and NotFound where there never
    was one."""
    with store.writing() as db:
        if idempotency.first_answer(db, once) is not None or _is_deleted(db, slug):
            return slug
        project = project_named(db, slug)
        _require_empty(db, project)
        db.execute("UPDATE projects SET deleted = TRUE WHERE id = ?", (project.id,))
        _keep_change(db, project.id, actor)
        idempotency.keep(db, once, Saved(project.slug, 0, "updated"))
    return project.slug


def _is_deleted(db: Connection, slug: str) -> bool:
    return db.execute("SELECT 1 FROM projects WHERE slug = ? AND deleted = TRUE", (slug,)).fetchone() is not None


def _require_empty(db: Connection, project: ProjectRow) -> None:
    row = db.execute(
        """SELECT count(*), coalesce(sum(CASE WHEN deleted = TRUE THEN 1 ELSE 0 END), 0) FROM notes
           WHERE project_id = ?""",
        (project.id,),
    ).fetchone()
    every, deleted = row
    at = now()
    valid = [one for one in tokens.of_project(db, project.slug) if one.is_known and not one.revoked_at]
    unexpired = [one for one in valid if one.expires_at is None or one.expires_at > at]
    if every or unexpired:
        raise ProjectInUse(project.slug, every - deleted, deleted, len(unexpired))


def _check_slug(slug: str, argument: str) -> None:
    if not is_slug(slug) or slug == "none":  # which says of a note that it has no project
        raise Invalid(
            f"{argument}={slug[:80]!r}: a project's slug is of a-z, 0-9 and single hyphens, such as web-app", argument
        )


def _rename(db: Connection, project: ProjectRow, slug: str, actor: str) -> None:
    """Former names are kept for good: revisions bear them, settings and tokens of others name them."""
    if slug == project.slug:
        return
    _require_free(db, project.id, slug)
    db.execute("DELETE FROM project_aliases WHERE slug = ?", (slug,))
    db.execute("INSERT INTO project_aliases (slug, project_id) VALUES (?, ?)", (project.slug, project.id))
    tokens.move_project(db, project.id, project.slug, slug)
    idempotency.move_keys(db, project.slug, slug)
    labels.make_again_of_project(db, project.id)
    _keep_change(db, project.id, actor)


def _require_free(db: Connection, own: int, slug: str) -> None:
    """Raise Invalid for a name that another project has, or ever had."""
    other = db.execute(
        """SELECT p.slug, p.deleted FROM projects p WHERE p.slug = ?1 AND p.id != ?2
           UNION ALL SELECT p.slug, p.deleted FROM project_aliases a JOIN projects p ON p.id = a.project_id
             WHERE a.slug = ?1 AND p.id != ?2""",
        (slug, own),
    ).fetchone()
    if other is not None:
        which = f"the project {other[0]}{', which was deleted' if other[1] else ''}"
        raise Invalid(f"{slug!r} is or was a name of {which}: choose another", "new_slug" if own else "slug")


def _keep_change(db: Connection, project: int, actor: str) -> None:
    """Add the project as it is now to its history."""
    db.execute(
        """INSERT INTO project_changes (project_id, slug, name, platform, repo_url, deleted, actor, changed_at)
           SELECT id, slug, name, platform, repo_url, deleted, ?, ? FROM projects WHERE id = ?""",
        (actor, now(), project),
    )


def _name(name: str) -> str:
    """On one line, since it stands in one wherever projects are listed."""
    stripped = on_one_line(name)
    if len(stripped) > LONGEST_NAME or not is_readable(stripped):
        raise Invalid(f"name={name[:80]!r}: send one line of 1 to {LONGEST_NAME} printable characters", "name")
    return stripped


def _check_url(repo_url: str | None) -> None:
    """An empty one takes the URL away."""
    if repo_url and (not is_readable(repo_url) or " " in repo_url):
        raise Invalid(f"repo_url={repo_url[:80]!r}: send a URL, without white space", "repo_url")


def write_project(
    db: Connection, slug: str, actor: str, name: str | None, platform: str | None, repo_url: str | None
) -> None:
    slug = called_now(db, slug) or slug
    row = db.execute("SELECT name, platform, repo_url, deleted FROM projects WHERE slug = ?", (slug,)).fetchone()
    if row is None:
        _require_free(db, 0, slug)
    before = None if row is None or row[3] else row[:3]
    kept = before or (slug, None, None)
    after = tuple(new if new is not None else old for new, old in zip((name, platform, repo_url), kept, strict=True))
    if before is not None and after == tuple(before):
        return
    (identity,) = db.execute(
        """INSERT INTO projects (slug, name, platform, repo_url) VALUES (?, ?, ?, ?)
           ON CONFLICT (slug) DO UPDATE SET name = excluded.name, platform = excluded.platform,
             repo_url = excluded.repo_url, deleted = FALSE RETURNING id""",
        (slug, *after),
    ).fetchone()
    _keep_change(db, identity, actor)
