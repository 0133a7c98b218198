"""The gate that every write transaction and checkpoint of all processes passes: an advisory lock on a file
beside the database. SQLite's own lock lets waiting writers starve; here they queue, and the WAL stays short.

The lock is the kernel's, so it goes with a process that is killed.
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notewell_store.errors import Busy, Unusable

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, BEHIND_ALL, os.SEEK_SET)  # nobody can read what is locked here
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


BEHIND_ALL = 1 << 30  # an offset behind all that the gate's file ever holds: see witness
FIRST_PAUSE = 0.0002  # seconds; a write holds the gate for about a millisecond
LONGEST_PAUSE = 0.005


def gate_of(database: Path) -> Path:
    return database.with_name(database.name + ".gate")


@contextmanager
def pass_gate(path: Path, patience: float) -> Iterator[int]:
    """Hold the gate at `path` for the block, which gets the file's descriptor. Raises Busy after `patience` seconds."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    except OSError as error:
        raise Unusable(
            f"the store may not be written by this user ({path}: {error.strerror}). Nothing was written"
        ) from error
    try:
        _wait(descriptor, path, patience)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    pause = FIRST_PAUSE
    while True:
        try:
            return _try_lock(descriptor)
        except OSError:
            if time.monotonic() > deadline:
                raise Busy(f"another process held {path} for {patience:g} s") from None
        # Unequal pauses, so that no waiter is always the late one.
        time.sleep(random.uniform(0.5, 1.5) * pause)  # noqa: S311 - no secret depends on it
        pause = min(pause * 1.5, LONGEST_PAUSE)
