"""Eight agents write to one store at once, each through a server process of its own; some processes are killed.

Each agent makes notes of its own and edits the same ten notes as all others: appends to a common list and to
its own section, and counts its visits in a line that it replaces.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from checking import Written, check_store
from figures import Times, times_of
from pace import slowness
from servers import Answer, BrokenPromise, Gone, Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

SHARED = 10
LONGEST_WAIT = 2.0
"""Seconds that a write may take with eight agents at work, once each has written."""
KILL_WITHIN = 0.03
"""Seconds after a call in which its server is killed: a write takes some ten milliseconds."""


@dataclass(frozen=True, slots=True)
class CrowdFigures:
    agents: int
    writes: int
    seconds: float
    writes_per_second: float
    first_waits: Times
    waits: Times
    revisions: int
    kills: int
    kills_before_the_answer: int
    refusals: int
    """Calls that were answered with an error which said to send them again."""


@dataclass(frozen=True, slots=True)
class Task:
    tool: str
    arguments: dict[str, Any]
    words: str


@dataclass(slots=True)
class Agent:
    """One agent: its server, which it starts again when that was killed, and what was answered to it."""

    name: str
    database: str
    dice: Random
    kill_share: float
    asks_again: bool = False
    """Whether a call that is refused with the advice to send it again is sent again."""
    server: Server | None = None
    written: list[Written] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    first_wait: float = 0.0
    waits: list[float] = field(default_factory=list)
    kills: int = 0
    unanswered_kills: int = 0
    refusals: int = 0

    def start(self) -> Server:
        if self.server is None:
            self.server = Server(self.database, self.name).shake_hands()
        return self.server

    def arrive(self) -> None:
        """Start the server and write a note: with its first write a server loads what it needs for all others."""
        self.do(self.new_note, 0)
        self.first_wait = self.waits.pop()

    def work(self, notes: int, edits: int) -> None:
        steps = [self.new_note] * (notes - 1) + [self.edit] * edits
        self.dice.shuffle(steps)
        for number, step in enumerate(steps, start=1):
            self.do(step, number)

    def do(self, step: Callable[[str], Task], number: int) -> None:
        task = step(f"{self.name}-{number}.")
        data = self.done(task, key=f"{self.name}-{number}")
        self.written.append(Written(data["slug"], data["revision"], task.words, self.name))

    def new_note(self, words: str) -> Task:
        slug = f"{self.name}-note-{words.rpartition('-')[2][:-1]}"
        filler = "lorem ipsum dolor " * self.dice.randint(1, 200)
        content = f"# Of {self.name}\n\n{words} See [[shared-{self.dice.randrange(SHARED)}]].\n\n{filler}\n"
        return Task("upsert_note", {"slug": slug, "content": content}, words)

    def edit(self, words: str) -> Task:
        slug = f"shared-{self.dice.randrange(SHARED)}"
        kind = self.dice.choice(("append", "prepend", "own", "count"))
        if kind == "count":
            self.counts[slug] += 1
            old, new = (counted(self.name, self.counts[slug] + less) for less in (-1, 0))
            new += f" ({words})"
            old_with_words = {"old_text": old, "new_text": new, "mode": "replace"}
            return Task("edit_note", {"ref": slug, **old_with_words}, words)
        section = self.name if kind == "own" else "log"
        mode = "prepend" if kind == "prepend" else "append"
        return Task("edit_note", {"ref": f"{slug}#{section}", "mode": mode, "new_text": f"- {words}\n"}, words)

    def done(self, task: Task, key: str) -> dict[str, Any]:
        """The answer's data; the same call is sent until it is answered, whatever became of the server."""
        until = time.monotonic() + LONGEST_OUTAGE
        while True:
            answer = self.asked(self.start(), task, key)
            if answer is None:
                continue
            if self.asks_again and answer.failed and AGAIN.search(answer.text) and time.monotonic() < until:
                self.refusals += 1
                time.sleep(PAUSE)
                continue
            self.waits.append(answer.seconds)
            return answer.data

    def asked(self, server: Server, task: Task, key: str) -> Answer | None:
        """The answer, or None where the server was killed before it gave one."""
        server.send("write", task.tool, **task.arguments, idempotency_key=key, format="json")
        if self.dice.random() >= self.kill_share:
            return server.receive()
        server.has_spoken(self.dice.uniform(0, KILL_WITHIN))
        server.kill()
        self.kills += 1
        self.server = None
        try:
            return server.receive()
        except Gone:
            self.unanswered_kills += 1
            return None
        finally:
            server.dispose()


