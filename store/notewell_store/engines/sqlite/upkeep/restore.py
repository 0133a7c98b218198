"""Putting a backup in the place of a store: never over one in use, and never without keeping what was there."""

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from notewell_store.contract import Progress
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.connection import (
    SCHEMA_VERSION,
    Connection,
    connect,
    migrate,
    set_journal,
    version_of,
)
from notewell_store.engines.sqlite.copies import (
    PART,
    copy_database,
    has_sides,
    reading_alone,
    remove_with_sides,
    sync_file,
)
from notewell_store.engines.sqlite.database import Database
from notewell_store.engines.sqlite.database_file import (
    SIDES,
    make_folder,
    must_be_regular,
    must_be_regular_beside,
    resolved,
    sync_folders,
)
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.store import Store, open_file
from notewell_store.engines.sqlite.upkeep.backup import check_copy, shown
from notewell_store.engines.sqlite.upkeep.old_copies import unredacted_by
from notewell_store.engines.sqlite.upkeep.processes import described, openers
from notewell_store.engines.sqlite.upkeep.restored_tokens import settle_tokens
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.errors import Busy, Invalid, NextCommand, Unusable
from notewell_store.findings import Restored, Verdict

PATIENCE = 3.0  # seconds that a writer gets to end what it is doing
MAGIC = b"SQLite format 3\0"
WAIT = "end the sessions that use it, then restore again"
LOCKS, LOCKED_BYTES = 0x40000000, 512
"""Where SQLite's locks on a database lie. Whoever has a WAL database open holds one of them all the time."""

if sys.platform == "win32":

    def _lock_out_sqlite(descriptor: int) -> None:
        """Nothing to do: Windows does not let a file that is open be replaced."""
else:
    import fcntl

    def _lock_out_sqlite(descriptor: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, LOCKED_BYTES, LOCKS)


def restore(
    backup_file: Path, database: Path, progress: Progress | None = None, *, keep_tokens: bool = False
) -> Restored:
    """See contract.Upkeep. What was there is kept beside the new file under a dated name.

    It can be killed at any point: the store is then the one or the other, with all that was ever answered of it.
    """
    backup_file, database = resolved(backup_file), resolved(database)
    must_be_regular(database)
    must_be_regular(backup_file)
    must_be_regular_beside(database, (*SIDES, ".gate", ".tokens"))  # before the copy, which takes its time
    if not backup_file.is_file():
        raise Invalid(f"there is no file {backup_file}", "backup")
    if backup_file == database:
        raise Invalid(f"{database} is the store itself: name a backup of it", "backup")
    part = database.with_name(f".{database.name}.{secrets.token_hex(4)}{PART}")
    try:
        make_folder(database.parent)
        verdict = _build(backup_file, part, progress)
        back = unredacted_by(part, database)
        with hold_lock(lock_file_of(database), PATIENCE) as gate:
            kept, unknown = _exchange(part, database, gate, keep_tokens)
    except OSError as error:
        raise Unusable(f"{database} cannot be replaced: {error.strerror or error}") from error
    finally:
        remove_with_sides(part)
    open_file(database, create=False).close()
    return Restored(database, kept, verdict, unknown, back)


def _damaged(backup_file: Path, found: str) -> Unusable:
    return Unusable(
        f"{backup_file} is damaged ({found}): nothing was replaced; take another backup, or save what this one "
        "holds with ",
        NextCommand("salvage"),
    )


def _build(backup_file: Path, part: Path, progress: Progress | None) -> Verdict:
    """Make the file that is to be put in place, and look through it: what was checked is what will be used."""
    try:
        with _source(backup_file) as db:
            version = version_of(db, backup_file)
            if version == 0:
                raise Unusable(f"{backup_file} is empty")
            copy_database(db, part, progress)
        if version < SCHEMA_VERSION:
            _changed(part, partial(migrate, progress=progress))
    except sqlite3.DatabaseError as error:
        raise _damaged(backup_file, str(error)) from error
    verdict = check_copy(part, progress)
    if verdict.damage:
        raise _damaged(backup_file, shown(verdict.damage))
    _changed(part, set_journal)
    sync_file(part)
    return verdict


def _source(backup_file: Path) -> AbstractContextManager[Connection]:
    """A backup is one file that nobody writes; what has a -wal beside it is a store, and read as one."""
    return _reading(backup_file) if has_sides(backup_file) else reading_alone(backup_file)


