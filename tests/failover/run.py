"""Hosts are lost while agents write and others read: what was answered is there afterwards, once, and in order.

    python -m tests.failover.run [--seed 7]

Four agents write through servers of their own, each call with an idempotency key that is sent until it is answered. Ten
readers ask for what was answered to them. Meanwhile Patroni hands the primary's part over, and the primary is killed,
lost with its host, and frozen. A broken promise makes the exit status 1; where Patroni or etcd are missing, that is
said.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING

sys.path.append(str(Path(__file__).resolve().parents[1] / "marathon"))
from tests.failover.cluster import SETTINGS, Cluster, until

import crowd
from checking import check_store, check_written
from notewell_store import StoreError, open_store
from servers import BrokenPromise
from shims import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.failover.cluster import Node

    from notewell_store import Store

WRITERS, READERS = 4, 10
CALM = 5.0
"""Seconds of writing before and after each attack."""
REST = 0.05  # seconds between two reads of one reader


@dataclass(slots=True)
class Writer:
    """One agent, who writes until it is over, and when each write was answered."""

    agent: crowd.Agent
    answered: list[float] = field(default_factory=list)
    failed: BaseException | None = None

    def work(self, is_over: threading.Event) -> None:
        number = 0
        try:
            while not is_over.is_set():
                number += 1
                self.agent.do(self.agent.dice.choice((self.agent.new_note, self.agent.edit)), number)
                self.answered.append(time.monotonic())
        except BaseException as error:
            self.failed = error


@dataclass(slots=True)
class Reader:
    """Who reads what was answered to others, from the moment on that it was."""

    store: Store
    writers: list[Writer]
    dice: Random
    reads: int = 0
    refused: int = 0
    stale: int = 0
    may_be_stale: threading.Event = field(default_factory=threading.Event)
    failed: BaseException | None = None

    def work(self, is_over: threading.Event) -> None:
        while not is_over.wait(REST):
            written = self.dice.choice(self.writers).agent.written
            if not written:
                continue
            last = written[-1]  # before the snapshot that must hold it
            try:
                with self.store.reading() as db:
                    check_written(db, last)
                self.reads += 1
            except StoreError:
                self.refused += 1
            except BrokenPromise as error:
                self.stale += 1
                if not self.may_be_stale.is_set():
                    self.failed = error


@dataclass(frozen=True, slots=True)
class Told:
    """Seconds. `without_writes` is the longest time between two answers to any writer, from the attack on."""

    attack: str
    patroni: float
    without_writes: float


class Attacks:
    """What happens to the cluster; each answers with the seconds that Patroni took to have a primary again."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def switched_over(self) -> float:
        leader, candidate = self.cluster.primary, self.cluster.standbys()[0]
        began = time.monotonic()
        status, said = leader.ask("switchover", {"leader": leader.name, "candidate": candidate.name})
        if status != 200:
            raise AssertionError(f"Patroni does not switch over: {said}")
        until(lambda: candidate.is_primary, "the candidate to be primary")
        return time.monotonic() - began

    def primary_killed(self) -> float:
        """The server alone: Patroni starts it again, or hands over."""
        leader = self.cluster.primary
        before = leader.postmaster
        began = time.monotonic()
        leader.kill_server()
        until(lambda: self._has_new_server(leader, before), "a primary after the first was killed")
        return time.monotonic() - began

    def _has_new_server(self, leader: Node, before: int) -> bool:
        try:
            return any(
                node.is_primary and (node is not leader or node.postmaster != before) for node in self.cluster.nodes
            )
        except OSError:  # its file is not there between two servers
            return False

    def host_lost(self) -> float:
        """Nobody tells that it is gone: its time as leader must run out first."""
        leader = self.cluster.primary
        leader.lose()
        took = self.cluster.next_primary(leader)
        time.sleep(CALM)
        leader.start()
        return took

    def host_lost_with_a_standby_far_behind(self) -> float:
        """The one that kept up is to follow, whatever the other says."""
        leader, behind = self.cluster.primary, self.cluster.standbys()[0]
        receiver = behind.receiver()
        os.kill(receiver, signal.SIGSTOP)
        time.sleep(CALM)
        leader.lose()
        try:
            took = self.cluster.next_primary(leader)
            if behind.is_primary:
                raise BrokenPromise("the standby that was far behind became the primary")
        finally:
            os.kill(receiver, signal.SIGCONT)
        time.sleep(CALM)
        leader.start()
        return took

    def host_frozen(self) -> float:
        """It comes back and thinks that it is still the primary; who was connected waited for it."""
        leader = self.cluster.primary
        leader.tell_all(signal.SIGSTOP)
        try:
            return self.cluster.next_primary(leader)
        finally:
            leader.tell_all(signal.SIGCONT)


