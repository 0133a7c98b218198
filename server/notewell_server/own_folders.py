"""Folders beside the store, for its owner only: of sessions, runs, reads and the audit log.

Where others may make files beside the store, as in `/tmp`, one of them may have made such a folder first. What it holds
was then said by that one, and what is put in it ends where that one likes.
"""

import errno
from pathlib import Path

from notewell_server.settings import is_own


def make_own(folder: Path) -> None:
    """Make it, where it is not there. Raises OSError, and as must_be_own."""
    folder.mkdir(mode=0o700, exist_ok=True)
    must_be_own(folder)


def must_be_own(folder: Path) -> None:
    """Raise OSError where it is not there, and PermissionError where it is neither ours nor of the store's owner."""
    facts = folder.stat()
    if not is_own(facts) and facts.st_uid != _owner(folder.with_suffix("")):
        raise PermissionError(errno.EACCES, f"{folder.name} belongs to another user: move it away", str(folder))


def _owner(store: Path) -> int | None:
    try:
        return store.stat().st_uid
    except OSError:
        return None
