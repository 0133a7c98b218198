"""A foreign program reads for minutes in one transaction while agents write: the log cannot be reused meanwhile.

No door of ours holds a snapshot longer than one call takes, so the file is read by a plain SQLite here. What is
looked at: reads and writes of others stay quick, the log's growth, and that it is cut again afterwards.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from checking import Written, check_store
from figures import Times, times_of
from notewell_store.engines.sqlite.upkeep.doctor import examine
from notewell_store.engines.sqlite.upkeep.environment_checks import WAL_THAT_WAITS
from pace import slowness
from servers import PATIENCE, BrokenPromise, Server, crowd_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITERS = 3
LONGEST_READ = 1.0
LONGEST_WRITE = 5.0
"""Seconds: whoever writes first after the reader went brings all that the log holds into the file."""
USUAL_LOG = 16_000_000
"""Bytes: what the log may hold while nobody reads for long."""
READER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN")
look = "SELECT count(*), max(seq) FROM revisions"
print(db.execute(look).fetchone(), flush=True)
sys.stdin.readline()
print(db.execute(look).fetchone(), flush=True)
"""


@dataclass(frozen=True, slots=True)
class ReaderFigures:
    seconds: float
    writes: Times
    reads: Times
    log_megabytes_usually: float
    log_megabytes_meanwhile: float
    log_bytes_a_write_meanwhile: int
    log_megabytes_afterwards: float
    the_doctor_said: str


def attack(folder: Path, *, seed: int, seconds: float = 180.0) -> ReaderFigures:
    """Write and read beside a reader that stays for so long. Raises BrokenPromise."""
    database = folder / "notewell.db"
    log = database.with_name("notewell.db-wal")
    with crowd_of(WRITERS + 1, database) as (*writers, reader):
        agents = [Writer(server, number, Random(seed + number)) for number, server in enumerate(writers)]
        agents[0].write()
        usual = together(agents, reader, log, time.monotonic() + max(1.0, seconds / 6))
        written_before = sum(len(agent.waits) for agent in agents)
        with long_read(database):
            end = time.monotonic() + seconds
            meanwhile = together(agents, reader, log, end)
            while log.stat().st_size < WAL_THAT_WAITS and time.monotonic() < end + PATIENCE:
                meanwhile = meanwhile.then(together(agents, reader, log, time.monotonic() + 1.0))
            said = said_by_the_doctor(database)
        writes = sum(len(agent.waits) for agent in agents) - written_before
        afterwards = together(agents, reader, log, time.monotonic() + min(5.0, seconds))
        waits = times_of([wait for agent in agents for wait in agent.waits])
        reads = times_of([*usual.reads, *meanwhile.reads, *afterwards.reads])
        judge(waits, reads, usual.largest_log, log.stat().st_size)
        written = [one for agent in agents for one in agent.written]
        left = log.stat().st_size
    check_store(database, written[:: max(1, len(written) // 500)])
    return ReaderFigures(
        seconds=seconds,
        writes=waits,
        reads=reads,
        log_megabytes_usually=usual.largest_log / 1e6,
        log_megabytes_meanwhile=meanwhile.largest_log / 1e6,
        log_bytes_a_write_meanwhile=(meanwhile.largest_log - usual.largest_log) // max(1, writes),
        log_megabytes_afterwards=left / 1e6,
        the_doctor_said=said,
    )


def said_by_the_doctor(database: Path) -> str:
    """What `notewell doctor` warns of, while the reader keeps the log from being emptied."""
    (found,) = (check for check in examine(database) if check.name == "wal")
    if found.state != "warning":
        raise BrokenPromise(f"the doctor does not warn of a long reader: {found}")
    return f"{found.found}: {found.advice}"


def judge(waits: Times, reads: Times, before: int, afterwards: int) -> None:
    if reads.longest > LONGEST_READ * slowness():
        raise BrokenPromise(f"a read took {reads.longest:.2f} s")
    if waits.longest > LONGEST_WRITE * slowness():
        raise BrokenPromise(f"a write took {waits.longest:.2f} s")
    if before > USUAL_LOG or afterwards > USUAL_LOG:
        raise BrokenPromise(f"the log has {before:,} bytes before the reader came, {afterwards:,} after it went")


@dataclass(slots=True)
class Writer:
    """Writes notes of its own, one after the other, each some kilobytes that deflate badly."""

    server: Server
    number: int
    dice: Random
    waits: list[float]
    written: list[Written]

    def __init__(self, server: Server, number: int, dice: Random) -> None:
        self.server, self.number, self.dice = server, number, dice
        self.waits, self.written = [], []

    def write_until(self, end: float) -> None:
        while time.monotonic() < end:
            self.write()

    def write(self) -> None:
        slug, words = f"note-{self.number}-{len(self.waits)}", f"write {len(self.waits)}."
        filler = " ".join(f"{self.dice.getrandbits(24):x}" for _ in range(300))
        answer = self.server.call("upsert_note", slug=slug, content=f"# {slug}\n\n{words}\n\n{filler}", format="json")
        self.written.append(Written(slug, answer.data["revision"], words))
        self.waits.append(answer.seconds)


@dataclass(frozen=True, slots=True)
class Reads:
    """How long each read took, and how large the log was seen at most."""

    reads: list[float]
    largest_log: int

    def then(self, later: Reads) -> Reads:
        return Reads([*self.reads, *later.reads], max(self.largest_log, later.largest_log))


def together(agents: list[Writer], reader: Server, log: Path, end: float) -> Reads:
    """All write and one reads until then."""
    with ThreadPoolExecutor(len(agents)) as threads:
        writing = [threads.submit(agent.write_until, end) for agent in agents]
        seen = [(seconds, log.stat().st_size) for seconds in read_until(reader, agents[0], end)]
        for one in writing:
            one.result()
    return Reads([seconds for seconds, _ in seen], max(size for _, size in seen))


def read_until(reader: Server, agent: Writer, end: float) -> Iterator[float]:
    """What was answered to a writer is seen by the next read of another process."""
    while time.monotonic() < end:
        newest = agent.written[-1].slug
        for tool, arguments in (("get_note", {"ref": newest}), ("search_notes", {"query": newest}), ("list_notes", {})):
            answer = reader.call(tool, **arguments)
            if answer.failed or (tool == "get_note" and newest not in answer.text):
                raise BrokenPromise(f"{tool} beside a long reader says: {answer.text[:300]}")
            yield answer.seconds


@contextmanager
def long_read(database: Path) -> Iterator[None]:
    """A transaction of another program that reads; it sees the same at its end as at its beginning."""
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert reader.stdout
    try:
        first = reader.stdout.readline()
        yield
    finally:
        last, _ = reader.communicate(b"\n", timeout=PATIENCE)
    if not first or first != last:
        raise BrokenPromise(f"a snapshot changed from {first!r} to {last!r}")
