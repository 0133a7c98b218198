"""Two checkouts by turns: does the second take more processor time than the first?

    python bench/by_turns.py ../before . --rounds 40 [--notes 300] [--only get section]

Each checkout has its own `.venv`. The same calls are made in both, on equal stores, in the order A B B A and then
B A A B, so that a machine that slows down or warms up is as unfair to the one as to the other. What is told of each
call: the medians of both, the median of the rounds' ratios B/A with their quartiles, and, to judge those by, the same
of A's second turn to its first, between which nothing differs. Processor time counts all threads, and what is done
after the answer; the disk is not waited for.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from operator import methodcaller
from pathlib import Path
from statistics import median, quantiles
from typing import Self

from sample_notes import write_notes
from stdio_client import ServerProcess, show

WORKER = Path(__file__).with_name("by_turns_worker.py")
NOTES = 300
BATCHES = {"get": 200, "section": 200, "list": 60, "list three tags": 60, "search": 4, "brief": 6}
BATCH = 10  # calls that write

Round = tuple[float, float, float, float]
"""Seconds of A, B, B and A."""

Turns = dict[str, list[Round]]


class Checkout:
    """A checkout with its own Python and its own copy of the store."""

    def __init__(self, root: Path, database: Path) -> None:
        self.python = str(root.resolve() / ".venv" / "bin" / "python")
        self.database = database
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NOTEWELL_", "PYTHON"))}
        state = {"XDG_STATE_HOME": str(database.parent), "NOTEWELL_PROJECT": "web"}
        self.environment = kept | {"NOTEWELL_DB": str(database)} | state

    def notewell(self, *words: str) -> list[str]:
        return [self.python, "-m", "notewell_server.main", *words]

    def begin(self) -> list[str]:
        """Start the worker. Returns the names of its calls."""
        self._worker = subprocess.Popen(
            [self.python, str(WORKER), str(self.database)],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self._read().split("\t")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._worker.communicate()

    def call(self, name: str) -> float:
        """Seconds of one call, evened out over a batch."""
        times = BATCHES.get(name, BATCH)
        assert self._worker.stdin
        self._worker.stdin.write(f"{name} {times}\n")
        self._worker.stdin.flush()
        return float(self._read()) / times

    def _read(self) -> str:
        assert self._worker.stdout
        line = self._worker.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"the worker of {self.python} ended")
        return line

    def hook(self) -> float:
        """Seconds of a session's hook, from its start to its end."""
        facts = json.dumps({"hook_event_name": "SessionStart", "cwd": str(self.database.parent)})
        process = subprocess.Popen(
            self.notewell("hook", "session-start"),
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin and process.stdout
        process.stdin.write(facts.encode())
        process.stdin.close()
        assert process.stdout.read()
        process.stdout.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime

    def start(self) -> float:
        """Seconds from the spawn of a server to its answered list of tools."""
        with ServerProcess(self.notewell("serve"), self.database, self.environment) as server:
            server.shake_hands()
            assert server.ask("tools/list").result["tools"]
            return server.usage().cpu


def make_store(checkout: Checkout, folder: Path, notes: int = NOTES) -> None:
    pages = folder / "pages"
    pages.mkdir()
    write_notes(pages, notes, seed=1)
    words = checkout.notewell("import", str(pages), "--project", "web")
    subprocess.run(words, env=checkout.environment, check=True, stdout=subprocess.DEVNULL)


def measure(first: Checkout, second: Checkout, rounds: int, starts: int, only: list[str]) -> Turns:
    names = first.begin()
    assert second.begin() == names
    turns: Turns = {}
    with first, second:
        for number in range(rounds):
            for name in only or names:
                call = methodcaller("call", name)
                warm_up(call, first, second)
                turns.setdefault(name, []).append(one_round(call, first, second, number))
    for name, start in () if only else (("hook session-start", Checkout.hook), ("spawn to tool list", Checkout.start)):
        warm_up(start, first, second)
        turns[name] = [one_round(start, first, second, number) for number in range(starts)]
    return turns


def warm_up(take: Callable[[Checkout], float], first: Checkout, second: Checkout) -> None:
    """Let neither side be the one that pays for what was done before it."""
    take(first)
    take(second)


def one_round(take: Callable[[Checkout], float], first: Checkout, second: Checkout, number: int) -> Round:
    """A B B A, and every other time B A A B, so that to be the first is as good or bad for both."""
    if number % 2:
        b1, a1, a2, b2 = take(second), take(first), take(first), take(second)
    else:
        a1, b1, b2, a2 = take(first), take(second), take(second), take(first)
    return a1, b1, b2, a2


def row(name: str, rounds: list[Round]) -> list[str]:
    ratios = [(b1 + b2) / (a1 + a2) for a1, b1, b2, a2 in rounds]
    own = [a2 / a1 for a1, _, _, a2 in rounds]
    a = median(value for a1, _, _, a2 in rounds for value in (a1, a2))
    b = median(value for _, b1, b2, _ in rounds for value in (b1, b2))
    return [name, f"{a * 1_000:.2f}", f"{b * 1_000:.2f}", *spread(ratios), *spread(own)]


def spread(values: list[float]) -> list[str]:
    low, _, high = quantiles(values, n=4)
    return [f"{median(values):.3f}", f"{low:.3f}–{high:.3f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Processor time of two checkouts, by turns")
    parser.add_argument("first", type=Path, help="A: the checkout to compare with")
    parser.add_argument("second", type=Path, help="B: the checkout that is judged")
    parser.add_argument("--notes", type=int, default=NOTES, help="in either store (%(default)s)")
    parser.add_argument("--rounds", type=int, default=40, help="of the calls (%(default)s)")
    parser.add_argument("--starts", type=int, default=12, help="rounds of the processes that are started (%(default)s)")
    parser.add_argument("--only", nargs="*", default=[], help="calls, by the names in the table")
    given = parser.parse_args()
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        first, second = (
            Checkout(root, folder / "store.db")
            for root, folder in zip((given.first, given.second), folders, strict=True)
        )
        make_store(first, folders[0], given.notes)
        shutil.copy(first.database, second.database)  # all processes have ended, so there is no -wal
        turns = measure(first, second, given.rounds, given.starts, given.only)
    head = ["ms of processor time", "A", "B", "B/A", "quartiles", "A/A", "quartiles"]
    show(head, [row(name, rounds) for name, rounds in turns.items()])


if __name__ == "__main__":
    main()
