"""What servers did to their files and said to their clients, as the preloaded shim `record` logged it."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HEAD = struct.Struct("<cQQqq")

WRITE, TRUNCATE, OPEN, CREATE = "W", "T", "O", "C"
SYNC_BEGINS, SYNC_ENDS = "s", "S"
FOLDER_SYNC_BEGINS, FOLDER_SYNC_ENDS = "d", "D"
UNLINK, RENAME, MAKE_FOLDER = "U", "R", "M"
SAY = "A"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a process did. `file` is an inode; `offset` is a size where `kind` is TRUNCATE."""

    kind: str
    pid: int
    file: int
    offset: int
    data: bytes

    @property
    def path(self) -> str:
        return self.data.decode()


def read_log(path: Path) -> list[Entry]:
    """All whole entries; a process that was killed may have left a part of one at the end."""
    log, at, entries = path.read_bytes(), 0, []
    while at + HEAD.size <= len(log):
        kind, pid, file, offset, length = HEAD.unpack_from(log, at)
        at += HEAD.size + length
        if at > len(log):
            break
        entries.append(Entry(kind.decode(), pid, file, offset, log[at - length : at]))
    return entries


def answers(entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
    """Where in the log each answer was given, and to which request: (number of the entry, id)."""
    said: dict[tuple[int, int], bytes] = {}
    for number, entry in enumerate(entries):
        if entry.kind != SAY:
            continue
        pipe = (entry.pid, entry.file)
        *lines, said[pipe] = (said.get(pipe, b"") + entry.data).split(b"\n")
        yield from ((number, identity) for line in lines if (identity := _answered(line)))


def _answered(line: bytes) -> str | None:
    try:
        message = json.loads(line)
    except ValueError:  # words on standard error
        return None
    return message.get("id") if isinstance(message, dict) else None


def count_syncs(entries: Iterable[Entry]) -> dict[str, int]:
    """How often each file was synced, by the last part of its name."""
    names: dict[int, str] = {}
    synced: dict[str, int] = {}
    for entry in entries:
        if entry.kind == CREATE:
            names[entry.file] = entry.path.rpartition("/")[2]
        elif entry.kind == SYNC_ENDS:
            synced[names[entry.file]] = synced.get(names[entry.file], 0) + 1
    return synced
