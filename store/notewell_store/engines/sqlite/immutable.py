"""Reading a store from a folder that may not be written, such as a read-only disk.

A WAL database cannot be read without its `-shm` beside it, except as one that nobody changes. Where there is no
`-shm`, nobody has the file open, and where there is no `-wal` either, the file alone is the whole store. Somebody
else may begin to write while it is read: that is noticed afterwards, and what was read does not count.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notewell_store.engines.sqlite.connection import Connection, connect
from notewell_store.errors import Busy

State = tuple[int, ...]


def is_frozen(path: Path) -> bool:
    """Whether the store can be read in this way only, and can be."""
    return not os.access(path.parent, os.W_OK) and not any(_state(path)[3:])


@contextmanager
def reading_frozen(path: Path) -> Iterator[Connection]:
    """The file as it is, under no lock. Raises Busy where it was changed meanwhile."""
    before = _state(path)
    db = connect(path, immutable=True)
    try:
        yield db
    except Exception as error:
        _must_be(before, path, error)  # else the change is the cause, whatever it looks like
        raise
    finally:
        db.close()
    _must_be(before, path, None)


def _must_be(before: State, path: Path, error: Exception | None) -> None:
    if _state(path) != before:
        raise Busy(f"{path} was changed by another program while it was read") from error


def _state(path: Path) -> State:
    """What changes when the file is written: identity, time and size, and the sizes of what SQLite lays beside it."""
    facts = path.stat()
    beside = (_size(path, ending) for ending in ("-wal", "-shm", "-journal"))
    return facts.st_ino, facts.st_mtime_ns, facts.st_size, *beside


def _size(path: Path, ending: str) -> int:
    try:
        return path.with_name(path.name + ending).stat().st_size
    except FileNotFoundError:
        return 0
