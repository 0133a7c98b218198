"""Files that a stranger may have laid in place: read where they are regular, as far as they may be long."""

import os
import stat
from pathlib import Path

IRREGULAR = "no regular file"


def read_regular(file: Path, longest: int) -> bytes:
    """The first bytes of the file, one more than `longest` where it has more. Raises OSError for what cannot be read
    and for a pipe, a device or a socket, which could keep a reader waiting for ever."""
    opened = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
    with os.fdopen(opened, "rb") as stream:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            raise OSError(0, IRREGULAR)
        return stream.read(longest + 1)
