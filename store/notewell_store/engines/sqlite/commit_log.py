"""The last changes that were committed, as lines in the write lock's file.

A database that has lost its -wal, or over which an older copy was laid, is whole, only of an earlier time: nothing
in it tells that answered writes are gone. So each writer, still holding the lock, adds a line for every change
that it has committed, and `verify` looks whether the database has them. The lines are an aid, never a source:
they are not synced, and a killed writer may leave one out.
"""

import os
import re
from pathlib import Path

from notewell_store.committed import CommittedChange
from notewell_store.contract import Snapshot
from notewell_store.errors import Unusable
from notewell_store.regular import Irregular, regular_bytes

LARGEST = 256 * 1024  # bytes; far more than the changes of a -wal between two checkpoints
KEPT = 128 * 1024  # bytes left after a cut
MOST_READ = 8 * 1024 * 1024  # bytes; the lines of one large transaction come in one piece
MOST_LINES = 1_000  # of one transaction: an import may bring more
LINE = re.compile(rb"(\d{1,18}) (\d{1,18}) (\d{1,9}) ([0-9a-f]{16}) ([a-z0-9-]{1,200})")


def changes_after(db: Snapshot, seq: int) -> list[CommittedChange]:
    """What the present transaction has added, oldest first."""
    rows = db.execute(
        f"""SELECT r.seq, r.note_id, r.revision, lower(hex(substr(r.sha256, 1, 8))), n.slug
           FROM revisions r JOIN notes n ON n.id = r.note_id WHERE r.seq > ? ORDER BY r.seq DESC LIMIT {MOST_LINES}""",
        (seq,),
    ).fetchall()
    return [CommittedChange(*row) for row in reversed(rows)]


def record(lock: int, changes: list[CommittedChange]) -> None:
    """Add the changes to the file of the lock, which is held. Raises nothing: the writes are on disk already."""
    if not changes:
        return
    # A line feed first: a writer that was killed may have left half a line.
    lines = "\n" + "\n".join(" ".join(map(str, change)) for change in changes) + "\n"
    try:
        if os.lseek(lock, 0, os.SEEK_END) > LARGEST:
            _cut(lock)
        os.write(lock, lines.encode())
    except OSError:
        return


def _cut(lock: int) -> None:
    os.lseek(lock, -KEPT, os.SEEK_END)
    newest = os.read(lock, KEPT)
    forget(lock)
    os.write(lock, newest)


def forget(lock: int) -> None:
    """Another store begins at this place. The lock must be held."""
    os.lseek(lock, 0, os.SEEK_SET)
    os.ftruncate(lock, 0)


def forget_changes(path: Path, seqs: frozenset[int]) -> None:
    """Leave out the lines of these changes, on disk when it returns. The lock must be held; by whom does not matter,
    for the file stays the same."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        lines = file.read().split(b"\n")
        kept = [line for line in lines if not ((told := LINE.fullmatch(line)) and int(told[1]) in seqs)]
        if kept != lines:
            file.seek(0)
            file.write(b"\n".join(kept))
            file.truncate()
            file.flush()
            os.fsync(file.fileno())


def read(path: Path) -> tuple[CommittedChange, ...]:
    """What a lock's file holds; what is no line of ours, and a file that cannot be read, say nothing. Raises Unusable
    for what is no file: it would hide that changes are missing."""
    try:
        data = regular_bytes(path, MOST_READ)
    except Irregular as error:
        raise Unusable(f"{path}, which tells the last changes: {error.strerror}. Move it away") from error
    except OSError:
        return ()
    # What stands before the first line feed was cut in two, and may read as another change: `114 …` as `14 …`.
    found = map(LINE.fullmatch, data.split(b"\n")[1:])
    return tuple(
        CommittedChange(int(line[1]), int(line[2]), int(line[3]), line[4].decode(), line[5].decode())
        for line in found
        if line
    )
