"""Issues of a forge as cards: read from the JSON of its API, that of Forgejo, Gitea, GitHub or GitLab.

Strangers write issues. Of each its number, title, state, labels and address are taken and nothing of its text; the
address is one of plain characters, and a label is a tag that names itself one, so that none makes a card a rule.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from notewell_store.boards.cards import find_board
from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid
from notewell_store.markdown.slugs import slugify
from notewell_store.names import as_title
from notewell_store.syncing.cards import Source, State, Synced, orphans, own_cards, sync
from notewell_store.tables import boards, labels

MOST_ISSUES = 5_000
MOST_LABELS = 10
LARGEST_NUMBER = 10**12
_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9.-]{1,250}(?::\d{1,5})?(?P<path>/[A-Za-z0-9._~@%+/-]{1,300}?)/(?:-/)?(?:issues|work_items)/\d{1,13}"
)


class Issue(NamedTuple):
    """`home` is the address of the issues that it is one of."""

    number: int
    title: str
    address: str
    home: str
    is_closed: bool
    labels: tuple[str, ...]


class Issues(NamedTuple):
    """What a source holds: its issues, and how many of its entries are none that can be read. Pull requests, which
    some forges list among them, are neither."""

    issues: tuple[Issue, ...]
    unread: int


def read_issues(parts: Iterable[bytes]) -> Issues:
    """The issues in the parts of a list. Raises Invalid, with words that quote nothing."""
    entries = [entry for part in parts for entry in _entries(part)]
    if len(entries) > MOST_ISSUES:
        raise Invalid(f"the source holds {len(entries):,} issues, at most {MOST_ISSUES:,} are taken", "source")
    wanted = [entry for entry in entries if not (isinstance(entry, dict) and entry.get("pull_request"))]
    found = [issue for entry in wanted if (issue := _issue(entry))]
    return Issues(tuple(found), len(wanted) - len(found))


def _entries(part: bytes) -> list[Any]:
    try:
        said = json.loads(part)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, list):
        raise Invalid("the source holds no JSON list, as a forge's API answers for issues", "source")
    return said


def _issue(entry: Any) -> Issue | None:
    if not isinstance(entry, dict):
        return None
    number = entry.get("number", entry.get("iid"))
    title, address, state = entry.get("title"), entry.get("html_url", entry.get("web_url")), entry.get("state")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < LARGEST_NUMBER:
        return None
    if not (isinstance(title, str) and isinstance(address, str) and isinstance(state, str)):
        return None
    known = _ADDRESS.fullmatch(address)
    shown = as_title(title)
    if known is None or not shown:
        return None
    home = address.rpartition("/")[0]
    return Issue(number, shown, address, home, state == "closed", tuple(_labels(entry.get("labels"))))


def _labels(said: Any) -> Iterator[str]:
    for label in said[:MOST_LABELS] if isinstance(said, list) else ():
        name = label.get("name") if isinstance(label, dict) else label
        if isinstance(name, str):
            try:
                yield labels.tag_word(f"label:{name}")
            except Invalid:
                continue


def sync_issues(db: Snapshot, ref: str, issues: tuple[Issue, ...]) -> Synced:
    """Bring issues to a board: new ones where they stand, those that are there to where they stand now."""
    return sync(db, find_board(db, ref), map(_source, issues))


def issue_orphans(db: Snapshot, ref: str, issues: tuple[Issue, ...]) -> tuple[str, ...]:
    """The cards of the board that stand for issues of the same forges' projects which are not in the list."""
    own = own_cards(db, find_board(db, ref))
    slugs = {_slug(issue) for issue in issues}
    homes = {issue.home: _prefix(issue) for issue in issues}
    return tuple(slug for prefix in homes.values() for slug in orphans(boards.named_like(db, prefix), own, slugs))


def _prefix(issue: Issue) -> str:
    """What begins the slugs of the issues of one project: its name, and what tells it from others of that name."""
    path = _path(issue)
    digest = hashlib.sha256(issue.home.encode()).hexdigest()[:6]
    return f"issue-{slugify(path.rpartition('/')[2])[:60].strip('-') or 'project'}-{digest}-"


def _slug(issue: Issue) -> str:
    return f"{_prefix(issue)}{issue.number}"


def _path(issue: Issue) -> str:
    known = _ADDRESS.fullmatch(issue.address)
    return known["path"].strip("/") if known else ""


def _source(issue: Issue) -> Source:
    name = f"{_path(issue)}#{issue.number}".replace("_", "\\_")
    content = f"[{name}]({issue.address})\n"
    state: State = "done" if issue.is_closed else "waiting"
    return Source(_slug(issue), issue.title, content, "issue", state, issue.labels, follows=True)
