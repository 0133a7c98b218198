"""What is measured of each server: by turns in small batches, so that a busy machine is as unfair to one as to all."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles
from threading import Thread
from typing import NamedTuple

from peers.adapters import Page, Request, Subject, page, query
from stdio_client import Answer, ServerProcess

STARTS = 9
BATCH = 5
BATCHES = 12
WARM_UP = 1  # batches before those that count
WRITERS = 2
EACH_WRITES = 100
KILLS = 5
AT_ONCE = 500  # notes in one call, where a server takes many: 1 MB
ENOUGH = 20  # answered writes before which no server is killed


class Figure(NamedTuple):
    """Of one operation: seconds, the bytes of the answer's text, and how many answers of how many name the note that
    was asked for."""

    p50: float
    p95: float
    size: float
    found: int
    calls: int


class Asked(NamedTuple):
    """A call, and what its answer has to hold, one of these: a note's title, or the slug that says the same."""

    request: Request
    told: tuple[str, ...] = ("",)


class Taken(NamedTuple):
    asked: Asked
    answer: Answer


@dataclass
class Start:
    seconds: float
    tools: int
    """How many there are."""
    size: int
    """Bytes of their list, as compact JSON."""


@dataclass
class Found:
    """Everything that was measured of one server."""

    subject: Subject
    start: Start | None = None
    figures: dict[int, dict[str, Figure]] = field(default_factory=dict)
    memory: dict[int, float] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    """What could not be measured, and why."""
    kept_of_two: tuple[int, int] | None = None
    """Of two processes' writes: answered, and there afterwards."""
    lost_when_killed: tuple[int, int] | None = None
    """Of the writes that were answered before a kill: how many there were, and how many are missing."""


def measure_starts(every: list[Found], folder: Path) -> None:
    seen: dict[str, list[Start]] = defaultdict(list)
    for turn in range(STARTS + 1):
        for found in every:
            began = time.perf_counter()
            server = found.subject.start(folder / found.subject.name)
            tools = server.ask("tools/list").result["tools"]
            passed = time.perf_counter() - began
            server.kill()
            size = len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode())
            if turn:  # the first start makes what the server needs
                seen[found.subject.name].append(Start(passed, len(tools), size))
    for found in every:
        starts = seen[found.subject.name]
        found.start = Start(median(one.seconds for one in starts), starts[0].tools, starts[0].size)


def measure_size(every: list[Found], folder: Path, notes: int, patience: float) -> None:
    """Fill each server with so many notes, then time its calls by turns."""
    pages = [page(number) for number in range(notes)]
    servers: dict[str, ServerProcess] = {}
    for found in every:
        server = found.subject.start(folder / found.subject.name)
        try:
            reason = _fill(found.subject, server, pages, patience)
        except (RuntimeError, OSError) as error:
            reason = f"it ended while it was filled: {str(error)[:100]}"
        if reason:
            found.left_out[notes] = reason
            server.kill()
        else:
            servers[found.subject.name] = server
    there = [found for found in every if found.subject.name in servers]
    answers: dict[str, dict[str, list[Taken]]] = {found.subject.name: defaultdict(list) for found in there}
    for turn in range(-WARM_UP, BATCHES):
        for found in there if turn % 2 else reversed(there):
            name = found.subject.name
            for operation, batch in _batches(found.subject, pages, turn).items():
                taken = [Taken(asked, found.subject.call(servers[name], asked.request)) for asked in batch]
                answers[name][operation] += taken if turn >= 0 else []
    for found in there:
        server = servers[found.subject.name]
        found.memory[notes] = server.usage().memory
        found.figures[notes] = {name: _figure(taken) for name, taken in answers[found.subject.name].items()}
        server.kill()


def _fill(subject: Subject, server: ServerProcess, pages: list[Page], patience: float) -> str | None:
    """Write the pages. Returns why not, where it would take too long."""
    if subject.name.startswith("SDK"):
        return None
    if subject.write_all and len(pages) > 100:
        for begin in range(0, len(pages), AT_ONCE):
            subject.call(server, subject.write_all(pages[begin : begin + AT_ONCE]))
        return None
    began = time.perf_counter()
    for done, one in enumerate(pages):
        passed = time.perf_counter() - began
        if done >= 100 and passed / done * len(pages) > patience:
            return f"to write {len(pages):,} notes would have taken {passed / done * len(pages) / 60:.0f} minutes"
        subject.call(server, subject.write(one))
    return None


def _batches(subject: Subject, pages: list[Page], turn: int) -> dict[str, list[Asked]]:
    dice = Random(turn)
    fresh = [page((turn + WARM_UP) * BATCH + number, "fresh") for number in range(BATCH)]
    read, sought = (dice.choices(pages, k=BATCH) for _ in range(2))
    return {
        "write": [Asked(subject.write(one)) for one in fresh],
        "read": [Asked(subject.read(one), (one.title, one.slug)) for one in read],
        "search": [Asked(subject.search(query(one)), (one.title, one.slug)) for one in sought],
        "list": [Asked(subject.listing)] * (BATCH if turn % 2 else 1),
    }


def _figure(taken: list[Taken]) -> Figure:
    seconds = [answer.seconds for _, answer in taken]
    size = median(len(answer.text.encode()) for _, answer in taken)
    found = sum(any(told in answer.text for told in asked.told) for asked, answer in taken)
    return Figure(median(seconds), quantiles(seconds, n=20)[-1], size, found, len(taken))


def measure_two_writers(found: Found, folder: Path) -> None:
    """Two processes write a hundred notes each at once: how many are there afterwards."""
    subject = found.subject
    answered: list[Page] = []

    def work(server: ServerProcess, batch: str) -> None:
        for number in range(EACH_WRITES):
            one = page(number, batch)
            tool, arguments = subject.write(one)
            message = json.loads(server.call(tool, **arguments).line)
            if not message.get("result", {"isError": True}).get("isError"):
                answered.append(one)

    servers = [subject.start(folder) for _ in range(WRITERS)]
    for server in servers:
        server.ask("tools/list")
    threads = [Thread(target=work, args=(server, f"writer{n}")) for n, server in enumerate(servers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for server in servers:
        server.end()
    with subject.start(folder) as server:
        found.kept_of_two = len(answered), subject.kept(server, answered)


def measure_kills(found: Found, folder: Path) -> None:
    """Kill a server amid writes, some times, and look for what it had answered."""
    subject, dice = found.subject, Random("kills")
    answered: list[Page] = []
    for kill in range(KILLS):
        server = subject.start(folder)
        for number in range(ENOUGH + dice.randrange(10)):
            one = page(number, f"kill{kill}")
            took = subject.call(server, subject.write(one)).seconds
            answered.append(one)
        tool, arguments = subject.write(page(1_000, f"kill{kill}"))
        server.send(tool, **arguments)
        time.sleep(took * dice.random())
        server.kill()
    with subject.start(folder) as server:
        found.lost_when_killed = len(answered), len(answered) - subject.kept(server, answered)
