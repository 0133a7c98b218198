"""Which project a folder belongs to: the remotes of its git checkout, matched to the projects' repositories.

The files are read as they are: starting `git` would cost more than all else that a hook does.
"""

import re
from pathlib import Path

from notewell_store.contract import Snapshot
from notewell_store.files.addresses import web_address
from notewell_store.regular import regular_bytes
from notewell_store.tables.project_rows import repositories_called

LARGEST_CONFIG = 1_000_000  # bytes
LONGEST_POINTER = 10_000
FIRST = ("origin", "upstream")

_SECTION = re.compile(r'\[\s*remote\s+"((?:[^"\\]|\\.)*)"\s*\]', re.IGNORECASE)
_URL = re.compile(r"url\s*=\s*(.+)", re.IGNORECASE)


def remotes_of(folder: Path) -> tuple[str, ...]:
    """The URLs of the remotes of the checkout that the folder is in: `origin`, `upstream`, then the others. Empty
    where there is none, or it cannot be read."""
    try:
        text = regular_bytes(_config_of(folder), LARGEST_CONFIG).decode(errors="replace")
    except (OSError, ValueError):
        return ()
    urls: dict[str, str] = {}
    remote = None
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = _SECTION.match(line)
            remote = section[1] if section else None
        elif remote is not None and (url := _URL.match(line)):
            urls.setdefault(remote, url[1].strip().strip('"'))
    return tuple(urls[name] for name in sorted(urls, key=lambda name: (name not in FIRST, name)))


def projects_of(db: Snapshot, urls: tuple[str, ...]) -> tuple[str, ...]:
    """The slugs of the projects whose repository is the first of these that any project has."""
    for address in filter(None, map(_compared, urls)):
        name = address.rpartition("/")[2].replace("%", "").replace("_", "%")
        found = tuple(slug for slug, url in repositories_called(db, name) if _compared(url) == address)
        if found:
            return found
    return ()


def root_of(folder: Path) -> Path | None:
    """The top folder of the checkout that the folder is in."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def _compared(url: str) -> str | None:
    """A repository's address without its scheme; hosts do not mind the case of a path."""
    address = web_address(url)
    return address.partition("://")[2].lower() if address else None


def _config_of(folder: Path) -> Path:
    """Where git keeps the remotes of the checkout: a worktree and a submodule have a file `.git` that says where."""
    for place in (folder, *folder.parents):
        git = place / ".git"
        if git.is_dir():
            return git / "config"
        if git.is_file():
            return _shared(place / _pointer(git, "gitdir:")) / "config"
    return folder / ".git" / "config"


def _shared(git: Path) -> Path:
    """A worktree shares the remotes of the repository that it is of."""
    shared = git / "commondir"
    return git / _pointer(shared, "") if shared.is_file() else git


def _pointer(file: Path, key: str) -> str:
    try:
        return regular_bytes(file, LONGEST_POINTER).decode(errors="replace").strip().removeprefix(key).strip()
    except OSError:
        return ""
