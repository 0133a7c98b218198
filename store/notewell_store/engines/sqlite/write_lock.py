"""The lock that is held for every write transaction and checkpoint, by one thread of one process: the gate that all
writers pass. It is advisory, on a file beside the database. SQLite's own lock lets waiting writers starve; here they
queue, and the WAL stays short.

The lock is the kernel's, so it goes with a process that is killed.
"""

import gc
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from notewell_store.errors import Busy, Unusable
from notewell_store.patience import deadline, seconds_until
from notewell_store.regular import Irregular, open_regular

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        os.lseek(descriptor, BEYOND_ALL, os.SEEK_SET)  # nobody can read what is locked here
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


BEYOND_ALL = 1 << 30  # an offset beyond all that the lock's file ever holds: see commit_log
FIRST_PAUSE = 0.0002  # seconds; a write holds the lock for about a millisecond
LONGEST_PAUSE = 0.005


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave it to the time after the block to look for objects that only know one another: where a text has made a
    hundred thousand, that takes as long as half of what is written of them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:  # where two writers of two stores meet, the first to come ends it for both
            gc.enable()


def lock_file_of(database: Path) -> Path:
    return database.with_name(database.name + ".gate")


class WriteLock:
    """The right to write one database, as the threads of this process share it."""

    def __init__(self, database: Path) -> None:
        self.file = lock_file_of(database)
        self._database = database
        self._turn = threading.Lock()

    @contextmanager
    def held(self, patience: float) -> Iterator[int]:
        """As hold_lock; threads of this process wait for each other without asking the kernel."""
        until = deadline(patience)
        if not self._turn.acquire(timeout=seconds_until(until)):
            raise Busy(f"another thread has been writing {self._database} for {patience:g} s")
        try:
            with _held_until(until, self.file, patience) as lock:
                yield lock
        finally:
            self._turn.release()


def hold_lock(path: Path, patience: float) -> AbstractContextManager[int]:
    """Hold the lock on the file at `path` for the block, which gets the file's descriptor. Raises Busy after `patience`
    seconds."""
    return _held_until(deadline(patience), path, patience)


@contextmanager
def _held_until(until: float, path: Path, patience: float) -> Iterator[int]:
    try:
        descriptor = open_regular(path, os.O_RDWR | os.O_CREAT)
    except Irregular as error:
        raise Unusable(f"{path}: {error.strerror}. Nothing was written: move it away") from error
    except OSError as error:
        raise Unusable(
            f"the store may not be written by this user ({path}: {error.strerror}). Nothing was written"
        ) from error
    try:
        _wait(descriptor, path, until, patience)
        yield descriptor
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, until: float, patience: float) -> None:
    pause = FIRST_PAUSE
    while True:
        try:
            return _try_lock(descriptor)
        except OSError:
            if not seconds_until(until):
                raise Busy(f"another process held {path} for {patience:g} s") from None
        # Unequal pauses, so that no waiter is always the late one.
        time.sleep(random.uniform(0.5, 1.5) * pause)  # noqa: S311 - no secret depends on it
        pause = min(pause * 1.5, LONGEST_PAUSE)
