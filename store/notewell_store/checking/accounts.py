"""Pull requests and commits: which revision was made on their account."""

from typing import NamedTuple

from notewell_store.contract import Snapshot
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


def find_account(db: Snapshot, first: str, last: str) -> Account | None:
    """The newest revision whose `revised_by` lies from `first` to `last`."""
    row = db.execute(
        """SELECT n.id, n.slug, n.title, n.created_at, r.revision, r.revised_by, r.found FROM
             (SELECT note_id, revision, revised_by, max(seq), count(*) AS found FROM revisions
              WHERE revised_by BETWEEN ? AND ?) r JOIN notes n ON n.id = r.note_id""",
        (first, last),
    ).fetchone()
    return Account(*row) if row else None


def find_pull(db: Snapshot, url: str) -> Account | None:
    return find_account(db, url, url) or find_account(db, f"{url}/", f"{url}/")


def find_commit(db: Snapshot, sha: str) -> Account | None:
    """By the whole SHA or its beginning."""
    return find_account(db, sha, f"{sha}g")


def is_recorded_repository(db: Snapshot, pull: str) -> bool:
    """Whether the store knows changes of the repository that a pull request's URL names."""
    repository = PULL_REQUEST.fullmatch(pull)
    if not repository:
        return False
    start = pull[: pull.rindex("/") + 1]
    row = db.execute(
        """SELECT EXISTS (SELECT 1 FROM revisions WHERE revised_by BETWEEN ?1 AND ?1 || ':')
             OR EXISTS (SELECT 1 FROM projects WHERE rtrim(repo_url, '/') = ?2)""",
        (start, repository[1]),
    ).fetchone()
    return bool(row[0])
