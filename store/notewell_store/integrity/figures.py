"""How much a store holds, in figures that are worth watching."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from notewell_store.contract import Store
from notewell_store.engines.sqlite.upkeep.backup_records import last_backup


@dataclass(frozen=True, slots=True)
class Figures:
    """Sizes in bytes. `backup_age` is the seconds since the last backup that is known of, None where there is none."""

    notes: int
    revisions: int
    dangling_links: int
    database_bytes: int
    wal_bytes: int
    backup_age: float | None


def figures(store: Store) -> Figures:
    """Count what there is, of one moment. Raises StoreError as any reading does."""
    with store.reading() as db:
        (notes,) = db.execute("SELECT count(*) FROM notes WHERE deleted = 0").fetchone()
        (revisions,) = db.execute("SELECT count(*) FROM revisions").fetchone()
        (dangling,) = db.execute("SELECT count(*) FROM links WHERE target_id IS NULL").fetchone()
    wal = Path(store.address).with_name(f"{Path(store.address).name}-wal")
    return Figures(notes, revisions, dangling, _size(Path(store.address)), _size(wal), _backup_age(Path(store.address)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _backup_age(path: Path) -> float | None:
    last = last_backup(path)
    if last is None:
        return None
    return (datetime.now(UTC) - datetime.fromisoformat(last.at)).total_seconds()
