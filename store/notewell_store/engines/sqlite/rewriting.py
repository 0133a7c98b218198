"""What makes a redaction possible where revisions are never changed: the one way round the trigger that keeps them.

The trigger is taken away and made again, as it was, in the transaction that redacts: no other connection ever sees the
table without it, and who dies in between has changed nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from notewell_store.contract import Snapshot
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.write_lock import lock_file_of

TRIGGER = "revisions_are_kept"


@contextmanager
def rewriting(db: Snapshot, file: Path, changes: Iterable[int]) -> Iterator[None]:
    """See contract.Connection. The record is mended before the commit: a line that is missing tells nothing, and one
    too many would tell of a change that is lost."""
    ((trigger,),) = db.execute("SELECT sql FROM main.sqlite_schema WHERE name = ?", (TRIGGER,)).fetchall()
    db.execute(f"DROP TRIGGER {TRIGGER}")
    yield
    db.execute(trigger)
    commit_log.forget_changes(lock_file_of(file), frozenset(changes))
