"""The power fails while servers write: what was answered must be there afterwards, and the file must be whole.

Real servers run with a preloaded shim that logs what they write, sync and answer (`recording`). Of that log
many disks are made as they could be found after a cut (`disk`), and each is opened with the store.
"""

from __future__ import annotations

import os
import tempfile
import time
from bisect import bisect_right
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import recording
from checking import Written, check_store
from disk import Disk, lay
from notewell_store import Attribution, Change, StoreError, open_store
from notewell_store.writing import drafts, pipeline
from servers import BrokenPromise, Server
from shims import preload

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a disk that was made up need not be synced
DATABASE = "home/data/notewell.db"  # in folders that the server makes


@dataclass(frozen=True, slots=True)
class PowerFigures:
    writes_recorded: int
    log_entries: int
    syncs_of_the_log: int
    syncs_of_the_database: int
    cuts: int
    cuts_before_the_store_existed: int
    answered_writes_looked_for: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Recorded:
    """The log, which writes were answered where in it, and the folder that it tells of."""

    root: Path
    entries: list[recording.Entry]
    answered: list[tuple[int, Written]]
    """In the log's order, each with the number of its entry."""

    def answered_before(self, cut: int) -> list[Written]:
        return [one for _, one in self.answered[: bisect_right(self.answered, cut, key=lambda pair: pair[0])]]


@dataclass(slots=True)
class Recorder:
    """Writes through servers that run with the shim, and keeps what each call was to write."""

    root: Path
    added: Mapping[str, str]
    dice: Random
    written: dict[str, Written]

    def start(self) -> Server:
        return Server(self.root / DATABASE, added=self.added).shake_hands()

    def write(self, server: Server) -> None:
        identity = f"write-{len(self.written)}."
        slug = f"note-{self.dice.randrange(12)}"
        words = " ".join(f"{self.dice.getrandbits(32):x}" for _ in range(self.dice.choice((5, 50, 500, 5000))))
        section = f"## {identity}\n\n{words}\n"
        server.send(identity, "edit_note", ref=slug, mode="append", new_text=section, format="json")
        answer = server.receive()
        if answer.failed:
            server.send(identity, "upsert_note", slug=slug, content=f"# {slug}\n\n{section}", format="json")
            answer = server.receive()
        self.written[identity] = Written(slug, answer.data["revision"], f"## {identity}\n")


def record(folder: Path, seed: int, writes: int) -> Recorded:
    """Two servers write by turns; one is killed and comes back, and the last to be closed empties the log. Twice."""
    log, root = folder / "log", (folder / "root").resolve()
    root.mkdir()
    watched = {"MARATHON_WATCHED": str(root), "MARATHON_JOURNAL": str(log)}
    recorder = Recorder(root, preload("record", folder) | watched, Random(seed), {})
    for _ in range(2):
        one, other = recorder.start(), recorder.start()
        try:
            for number in range(writes // 2):
                recorder.write((one, other)[number % 2])
                if number == writes // 4:
                    one.kill()
                    one.dispose()
                    one = recorder.start()
            for server in (one, other):
                server.close_input()
                server.wait()
        finally:
            one.dispose()
            other.dispose()
    entries = recording.read_log(log)
    answered = [
        (at, recorder.written[identity]) for at, identity in last_answers(entries) if identity in recorder.written
    ]
    return Recorded(root, entries, answered)


def last_answers(entries: list[recording.Entry]) -> list[tuple[int, str]]:
    """Where each request was answered; one that was refused and sent in another form, where that was."""
    last = {identity: number for number, identity in recording.answers(entries)}
    return sorted((number, identity) for identity, number in last.items())


def places_of_cuts(recorded: Recorded, cuts: int, dice: Random) -> list[int]:
    """Numbers of entries behind which the power fails: half of them right behind an answer."""
    behind_answers = [at for at, _ in recorded.answered]
    anywhere = range(len(recorded.entries))
    return sorted(dice.choice(behind_answers) if turn % 2 else dice.choice(anywhere) for turn in range(cuts))


def attack(folder: Path, *, seed: int, writes: int = 300, cuts: int = 600, honest: bool = True) -> PowerFigures:
    """Record, then cut. Raises BrokenPromise when an answered write is lost or a file is corrupt, Missing."""
    recorded = record(folder, seed, writes)
    started = time.perf_counter()
    dice, disk, done = Random(seed), Disk(honest), 0
    disk.folders[recorded.root.stat().st_ino] = str(recorded.root)
    looked_for = empty = 0
    for cut in places_of_cuts(recorded, cuts, dice):
        for number in range(done, cut + 1):
            disk.take(number, recorded.entries[number])
        done = max(done, cut + 1)
        answered = recorded.answered_before(cut)
        found = disk.after_cut(str(recorded.root), dice)
        try:
            check_after_cut(found, answered)
        except BrokenPromise as error:
            raise BrokenPromise(
                f"after a cut behind entry {cut} of {len(recorded.entries)}: {error}; files found: {sizes(found)}"
            ) from error
        looked_for += len(answered)
        empty += not found
    synced = recording.count_syncs(recorded.entries)
    return PowerFigures(
        writes_recorded=len(recorded.answered),
        log_entries=len(recorded.entries),
        syncs_of_the_log=synced.get("notewell.db-wal", 0),
        syncs_of_the_database=synced.get("notewell.db", 0),
        cuts=cuts,
        cuts_before_the_store_existed=empty,
        answered_writes_looked_for=looked_for,
        seconds=time.perf_counter() - started,
    )


def sizes(found: dict[str, bytes]) -> str:
    return ", ".join(f"{name} ({len(content)} bytes)" for name, content in found.items()) or "none"


def check_after_cut(found: dict[str, bytes], answered: list[Written]) -> None:
    """Open what was found, write to it, and look for every answered write."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as name:
        database = Path(name) / DATABASE
        lay(found, Path(name))
        try:
            written = write_after_cut(database)
        except StoreError as error:
            raise BrokenPromise(f"the store cannot be opened and written: {error}") from error
        check_store(database, [*answered, written])


def write_after_cut(database: Path) -> Written:
    change = Change(content="here again\n")
    store = open_store(database)
    try:
        compose = partial(drafts.upsert, slug="after-the-cut", change=change, if_revision=None)
        return Written("after-the-cut", pipeline.write(store, compose, Attribution("test")).revision, "here again")
    finally:
        store.close()
