"""Which processes use a store's files, as far as this system tells."""

import os
import sys
from pathlib import Path

from notewell_store.engines.sqlite.database_file import SIDES

READ_MARKS = range(123, 128)
"""The bytes of the -shm on which a reader in a snapshot holds a lock: WAL_READ_LOCK in SQLite's wal.c."""


def openers(database: Path) -> dict[int, str] | None:
    """The processes that have the database or what SQLite keeps beside it open, this one included, by id with
    their names. None where it cannot be told: only Linux shows it, and only of one's own processes."""
    if not sys.platform.startswith("linux"):
        return None
    wanted = {_identity(database.with_name(database.name + side)) for side in ("", *SIDES)} - {None}
    return {pid: _name(pid) for pid in _process_ids() if _opens(pid, wanted)}


def snapshots(database: Path) -> tuple[int, ...]:
    """The processes that are reading in a snapshot right now, which keeps the -wal from being emptied."""
    facts = _identity(database.with_name(database.name + "-shm"))
    if facts is None:
        return ()
    found = set()
    try:
        with Path("/proc/locks").open(encoding="ascii") as locks:
            for line in locks:
                # 1: POSIX  ADVISORY  READ 1234 fe:00:5678 123 123
                words = line.split()
                if len(words) == 8 and words[5].rpartition(":")[2] == str(facts[1]) and int(words[6]) in READ_MARKS:
                    found.add(int(words[4]))
    except (OSError, ValueError):
        return ()
    return tuple(sorted(found))


def described(processes: dict[int, str]) -> str:
    return ", ".join(f"{pid} ({name})" if name else str(pid) for pid, name in sorted(processes.items()))


def _process_ids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _opens(pid: int, wanted: set[tuple[int, int] | None]) -> bool:
    try:
        return any(_identity(entry) in wanted for entry in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it has ended, or is another's
        return False


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _name(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return " ".join(os.path.basename(word.decode(errors="replace")) for word in command[:2] if word)[:60]  # noqa: PTH119
