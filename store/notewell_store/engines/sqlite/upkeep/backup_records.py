"""Which backups were made of a store: one line of JSON for each, in `<store>.backups` beside it.

A file of its own, not a table: it stays true when an older copy of the database is put back, and a store that can
only be read can be backed up too.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from notewell_store.engines.sqlite.copies import laid_down
from notewell_store.errors import StoreError
from notewell_store.regular import regular_bytes

RECORDS = ".backups"  # the ending of its name
LARGEST = 10_000_000  # bytes
MOST = 100  # lines; the oldest go first


@dataclass(frozen=True, slots=True)
class Record:
    """A backup that was made: when, where, up to which change of the store, and its size."""

    at: str
    path: str
    seq: int
    bytes: int


def records(database: Path) -> tuple[Record, ...]:
    """All that is known, oldest first; what is no line of ours says nothing."""
    try:
        lines = regular_bytes(_beside(database), LARGEST).decode().splitlines()
    except (OSError, UnicodeDecodeError):
        return ()
    return tuple(record for line in lines if (record := _read(line)) is not None)


def last_backup(database: Path) -> Record | None:
    known = records(database)
    return known[-1] if known else None


def note_backup(database: Path, record: Record) -> None:
    """Add a line. The backup is made already, so that a folder that cannot be written raises nothing."""
    kept = [*records(database), record][-MOST:]
    try:
        with laid_down(_beside(database), replace=True) as part:
            part.touch(mode=0o600)
            part.write_text("".join(json.dumps(asdict(one)) + "\n" for one in kept), encoding="utf-8")
    except StoreError:
        return


def _beside(database: Path) -> Path:
    return database.with_name(database.name + RECORDS)


def _read(line: str) -> Record | None:
    try:
        record = Record(**json.loads(line))
        is_one = datetime.fromisoformat(record.at).tzinfo and type(record.seq) is type(record.bytes) is int
        return record if is_one and record.path == str(Path(record.path)) else None
    except (ValueError, TypeError, RecursionError):
        return None
