"""`notewell restore` into a database: a store moves there from a file. Only an empty database is filled."""

from contextlib import closing
from pathlib import Path

from notewell_store.contract import Progress
from notewell_store.engines.postgres.address import place_of
from notewell_store.engines.postgres.connection import connect
from notewell_store.engines.postgres.copying import copy_from_file
from notewell_store.engines.postgres.errors import wording
from notewell_store.engines.postgres.store import open_database
from notewell_store.engines.sqlite.copies import reading_alone
from notewell_store.engines.sqlite.upkeep.backup import check_copy, shown
from notewell_store.errors import Unusable
from notewell_store.findings import Restored
from notewell_store.integrity.verify import verify


def restore(backup: Path, address: str, progress: Progress | None = None) -> Restored:
    """See contract.Upkeep. The file is looked through before, and the database after."""
    if not backup.is_file():
        raise Unusable(f"there is no file {backup}")
    verdict = check_copy(backup, progress)
    if verdict.damage:
        raise Unusable(f"{backup} is damaged, so it was not put in place: {shown(verdict.damage)}")
    with closing(open_database(address)) as store:
        place = place_of(address)
        with reading_alone(backup) as source, closing(connect(place)) as db, wording(place, "written"):
            copy_from_file(source, db, progress)
        return Restored(store.address, None, verify(store, progress))
