"""Files that a stranger may have laid in place: read where they are regular, and no longer than they may be."""

import os
import stat
from pathlib import Path


def regular_bytes(file: Path, largest: int) -> bytes:
    """What the file holds; pipes and devices, which may never end, are not read. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as opened:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(0, "it is a pipe, a device or a folder; - reads standard input", str(file))
        if facts.st_size > largest:
            raise OSError(0, f"it is larger than {largest:,} bytes", str(file))
        return opened.read()
