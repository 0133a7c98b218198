"""The report: docs/benchmarks.md. A peer that is ahead is told of first."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from peers.measuring import KILLS, Figure, Found

OPERATIONS = ("write", "read", "search", "list")

FIRST_CALL = (
    "What a first call takes beyond that, of one version of Notewell beside another, `bench/first_call.py` tells "
    "(decision 0042)."
)

ABOUT = {
    "server-memory": (
        "A knowledge graph in one JSON file that each write writes whole. Entities, observations and "
        "relations, no search by words (a search is a substring of one word here, for it takes no more), no "
        "history, no revisions, no conflicts told. Its list is the whole graph: there is no smaller one. "
        "Filled with 500 notes in one call, where there are more than 100."
    ),
    "basic-memory": (
        "Markdown files in a folder, which a person can edit beside it, with an index in SQLite; its search "
        "also knows vectors where their model can be fetched (it cannot here: it looks by words). Schemas, "
        "canvases, a cloud. A note is two files' worth of work: the file, then the index. No revisions of its "
        "own."
    ),
    "mcp-memory-service": (
        "Short memories for one agent, found by vectors; consolidation, quality scores, beliefs, a web page. "
        "Its model cannot be fetched here, so that it falls back to vectors made of hashes: its figures are "
        "those of that fallback, and its hits are not what they are with a model. Notes are read by a tag, "
        "for it has no names; no history."
    ),
    "SDK's smallest server": ("One tool that answers a constant: what the protocol and the SDK cost by themselves."),
    "notewell": (
        "Every write is a revision on disk (`synchronous=FULL`) before it is answered, with its sections, "
        "links and search index; a list has a total, a search the passage that matched."
    ),
}


def report(every: list[Found], missing: dict[str, str], loads: list[float]) -> str:
    ours = next(found for found in every if found.subject.name == "notewell")
    peers = [found for found in every if found is not ours and found.subject.version]
    sizes = sorted(ours.figures)
    parts = [
        "# Benchmarks",
        f"Made by `make bench-peers` on {datetime.now(UTC):%d %B %Y}. {_machine(loads)} All are driven by one "
        "client over stdio, by turns in small batches, one call at a time, with the defaults of each and the same "
        "made-up notes of about 2 KB. Times are milliseconds from the request written to the answer read; in brackets, "
        "how many times Notewell's. Bytes are those of the text in an answer, which is what a model reads.",
        *_ahead(ours, peers, sizes),
        *_overall(every, ours),
        *(part for size in sizes for part in _size(every, ours, size)),
        *_finding([ours, *peers], sizes),
        *_safety(every),
        "## What each does more, or less",
        *(f"**{_name(found)}.** {ABOUT[found.subject.name]}" for found in every),
        *_left_out(every, missing),
    ]
    return "\n\n".join(parts) + "\n"


def _machine(loads: list[float]) -> str:
    info = Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "?")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024**2
    load = " to ".join(f"{value:.1f}" for value in sorted({min(loads), max(loads)}))
    return (
        f"{os.cpu_count()} processors ({model}), {memory:.0f} GB, Linux {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, SDK {version('mcp')}; the machine's load was {load} meanwhile."
    )


def _name(found: Found) -> str:
    number = "" if found.subject.version in ("", "this commit") else f" {found.subject.version}"
    return f"{found.subject.name}{number}"


def _ahead(ours: Found, peers: list[Found], sizes: list[int]) -> list[str]:
    lines = [line for peer in peers for line in _lines_ahead(ours, peer, sizes)]
    return ["## Where a peer is ahead", "\n".join(lines) if lines else "Nowhere in what is measured here."]


def _lines_ahead(ours: Found, peer: Found, sizes: list[int]) -> Iterator[str]:
    assert ours.start and peer.start
    pairs = [
        ("start to tool list", peer.start.seconds * 1e3, ours.start.seconds * 1e3, "ms"),
        ("tool list", peer.start.size, ours.start.size, "bytes"),
    ]
    for size in sizes:
        if size not in peer.figures:
            continue
        pairs.append((f"memory at {size:,} notes", peer.memory[size], ours.memory[size], "MB"))
        for name in OPERATIONS:
            theirs, own = peer.figures[size][name], ours.figures[size][name]
            pairs.append((f"{name} at {size:,} notes", theirs.p50 * 1e3, own.p50 * 1e3, "ms"))
            pairs.append((f"answer of a {name} at {size:,} notes", theirs.size, own.size, "bytes"))
    for what, their_value, our_value, unit in pairs:
        if their_value < our_value:
            yield f"- {_name(peer)}: {what} {_number(their_value)} {unit}, Notewell {_number(our_value)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 20 else f"{value:.1f}"


def _times(value: float, ours: float) -> str:
    return f"{_number(value)} ({value / ours:.1f})"


def _overall(every: list[Found], ours: Found) -> list[str]:
    assert ours.start
    rows = ["| | start to tool list, ms | tools | their list, bytes |", "| --- | --- | --- | --- |"]
    for found in every:
        assert found.start
        seconds = _times(found.start.seconds * 1e3, ours.start.seconds * 1e3)
        rows.append(
            f"| {_name(found)} | {seconds} | {found.start.tools} | {_times(found.start.size, ours.start.size)} |"
        )
    return ["## Start", "\n".join(rows), FIRST_CALL]


def _size(every: list[Found], ours: Found, size: int) -> list[str]:
    head = " | ".join(f"{name} p50 | p95 | bytes" for name in OPERATIONS)
    rows = [f"| | {head} | memory, MB |", "| --- |" + " --- |" * (3 * len(OPERATIONS) + 1)]
    for found in every:
        figures = found.figures.get(size)
        if figures is None:
            continue
        cells = []
        for name in OPERATIONS:
            own, figure = ours.figures[size][name], figures[name]
            cells += [_times(figure.p50 * 1e3, own.p50 * 1e3), _number(figure.p95 * 1e3), _number(figure.size)]
        cells.append(_times(found.memory[size], ours.memory[size]))
        rows.append(f"| {_name(found)} | {' | '.join(cells)} |")
    return [f"## {size:,} notes", "\n".join(rows)]


def _finding(every: list[Found], sizes: list[int]) -> list[str]:
    """How many of the notes that were asked for the answers name."""
    head = " | ".join(f"{size:,} notes: read | search" for size in sizes)
    rows = [f"| | {head} |", "| --- |" + " --- |" * (2 * len(sizes))]
    for found in every:
        cells = [_found(found.figures.get(size, {}).get(name)) for size in sizes for name in ("read", "search")]
        rows.append(f"| {_name(found)} | {' | '.join(cells)} |")
    words = (
        "A search asks for the two words that a note's title begins with; some notes share one of them, few both. "
        "Counted are the answers that name that note, whatever else they name."
    )
    return ["## What is found", words, "\n".join(rows)]


def _found(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.found} of {figure.calls}"


def _safety(every: list[Found]) -> list[str]:
    rows = [
        "| | two writers: answered | there afterwards | answered before a kill | lost |",
        "| --- | --- | --- | --- | --- |",
    ]
    for found in every:
        if found.kept_of_two and found.lost_when_killed:
            cells = (*found.kept_of_two, *found.lost_when_killed)
            rows.append(f"| {_name(found)} | {' | '.join(map(str, cells))} |")
    words = (
        f"Two processes write 100 notes each at once to one store. Then a server is killed (SIGKILL) {KILLS} times "
        "amid a write; what it had answered before is looked for. A power cut is another matter, which this does not "
        "try: Notewell syncs before it answers (docs/reliability.md)."
    )
    return ["## Two writers, and kill -9", words, "\n".join(rows)]


def _left_out(every: list[Found], missing: dict[str, str]) -> list[str]:
    lines = [f"- {name}: {reason}" for name, reason in missing.items()]
    lines += [f"- {_name(f)} at {size:,} notes: {reason}" for f in every for size, reason in f.left_out.items()]
    lines += [f"- {_name(f)}: {reason}" for f in every for reason in f.failed]
    return ["## Left out", "\n".join(lines)] if lines else []
