"""The doctor: how a store's file, its place and its keeping are, each with what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ParamSpec

from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.connection import (
    APPLICATION_ID,
    BROKEN,
    INCOMPLETE,
    LOCKED,
    SCHEMA_VERSION,
    Broken,
    Connection,
    Locked,
    Orphaned,
    code_of,
    connect,
    must_not_orphan,
)
from notewell_store.engines.sqlite.database_file import must_be_regular, must_be_regular_beside, resolved
from notewell_store.engines.sqlite.driver import sqlite3, wal_is_safe
from notewell_store.engines.sqlite.read_only import needs_immutable
from notewell_store.engines.sqlite.upkeep import environment_checks, leftovers
from notewell_store.engines.sqlite.upkeep.backup_records import last_backup
from notewell_store.engines.sqlite.upkeep.file_checks import messages
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.errors import NextCommand, StoreError, Unusable
from notewell_store.findings import Check, ok, problem, warning
from notewell_store.tables import redactions
from notewell_store.tables.changes import newest_change
from notewell_store.tables.tokens import read_tokens

PATIENCE = 1.0  # seconds that another program's lock is waited for
BACKUP_IS_DUE = timedelta(days=7)
MEND = (
    f"{NextCommand('verify')} names the notes; then {NextCommand('restore')} a backup, or {NextCommand('salvage')} "
    "what can be read"
)
UNERASED = "what was redacted is not yet erased from the file"
ERASE = f"{NextCommand('redact')} goes on with it, once no session reads all the time"
P = ParamSpec("P")
FAILURES: tuple[type[Exception], ...] = (OSError, StoreError, *Connection.DAMAGE)


def examine(path: Path) -> tuple[Check, ...]:
    """Look at everything that is known to go wrong. Raises nothing, whatever the file is or is not."""
    library = _guarded("SQLite", _library)
    try:
        path = resolved(path)
        must_be_regular(path)
    except Unusable as error:
        return (library, problem("file", str(error), "say --db FILE, or set NOTEWELL_DB"))
    if not path.exists():
        missing = warning("file", f"there is none at {path}", "the first write or import makes it")
        return (library, missing, *_around(path, environment_checks.OF_PLACES))
    looks = (*environment_checks.OF_PLACES, *environment_checks.OF_FILES, *leftovers.OF_FILES)
    around = _around(path, looks)
    return (library, *around, *_inside(path))


def _around(path: Path, looks: Iterable[tuple[str, environment_checks.Look]]) -> list[Check]:
    return [_guarded(name, look, path) for name, look in looks]


def _guarded(name: str, look: Callable[P, Check], *values: P.args, **named: P.kwargs) -> Check:
    try:
        return look(*values, **named)
    except FAILURES as error:
        return problem(name, f"cannot be examined: {error}", "see that this user may read the file and its folder")


def _library() -> Check:
    found = f"{sqlite3.sqlite_version}, by {sqlite3.__name__.partition('.')[0]}"
    if wal_is_safe():
        return ok("SQLite", found)
    advice = "install pysqlite3 0.6.1 or later, or a Python that links SQLite 3.51.3 or later"
    return warning("SQLite", f"{found}: it has the WAL-reset bug, so new stores are made without WAL", advice)


def _inside(path: Path) -> Iterator[Check]:
    """What only SQLite can tell."""
    newest: int | None = None
    try:
        with _opened(path) as db:
            schema = _guarded("schema", _schema, db, path)
            yield schema
            yield _guarded("journal", _journal, db)
            yield _guarded("integrity", _integrity, db)
            if schema.state == "ok":
                yield _guarded("changes", _changes, db, path)
                yield _guarded("import", _import, db)
                yield _guarded("tokens", _tokens, db)
                if redactions.are_unfinished(db):
                    yield warning("redaction", UNERASED, ERASE)
                newest = newest_change(db)
    except FAILURES as error:
        yield _unopened(path, error)
    yield _guarded("backup", _backup, path, newest)


def _unopened(path: Path, error: Exception) -> Check:
    text = str(error)
    if isinstance(error, Locked) or code_of(error) in LOCKED:
        return problem(
            "open", f"another program keeps it locked: {text}", "end that program; `lsof` or `fuser` names it"
        )
    if isinstance(error, Orphaned):
        return problem("open", text, "keep what stands beside the file until its changes are saved")
    if isinstance(error, Broken) or code_of(error) in BROKEN:
        return problem("open", f"it is damaged: {text}", MEND)
    return problem(
        "open", text, "see that this user may read the file, write its folder, and owns what stands beside it"
    )


@contextmanager
def _opened(path: Path) -> Iterator[Connection]:
    if needs_immutable(path):
        db = connect(path, immutable=True)
    else:
        must_be_regular_beside(path)
        must_not_orphan(path)
        uri = f"{path.as_uri()}?mode=rw"
        db = sqlite3.connect(
            uri, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False, factory=Connection
        )
    db.file = path
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield db
    finally:
        _close(db, path)


def _close(db: Connection, path: Path) -> None:
    """The last to close a store empties its -wal, so this passes the gate, if there is one."""
    if lock_file_of(path).exists():
        with suppress(StoreError), hold_lock(lock_file_of(path), PATIENCE):
            db.close()
    db.close()


def _schema(db: Connection, path: Path) -> Check:
    if not path.stat().st_size:
        return _empty(path)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        return problem("schema", "it is no store of Notewell", "name another file (--db or NOTEWELL_DB)")
    if version == INCOMPLETE:
        advice = f"the same {NextCommand('copy')} again"
        return problem("schema", "a copy of another store, and not yet complete", advice)
    if version > SCHEMA_VERSION:
        return problem("schema", f"{version}; this Notewell knows {SCHEMA_VERSION}", "update notewell")
    if version < SCHEMA_VERSION:
        advice = "nothing: the next session migrates it, after laying a copy beside it"
        return warning("schema", f"{version}, older than {SCHEMA_VERSION}", advice)
    return ok("schema", str(version))


def _empty(path: Path) -> Check:
    written = commit_log.read(lock_file_of(path))
    if not written:
        return problem("schema", "the file is empty", "the first write or import makes a store of it")
    found = f"the file is empty, but {written[-1].seq:,} changes were written to it"
    return problem("schema", found, f"{NextCommand('restore')} the newest backup")


def _journal(db: Connection) -> Check:
    (mode,) = db.execute("PRAGMA journal_mode").fetchone()
    if mode == "wal" and not wal_is_safe():
        advice = "update SQLite (see above), or make a backup and restore it, which sets a safe mode"
        return problem("journal", "WAL, with an SQLite that can damage it when several sessions write", advice)
    if mode != "wal" and wal_is_safe():
        advice = "nothing is at risk; a backup that is restored is in WAL mode, where readers and writers never wait"
        return warning("journal", str(mode), advice)
    return ok("journal", str(mode))


def _integrity(db: Connection) -> Check:
    found = list(messages(db, "quick_check(5)"))
    return problem("integrity", "; ".join(found), MEND) if found else ok("integrity", "quick check passed")


def _changes(db: Connection, path: Path) -> Check:
    """Whether the last changes that were answered here are in the file."""
    written = commit_log.read(lock_file_of(path))  # before the look into the file, so that it has all of them
    last = newest_change(db)
    lost = [change for change in written if change.seq > last]
    if not lost:
        return ok("changes", f"{last:,}")
    names = ", ".join(dict.fromkeys(f"{change.slug}@{change.revision}" for change in lost[-5:]))
    found = f"the file ends at change {last:,}, but {len(lost)} later ones were written here, the last {names}"
    return problem("changes", found, "the -wal was lost or an older file laid over this one: restore the newest backup")


def _backup(path: Path, newest: int | None) -> Check:
    """`newest` is the newest change of the store, if that is known."""
    last = last_backup(path)
    advice = f"{NextCommand('backup')}, best every day by cron or a timer, with --keep"
    if last is None:
        return ok("backup", "nothing to back up yet") if newest == 0 else warning("backup", "none is known of", advice)
    found = f"{last.at[:16].replace('T', ' ')} UTC, {last.path}"
    if not Path(last.path).exists():
        return warning("backup", f"{found}, is no longer there", advice)
    if newest is None:
        return ok("backup", found)
    since = newest - last.seq
    age = datetime.now(UTC) - datetime.fromisoformat(last.at)
    found += f", {since:,} changes ago" if since > 0 else ", nothing changed since"
    return warning("backup", found, advice) if since > 0 and age > BACKUP_IS_DUE else ok("backup", found)


def _import(db: Connection) -> Check:
    (count,) = db.execute("SELECT count(*) FROM stale").fetchone()
    if not count:
        return ok("import", "finished")
    return warning(
        "import", f"{count} notes are not yet ready for search", f"run the same {NextCommand('import')} again"
    )


def _tokens(db: Connection) -> Check:
    """Whether the record beside the store vouches for the tokens in it."""
    rows = read_tokens(db)
    valid = sum(row.is_known and row.revoked_at is None for row in rows)
    unknown = [row for row in rows if not row.is_known and row.revoked_at is None]
    if db.token_record() is None:
        if unknown:
            found = f"the record beside the store is gone: none of {len(unknown):,} tokens is taken"
            return problem("tokens", found, f"put it back, or make new ones: {NextCommand('token create')}")
        return ok("tokens", f"{valid:,} of a time before the record beside the store" if rows else "none was made")
    found = f"{valid:,} not revoked, {len(rows) - valid - len(unknown):,} revoked, as the record beside the store tells"
    if not unknown:
        return ok("tokens", found)
    advice = f"make new ones: {NextCommand('token create')}"
    return warning("tokens", f"{found}; {len(unknown):,} it does not know, which are not taken", advice)
