"""Agents write to one database, while servers of theirs and the database itself are killed at random."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import crowd
from servers import ROOT
from shims import Missing

sys.path.append(str(ROOT))  # for who runs the attacks without the suite
from tests.postgres_server import AS_IN_USE, new_server, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres_server import Server

BETWEEN = (0.5, 4.0)
"""Seconds from one killing of the database to the next."""


@dataclass(frozen=True, slots=True)
class OutageFigures:
    writes: int
    seconds: float
    waits: str
    servers_killed: int
    servers_killed_before_the_answer: int
    databases_killed: int
    calls_told_to_be_sent_again: int


@contextmanager
def a_server() -> Iterator[Server]:
    """PostgreSQL, which syncs as in use. Raises Missing."""
    if reason := why_not():
        raise Missing(reason)
    server = new_server(AS_IN_USE)
    try:
        yield server
    finally:
        server.stop()


class Killer:
    """Kills a database again and again, and starts it each time."""

    def __init__(self, server: Server, dice: Random) -> None:
        self._server = server
        self._dice = dice
        self._is_over = threading.Event()
        self._failed: BaseException | None = None
        self.kills = 0

    @contextmanager
    def at_work(self) -> Iterator[None]:
        worker = threading.Thread(target=self._work)
        worker.start()
        try:
            yield
        finally:
            self._is_over.set()
            worker.join()
        if self._failed is not None:
            raise self._failed

    def _work(self) -> None:
        try:
            while not self._is_over.wait(self._dice.uniform(*BETWEEN)):
                self._server.kill()
                self.kills += 1
                self._server.resume()
        except BaseException as error:
            self._failed = error


def attack(*, seed: int, agents: int = 8, notes: int = 40, edits: int = 60, kill_share: float = 0.05) -> OutageFigures:
    """Let the agents write all the while. Raises BrokenPromise when an answered write is lost or doubled."""
    with a_server() as server:
        killer = Killer(server, Random(seed))
        figures = crowd.attack_at(
            server.address(server.new_served_database(), "nw_app"),
            seed=seed,
            agents=agents,
            notes=notes,
            edits=edits,
            kill_share=kill_share,
            outages=killer.at_work,
        )
    return OutageFigures(
        writes=figures.writes,
        seconds=figures.seconds,
        waits=str(figures.waits),
        servers_killed=figures.kills,
        servers_killed_before_the_answer=figures.kills_before_the_answer,
        databases_killed=killer.kills,
        calls_told_to_be_sent_again=figures.refusals,
    )
