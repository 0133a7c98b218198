"""Copies of a store that still hold what was redacted in it: its backups, and what upgrades and restores kept."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from notewell_store.contract import Store
from notewell_store.engines.sqlite.connection import Connection, Locked, connect
from notewell_store.engines.sqlite.copies import PART, has_sides, reading_alone
from notewell_store.engines.sqlite.database_file import SIDES
from notewell_store.engines.sqlite.upkeep.backup import FIRST_REVISION, FOLDER, NAME, origin_of
from notewell_store.engines.sqlite.upkeep.backup_records import records
from notewell_store.errors import Unusable
from notewell_store.findings import OldCopy
from notewell_store.tables.kept_rows import Unreadable, as_unreadable

Change = tuple[int, int, int]


def copies_holding(store: Store, changes: Iterable[Change]) -> tuple[OldCopy, ...]:
    """See contract.Upkeep."""
    wanted = set(changes)
    database = Path(store.address)
    if not wanted:
        return ()
    with store.reading() as db:
        origin = db.execute(FIRST_REVISION).fetchone()
    found = (_looked_at(path, origin, wanted) for path in sorted(_candidates(database)))
    return tuple(copy for copy in found if copy is not None)


def _candidates(database: Path) -> set[Path]:
    """The backups that are recorded, what is named like one beside them, what was kept beside the store, and what a
    killed process left of either."""
    recorded = {Path(record.path) for record in records(database)}
    folders = {database.with_name(FOLDER), *(path.parent for path in recorded)}
    named = {path for folder in folders for path in _files(folder) if NAME.fullmatch(path.name)}
    kept = {path for path in _files(database.parent) if path.name.startswith(f"{database.name}.before-")}
    left = {path for folder in (*folders, database.parent) for path in _files(folder) if _is_left(path)}
    every = {path.resolve() for path in recorded | named | kept | left if not path.name.endswith(SIDES)}
    return {path for path in every if path.is_file()} - {database}


def _is_left(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(PART)


def _files(folder: Path) -> Iterator[Path]:
    try:
        yield from folder.iterdir()
    except OSError:  # it is gone, or another's
        return


def _looked_at(path: Path, origin: object, wanted: set[Change]) -> OldCopy | None:
    """The copy, where it holds any of that or nobody can tell; None where it is of another store."""
    try:
        with reading_alone(path) as db, as_unreadable(db):
            held = sorted((note_id, revision) for note_id, revision, _ in wanted & _unredacted(db))
    except (Locked, Unusable, Unreadable):
        return OldCopy(path, is_readable=False)
    if has_sides(path):  # what stands beside it was not read
        return OldCopy(path, tuple(held), is_readable=bool(held))
    return OldCopy(path, tuple(held)) if held and origin_of(path) == origin else None


def unredacted_by(part: Path, database: Path) -> tuple[str, ...]:
    """What was redacted in the store and is not in the copy that is to be in its place: `sop-deploy@3..5`. Nothing is
    changed of the store, and where it cannot be read, nothing is known."""
    redacted = _redacted_in(database)
    if not redacted:
        return ()
    with reading_alone(part) as db:
        back = sorted(redacted & _unredacted(db))
        slugs = dict(db.execute("SELECT id, slug FROM notes").fetchall())
    runs: list[list[Change]] = []
    for change in back:
        if runs and (runs[-1][-1][0], runs[-1][-1][1] + 1) == change[:2]:
            runs[-1].append(change)
        else:
            runs.append([change])
    return tuple(_named(slugs[run[0][0]], run[0][1], run[-1][1]) for run in runs)


def _named(slug: str, first: int, last: int) -> str:
    return f"{slug}@{first}" if first == last else f"{slug}@{first}..{last}"


def _redacted_in(database: Path) -> set[Change]:
    if not database.exists():
        return set()
    try:
        db = connect(database, read_only=True, immutable=not has_sides(database))
    except (Locked, Unusable):
        return set()
    try:
        return set(
            db.execute(
                """SELECT d.note_id, d.revision, r.seq FROM redactions d
                   JOIN revisions r ON r.note_id = d.note_id AND r.revision = d.revision"""
            ).fetchall()
        )
    except Connection.DAMAGE:  # or of a time when there were none
        return set()
    finally:
        db.close()


def _unredacted(db: Connection) -> set[Change]:
    has_redactions = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'redactions'").fetchone() is not None
    redacted = "SELECT note_id, revision FROM redactions" if has_redactions else "SELECT 0, 0"
    rows = db.execute(f"SELECT note_id, revision, seq FROM revisions WHERE (note_id, revision) NOT IN ({redacted})")
    return set(rows.fetchall())
