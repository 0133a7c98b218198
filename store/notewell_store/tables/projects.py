"""Projects: codebases that notes belong to."""

from notewell_store.clock import now
from notewell_store.contract import Connection, Store
from notewell_store.errors import Invalid
from notewell_store.markdown.slugs import is_slug
from notewell_store.models import Once, Project
from notewell_store.names import is_readable, on_one_line
from notewell_store.saved import Saved
from notewell_store.tables import idempotency
from notewell_store.tables.project_rows import project_id

PLATFORMS = ("github", "forgejo", "local")
LONGEST_NAME = 200


def list_projects(db: Connection, slug: str | None = None) -> tuple[Project, ...]:
    """All projects, or the one of that slug. Raises NotFound."""
    only = ""
    if slug is not None:
        project_id(db, slug)
        only = "WHERE p.slug = ?"
    rows = db.execute(
        f"""WITH gone AS (SELECT project_id, count(*) AS notes FROM notes WHERE deleted = TRUE GROUP BY project_id)
           SELECT p.slug, p.name, p.platform, p.repo_url,
             (SELECT count(*) FROM notes n WHERE n.project_id = p.id) - coalesce(gone.notes, 0)
           FROM projects p LEFT JOIN gone ON gone.project_id = p.id {only} ORDER BY p.slug""",
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
) -> Project:
    """Create the project, or change what is given of it; each state is kept. Raises Invalid.

    A repeated `once` changes nothing; the answer is then the project as it stands.
    """
    if not is_slug(slug) or slug == "none":  # which says of a note that it has no project
        raise Invalid(
            f"slug={slug[:80]!r}: a project's slug is of a-z, 0-9 and single hyphens, such as web-app", "slug"
        )
    if platform is not None and platform not in PLATFORMS:
        raise Invalid(f"platform={platform!r}: send one of {', '.join(PLATFORMS)}", "platform")
    name = None if name is None else _name(name)
    _check_url(repo_url)
    with store.writing() as db:
        if idempotency.first_answer(db, once) is None:
            write_project(db, slug, actor, name, platform, repo_url)
            idempotency.keep(db, once, Saved(slug, 0, "updated"))
        (project,) = list_projects(db, slug)
    return project


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
    before = db.execute("SELECT name, platform, repo_url FROM projects WHERE slug = ?", (slug,)).fetchone()
    kept = before or (slug, None, None)
    after = tuple(new if new is not None else old for new, old in zip((name, platform, repo_url), kept, strict=True))
    if before is not None and after == tuple(before):
        return
    (identity,) = db.execute(
        """INSERT INTO projects (slug, name, platform, repo_url) VALUES (?, ?, ?, ?)
           ON CONFLICT (slug) DO UPDATE SET name = excluded.name, platform = excluded.platform,
             repo_url = excluded.repo_url RETURNING id""",
        (slug, *after),
    ).fetchone()
    db.execute(
        """INSERT INTO project_changes (project_id, name, platform, repo_url, actor, changed_at)
           VALUES (?, ?, ?, ?, ?, ?)""",
        (identity, *after, actor, now()),
    )
