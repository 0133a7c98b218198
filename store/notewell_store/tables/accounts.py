"""On whose account revisions were made: the pull requests, commits and other words that `revised_by` holds."""

from typing import NamedTuple

from notewell_store.contract import Condition, Connection
from notewell_store.markdown.mentions import PULL_REQUEST
from notewell_store.tables.note_rows import and_heeded


class Account(NamedTuple):
    """The newest revision on an account, and how many there are."""

    note_id: int
    slug: str
    title: str
    created_at: str
    revision: int
    revised_by: str
    revisions: int


def find_account(db: Connection, first: str, last: str, project: str | None) -> Account | None:
    """The newest revision whose `revised_by` lies from `first` to `last`, of the notes that a project heeds."""
    on_account, values = _on_account(first, last, project)
    row = db.execute(
        f"""SELECT n.id, n.slug, n.title, n.created_at, r.revision, r.revised_by, (SELECT count(*) {on_account})
            FROM revisions r JOIN notes n ON n.id = r.note_id WHERE r.seq = (SELECT max(seq) {on_account})""",
        values * 2,
    ).fetchone()
    return Account._make(row) if row else None


def _on_account(first: str, last: str, project: str | None) -> Condition:
    heeded, values = and_heeded(project)
    of_heeded = f" AND EXISTS (SELECT 1 FROM notes n WHERE n.id = note_id{heeded})" if heeded else ""
    return f"FROM revisions WHERE revised_by BETWEEN ? AND ?{of_heeded}", [first, last, *values]


def _is_recorded(db: Connection, start: str, repository: str, project: str | None) -> bool:
    """Whether a revision is on an account that goes on from `start` with a number, or a project has the repository: of
    one project, its own revisions and those of none, and its own repository."""
    on_account, values = _on_account(start, f"{start}:", project)
    own, names = ("", []) if project is None else (" AND slug = ?", [project])
    row = db.execute(
        f"""SELECT EXISTS (SELECT 1 {on_account})
             OR EXISTS (SELECT 1 FROM projects WHERE rtrim(repo_url, '/') = ? AND deleted = FALSE{own})""",
        (*values, repository, *names),
    ).fetchone()
    return bool(row[0])


def find_pull(db: Connection, url: str, project: str | None) -> Account | None:
    return find_account(db, url, url, project) or find_account(db, f"{url}/", f"{url}/", project)


def find_commit(db: Connection, sha: str, project: str | None) -> Account | None:
    """By the whole SHA or its beginning."""
    return find_account(db, sha, f"{sha}g", project)


def is_recorded_repository(db: Connection, pull: str, project: str | None) -> bool:
    """Whether the store, or what one project heeds of it, knows changes of the repository that a pull request's URL
    names."""
    repository = PULL_REQUEST.fullmatch(pull)
    if not repository:
        return False
    start = pull[: pull.rindex("/") + 1]
    return _is_recorded(db, start, repository[1], project)
