"""From the spawn of a server over stdio to its first answer, of two checkouts by turns.

    python bench/first_call.py ../before . --runs 15

What a start leaves for later the first call pays, so that is timed through: the official client starts a server, shakes
hands, lists the tools and makes one call, as an agent does. Each checkout has its own `.venv`. What is told: the
medians of both from the spawn to the list and to the answer, and the median of the pairs' ratios B/A. By the clock: on
a busy machine only the ratios of many runs tell anything.
"""

from __future__ import annotations

import argparse
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

from by_turns import Checkout, make_store
from stdio_client import show

CALLS: dict[str, dict[str, Any]] = {
    "get_note": {"ref": "note-7"},
    "search_notes": {"query": "what is step 7 of it"},
    "edit_note": {"ref": "note-8", "mode": "append", "new_text": "One line more.\n"},
}


class Times(NamedTuple):
    """Seconds from the spawn."""

    to_list: float
    to_answer: float


Pairs = list[tuple[Times, Times]]


def compiled(root: Path, database: Path) -> Checkout:
    """With the bytecode that installing writes: without it an import takes twice as long."""
    checkout = Checkout(root, database)
    sources = [str(root / layer) for layer in ("store", "tools", "server")]
    subprocess.run([checkout.python, "-m", "compileall", "-q", *sources], check=True)
    return checkout


async def first_call(checkout: Checkout, tool: str) -> Times:
    command, *arguments = checkout.notewell("serve")
    server = StdioServerParameters(command=command, args=arguments, env=checkout.environment)
    spawned = time.perf_counter()
    async with stdio_client(server) as (reader, writer), ClientSession(reader, writer) as session:
        await session.initialize()
        assert (await session.list_tools()).tools
        listed = time.perf_counter()
        answer = await session.call_tool(tool, CALLS[tool])
        answered = time.perf_counter()
        assert not answer.is_error, answer
    return Times(listed - spawned, answered - spawned)


async def measure(first: Checkout, second: Checkout, runs: int) -> dict[str, Pairs]:
    found: dict[str, Pairs] = {tool: [] for tool in CALLS}
    for number in range(-1, runs):  # the first fills the system's caches
        for tool, pairs in found.items():
            if number % 2:
                b, a = await first_call(second, tool), await first_call(first, tool)
            else:
                a, b = await first_call(first, tool), await first_call(second, tool)
            if number >= 0:
                pairs.append((a, b))
    return found


def row(tool: str, pairs: Pairs) -> list[str]:
    return [
        tool,
        *compared([(a.to_list, b.to_list) for a, b in pairs]),
        *compared([(a.to_answer, b.to_answer) for a, b in pairs]),
    ]


def compared(pairs: list[tuple[float, float]]) -> list[str]:
    before, now = (median(side) for side in zip(*pairs, strict=True))
    return [f"{before * 1_000:.0f}", f"{now * 1_000:.0f}", f"{median(b / a for a, b in pairs):.3f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description="Time from the spawn to the first answer, of two checkouts by turns")
    parser.add_argument("first", type=Path, help="A: the checkout to compare with")
    parser.add_argument("second", type=Path, help="B: the checkout that is judged")
    parser.add_argument("--runs", type=int, default=15, help="of each call and checkout (%(default)s)")
    given = parser.parse_args()
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        first, second = (
            compiled(root, folder / "store.db")
            for root, folder in zip((given.first, given.second), folders, strict=True)
        )
        make_store(first, folders[0])
        shutil.copy(first.database, second.database)  # all processes have ended, so there is no -wal
        found = anyio.run(measure, first, second, given.runs)
    head = ["ms from the spawn", "to list: A", "B", "B/A", "to answer: A", "B", "B/A"]
    show(head, [row(tool, pairs) for tool, pairs in found.items()])


if __name__ == "__main__":
    main()
