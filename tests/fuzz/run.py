"""Fuzz cases of all kinds for as long as is asked, counted in a report that adds up over runs: `make fuzz`.

    python -m tests.fuzz.run [--only tools git] [--minutes 60] [--seed 7] [--round 3] [--sums]

Rounds of a kind follow one another; each has a folder of its own, and seed and number make it again (`--round`). A find
is printed with what the case was made of, kept in the report, and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from tests.fuzz.front_matter import Headers
from tests.fuzz.git_histories import Histories
from tests.fuzz.http_bytes import HttpBytes
from tests.fuzz.markdown_texts import Texts
from tests.fuzz.tools import Tools
from tests.fuzz.trials import Unexplained
from tests.fuzz.twins import Twins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.trials import Trial

REPORT = Path(__file__).parents[2] / "build" / "fuzz" / "report.jsonl"
KINDS: dict[str, tuple[type[Trial], int]] = {
    "tools": (Tools, 400),
    "twins": (Twins, 200),
    "http": (HttpBytes, 400),
    "markdown": (Texts, 300),
    "front-matter": (Headers, 200),
    "git": (Histories, 10),
}
"""With the number of cases in a round."""


@dataclass
class Counts:
    """What cases of a kind came to. A line of the report."""

    kind: str
    seed: int
    cases: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    finds: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Seconds of processor time of this process, for one case."""
    processor: float = 0.0
    """Seconds, of this process and those that it started."""


def try_round(counts: Counts, number: int, cases: int) -> None:
    """Try a round of cases and count it. A find ends the round: what follows on it may be its fault."""
    made, _ = KINDS[counts.kind]
    dice = Random(f"{counts.kind} {counts.seed} {number}")
    before = processor_time()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        given: object = "the start or the end of the round"
        try:
            with made(Path(folder), dice) as trial:
                for _ in range(cases):
                    given = trial
                    try_case(counts, trial)
                given = "the end of the round"
                trial.finish()
        except Exception:
            asked = getattr(given, "given", given)
            where = f"round {number}, case {counts.cases}: {asked!r:.4000}"
            counts.finds.append(f"{where}\n{traceback.format_exc(limit=-12)}")
    counts.processor += processor_time() - before


def try_case(counts: Counts, trial: Trial) -> None:
    counts.cases += 1
    began = time.process_time()
    count(counts.outcomes, trial.attempt(), 1)
    took = time.process_time() - began
    counts.slowest = max(counts.slowest, took)
    if took > trial.longest:
        raise Unexplained(f"it took {took:.1f} s of processor time")


def count(outcomes: dict[str, int], outcome: str, number: int) -> None:
    outcomes[outcome] = outcomes.get(outcome, 0) + number


def processor_time() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def run(kind: str, seed: int, minutes: float, first: int | None) -> Counts:
    """Rounds until the time is over, one at least; only the one that is named."""
    counts, until = Counts(kind, seed), time.monotonic() + 60 * minutes
    for number in (first,) if first is not None else rounds(until):
        try_round(counts, number, KINDS[kind][1])
    with REPORT.open("a") as report:
        report.write(json.dumps(asdict(counts)) + "\n")
    return counts


def rounds(until: float) -> Iterator[int]:
    number = 0
    while number == 0 or time.monotonic() < until:
        yield number
        number += 1


def show(counts: Counts, runs: int = 1) -> None:
    print(
        f"\n{counts.kind}: {counts.cases:,} cases in {runs} runs, {len(counts.finds)} finds, "
        f"{counts.processor / 60:.1f} minutes of processor time, slowest {counts.slowest:.2f} s"
    )
    for outcome, number in sorted(counts.outcomes.items()):
        print(f"  {outcome:40} {number:,}")
    for find in counts.finds:
        print(f"  FOUND {find}", flush=True)


def show_sums() -> None:
    """What all runs in the report came to, kind by kind."""
    lines = [json.loads(line) for line in REPORT.read_text().splitlines()] if REPORT.exists() else []
    for kind in KINDS:
        runs = [line for line in lines if line["kind"] == kind]
        total = Counts(kind, 0)
        for line in runs:
            total.cases += line["cases"]
            for outcome, number in line["outcomes"].items():
                count(total.outcomes, outcome, number)
            total.finds += line["finds"]
            total.processor += line["processor"]
            total.slowest = max(total.slowest, line["slowest"])
        show(total, len(runs))


def main() -> int:
    parser = argparse.ArgumentParser(description="Try what nobody sends by good will")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--minutes", type=float, default=60.0, help="of all kinds together (%(default)s)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    parser.add_argument("--round", type=int, help="only this one of each kind")
    parser.add_argument("--sums", action="store_true", help="only what all runs so far came to")
    options = parser.parse_args()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    if options.sums:
        show_sums()
        return 0
    found = []
    for kind in options.only:
        counts = run(kind, options.seed, options.minutes / len(options.only), options.round)
        show(counts)
        found += counts.finds
    print(f"\n{len(found)} finds, seed {options.seed}; the report is {REPORT.relative_to(Path.cwd())}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
