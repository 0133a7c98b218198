"""What SQLite does for a store as a whole: see contract.Upkeep. What is seldom asked for is loaded when it is."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from notewell_store.contract import PATIENCE
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.upkeep.backup_records import last_backup
from notewell_store.engines.sqlite.upkeep.file_checks import FileChecks
from notewell_store.engines.sqlite.upkeep.readiness import probe
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.findings import Backup, Check, Restored, Salvaged, Sizes

if TYPE_CHECKING:
    from notewell_store.committed import CommittedChange
    from notewell_store.contract import EngineChecks, Progress, Store, Upkeep
    from notewell_store.findings import OldCopy


class UpkeepOfFiles:
    """For stores in one file each."""

    checks: "EngineChecks" = FileChecks()

    def examine(self, address: str) -> tuple[Check, ...]:
        from notewell_store.engines.sqlite.upkeep.doctor import examine

        return examine(Path(address))

    def restore(
        self, backup: Path, address: str, progress: "Progress | None" = None, *, keep_tokens: bool = False
    ) -> Restored:
        from notewell_store.engines.sqlite.upkeep.restore import restore

        return restore(backup, Path(address), progress, keep_tokens=keep_tokens)

    def salvage(self, damaged: Path, new: Path, progress: "Progress | None" = None) -> Salvaged:
        from notewell_store.engines.sqlite.salvage.salvage import salvage

        return salvage(damaged, new, progress)

    def backup(
        self,
        store: "Store",
        target: Path | None = None,
        keep: int | None = None,
        progress: "Progress | None" = None,
        *,
        is_folder: bool = False,
    ) -> Backup:
        from notewell_store.engines.sqlite.upkeep.backup import backup

        return backup(store, target, keep, progress, is_folder=is_folder)

    def erase(self, store: "Store", patience: float = PATIENCE) -> None:
        from notewell_store.engines.sqlite.upkeep.erasing import erase

        erase(Path(store.address), patience)

    def copies_holding(self, store: "Store", changes: Iterable[tuple[int, int, int]]) -> "tuple[OldCopy, ...]":
        from notewell_store.engines.sqlite.upkeep.old_copies import copies_holding

        return copies_holding(store, changes)

    def committed(self, store: "Store") -> "tuple[CommittedChange, ...]":
        return commit_log.read(lock_file_of(Path(store.address)))

    def readiness(self, store: "Store") -> tuple[Check, ...]:
        return probe(store)

    def sizes(self, store: "Store") -> Sizes:
        path = Path(store.address)
        return Sizes(_size(path), _size(path.with_name(f"{path.name}-wal")), _backup_age(path))


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


UPKEEP: "Upkeep" = UpkeepOfFiles()