class Run:
    def __init__(self, cluster: Cluster, seed: int) -> None:
        self._cluster = cluster
        crowd.prepare(cluster.address, WRITERS)
        self.writers = [
            Writer(crowd.Agent(f"agent-{one}", cluster.address, Random(seed * 1_000 + one), 0.0, asks_again=True))
            for one in range(WRITERS)
        ]
        self._store = open_store(cluster.address)
        self.readers = [Reader(self._store, self.writers, Random(seed * 1_000 + one)) for one in range(READERS)]
        self._is_over = threading.Event()
        self._threads = [
            *(threading.Thread(target=one.work, args=(self._is_over,)) for one in self.writers),
            *(threading.Thread(target=one.work, args=(self._is_over,)) for one in self.readers),
        ]

    def go(self) -> list[Told]:
        attacks = Attacks(self._cluster)
        steps: tuple[tuple[str, Callable[[], float]], ...] = (
            ("switchover", attacks.switched_over),
            ("primary killed", attacks.primary_killed),
            ("host lost", attacks.host_lost),
            ("host lost, a standby far behind", attacks.host_lost_with_a_standby_far_behind),
            ("host frozen, and back", attacks.host_frozen),
        )
        for thread in self._threads:
            thread.start()
        try:
            until(lambda: all(one.answered for one in self.writers), "a write of each")
            return [self._during(name, attack) for name, attack in steps]
        finally:
            self._is_over.set()
            for thread in self._threads:
                thread.join()
            for one in self.writers:
                if one.agent.server is not None:
                    one.agent.server.dispose()
            self._store.close()

    def _during(self, name: str, attack: Callable[[], float]) -> Told:
        self._cluster.settled()
        time.sleep(CALM)
        began = time.monotonic()
        for one in self.readers:
            (one.may_be_stale.set if "frozen" in name else one.may_be_stale.clear)()
        patroni = attack()
        until(lambda: all(one.failed or one.answered[-1] > began + patroni for one in self.writers), "writes again")
        self._cluster.settled()
        time.sleep(CALM)
        told = Told(name, patroni, self._longest(began))
        print(
            f"  {told.attack:34} Patroni {told.patroni:5.1f} s, no write for {told.without_writes:5.1f} s", flush=True
        )
        self._raise_what_failed()
        return told

    def _longest(self, began: float) -> float:
        moments = sorted(moment for one in self.writers for moment in one.answered)
        return max(after - before for before, after in pairwise(moments) if after > began)

    def _raise_what_failed(self) -> None:
        for failed in (*(one.failed for one in self.writers), *(one.failed for one in self.readers)):
            if failed is not None:
                raise failed


def judged(cluster: Cluster, run: Run) -> None:
    """Raise BrokenPromise unless all that was answered is there once, on every server."""
    written = [each for one in run.writers for each in one.agent.written]
    kept = check_store(cluster.address, written)
    if kept.revisions != len(written) + crowd.SHARED:
        raise BrokenPromise(f"{len(written)} writes were answered, {kept.revisions - crowd.SHARED} are kept")
    standbys = cluster.standbys()
    until(lambda: all(_holds(node, kept.revisions) for node in standbys), "all standbys to hold all")
    refused = sum(one.agent.refusals for one in run.writers)
    print(f"  {len(written):,} writes answered, 0 lost, 0 twice, no gap; {refused:,} calls were told to be sent again")
    reads, told, stale = (sum(getattr(one, what) for one in run.readers) for what in ("reads", "refused", "stale"))
    print(f"  {reads:,} reads of what was answered, {told:,} refused, {stale:,} stale as the frozen host came back")


def _holds(node: Node, revisions: int) -> bool:
    import psycopg

    with psycopg.connect(f"postgresql://notewell@127.0.0.1:{node.port}/postgres") as db:
        (count,) = db.execute("SELECT count(*) FROM main.revisions").fetchone() or (0,)
    return bool(count == revisions)


def main() -> int:
    parser = argparse.ArgumentParser(description="Lose hosts of a cluster while agents write")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    seed = parser.parse_args().seed
    print(f"failover (seed {seed})", flush=True)
    try:
        with Cluster() as cluster:
            print(
                f"  Patroni {cluster.version}, three servers, quorum commit, leaders for {SETTINGS['ttl']} s",
                flush=True,
            )
            run = Run(cluster, seed)
            run.go()
            judged(cluster, run)
    except Missing as missing:
        print(f"  not tried: {missing}")
    except BrokenPromise as broken:
        print(f"  BROKEN: {broken}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
