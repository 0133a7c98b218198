"""Servers are told to stop, or their clients vanish, in the midst of writes: each write is answered or absent.

A write may be done though its answer found nobody to take it: then it is there whole, once. Every process is
gone within two seconds, and no child of it stays.
"""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from checking import Written, check_store
from figures import Times, times_of
from locks import holding
from servers import BrokenPromise, Gone, Server

WITHIN = 2.0
WRITES = 6
"""Sent at once, without waiting, before the end comes."""
AT_ONCE = 3
"""Servers that are on the file at once."""
LATEST = 0.06
"""Seconds after which the end comes: some writes are done by then."""

Ending = Literal["SIGTERM", "SIGINT", "input closed", "client vanished", "output closed"]


@dataclass(frozen=True, slots=True)
class EndingFigures:
    endings: int
    writes_sent: int
    writes_answered: int
    writes_done_but_not_answered: int
    time_to_end: Times


@dataclass(frozen=True, slots=True)
class BlockedFigures:
    """Seconds until a server was gone whose write waited for a lock of another program."""

    sigterm: float
    sigint: float
    client_vanished: float


def end(server: Server, how: Ending) -> None:
    match how:
        case "SIGTERM" | "SIGINT":
            server.tell(signal.Signals[how])
        case "input closed":
            server.close_input()
        case "client vanished":
            server.vanish()
        case "output closed":
            server.close_output()


ENDINGS: tuple[Ending, ...] = ("SIGTERM", "SIGINT", "input closed", "client vanished", "output closed")


@dataclass(slots=True)
class Tally:
    """What was sent, and which of it was answered."""

    sent: dict[str, str]
    answered: list[Written]
    ends: list[float]

    def round(self, server: Server, number: int, how: Ending, dice: Random) -> None:
        """Send writes, end the server in their midst, and take what it still answers."""
        for one in range(WRITES):
            slug = f"round-{number}-{one}"
            self.sent[slug] = words = f"{slug} is whole."
            filler = "filling words " * dice.choice((1, 100, 10_000))
            server.send(slug, "upsert_note", slug=slug, content=f"# {slug}\n\n{filler}\n\n{words}\n", format="json")
        server.has_spoken(dice.uniform(0, LATEST))
        children = children_of(server.pid)
        started = time.monotonic()
        end(server, how)
        if how not in {"client vanished", "output closed"}:
            self.take(server)
        server.wait(WITHIN)
        self.ends.append(time.monotonic() - started)
        if alive := [child for child in children if Path(f"/proc/{child}").exists()]:
            raise BrokenPromise(f"a server that ended by {how} left {alive} behind")

    def take(self, server: Server) -> None:
        try:
            while True:
                answer = server.receive(WITHIN)
                self.answered.append(Written(answer.id, answer.data["revision"], self.sent[answer.id]))
        except Gone:
            return


def children_of(pid: int) -> list[str]:
    """The children of a process, as Linux tells it; elsewhere none are known."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return listed.read_text().split() if listed.exists() else []


def attack(folder: Path, *, seed: int, rounds: int = 100) -> EndingFigures:
    """End servers in the midst of writes. Raises BrokenPromise."""
    database, dice = folder / "notewell.db", Random(seed)
    tally = Tally({}, [], [])

    def one_round(number: int, own_dice: Random) -> None:
        with Server(database) as server:
            _ = server.call("list_notes", format="json").data
            tally.round(server, number, ENDINGS[number % len(ENDINGS)], own_dice)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(one_round, range(rounds), [Random(dice.random()) for _ in range(rounds)]))
    kept = check_store(database, tally.answered)
    done = whole_ones(database, tally.sent)
    if kept.revisions != done:
        raise BrokenPromise(f"{done} notes are whole, {kept.revisions} revisions are kept")
    return EndingFigures(
        endings=rounds,
        writes_sent=len(tally.sent),
        writes_answered=len(tally.answered),
        writes_done_but_not_answered=done - len(tally.answered),
        time_to_end=times_of(tally.ends),
    )


def whole_ones(database: Path, sent: dict[str, str]) -> int:
    """How many of the notes that were sent are there, each of them whole."""
    there = 0
    with Server(database) as server:
        for slug, words in sent.items():
            read = server.call("get_note", ref=slug, max_chars=1_000_000, format="json")
            there += not read.failed
            if not read.failed and not read.data["markdown"].endswith(f"{words}\n"):
                raise BrokenPromise(f"{slug} is there in part")
    return there


def blocked(folder: Path, how: Ending) -> float:
    """End a server whose write waits for a lock of another program; the seconds that it took to be gone."""
    database = folder / "notewell.db"
    with Server(database) as server:
        _ = server.call("upsert_note", slug="before", content="x", format="json").data
        with holding(database):
            server.send("waits", "upsert_note", slug="waits", content="x")
            if server.has_spoken(0.3):
                raise BrokenPromise(f"a write went past another's lock: {server.receive().text}")
            started = time.monotonic()
            end(server, how)
            server.wait(WITHIN)
            seconds = time.monotonic() - started
    if check_store(database).revisions != 1:
        raise BrokenPromise("a write that was not answered is there")
    return seconds


def all_blocked(folder: Path) -> BlockedFigures:
    hows: tuple[Ending, ...] = ("SIGTERM", "SIGINT", "client vanished")
    for how in hows:
        (folder / how).mkdir()
    with ThreadPoolExecutor(len(hows)) as threads:
        return BlockedFigures(*threads.map(lambda how: blocked(folder / how, how), hows))
