"""Pull requests and commits: which revision was made on their account."""

from notewell_store.contract import Snapshot
from notewell_store.markdown.mentions import PULL_REQUEST
from notewell_store.tables.accounts import Account, find_account, is_recorded


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
    return is_recorded(db, start, repository[1])
