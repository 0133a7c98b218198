"""A disk after a power cut, made from a log of what processes did to it.

What it models: a file keeps for certain what was written to it before its last sync began. Of what came later,
any part may have reached the disk: any of the writes, in any order, each of them whole or only some of its
sectors, and any of the changes of its size. A file or folder that was made, renamed or removed is so for certain
once its folder was synced; of later such changes of a folder some first ones may have reached the disk. A
shared-memory file (`-shm`) is never synced and holds anything.

What it does not model: a disk that says it has synced and has not (except for showing that this would be
noticed), bytes that change by themselves, and sectors that a write did not touch being lost with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import recording
from recording import Entry

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

SECTORS = (512, 4096)


@dataclass(slots=True)
class File:
    """What is on the disk for certain, and what may or may not be, with the entries' numbers in the log."""

    certain: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Entry]] = field(default_factory=list)

    def sync(self, began: int) -> None:
        for number, entry in self.pending:
            if number < began:
                change(self.certain, entry)
        self.pending = [(number, entry) for number, entry in self.pending if number >= began]

    def after_cut(self, dice: Random) -> bytearray:
        content = bytearray(self.certain)
        share = dice.choice((0.0, 0.5, 0.9, 1.0))
        kept = [entry for _, entry in self.pending if dice.random() < share]
        if dice.random() < 0.5:
            dice.shuffle(kept)
        for entry in kept:
            for part in torn(entry, dice):
                change(content, part)
        return content


def change(content: bytearray, entry: Entry) -> None:
    """Do to the content what the entry says."""
    if entry.kind == recording.TRUNCATE:
        del content[entry.offset :]
        content.extend(bytes(entry.offset - len(content)))
        return
    content.extend(bytes(max(0, entry.offset - len(content))))
    content[entry.offset : entry.offset + len(entry.data)] = entry.data


def torn(entry: Entry, dice: Random) -> list[Entry]:
    """The write whole, or some of its sectors only."""
    if entry.kind != recording.WRITE or dice.random() < 0.5:
        return [entry]
    sector = dice.choice(SECTORS)
    first, end = entry.offset, entry.offset + len(entry.data)
    edges = [first, *range(first - first % sector + sector, end, sector), end]
    return [
        Entry(entry.kind, entry.pid, entry.file, start, entry.data[start - first : stop - first])
        for start, stop in pairwise(edges)
        if dice.random() < 0.5
    ]


@dataclass(frozen=True, slots=True)
class NameChange:
    """From `number` on, `path` names `file`, or nothing where that is None."""

    number: int
    path: str
    file: int | None


@dataclass(slots=True)
class Disk:
    """Takes the log entry by entry; `after_cut` says what could be found if the power failed now."""

    honest: bool = True
    files: dict[int, File] = field(default_factory=dict)
    """By the number of the entry that made them: an inode's number may be used again."""
    inodes: dict[int, int] = field(default_factory=dict)
    folders: dict[int, str] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    """As the processes see them."""
    certain: dict[str, int] = field(default_factory=dict)
    pending: list[NameChange] = field(default_factory=list)
    syncs: dict[tuple[int, int], int] = field(default_factory=dict)

    def take(self, number: int, entry: Entry) -> None:
        match entry.kind:
            case recording.CREATE:
                self.inodes[entry.file], self.files[number] = number, File()
                self._name(number, entry.path, number)
            case recording.OPEN:
                self._must_be_known(entry)
            case recording.MAKE_FOLDER:
                self.folders[entry.file] = entry.path
                self._name(number, entry.path, number)
            case recording.UNLINK:
                self._name(number, entry.path, None)
            case recording.RENAME:
                old, new = entry.path.split("\0")
                self._name(number, new, self.names[old])
                self._name(number, old, None)
            case recording.WRITE | recording.TRUNCATE:
                self.files[self.inodes[entry.file]].pending.append((number, entry))
            case recording.SYNC_BEGINS | recording.FOLDER_SYNC_BEGINS:
                self.syncs[entry.pid, entry.file] = number
            case recording.SYNC_ENDS if self.honest:
                self.files[self.inodes[entry.file]].sync(self.syncs[entry.pid, entry.file])
            case recording.FOLDER_SYNC_ENDS if self.honest:
                self._sync_folder(self.folders[entry.file], self.syncs[entry.pid, entry.file])

    def _must_be_known(self, entry: Entry) -> None:
        """The log holds every file from its beginning, or what is made from it is not the real disk."""
        seen = self.names.get(entry.path)
        if seen is None or seen != self.inodes.get(entry.file):
            raise ValueError(f"{entry.path} is opened as file {entry.file}, the log knows it as {seen}")

    def _name(self, number: int, path: str, file: int | None) -> None:
        if file is None:
            del self.names[path]
        else:
            self.names[path] = file
        self.pending.append(NameChange(number, path, file))

    def _sync_folder(self, folder: str, began: int) -> None:
        kept = []
        for one in self.pending:
            if one.number < began and str(PurePosixPath(one.path).parent) == folder:
                rename(self.certain, one)
            else:
                kept.append(one)
        self.pending = kept

    def after_cut(self, root: str, dice: Random) -> dict[str, bytes]:
        """The files below `root` that would be found, by their paths from there, with what they would hold."""
        names = dict(self.certain)
        for one in self.pending[: dice.choice((0, len(self.pending), dice.randint(0, len(self.pending))))]:
            rename(names, one)
        found = {}
        for path, file in names.items():
            parents = [str(parent) for parent in PurePosixPath(path).parents if len(str(parent)) > len(root)]
            if file in self.files and all(parent in names for parent in parents):
                found[path[len(root) + 1 :]] = self._content(path, self.files[file], dice)
        return found

    @staticmethod
    def _content(path: str, file: File, dice: Random) -> bytes:
        if path.endswith("-shm"):
            return dice.choice((b"", bytes(32768), dice.randbytes(32768)))
        return bytes(file.after_cut(dice))


def rename(names: dict[str, int], one: NameChange) -> None:
    if one.file is None:
        names.pop(one.path, None)
    else:
        names[one.path] = one.file


def lay(found: dict[str, bytes], folder: Path) -> None:
    """Write the files into a folder."""
    for name, content in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
