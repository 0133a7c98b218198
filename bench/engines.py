"""What calls cost on PostgreSQL, beside a file of the same notes, by turns in the same run.

    python bench/engines.py --notes 1000

Both stores are on the same disk, and sync as in use; the server is one of its own, over a Unix socket. Then the same
through a network that takes half a millisecond there and back (a proxy in a process of its own): how long a call takes,
and how long a write keeps all others waiting at the gate. At last eight servers write twenty times a second each. Linux
only (/proc); PostgreSQL as the tests find it (tests/postgres_server.py).
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from knowledge import fill
from mix import ASIDE, SHARES, Mix
from notewell_store import Store, open_store
from notewell_store.copying.copying import copy_store
from notewell_tools.catalogue import CATALOGUE
from notewell_tools.definition import Call
from stdio_client import ROOT, compile_sources, show
from writes import p99, together

sys.path.append(str(ROOT))
from tests.postgres_proxy import Network
from tests.postgres_server import AS_IN_USE, new_server, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from tests.postgres_server import Server

ROUND_TRIP = 0.0005  # seconds
WRITES = ("edit of a section", "new note", "new status")
AT_MOST = {"brief": 4.0}
"""Times what the file takes; 3 for all others."""
Times = dict[str, list[float]]


class Subject:
    """A store, and the calls that are made of it."""

    def __init__(self, name: str, address: str, seed: int) -> None:
        self.name = name
        self.mix, self.store = Mix(address, seed), open_store(address)
        self.times: Times = defaultdict(list)
        self.held: Times = defaultdict(list)
        """Seconds behind the gate, of each write."""

    def call(self, operation: str, *, counts: bool) -> None:
        asked = self.mix.call(operation)
        tool = CATALOGUE[asked.tool]
        arguments = {name: value for name, value in tool.read(asked.arguments).items() if name != "format"}
        with behind_the_gate(self.store) as held:
            began = time.perf_counter()
            tool.run(Call(self.store, "bench"), **arguments)
            passed = time.perf_counter() - began
        self.store.background.finish()  # what follows a write would be counted to the next call
        if counts:
            self.times[operation].append(passed)
            self.held[operation] += held


@contextmanager
def behind_the_gate(store: Store) -> Iterator[list[float]]:
    """The seconds that this store's transactions take that write, from when they are let in until they are done."""
    held: list[float] = []
    kind: Any = type(store)
    usual = kind.writing

    @contextmanager
    def writing(of: Store, *given: Any, **named: Any) -> Iterator[Any]:
        entered = 0.0
        with usual(of, *given, **named) as db:
            entered = time.perf_counter()
            yield db
        held.append(time.perf_counter() - entered)

    kind.writing = writing
    try:
        yield held
    finally:
        kind.writing = usual


def by_turns(subjects: list[Subject], rounds: int) -> None:
    operations = [name for name in (*SHARES, *ASIDE) if subjects[0].mix.call(name).tool in CATALOGUE]
    for turn in range(-5, rounds):
        for operation in operations:
            for subject in subjects if turn % 2 else reversed(subjects):
                subject.call(operation, counts=turn >= 0)


def serve(folder: Path, delay: float, told: Connection) -> None:
    with Network(folder, delay) as network:
        told.send(network.port)
        told.recv()  # until the other end is closed


@contextmanager
def network(server: Server, delay: float) -> Iterator[int]:
    """The port of a network to the server, in a process of its own: it would take turns with what is measured."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve, args=(server.folder, delay, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


def p95(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1]


def show_beside(file: Subject, database: Subject) -> None:
    rows = []
    for name, theirs in database.times.items():
        ours = file.times[name]
        ratio = median(theirs) / median(ours)
        cells = [f"{seconds * 1e3:.2f}" for seconds in (median(ours), p95(ours), median(theirs), p95(theirs))]
        rows.append([name, *cells, f"{ratio:.1f}", f"{min(theirs) / min(ours):.1f}", f"{AT_MOST.get(name, 3.0):.0f}"])
    heading = ["file p50", "p95", f"{database.name} p50", "p95", "times", "of the least", "at most"]
    show(["over a Unix socket, ms", *heading], rows)
    held = [[name, *(f"{median(one.held[name]) * 1e3:.2f}" for one in (file, database))] for name in WRITES]
    show(["behind the gate, ms", "file p50", f"{database.name} p50"], held)


def show_far(subject: Subject) -> None:
    rows = [
        [name, f"{median(times) * 1e3:.1f}", f"{p95(times) * 1e3:.1f}"]
        + ([f"{median(held) * 1e3:.1f}", f"{p95(held) * 1e3:.1f}"] if (held := subject.held[name]) else ["", ""])
        for name, times in subject.times.items()
    ]
    show(["through the network, ms", "p50", "p95", "behind the gate p50", "p95"], rows)


def round_trip(store: Store) -> float:
    """Milliseconds that the least question takes."""
    seconds = []
    with store.reading() as db:
        for _ in range(200):
            began = time.perf_counter()
            db.execute("SELECT 1").fetchone()
            seconds.append(time.perf_counter() - began)
    return median(seconds) * 1e3


def measure(server: Server, folder: Path, options: argparse.Namespace) -> None:
    database = server.new_database()
    addresses = [str(folder / "notes.db"), server.address(database)]
    if options.store:
        shutil.copyfile(options.store, addresses[0])
    else:
        store = open_store(addresses[0])
        fill(store, options.notes, options.seed)
        store.close()
    copied = copy_store(addresses[0], addresses[1]).verdict
    print(f"{copied.notes:,} notes, {copied.revisions:,} revisions")
    server.execute(database, "VACUUM ANALYZE")
    file, near = (Subject(name, at, options.seed) for name, at in zip(("file", "PostgreSQL"), addresses, strict=True))
    by_turns([file, near], options.rounds)
    print(f"a round trip: {round_trip(near.store):.3f} ms")
    show_beside(file, near)
    with network(server, ROUND_TRIP / 2) as port:
        far = Subject("far", f"postgresql://notewell@127.0.0.1:{port}/{database}?sslmode=disable", options.seed + 1)
        by_turns([far], max(10, options.rounds // 4))
        print(f"a round trip: {round_trip(far.store):.3f} ms")
        show_far(far)
        far.store.close()
    for subject in (file, near):
        subject.store.close()
    for name, address in (("file", str(folder / "together.db")), ("PostgreSQL", server.address(server.new_database()))):
        found = together(address, options.seconds)
        waits = [wait.called for wait in found.waits]
        times = f"p50 {median(waits) * 1e3:.1f} ms, p99 {p99(waits) * 1e3:.1f} ms"
        print(f"eight writers, 20 a second each, {name}: {found.rate:.0f} writes/s, {times}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time calls on PostgreSQL beside a file")
    parser.add_argument("--notes", type=int, default=1_000, help="notes in each store (%(default)s)")
    parser.add_argument("--store", type=Path, help="a file that has notes: copied, and not written to")
    parser.add_argument("--rounds", type=int, default=60, help="calls of each operation (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="that eight servers write (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if reason := why_not():
        sys.exit(reason)
    compile_sources()
    server = new_server(AS_IN_USE)
    try:
        with tempfile.TemporaryDirectory(dir=server.folder.parent) as folder:
            measure(server, Path(folder), options)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
