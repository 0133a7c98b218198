"""Copies of a store: one file each, complete before it bears its name, readable by its owner only."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from notewell_store.contract import Snapshot
from notewell_store.engines.sqlite.connection import Connection, connect
from notewell_store.engines.sqlite.database_file import SIDES, sync_folders
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.errors import Invalid, Unusable

PAGES = 4_096  # copied between two calls of `progress`
PART = ".part"

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


def copy_database(db: Snapshot, target: Path, progress: Progress | None = None) -> None:
    """Copy all that `db` sees into the new file `target`; it is on disk and needs no other file afterwards.

    `db` must be in a transaction: then all pages are of one moment, however many others write meanwhile.
    """

    assert isinstance(db, sqlite3.Connection)

    def copied(_: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        copy.execute("PRAGMA journal_mode = OFF").fetchone()  # it is thrown away if anything fails
        copy.execute("PRAGMA synchronous = OFF")  # and synced at its end
        db.backup(copy, pages=PAGES, progress=copied)
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()  # the mode came with the pages
    finally:
        copy.close()
    sync_file(target)


@contextmanager
def laid_down(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A place to build a file that becomes `target` when the block ends well, and else leaves nothing.

    Raises Invalid when something bears that name already, unless it may be replaced, Unusable for what a disk
    or SQLite refuses.
    """
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}{PART}")
    try:
        try:
            yield part
            publish(part, target, replace=replace)
        finally:
            remove_with_sides(part)
    except FileExistsError as error:
        raise Invalid(f"{target} exists already: name another file") from error
    except (OSError, sqlite3.DatabaseError) as error:
        raise Unusable(f"{target} cannot be written: {getattr(error, 'strerror', None) or error}") from error


def publish(part: Path, target: Path, *, replace: bool) -> None:
    """Give the finished file its name, in one step. Raises FileExistsError where that may not be replaced."""
    if replace:
        part.replace(target)
    else:
        _rename_to_new(part, target)
    sync_folders(target)


def _rename_to_new(part: Path, target: Path) -> None:
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError as error:  # a file system without hard links: the look before leaves a moment to others
        if target.exists():
            raise FileExistsError(str(target)) from error
        part.rename(target)
    else:
        part.unlink()


@contextmanager
def reading_alone(path: Path) -> Iterator[Connection]:
    """A file that nobody writes, read without locks; nothing is made beside it. Raises Unusable."""
    db = connect(path, immutable=True)
    try:
        db.execute("BEGIN")
        yield db
    finally:
        db.close()


def has_sides(path: Path) -> bool:
    return any(path.with_name(path.name + side).exists() for side in SIDES)


def remove_with_sides(path: Path) -> None:
    for side in ("", *SIDES):
        with suppress(OSError):
            path.with_name(path.name + side).unlink()


def sync_file(path: Path) -> None:
    """Never for a database that this process has open: closing any descriptor drops SQLite's locks."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
