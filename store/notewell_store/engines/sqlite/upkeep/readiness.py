"""Whether a store can be read and written at this moment: what a load balancer asks, in milliseconds."""

from contextlib import suppress
from pathlib import Path

from notewell_store.contract import Store
from notewell_store.engines.sqlite.connection import SCHEMA_VERSION, version_of
from notewell_store.engines.sqlite.read_only import needs_immutable
from notewell_store.engines.sqlite.upkeep.environment_checks import space
from notewell_store.errors import StoreError
from notewell_store.findings import Check, ok, problem

PATIENCE = 2.0  # seconds; whoever asks has a time-out of its own


class _Undone(Exception):
    """Ends a transaction without a commit."""


def probe(store: Store) -> tuple[Check, ...]:
    """Look at the database, its schema and its disk, and begin a write that is not committed. Raises nothing."""
    return (*_read(store), _space(store), _write(store))


def _read(store: Store) -> tuple[Check, Check]:
    try:
        with store.reading() as db:
            version = version_of(db, Path(store.address))
    except (StoreError, OSError) as error:
        return problem("database", str(error), ""), problem("schema", "cannot be read", "")
    found = str(version)
    if version != SCHEMA_VERSION and not needs_immutable(Path(store.address)):
        return ok("database", "opens"), problem("schema", found, "start the server again: it brings it up to date")
    return ok("database", "opens"), ok("schema", found)


def _space(store: Store) -> Check:
    try:
        return space(Path(store.address))
    except OSError as error:
        return problem("disk", str(error), "")


def _write(store: Store) -> Check:
    """Through the gate and every lock, with a page changed, as a write goes; then undone."""
    try:
        with suppress(_Undone), store.writing(PATIENCE) as db:
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            raise _Undone
    except (StoreError, OSError) as error:
        return problem("write", str(error), "")
    return ok("write", "may be written")
