"""What a call costs, beside a tool that does nothing on the SDK's smallest server.

    python bench/calls.py --notes 300 --rounds 30

Fills a fresh store through `notewell import`, then calls by turns, in small batches. Times run from the
request written to the answer read. Writes are real: each is a revision on disk before it is answered.
Linux only (/proc).
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from statistics import mean, median, quantiles
from typing import Any, NamedTuple

from sample_notes import SECTIONS, paragraph, words, write_notes
from stdio_client import (
    FLOOR_SERVER,
    NOTEWELL,
    NOTEWELL_SERVER,
    ServerProcess,
    compile_sources,
    environment,
    show,
)

BATCH = 10


class Subject(NamedTuple):
    name: str
    server: ServerProcess
    tool: str
    arguments: Callable[[], dict[str, Any]]


class Sample(NamedTuple):
    seconds: float
    cpu: float
    """Of one call, evened out over its batch."""
    size: int
    """Bytes of the answer's text."""


def subjects_of(floor: ServerProcess, ours: ServerProcess, slugs: list[str], dice: Random) -> list[Subject]:
    fresh = count()

    def section() -> str:
        return f"{dice.choice(slugs)}#step-{dice.randint(1, SECTIONS)}"

    def new_note() -> dict[str, Any]:
        return {"slug": f"new-{next(fresh)}", "title": words(3, dice), "content": paragraph(slugs, dice)}

    def addition() -> dict[str, Any]:
        return {"ref": dice.choice(slugs), "mode": "append", "new_text": paragraph(slugs, dice)}

    return [
        Subject("floor: nothing", floor, "nothing", dict),
        Subject("list_notes", ours, "list_notes", lambda: {"tags": "sop,active"}),
        Subject("search_notes", ours, "search_notes", lambda: {"query": words(2, dice)}),
        Subject("get_note, whole", ours, "get_note", lambda: {"ref": dice.choice(slugs)}),
        Subject("get_note, section", ours, "get_note", lambda: {"ref": section()}),
        Subject("upsert_note, new", ours, "upsert_note", new_note),
        Subject("edit_note, append", ours, "edit_note", addition),
    ]


def batch(subject: Subject) -> list[Sample]:
    requests = [subject.arguments() for _ in range(BATCH)]
    before = subject.server.usage().cpu
    answers = [subject.server.call(subject.tool, **request) for request in requests]
    cpu = (subject.server.usage().cpu - before) / BATCH
    return [Sample(answer.seconds, cpu, len(answer.text.encode())) for answer in answers]


def measure(subjects: list[Subject], rounds: int) -> dict[str, list[Sample]]:
    samples: dict[str, list[Sample]] = {subject.name: [] for subject in subjects}
    for subject in subjects:  # a server's first call opens the store
        batch(subject)
    for turn in range(rounds):
        start = turn % len(subjects)
        for subject in subjects[start:] + subjects[:start]:
            samples[subject.name] += batch(subject)
    return samples


def row(name: str, samples: list[Sample], floor: list[Sample]) -> list[str]:
    times, least = [one.seconds for one in samples], [one.seconds for one in floor]
    ratios = median(times) / median(least), min(times) / min(least)
    return [
        name,
        *(f"{seconds * 1e6:.0f}" for seconds in (median(times), quantiles(times, n=20)[-1], min(times))),
        *(f"{ratio:.2f}" for ratio in ratios),
        f"{median(one.cpu for one in samples) * 1e6:.0f}",
        f"{mean(one.size for one in samples):.0f}",
    ]


def fill(folder: Path, notes: int, seed: int) -> list[str]:
    """Make notes and import them. Returns their slugs."""
    pages = folder / "pages"
    pages.mkdir()
    slugs = write_notes(pages, notes, seed)
    subprocess.run(
        [*NOTEWELL, "import", str(pages)],
        check=True,
        env=environment(folder / "notes.db"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    return slugs


def run(notes: int, rounds: int, seed: int) -> dict[str, list[Sample]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        slugs = fill(folder, notes, seed)
        database = folder / "notes.db"
        with ServerProcess(FLOOR_SERVER, database) as floor, ServerProcess(NOTEWELL_SERVER, database) as ours:
            floor.shake_hands()
            ours.shake_hands()
            return measure(subjects_of(floor, ours, slugs, Random(seed)), rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time calls, beside a tool that does nothing")
    parser.add_argument("--notes", type=int, default=300, help="notes in the store (%(default)s)")
    parser.add_argument("--rounds", type=int, default=30, help=f"batches of {BATCH} calls each (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    compile_sources()
    samples = run(options.notes, options.rounds, options.seed)
    floor = samples["floor: nothing"]
    show(
        [f"µs, {options.notes} notes", "p50", "p95", "min", "ratio", "of mins", "CPU", "bytes"],
        [row(name, taken, floor) for name, taken in samples.items()],
    )
    section, page = (mean(one.size for one in samples[f"get_note, {part}"]) for part in ("section", "whole"))
    print(f"a section is {section / page:.3f} of its page in bytes")


if __name__ == "__main__":
    main()
