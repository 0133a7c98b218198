"""Whether a store can be read and written at this moment: what a load balancer asks, in milliseconds."""

from contextlib import suppress

from notewell_store.contract import Store
from notewell_store.errors import StoreError
from notewell_store.findings import Check, ok, problem

PATIENCE = 2.0  # seconds; whoever asks has a time-out of its own


class _Undone(Exception):
    """Ends a transaction without a commit."""


def probe(store: Store) -> tuple[Check, ...]:
    """Take a snapshot, which looks at the schema's number, and pass the gate without a commit. Raises nothing."""
    return _read(store), _write(store)


def _read(store: Store) -> Check:
    try:
        with store.reading():
            return ok("database", "opens")
    except StoreError as error:
        return problem("database", str(error), "")


def _write(store: Store) -> Check:
    try:
        with suppress(_Undone), store.writing(PATIENCE):
            raise _Undone
    except StoreError as error:
        return problem("write", str(error), "")
    return ok("write", "may be written")
