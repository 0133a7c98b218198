"""Salvage: what a damaged store still holds, verified revision by revision, in a new one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notewell_store.contract import Progress
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.connection import Connection
from notewell_store.engines.sqlite.copies import laid_down
from notewell_store.engines.sqlite.database_file import must_be_regular, must_be_regular_beside, resolved
from notewell_store.engines.sqlite.salvage import placeholders, rebuilding, small_tables
from notewell_store.engines.sqlite.salvage.placeholders import Gap
from notewell_store.engines.sqlite.salvage.recovered_rows import RecoveredRows, Row
from notewell_store.engines.sqlite.salvage.verified_rows import RowVerifier
from notewell_store.engines.sqlite.store import Store, open_file
from notewell_store.engines.sqlite.upkeep.backup import check_copy
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.errors import Invalid, Unusable
from notewell_store.findings import Lost, Salvaged
from notewell_store.tables import revisions

LARGEST_GAP = 10_000  # revisions: a number further on is itself damaged
BLOCK = 65_536  # bytes read at once: where the disk fails, only that much is missing


def salvage(damaged: Path, new: Path, progress: Progress | None = None) -> Salvaged:
    """See contract.Upkeep. Saved revisions keep their numbers, times, attribution and SHA-256; in the place of lost
    ones between and before them stands a revision that says so."""
    damaged, new = resolved(damaged), resolved(new)
    must_be_regular(damaged)
    must_be_regular(new)
    must_be_regular_beside(damaged)
    must_be_regular_beside(new)
    if not damaged.is_file():
        raise Invalid(f"there is no file {damaged}", "damaged")
    with laid_down(new) as part, _scratch(new.parent) as scratch:
        copy = _copied(damaged, scratch)
        recovered = RecoveredRows(scratch / "recovered.db")
        try:
            recovered.gather(copy, copy.with_name(copy.name + "-wal"))
            with small_tables.opened(copy) as db:
                found, unread = small_tables.read_tables(db)
                if db is not None:
                    recovered.gather_by_index(db)
            recovered.order()
            work = _Work(recovered, _committed(damaged), scratch / "unproved", small_tables.project_names(found))
            _write_store(part, work, found, progress)
        finally:
            recovered.close()
        verdict = check_copy(part)
        unproved = _moved(scratch / "unproved", new)
    saved = verdict.revisions - sum(1 for lost in work.lost if lost.revision is not None)
    return Salvaged(new, verdict.notes, saved, tuple(work.lost), unproved, tuple(unread), verdict)


def _write_store(part: Path, work: "_Work", found: small_tables.Rows, progress: Progress | None) -> None:
    store = open_file(part)
    try:
        work.write_histories(store, progress)
        with store.writing() as db:
            small_tables.write_projects(db, found)
        rebuilding.each_note(store, rebuilding.rebuild_row)
        rebuilding.each_note(store, rebuilding.rebuild_names)
        with store.writing() as db:
            small_tables.write_names_and_origins(db, found)
        rebuilding.each_note(store, rebuilding.rebuild_bearers)
        rebuilding.each_note(store, rebuilding.rebuild_derived)
    finally:
        store.close()
        lock_file_of(part).unlink(missing_ok=True)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=".notewell-salvage-", dir=folder) as scratch:
        yield Path(scratch)


def _copied(damaged: Path, scratch: Path) -> Path:
    """The file and its -wal, block by block, with zeros where the disk does not give them."""
    copy = scratch / "copy.db"
    for side in ("", "-wal"):
        source = damaged.with_name(damaged.name + side)
        if source.exists():
            _copy_blocks(source, copy.with_name(copy.name + side))
    return copy


def _copy_blocks(source: Path, target: Path) -> None:
    with source.open("rb", buffering=0) as read, target.open("wb") as write:
        for offset in range(0, source.stat().st_size, BLOCK):
            read.seek(offset)
            try:
                write.write(read.read(BLOCK))
            except OSError:
                write.write(bytes(BLOCK))


def _moved(folder: Path, new: Path) -> tuple[Path, ...]:
    """Lay the folder of unproved texts, if there are any, beside the new store."""
    if not folder.exists():
        return ()
    number, place = 1, new.with_name(f"{new.name}.unproved")
    while place.exists():
        number += 1
        place = new.with_name(f"{new.name}.unproved-{number}")
    folder.rename(place)
    return tuple(sorted(place.iterdir()))


def _committed(damaged: Path) -> dict[int, tuple[str, int]]:
    """The last name and revision that the commit log has of each note."""
    return {change.note_id: (change.slug, change.revision) for change in commit_log.read(lock_file_of(damaged))}


class _Work:
    """Writes what is verified, and keeps account of what is not."""

    def __init__(
        self, recovered: RecoveredRows, committed: dict[int, tuple[str, int]], folder: Path, names: dict[int, str]
    ) -> None:
        self.lost: list[Lost] = []
        self._recovered = recovered
        self._committed = committed
        self._folder = folder
        self._project_of = names.get
        self._gaps: list[Gap] = []
        self._taken: set[int] = set()

    def write_histories(self, store: Store, progress: Progress | None) -> None:
        """Raises Unusable when there is nothing to write."""
        ids = sorted({*self._recovered.note_ids(), *self._committed})
        for at in range(0, len(ids), rebuilding.BATCH):
            with store.writing() as db:
                for note_id in ids[at : at + rebuilding.BATCH]:
                    self._write_history(db, note_id)
            if progress is not None:
                progress(at, len(ids))
        if not self._taken:
            raise Unusable("no revision could be proved: there is nothing to save")
        with store.writing() as db:
            for seq, gap in placeholders.numbered(self._gaps, self._taken):
                placeholders.write_placeholder(db, seq, gap)
            revisions.keep_lost(db)

    def _write_history(self, db: Connection, note_id: int) -> None:
        verifier = RowVerifier(self._recovered, note_id, self._project_of)
        written = rebuilding.write_history(db, verifier)
        row = self._recovered.row_of(note_id)
        name = written.slug or (row.slug if row else self._committed.get(note_id, ("", 0))[0])
        newest = self._newest(note_id, written, row)
        if newest not in written.seqs and name:
            self._keep_unverified(name, newest, verifier.unverified_text())
        if written.seqs:
            self._taken.update(written.seqs.values())
            self._miss(note_id, name, written.seqs, newest)
        elif name:  # else it is no note, but garbage that looked like one
            self.lost.append(Lost(name, None))

    def _newest(self, note_id: int, written: rebuilding.Written, row: Row | None) -> int:
        """The number of the note's last revision, as far as anything tells."""
        saved = max(written.seqs, default=0)
        told = (row.revision if row else 0, self._committed.get(note_id, ("", 0))[1])
        return max([saved, *(number for number in told if number <= saved + LARGEST_GAP)])

    def _miss(self, note_id: int, name: str, seqs: dict[int, int], newest: int) -> None:
        """Account for all numbers up to the newest that were not written."""
        after = 0
        missing: list[int] = []
        for revision in range(1, newest + 2):
            if revision not in seqs and revision <= newest:
                missing.append(revision)
                continue
            before = seqs.get(revision, placeholders.LAST_SEQ)
            self._gaps += (Gap(note_id, number, after, before) for number in missing)
            missing.clear()
            after = before
        self.lost += (Lost(name, number) for number in range(1, newest + 1) if number not in seqs)

    def _keep_unverified(self, name: str, revision: int, text: str | None) -> None:
        if text is not None:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            file = self._folder / f"{name}@{revision}.md"
            file.touch(mode=0o600)
            file.write_text(text, encoding="utf-8", newline="")
