"""Erasing what was redacted: from the index, from the file's free room, and from what SQLite keeps beside it.

A redaction marks its rows, in the transaction in which they change, as not yet erased. Whoever erases takes the mark
away at the end. Where that never came, because a process was killed or a disk full, the next to open the store does it.
"""

from pathlib import Path

from notewell_store.contract import PATIENCE
from notewell_store.engines.sqlite.connection import BUSY_MILLISECONDS, Connection, connect
from notewell_store.engines.sqlite.errors import wording
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.errors import Busy
from notewell_store.tables import redactions


def erase(path: Path, patience: float = PATIENCE) -> None:
    """See contract.Upkeep. Writers wait at the lock; readers go on, but must not stay in one snapshot all the time."""
    with hold_lock(lock_file_of(path), patience), wording(path, "written"):
        db = connect(path, patience=min(BUSY_MILLISECONDS, int(patience * 1000)))
        try:
            if redactions.are_unfinished(db):
                _write_anew(db, path)
                redactions.finish(db)
        finally:
            db.close()


def _write_anew(db: Connection, path: Path) -> None:
    # What was taken out of an index stays in it, beside a note that it is gone, until its parts are merged into one.
    db.execute("INSERT INTO search (search) VALUES ('optimize')")
    db.execute("VACUUM")
    busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Busy(
            f"{path} is being read, so that what was redacted is not erased from {path.name}-wal yet: the next to "
            "open the store goes on with it"
        )
