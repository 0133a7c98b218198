"""Files that a stranger may have laid in place: read where they are regular, and no longer than they may be.

What is opened for reading or writing may be a pipe, which lets whoever opens it wait for the other end, or a device
without end. So they are opened without waiting, and looked at before anything is read.
"""

import os
import stat
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
