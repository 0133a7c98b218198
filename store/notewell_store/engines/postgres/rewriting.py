"""What makes a redaction possible where revisions are never changed: the one way round the trigger that keeps them.

The trigger lets pass what the transaction says that redacts; its user must own the table, or have the right to change
it, which those who serve have not.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from notewell_store.contract import Snapshot


@contextmanager
def rewriting(db: Snapshot) -> Iterator[None]:
    """See contract.Connection. No record of what was committed is kept here."""
    db.execute("SET LOCAL notewell.rewriting = 'on'")
    yield
    db.execute("SET LOCAL notewell.rewriting = 'off'")
