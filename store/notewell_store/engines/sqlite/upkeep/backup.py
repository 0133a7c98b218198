"""Backups: whole copies of a store, made beside running writers and looked through before they count."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from notewell_store.clock import now
from notewell_store.committed import CommittedChange
from notewell_store.contract import Progress, Store
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.connection import Locked
from notewell_store.engines.sqlite.copies import copy_database, laid_down, reading_alone
from notewell_store.engines.sqlite.database_file import make_folder, must_be_regular_beside
from notewell_store.engines.sqlite.upkeep.backup_records import RECORDS, Record, note_backup
from notewell_store.engines.sqlite.upkeep.file_checks import FileChecks
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.errors import Invalid, Unusable
from notewell_store.findings import Backup, Finding, Verdict
from notewell_store.integrity.verify import verify_snapshot
from notewell_store.tables.kept_rows import Unreadable, as_unreadable

NAME = re.compile(r"notewell-\d{8}T\d{6}Z(?:-\d+)?\.db")
FOLDER = "backups"  # beside the store, for who names no place
FIRST_REVISION = """SELECT seq, note_id, revised_at, actor FROM revisions
  WHERE seq = (SELECT min(seq) FROM revisions)"""
MOST_NAMED = 5  # findings in the words of an error


def backup(
    store: Store,
    target: Path | None = None,
    keep: int | None = None,
    progress: Progress | None = None,
    *,
    is_folder: bool = False,
) -> Backup:
    """See contract.Upkeep. Without a target it goes into `backups` beside the store; `progress` counts pages, then
    notes. A damaged store is refused, for its good backups are worth more than a copy of that."""
    if keep is not None and keep < 1:
        raise Invalid(f"keep={keep}: at least one backup is kept, the new one", "keep")
    if target is not None and keep is not None and target.is_file():
        raise Invalid(f"keep needs a folder, and {target} is a file", "keep")
    must_be_regular_beside(Path(store.address), [RECORDS])  # else it would be replaced, or the backup not noted
    committed = commit_log.read(lock_file_of(Path(store.address)))  # before the snapshot, so that it holds all of them
    folder = _folder_of(store, target, is_folder or keep is not None)
    file = new_name(folder) if folder is not None else _as_file(store, target)
    with laid_down(file) as part:
        with store.reading() as db:
            copy_database(db, part, progress)
        verdict = check_copy(part, progress, committed)
        if verdict.damage:
            raise Unusable(f"{store.address} is damaged, so no backup was made of it: {shown(verdict.damage)}")
    made = Backup(file, file.stat().st_size, verdict)
    note_backup(Path(store.address), Record(now(), str(file.resolve()), verdict.last_seq, made.bytes))
    if keep is None or folder is None:
        return made
    return Backup(file, made.bytes, verdict, tuple(thin_out(folder, file, keep)))


def _folder_of(store: Store, target: Path | None, is_folder: bool) -> Path | None:
    """The folder to put the backup into, or None when `target` is the file itself."""
    if target is None:
        return made_folder(Path(store.address).with_name(FOLDER))
    if is_folder:
        return made_folder(target)
    return target if target.is_dir() else None


def made_folder(folder: Path) -> Path:
    """The folder of backups, made where it is not there yet; only its owner reads it. Raises Unusable."""
    try:
        make_folder(folder)
    except OSError as error:
        raise Unusable(f"{folder} cannot be made: {error.strerror}") from error
    return folder


def _as_file(store: Store, target: Path | None) -> Path:
    assert target is not None
    if not target.parent.is_dir():
        raise Invalid(f"there is no folder {target.parent}: make it first", "target")
    if target.exists():
        raise Invalid(f"{target} exists already: name another file, or a folder", "target")
    return target


def new_name(folder: Path) -> Path:
    """Named by the second; a second one in it gets a number."""
    stem = f"notewell-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    number = 1
    while (path := folder / f"{stem}{f'-{number}' if number > 1 else ''}.db").exists():
        number += 1
    return path


def check_copy(path: Path, progress: Progress | None = None, committed: tuple[CommittedChange, ...] = ()) -> Verdict:
    """Look through a copy that nobody writes."""
    with reading_alone(path) as db:
        return verify_snapshot(db, FileChecks(), committed, progress)


def shown(findings: tuple[Finding, ...]) -> str:
    """Some findings, in the words of an error."""
    more = f"; and {len(findings) - MOST_NAMED} more" if len(findings) > MOST_NAMED else ""
    return "; ".join(map(str, findings[:MOST_NAMED])) + more


def thin_out(folder: Path, made: Path, keep: int) -> Iterator[Path]:
    """Remove the oldest backups of this store, but never the one just made, nor anyone else's files."""
    mine = origin_of(made)
    named = (path for path in folder.iterdir() if NAME.fullmatch(path.name) and path != made and path.is_file())
    older = sorted((path for path in named if mine and origin_of(path) == mine), key=_age, reverse=True)
    for path in older[keep - 1 :]:
        try:
            path.unlink()
        except OSError:
            continue  # it stays, and is removed with the next
        yield path


def _age(path: Path) -> tuple[str, int]:
    stem, _, number = path.stem.removeprefix("notewell-").partition("-")
    return stem, int(number or 1)


def origin_of(path: Path) -> tuple[object, ...] | None:
    """Facts of a store's first revision, which tell it from others, also after it was redacted; None for what holds
    nothing readable."""
    try:
        with reading_alone(path) as db, as_unreadable(db):
            found: tuple[object, ...] | None = db.execute(FIRST_REVISION).fetchone()
    except (Locked, Unusable, Unreadable):
        return None
    return found
