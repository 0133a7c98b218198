"""From the spawn of a server to its answered list of tools, beside the SDK's smallest server.

    python bench/start.py --runs 21

Both are started by turns, so that a busy machine is as unfair to the one as to the other. The ratio is the
median of those of the pairs. CPU counts up to the answer; "in all" adds what ending costs.
Linux only (/proc).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from stdio_client import FLOOR_SERVER, NOTEWELL_SERVER, ServerProcess, compile_sources, show


class Start(NamedTuple):
    wall: float
    cpu: float
    cpu_in_all: float
    tools: int
    """Bytes of the list of tools, as compact JSON."""


def start(command: list[str], folder: Path) -> Start:
    spawned = time.perf_counter()
    with ServerProcess(command, folder / "notes.db") as server:
        server.shake_hands()
        answer = server.ask("tools/list")
        wall = time.perf_counter() - spawned
        cpu = server.usage().cpu
        tools = json.dumps(answer.result["tools"], separators=(",", ":"), ensure_ascii=False)
        return Start(wall, cpu, server.end(), len(tools.encode()))


def measure(runs: int, folder: Path) -> tuple[list[Start], list[Start]]:
    commands = {"floor": FLOOR_SERVER, "notewell": NOTEWELL_SERVER}
    starts: dict[str, list[Start]] = {name: [] for name in commands}
    for command in commands.values():  # the first start fills the system's caches
        start(command, folder)
    for run in range(runs):
        for name in sorted(commands, reverse=run % 2 == 1):
            starts[name].append(start(commands[name], folder))
    return starts["floor"], starts["notewell"]


def row(name: str, floor: list[float], ours: list[float]) -> list[str]:
    """Milliseconds of both: medians, least, and how ours compare."""
    ratio = median(mine / theirs for mine, theirs in zip(ours, floor, strict=True))
    times = [median(floor), min(floor), median(ours), min(ours)]
    return [
        name,
        *(f"{seconds * 1_000:.0f}" for seconds in times),
        f"{ratio:.3f}",
        f"{min(ours) / min(floor):.3f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the start, beside the SDK's smallest server")
    parser.add_argument("--runs", type=int, default=21, help="starts of each (%(default)s)")
    runs: int = parser.parse_args().runs
    compile_sources()
    with tempfile.TemporaryDirectory() as folder:
        floor, ours = measure(runs, Path(folder))
    show(
        [f"ms, {runs} runs each", "floor", "min", "notewell", "min", "ratio", "of mins"],
        [
            row("wall to tools/list", [one.wall for one in floor], [one.wall for one in ours]),
            row("CPU to tools/list", [one.cpu for one in floor], [one.cpu for one in ours]),
            row("CPU in all", [one.cpu_in_all for one in floor], [one.cpu_in_all for one in ours]),
        ],
    )
    print(f"list of tools, bytes: floor {floor[0].tools}, notewell {ours[0].tools}")


if __name__ == "__main__":
    main()
