"""What PostgreSQL does for a store as a whole: see contract.Upkeep. Putting a database back is its keeper's: what is
not offered here says by what it is done.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from notewell_store.contract import PATIENCE
from notewell_store.engines.postgres.upkeep.checks import DatabaseChecks
from notewell_store.engines.postgres.upkeep.readiness import probe
from notewell_store.errors import NextCommand, Unusable
from notewell_store.findings import Backup, Check, Restored, Salvaged, Sizes

if TYPE_CHECKING:
    from notewell_store.committed import CommittedChange
    from notewell_store.contract import EngineChecks, Progress, Store, Upkeep
    from notewell_store.findings import OldCopy


class UpkeepOfDatabases:
    """For stores in one database each."""

    checks: "EngineChecks" = DatabaseChecks()

    def examine(self, address: str) -> tuple[Check, ...]:
        from notewell_store.engines.postgres.upkeep.doctor import examine

        return examine(address)

    def readiness(self, store: "Store") -> tuple[Check, ...]:
        return probe(store)

    def sizes(self, store: "Store") -> Sizes:
        """The server's log is not the store's own, and of backups nothing is known: its keeper makes them."""
        with store.reading() as db:
            (size,) = db.execute("SELECT pg_database_size(current_database())").fetchone()
        return Sizes(int(size), 0, None)

    def committed(self, store: "Store") -> "tuple[CommittedChange, ...]":
        """None is kept beside a database: that nothing answered is lost is promised by standbys and the archive."""
        return ()

    def copies_holding(self, store: "Store", changes: Iterable[tuple[int, int, int]]) -> "tuple[OldCopy, ...]":
        """None is known: docs/postgresql.md names where else what was redacted may stand."""
        return ()

    def backup(
        self,
        store: "Store",
        target: Path | None = None,
        keep: int | None = None,
        progress: "Progress | None" = None,
        *,
        is_folder: bool = False,
    ) -> Backup:
        from notewell_store.engines.postgres.upkeep.backup import backup

        return backup(store, target, keep, progress, is_folder=is_folder)

    def erase(self, store: "Store", patience: float = PATIENCE) -> None:
        from notewell_store.engines.postgres.upkeep.erasing import erase

        erase(store.address, patience)

    def restore(
        self, backup: Path, address: str, progress: "Progress | None" = None, *, keep_tokens: bool = False
    ) -> Restored:
        """Into an empty database alone. One that is in use is put back by what its keeper backs it up with."""
        from notewell_store.engines.postgres.upkeep.restore import restore

        return restore(backup, address, progress)

    def salvage(self, damaged: Path, new: Path, progress: "Progress | None" = None) -> Salvaged:
        raise Unusable(
            "nothing is salvaged from a damaged database: let its keeper put it back (docs/postgresql.md), or begin "
            "anew with the newest file of ",
            NextCommand("backup"),
        )


UPKEEP: "Upkeep" = UpkeepOfDatabases()