@contextmanager
def _reading(path: Path) -> Iterator[Connection]:
    store = Store(Database(path))
    try:
        with store.reading() as db:
            yield db
    finally:
        store.close()


def _changed(part: Path, change: Callable[[Connection], None]) -> None:
    db = connect(part)
    try:
        change(db)
    finally:
        db.close()


def _exchange(part: Path, database: Path, gate: int, keep_tokens: bool) -> tuple[Path | None, tuple[str, ...]]:
    """Put `part` in the database's place, in one step; the answer is where the old one is kept, and the names of tokens
    that are not known here."""
    if not database.exists():
        _must_be_unused(database)
        unknown = settle_tokens(part, database, keep_tokens)
        _move_sides(database, _kept_name(database))  # SQLite would lay the old -wal over the new file
        _forget(gate)
        part.replace(database)
        sync_folders(database)
        return None, unknown
    _must_be_unused(database)
    _empty_wal(database)
    unknown = settle_tokens(part, database, keep_tokens)
    with _alone(database):
        _give_rights_of(database, part)
        kept = _kept_name(database)
        try:
            _keep(database, kept)
            _forget(gate)
            part.replace(database)
            # Who opened the old file in this very moment still waits for our lock, and must not get it.
            _must_be_unused(kept, but=os.getpid())
        except BaseException:
            _undo(database, kept)
            raise
    sync_folders(database)
    return kept, unknown


def _forget(gate: int) -> None:
    """What the commit log tells of is not in the new file. On disk before that is in place: a log that outlived a cut
    would have the new store missing changes for ever."""
    commit_log.forget(gate)
    os.fsync(gate)


def _empty_wal(database: Path) -> None:
    """Bring all that the -wal holds into the file, so that the one is the whole store before the other goes. What
    SQLite cannot read keeps its -wal. Raises Busy where somebody has the file open."""
    try:
        with database.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return
        db = sqlite3.connect(f"{database.as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone()  # refused while anybody else has it open
            busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            db.close()
    except sqlite3.DatabaseError as error:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    if busy:
        raise Busy(f"{database} is in use: {WAIT}")


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Nobody else has the file open, nor can read or write it until the block ends. Raises Busy."""
    descriptor = os.open(database, os.O_RDWR)
    try:
        try:
            _lock_out_sqlite(descriptor)
        except OSError as error:
            raise Busy(f"{database} is in use: {WAIT}") from error
        yield
    finally:
        os.close(descriptor)


def _must_be_unused(database: Path, but: int | None = None) -> None:
    using = openers(database) or {}
    using.pop(but or 0, None)
    if using:
        raise Busy(f"{database} is in use by process {described(using)}: {WAIT}")


def _give_rights_of(database: Path, part: Path) -> None:
    facts = database.stat()
    shutil.copymode(database, part)
    with suppress(PermissionError, AttributeError):
        os.chown(part, facts.st_uid, facts.st_gid)


def _kept_name(database: Path) -> Path:
    stem = f"{database.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    number = 1
    while (path := database.with_name(f"{stem}{f'-{number}' if number > 1 else ''}")).exists():
        number += 1
    return path


def _keep(database: Path, kept: Path) -> None:
    """Give the old file its other name, and move what SQLite keeps beside it.

    The file itself keeps its first name too until the new one takes it, so that there is one at any time.
    """
    _copy_name(database, kept)
    _move_sides(database, kept)


def _move_sides(database: Path, kept: Path) -> None:
    """A -wal that SQLite could not take into its file is kept; it has both names until it is on disk under the new."""
    found = [side for side in SIDES if database.with_name(database.name + side).exists()]
    for side in found:
        _copy_name(database.with_name(database.name + side), kept.with_name(kept.name + side))
    if found:
        sync_folders(kept)
    for side in found:
        database.with_name(database.name + side).unlink()


def _copy_name(file: Path, name: Path) -> None:
    try:
        name.hardlink_to(file)
    except OSError:  # a file system without hard links
        shutil.copy2(file, name)
        sync_file(name)


def _undo(database: Path, kept: Path) -> None:
    with suppress(FileNotFoundError):
        kept.replace(database)
    kept.unlink(missing_ok=True)  # two names of one file are not exchanged, and both stay
    for side in SIDES:
        with suppress(FileNotFoundError):
            kept.with_name(kept.name + side).replace(database.with_name(database.name + side))
            kept.with_name(kept.name + side).unlink(missing_ok=True)
