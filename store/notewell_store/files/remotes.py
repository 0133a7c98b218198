"""Where repositories can be seen on the web, and how commits name the pull requests that they came by."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from notewell_store.clock import of_second
from notewell_store.files.commits import Commit
from notewell_store.models import Attribution
from notewell_store.writing.limits import attributed_in_short

_PULL = re.compile(
    r"""\(\#(\d{1,9})\)\s*\Z                                # squashed, or merged under the title of a pull request
    |\AMerge\ pull\ request\ \#(\d{1,9})\ (?:from|in)\    # GitHub; Bitbucket's server of old
    |\AMerge\ pull\ request\ '.*'\ \(\#(\d{1,9})\)\ from\   # Gitea and Forgejo
    |\AMerged\ in\ .*\ \(pull\ request\ \#(\d{1,9})\)       # Bitbucket
    |\APull\ request\ \#(\d{1,9}):\                         # Bitbucket's server
    |\AMerged\ PR\ (\d{1,9}):\                             # Azure DevOps""",
    re.VERBOSE,
)
_IN_BODY = re.compile(
    r"^(?:See merge request \S*!|Reviewed-on: https?://\S+/(?:pulls?|merge_requests|pull-requests)/)(\d{1,9})\s*$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a repository can be seen. `url` has neither credentials nor an ending `.git`."""

    url: str
    platform: str | None = None

    def pull_request(self, number: str) -> str:
        host = urlsplit(self.url).hostname or ""
        if "gitlab" in host:
            return f"{self.url}/-/merge_requests/{number}"
        if "bitbucket" in host:
            return f"{self.url}/pull-requests/{number}"
        forgejo = self.platform == "forgejo" or host == "codeberg.org" or "forgejo" in host or "gitea" in host
        return f"{self.url}/{'pulls' if forgejo else 'pull'}/{number}"


def platform_of(url: str | None) -> str | None:
    host = (urlsplit(url).hostname or "") if url else ""
    return "github" if host == "github.com" else None


def name_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def pull_number(subject: str, body: str = "") -> str | None:
    """The number of the pull request that a commit names as its own, in the wording of the well-known hosts."""
    found = _PULL.search(subject) or _IN_BODY.search(body)
    return found[found.lastindex] if found and found.lastindex else None


def attribution(commit: Commit, remote: Remote | None, brought_by: str | None = None) -> Attribution:
    """Who made the commit, when and why, on account of its pull request or else of itself; `brought_by` is the number
    of the one that it was merged with, where it names none."""
    number = (pull_number(commit.subject) or brought_by) if remote else None
    account = remote.pull_request(number) if remote and number else commit.sha
    return attributed_in_short(Attribution(commit.author, account, commit.subject, of_second(commit.time)))
