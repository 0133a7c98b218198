"""Addresses of repositories on the web, and of the pull requests that commits came by."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from notewell_store.files.commits import Commit
from notewell_store.models import Attribution
from notewell_store.sqlite.clock import parse_time

LONGEST_REASON = 500  # characters
LAST_SECOND = 253_402_300_799  # of the year 9999

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>[\w-][\w.-]+):(?!//)(?P<path>[^\s:]+)")
_HOST = re.compile(r"[\w-][\w.-]*|\[[0-9a-fA-F:]+\]")
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


def web_address(url: str) -> str | None:
    """The https address of a repository, given as git takes it; None for what is not on any host.

    An http address with a port of its own keeps its scheme, since nothing tells that https answers there.
    """
    parts = urlsplit(url.strip()) if _is_valid(url.strip()) else None
    if parts and parts.scheme in {"http", "https", "ssh", "git"} and parts.hostname:
        plain = parts.scheme == "http" and parts.port
        port = f":{parts.port}" if parts.port and parts.scheme in {"http", "https"} else ""
        host, path = (f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname) + port, parts.path
    elif scp := _SCP.fullmatch(url.strip()):
        plain, host, path = False, scp["host"], scp["path"]
    else:
        return None
    path = path.strip("/").removesuffix(".git").rstrip("/")
    if not path or not _HOST.match(host):
        return None
    return f"{'http' if plain else 'https'}://{host.lower()}/{path}"


def _is_valid(url: str) -> bool:
    try:
        return urlsplit(url).port is not None or True
    except ValueError:
        return False


def platform_of(url: str | None) -> str | None:
    host = (urlsplit(url).hostname or "") if url else ""
    return "github" if host == "github.com" else None


def name_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def attribution(commit: Commit, remote: Remote | None) -> Attribution:
    """Who made the commit, when and why, on account of its pull request or else of itself."""
    pull = _PULL.search(commit.subject) if remote else None
    number = (pull[1] or pull[2]) if pull else None
    return Attribution(
        actor=" ".join(commit.author.split())[:200] or "unknown",
        revised_by=remote.pull_request(number) if remote and number else commit.sha,
        reason=commit.subject[:LONGEST_REASON] or None,
        at=parse_time(_iso(commit.time), "date"),
    )


def _iso(second: int) -> str:
    return datetime.fromtimestamp(min(max(second, 0), LAST_SECOND), UTC).isoformat()
