"""Files that a stranger may have laid in place: read where they are regular, and no longer than they may be. Folders
beside the store that a stranger may have made first.

What is opened for reading or writing may be a pipe, which lets whoever opens it wait for the other end, or a device
without end. So they are opened without waiting, and looked at before anything is read.
"""

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""How a file is opened that may be none: a pipe is waited for by nobody."""

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


class Irregular(OSError):
    """It is there, and no file; `strerror` says what it is."""


def kind_of(mode: int) -> str | None:
    """What it is where it is no regular file."""
    return next((name for is_such, name in KINDS if is_such(mode)), None)


def open_regular(file: Path, flags: int, mode: int = 0o600) -> int:
    """A descriptor of the file. Raises OSError at once, Irregular for what is no file."""
    try:
        descriptor = os.open(file, flags | AT_ONCE, mode)
    except OSError:
        with suppress(FileNotFoundError):
            _must_be_regular(file.stat().st_mode, file)  # the system's own words for a socket tell nobody anything
        raise
    try:
        _must_be_regular(os.fstat(descriptor).st_mode, file)
    except Irregular:
        os.close(descriptor)
        raise
    return descriptor


def _must_be_regular(mode: int, file: Path) -> None:
    kind = kind_of(mode)
    if kind is not None:
        raise Irregular(0, f"it is {kind}, no file", str(file))


def regular_bytes(file: Path, largest: int) -> bytes:
    """What the file holds. Raises OSError at once, also where it is larger, Irregular for what is no file."""
    descriptor = open_regular(file, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as opened:
        if os.fstat(descriptor).st_size > largest:
            raise OSError(0, f"it is larger than {largest:,} bytes", str(file))
        return opened.read(largest)


def make_own(folder: Path) -> None:
    """Make the folder beside the store, for its owner only, where it is not there. Raises OSError, and as
    must_be_own."""
    folder.mkdir(mode=0o700, exist_ok=True)
    must_be_own(folder)


def must_be_own(folder: Path) -> None:
    """Raise OSError where it is not there, and PermissionError where it is neither ours nor of the owner of the store
    that it is named for: what it holds was then said by another user, and what is put in it ends where that one
    likes."""
    owner = folder.stat().st_uid
    if sys.platform != "win32" and owner not in (os.geteuid(), _owner(folder.with_suffix(""))):
        raise PermissionError(errno.EACCES, f"{folder.name} belongs to another user: move it away", str(folder))


def _owner(store: Path) -> int | None:
    try:
        return store.stat().st_uid
    except OSError:
        return None
