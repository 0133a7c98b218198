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
    sync_folders,
    version_of,
)
from notewell_store.engines.sqlite.copies import (
    PART,
    SIDES,
    copy_database,
    reading_alone,
    remove_with_sides,
    sync_file,
)
from notewell_store.engines.sqlite.database import Database
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.store import Store, open_file
from notewell_store.engines.sqlite.upkeep.backup import check_copy, shown
from notewell_store.engines.sqlite.upkeep.processes import described, openers
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.errors import Busy, Invalid, NextCommand, Unusable
from notewell_store.findings import Restored, Verdict

PATIENCE = 3.0  # seconds that a writer gets to end what it is doing
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


def restore(backup_file: Path, database: Path, progress: Progress | None = None) -> Restored:
    """See contract.Upkeep. What was there is kept beside the new file under a dated name, and tokens that were revoked
    in it stay revoked."""
    backup_file, database = backup_file.expanduser().resolve(), database.expanduser().resolve()
    if not backup_file.is_file():
        raise Invalid(f"there is no file {backup_file}", "backup")
    if backup_file == database:
        raise Invalid(f"{database} is the store itself: name a backup of it", "backup")
    part = database.with_name(f".{database.name}.{secrets.token_hex(4)}{PART}")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        verdict = _build(backup_file, part, progress)
        _changed(part, partial(_revoke, revoked=_revoked(database)))
        with hold_lock(lock_file_of(database), PATIENCE) as gate:
            kept = _exchange(part, database, gate)
    except OSError as error:
        raise Unusable(f"{database} cannot be replaced: {error.strerror or error}") from error
    finally:
        remove_with_sides(part)
    open_file(database, create=False).close()
    return Restored(database, kept, verdict)


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
    if not verdict.whole:
        raise _damaged(backup_file, shown(verdict.findings))
    _changed(part, set_journal)
    sync_file(part)
    return verdict


def _revoked(database: Path) -> list[tuple[str, str]]:
    """When which tokens were revoked in the store that is to be replaced, as far as it can be read. It is opened so
    that nothing of it changes: what is damaged is kept as it is."""
    mode = "mode=ro" if _has_sides(database) else "mode=ro&immutable=1"
    try:
        db = sqlite3.connect(f"{database.as_uri()}?{mode}", uri=True)
    except sqlite3.DatabaseError:
        return []
    try:
        return db.execute("SELECT revoked_at, id FROM tokens WHERE revoked_at IS NOT NULL").fetchall()
    except Connection.DAMAGE:  # or of a time when there were none
        return []
    finally:
        db.close()


def _revoke(db: Connection, revoked: list[tuple[str, str]]) -> None:
    """What was revoked since the backup was made stays so."""
    db.executemany("UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", revoked)


def _source(backup_file: Path) -> AbstractContextManager[Connection]:
    """A backup is one file that nobody writes; what has a -wal beside it is a store, and read as one."""
    return _reading(backup_file) if _has_sides(backup_file) else reading_alone(backup_file)


def _has_sides(path: Path) -> bool:
    return any(path.with_name(path.name + side).exists() for side in SIDES)


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


def _exchange(part: Path, database: Path, gate: int) -> Path | None:
    """Put `part` in the database's place, in one step; the answer is where the old one is kept."""
    if not database.exists():
        _must_be_unused(database)
        _move_sides(database, _kept_name(database))  # SQLite would lay the old -wal over the new file
        part.replace(database)
        commit_log.forget(gate)
        sync_folders(database)
        return None
    with _alone(database):
        _give_rights_of(database, part)
        kept = _kept_name(database)
        try:
            _keep(database, kept)
            part.replace(database)
            # Who opened the old file in this very moment still waits for our lock, and must not get it.
            _must_be_unused(kept, but=os.getpid())
        except BaseException:
            _undo(database, kept)
            raise
        commit_log.forget(gate)  # what it tells of is not in the new file
    sync_folders(database)
    return kept


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Nobody else has the file open, nor can read or write it until the block ends. Raises Busy."""
    _must_be_unused(database)
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
    try:
        kept.hardlink_to(database)
    except OSError:  # a file system without hard links
        shutil.copy2(database, kept)
        sync_file(kept)
    _move_sides(database, kept)


def _move_sides(database: Path, kept: Path) -> None:
    for side in SIDES:
        with suppress(FileNotFoundError):
            database.with_name(database.name + side).rename(kept.with_name(kept.name + side))


def _undo(database: Path, kept: Path) -> None:
    with suppress(FileNotFoundError):
        kept.replace(database)
    kept.unlink(missing_ok=True)  # two names of one file are not exchanged, and both stay
    for side in SIDES:
        with suppress(FileNotFoundError):
            kept.with_name(kept.name + side).rename(database.with_name(database.name + side))
