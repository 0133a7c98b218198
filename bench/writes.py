"""What a durable write costs, and how long agents wait who write at once.

    python bench/writes.py --rounds 40 --seconds 20

First, by turns in small batches: a bare SQLite transaction of the same library, with the same sync, on the
same disk; a tool that does nothing on the SDK's smallest server; and over stdio writes of a note of 2 KB, and of a
line to a page of 10 KB. Then eight agents, each with a server of its own, write twenty times a second each to one
file. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import NamedTuple

from notewell_store.engines.sqlite.driver import sqlite3
from sample_notes import words
from stdio_client import FLOOR_SERVER, NOTEWELL_SERVER, ServerProcess, compile_sources, show

BATCH = 10
SIZE = 2_000
PAGES, PAGE_SECTIONS = 10, 10
AGENTS = 8
RATE = 20

Timed = Callable[[], float]


class Bare:
    """One table, one row of the note's size for each transaction, synced as the store syncs."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(str(path), isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")

    def write(self, text: str) -> float:
        started = time.perf_counter()
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT INTO notes (text) VALUES (?)", (text,))
        self._db.execute("COMMIT")
        return time.perf_counter() - started


def page(dice: Random) -> str:
    """Of ten sections."""
    return "".join(f"## Section {number}\n\n{words(SIZE // 12, dice)}\n\n" for number in range(PAGE_SECTIONS))


def note(dice: Random) -> str:
    text = words(SIZE // 6, dice)
    return f"# {words(3, dice)}\n\n{text[: SIZE // 2]}\n\n## Steps\n\n{text[SIZE // 2 : SIZE]}\n"


def subjects_of(bare: Bare, floor: ServerProcess, ours: ServerProcess, dice: Random) -> dict[str, Timed]:
    fresh = count()
    for number in range(PAGES):
        _ = ours.call("upsert_note", slug=f"page-{number}", content=page(dice)).result

    def line() -> float:
        ref = f"page-{dice.randrange(PAGES)}#section-{dice.randrange(PAGE_SECTIONS)}"
        answer = ours.call("edit_note", ref=ref, mode="append", new_text=f"- {words(8, dice)}")
        _ = answer.result
        return answer.seconds

    def new_note() -> float:
        answer = ours.call("upsert_note", slug=f"note-{next(fresh)}", content=note(dice))
        _ = answer.result
        return answer.seconds

    def addition() -> float:
        ref = f"note-{dice.randrange(10)}#steps"
        answer = ours.call("edit_note", ref=ref, mode="replace_section", new_text=words(150, dice))
        _ = answer.result
        return answer.seconds

    return {
        "bare transaction": lambda: bare.write(note(dice)),
        "floor: nothing": lambda: floor.call("nothing").seconds,
        "upsert_note, new": new_note,
        "edit_note, section": addition,
        "edit_note, line": line,
    }


def by_turns(subjects: dict[str, Timed], rounds: int) -> dict[str, list[float]]:
    samples: dict[str, list[float]] = {name: [] for name in subjects}
    for name in subjects:  # the first calls open the store
        for _ in range(BATCH):
            subjects[name]()
    for turn in range(rounds):
        for name in sorted(subjects, reverse=turn % 2 == 1):
            samples[name] += [subjects[name]() for _ in range(BATCH)]
    return samples


def show_costs(samples: dict[str, list[float]]) -> None:
    bare, floor = median(samples["bare transaction"]), median(samples["floor: nothing"])
    show(
        [f"µs, {len(next(iter(samples.values())))} each", "p50", "p99", "min", "of bare + floor", "of 3 bare + floor"],
        [
            [
                name,
                *microseconds(median(times), p99(times), min(times)),
                *(f"{median(times) / (transactions * bare + floor):.2f}" for transactions in (1, 3)),
            ]
            for name, times in samples.items()
        ],
    )


def microseconds(*times: float) -> list[str]:
    return [f"{seconds * 1e6:.0f}" for seconds in times]


def p99(times: list[float]) -> float:
    return quantiles(times, n=100)[-1]


class Wait(NamedTuple):
    """Of one write: from its call to its answer, and from when it was due, which a late one before it delays."""

    called: float
    due: float


class Together(NamedTuple):
    waits: list[Wait]
    rate: float
    """Writes done in a second."""
    own: float
    others: float
    """Shares of the machine's processors that were at work for this measurement, and for anything else."""


def at_a_rate(server: ServerProcess, number: int, seconds: float) -> list[Wait]:
    """Write at even times, as near to them as the answers allow."""
    dice, waits = Random(f"rate {number}"), []
    begin = time.perf_counter() + number / (AGENTS * RATE)
    for turn in range(1, int(seconds * RATE) + 1):
        due = begin + turn / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        if turn % 2:
            ref = f"agent-{dice.randrange(AGENTS)}-0#steps"
            answer = server.call("edit_note", ref=ref, mode="append", new_text=f"- {words(8, dice)}")
        else:
            answer = server.call("upsert_note", slug=f"agent-{number}-{turn}", content=note(dice))
        _ = answer.result
        waits.append(Wait(answer.seconds, time.perf_counter() - due))
    return waits


def together(database: Path | str, seconds: float) -> Together:
    with ExitStack() as stack:
        servers = [stack.enter_context(ServerProcess(NOTEWELL_SERVER, database)) for _ in range(AGENTS)]
        for number, server in enumerate(servers):
            server.shake_hands()
            _ = server.call("upsert_note", slug=f"agent-{number}-0", content=note(Random(number))).result
        with ThreadPoolExecutor(AGENTS) as threads:
            started, own, machine = time.perf_counter(), cpu_of(servers), cpu_of_machine()
            waits = list(threads.map(lambda pair: at_a_rate(pair[1], pair[0], seconds), enumerate(servers)))
            passed = time.perf_counter() - started
        own, machine = cpu_of(servers) - own, cpu_of_machine() - machine
        possible = passed * (os.cpu_count() or 1)
        return Together(
            [wait for one in waits for wait in one],
            sum(map(len, waits)) / passed,
            own / possible,
            max(0.0, machine - own) / possible,
        )


def cpu_of(servers: list[ServerProcess]) -> float:
    """Seconds on a processor of the servers and of this process, which is their clients."""
    return time.process_time() + sum(server.usage().cpu for server in servers)


def cpu_of_machine() -> float:
    """Seconds that the machine's processors were not idle, or were taken by the host."""
    user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


def show_together(found: Together) -> None:
    called, due = [wait.called for wait in found.waits], [wait.due for wait in found.waits]
    print(f"\n{AGENTS} agents, {RATE} writes a second each, {found.rate:.0f} writes/s done")
    show(
        ["ms", "p50", "p99", "longest"],
        [
            [name, *(f"{value * 1e3:.1f}" for value in (median(times), p99(times), max(times)))]
            for name, times in (("from the call", called), ("from when it was due", due))
        ],
    )
    print(f"processors at work: {found.own:.0%} for this, {found.others:.0%} for anything else")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time durable writes")
    parser.add_argument("--rounds", type=int, default=40, help=f"batches of {BATCH} writes each (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20, help="that eight agents write (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    compile_sources()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "notes.db"
        bare = Bare(folder / "bare.db")
        with ServerProcess(FLOOR_SERVER, database) as floor, ServerProcess(NOTEWELL_SERVER, database) as ours:
            floor.shake_hands()
            ours.shake_hands()
            show_costs(by_turns(subjects_of(bare, floor, ours, Random(options.seed)), options.rounds))
        show_together(together(folder / "together.db", options.seconds))


if __name__ == "__main__":
    main()
