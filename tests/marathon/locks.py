"""Another program holds SQLite's lock: writes wait for it, then are refused; reads go on."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from checking import Written, check_store
from figures import times_of
from notewell_store.engines.sqlite.connection import BUSY_MILLISECONDS
from refusals import RefusalFigures, Writer, must_be_clear
from servers import PATIENCE, Answer, BrokenPromise, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_WITH_OTHERS = BUSY_MILLISECONDS / 1000


def locked(folder: Path, seconds: float, *, refused_after: float = PATIENCE_WITH_OTHERS) -> RefusalFigures:
    """Hold the lock for so long; one server writes meanwhile and another reads. Raises BrokenPromise."""
    database = folder / "notewell.db"
    with Server(database, "writer") as one, Server(database, "reader") as other:
        writer, reader = Writer(one), Writer(other)
        writer.write("before")
        reader.answered = writer.answered
        with holding(database):
            refused = refused_until(time.monotonic() + seconds, one, reader)
        last = one.receive()
        if last.failed:
            raise BrokenPromise(f"the write that waited when the lock went was refused: {last.text}")
        for number, answer in enumerate(refused):
            judge(answer, refused_after)
            send(one, number)
            _ = one.receive().data
    written = [Written(f"during-{number}", 1, "x") for number in range(len(refused) + 1)]
    kept = check_store(database, written)
    if kept.revisions != 1 + len(written):
        raise BrokenPromise(f"{1 + len(written)} writes were answered, {kept.revisions} are kept")
    said = (refused or [last])[0]
    return RefusalFigures(1 + len(written), len(refused), said.text, said.seconds, times_of(reader.reads))


def refused_until(end: float, server: Server, reader: Writer) -> list[Answer]:
    """What each write was told that did not get the lock. The last one still waits for it when this ends."""
    refused: list[Answer] = []
    while True:
        send(server, len(refused))
        while not server.has_spoken(0.05):
            if time.monotonic() > end:
                return refused
            reader.read()
        refused.append(server.receive())


def send(server: Server, number: int) -> None:
    key = f"during-{number}"
    server.send(key, "upsert_note", slug=key, content="x", idempotency_key=key, format="json")


def judge(answer: Answer, refused_after: float) -> None:
    must_be_clear(answer, ["locked by another program", "Nothing was written", "again"])
    if not answer.failed or not refused_after * 0.9 < answer.seconds < refused_after * 1.5:
        raise BrokenPromise(f"refused after {answer.seconds:.1f} s: {answer.text}")


HOLDER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(database: Path) -> Iterator[None]:
    """Another program holds the lock of writers."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin
    assert holder.stdout
    try:
        if holder.stdout.readline() != b"held\n":
            raise BrokenPromise("the lock could not be taken")
        yield
    finally:
        holder.communicate(timeout=PATIENCE)
