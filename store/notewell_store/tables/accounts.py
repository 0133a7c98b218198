"""On whose account revisions were made: the pull requests, commits and other words that `revised_by` holds."""

from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.markdown.mentions import PULL_REQUEST


class Account(NamedTuple):
    """The newest revision on an account, and how many there are."""

    note_id: int
    slug: str
    title: str
    created_at: str
    revision: int
    revised_by: str
    revisions: int


def find_account(db: Connection, first: str, last: str) -> Account | None:
    """The newest revision whose `revised_by` lies from `first` to `last`."""
    on_account = "FROM revisions WHERE revised_by BETWEEN ?1 AND ?2"
    row = db.execute(
        f"""SELECT n.id, n.slug, n.title, n.created_at, r.revision, r.revised_by, (SELECT count(*) {on_account})
            FROM revisions r JOIN notes n ON n.id = r.note_id WHERE r.seq = (SELECT max(seq) {on_account})""",
        (first, last),
    ).fetchone()
    return Account._make(row) if row else None


def _is_recorded(db: Connection, start: str, repository: str) -> bool:
    """Whether a revision is on an account that goes on from `start` with a number, or a project has the repository."""
    row = db.execute(
        """SELECT EXISTS (SELECT 1 FROM revisions WHERE revised_by BETWEEN ?1 AND ?1 || ':')
             OR EXISTS (SELECT 1 FROM projects WHERE rtrim(repo_url, '/') = ?2)""",
        (start, repository),
    ).fetchone()
    return bool(row[0])


def find_pull(db: Connection, url: str) -> Account | None:
    return find_account(db, url, url) or find_account(db, f"{url}/", f"{url}/")


def find_commit(db: Connection, sha: str) -> Account | None:
    """By the whole SHA or its beginning."""
    return find_account(db, sha, f"{sha}g")


def is_recorded_repository(db: Connection, pull: str) -> bool:
    """Whether the store knows changes of the repository that a pull request's URL names."""
    repository = PULL_REQUEST.fullmatch(pull)
    if not repository:
        return False
    start = pull[: pull.rindex("/") + 1]
    return _is_recorded(db, start, repository[1])
