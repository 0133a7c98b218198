"""From the spawn of a server over stdio to its first answer, of two checkouts by turns.

    .venv/bin/python bench/first_call.py ../before . --runs 15

What a start leaves for later the first call pays, so it is timed through: the official client starts the server, shakes
hands, lists the tools and makes one call, as an agent does. The client is the same process for both checkouts, each of
which has a `.venv` of its own and its own copy of one store. `to list` and `to answer` count from the spawn.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import anyio
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from sample_notes import write_notes
from stdio_client import show

NOTES = 300
CALLS: dict[str, dict[str, Any]] = {
    "get_note": {},
    "search_notes": {"query": "how is the queue drained"},
    "edit_note": {"mode": "append", "new_text": "One line more.\n"},
}


class Times(NamedTuple):
    """Seconds from the spawn."""

    to_list: float
    to_answer: float


class Checkout:
    """A checkout with its own Python and its own copy of the store."""

    def __init__(self, root: Path, database: Path) -> None:
        self.python = str(root.resolve() / ".venv" / "bin" / "python")
        self.database = database
        for layer in ("store", "tools", "server"):
            subprocess.run([self.python, "-m", "compileall", "-q", str(root.resolve() / layer)], check=True)

    def notewell(self, *words: str) -> StdioServerParameters:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("NOTEWELL_", "PYTHON"))}
        settings = {"NOTEWELL_DB": str(self.database), "NOTEWELL_PROJECT": "web"}
        return StdioServerParameters(
            command=self.python, args=["-m", "notewell_server.main", *words], env=kept | settings
        )

    async def first_call(self, tool: str, arguments: dict[str, Any]) -> Times:
        spawned = time.perf_counter()
        async with (
            stdio_client(self.notewell("serve")) as (reader, writer),
            ClientSession(reader, writer) as session,
        ):
            await session.initialize()
            assert (await session.list_tools()).tools
            listed = time.perf_counter()
            answer = await session.call_tool(tool, arguments)
            answered = time.perf_counter()
            assert not answer.is_error, answer
        return Times(listed - spawned, answered - spawned)


def make_store(checkout: Checkout, folder: Path) -> str:
    """Returns the name of a note."""
    pages = folder / "pages"
    pages.mkdir()
    slugs = write_notes(pages, NOTES, seed=1)
    started = checkout.notewell("import", str(pages), "--project", "web")
    command = [started.command, *started.args]
    subprocess.run(command, env=started.env, check=True, stdout=subprocess.DEVNULL)
    return slugs[0]


async def measure(sides: tuple[Checkout, Checkout], ref: str, runs: int) -> dict[str, tuple[list[Times], list[Times]]]:
    found: dict[str, tuple[list[Times], list[Times]]] = {}
    for tool, others in CALLS.items():
        arguments = others if "query" in others else {"ref": ref, **others}
        for side in sides:  # the first start fills the system's caches
            await side.first_call(tool, arguments)
        times: tuple[list[Times], list[Times]] = ([], [])
        for run in range(runs):
            for number in (0, 1) if run % 2 else (1, 0):
                times[number].append(await sides[number].first_call(tool, arguments))
        found[tool] = times
    return found


def row(tool: str, first: list[Times], second: list[Times]) -> list[str]:
    cells = [tool]
    for field in Times._fields:
        before, now = ([getattr(one, field) for one in side] for side in (first, second))
        ratio = median(b / a for a, b in zip(before, now, strict=True))
        cells += [f"{median(before) * 1_000:.0f}", f"{median(now) * 1_000:.0f}", f"{ratio:.3f}"]
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description="Time from the spawn to the first answer, of two checkouts")
    parser.add_argument("first", type=Path, help="A: the checkout to compare with")
    parser.add_argument("second", type=Path, help="B: the checkout that is judged")
    parser.add_argument("--runs", type=int, default=15, help="of each call and side (%(default)s)")
    given = parser.parse_args()
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        sides = (Checkout(given.first, folders[0] / "store.db"), Checkout(given.second, folders[1] / "store.db"))
        ref = make_store(sides[0], folders[0])
        shutil.copy(sides[0].database, sides[1].database)  # all processes have ended, so there is no -wal
        found = anyio.run(measure, sides, ref, given.runs)
    head = ["ms from the spawn", "to list: A", "B", "B/A", "to answer: A", "B", "B/A"]
    show(head, [row(tool, *times) for tool, times in found.items()])


if __name__ == "__main__":
    main()
