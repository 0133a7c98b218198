"""What SQLite does for a store as a whole: see contract.Upkeep."""

from pathlib import Path
from typing import TYPE_CHECKING

from notewell_store.engines.sqlite.upkeep import doctor

if TYPE_CHECKING:
    from notewell_store.contract import Upkeep
    from notewell_store.integrity.checks import Check


class UpkeepOfFiles:
    """For stores in one file each."""

    def examine(self, address: str) -> "tuple[Check, ...]":
        return doctor.examine(Path(address))


UPKEEP: "Upkeep" = UpkeepOfFiles()