AGAIN = re.compile(r"try again|send it again with the same idempotency_key|Send the same call again")
"""What an answer says of a call that may be done when it is sent again."""
PAUSE = 0.1
"""Seconds between the two."""
LONGEST_OUTAGE = 120.0
"""Seconds that a call is sent again."""


def counted(name: str, times: int) -> str:
    return f"{name} was here {times} times;"


def prepare(database: str, agents: int) -> None:
    """The ten notes that all will edit."""
    with Server(database, "preparer") as server:
        for number in range(SHARED):
            sections = "".join(f"## agent-{one}\n\n{counted(f'agent-{one}', 0)}\n\n" for one in range(agents))
            content = f"# Shared {number}\n\n## Log\n\n- begun\n\n{sections}"
            _ = server.call("upsert_note", slug=f"shared-{number}", content=content, format="json").data


def attack(folder: Path, **how: Any) -> CrowdFigures:
    """Let the agents write to a file, as attack_at says."""
    return attack_at(str(folder / "notewell.db"), **how)


def attack_at(
    database: str,
    *,
    seed: int,
    agents: int = 8,
    notes: int = 100,
    edits: int = 100,
    kill_share: float = 0.0,
    outages: Callable[[], AbstractContextManager[object]] | None = None,
) -> CrowdFigures:
    """Let the agents write at once, during `outages` where there are some. Raises BrokenPromise when an answered write
    is not there, or too late."""
    prepare(database, agents)
    crowd = [
        Agent(f"agent-{one}", database, Random(seed * 1000 + one), kill_share, asks_again=outages is not None)
        for one in range(agents)
    ]
    try:
        with ThreadPoolExecutor(agents) as threads:
            list(threads.map(Agent.arrive, crowd))
            started = time.perf_counter()
            with outages() if outages else nullcontext():
                list(threads.map(lambda agent: agent.work(notes, edits), crowd))
        seconds = time.perf_counter() - started
    finally:
        for agent in crowd:
            if agent.server:
                agent.server.dispose()
    return judged(database, crowd, seconds)


def judged(database: str, crowd: list[Agent], seconds: float) -> CrowdFigures:
    written = [one for agent in crowd for one in agent.written]
    kept = check_store(database, written)
    if kept.revisions != len(written) + SHARED:
        raise BrokenPromise(f"{len(written)} writes were answered, {kept.revisions - SHARED} are kept")
    waits = times_of([wait for agent in crowd for wait in agent.waits])
    kills = sum(agent.kills for agent in crowd)
    is_troubled = kills or any(agent.asks_again for agent in crowd)  # starting hundreds of servers makes everybody wait
    if waits.longest > LONGEST_WAIT * slowness() and not is_troubled:
        raise BrokenPromise(f"a write took {waits.longest:.2f} s")
    return CrowdFigures(
        agents=len(crowd),
        writes=len(written),
        seconds=seconds,
        writes_per_second=(len(written) - len(crowd)) / seconds,
        first_waits=times_of([agent.first_wait for agent in crowd]),
        waits=waits,
        revisions=kept.revisions,
        kills=kills,
        kills_before_the_answer=sum(agent.unanswered_kills for agent in crowd),
        refusals=sum(agent.refusals for agent in crowd),
    )
