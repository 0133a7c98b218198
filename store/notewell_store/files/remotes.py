"""Where repositories can be seen on the web, and the pull requests that commits came by."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from notewell_store.clock import of_second
from notewell_store.files.commits import Commit
from notewell_store.models import Attribution
from notewell_store.writing.limits import attributed_in_short

_PULL = re.compile(r"\(#(\d{1,9})\)\s*\Z|\AMerge pull request #(\d{1,9}) from ")


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a repository can be seen. `url` has neither credentials nor an ending `.git`."""

    url: str
    platform: str | None = None

    def pull_request(self, number: str) -> str:
        host = urlsplit(self.url).hostname or ""
        if "gitlab" in host:
            return f"{self.url}/-/merge_requests/{number}"
        forgejo = self.platform == "forgejo" or host == "codeberg.org" or "forgejo" in host or "gitea" in host
        return f"{self.url}/{'pulls' if forgejo else 'pull'}/{number}"


def platform_of(url: str | None) -> str | None:
    host = (urlsplit(url).hostname or "") if url else ""
    return "github" if host == "github.com" else None


def name_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def attribution(commit: Commit, remote: Remote | None) -> Attribution:
    """Who made the commit, when and why, on account of its pull request or else of itself."""
    pull = _PULL.search(commit.subject) if remote else None
    number = (pull[1] or pull[2]) if pull else None
    account = remote.pull_request(number) if remote and number else commit.sha
    return attributed_in_short(Attribution(commit.author, account, commit.subject, of_second(commit.time)))
