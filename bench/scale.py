"""What calls cost as a store grows: inside the store, and through the stdio door in the mix of an agent's day.

    python bench/scale.py --sizes 1000,10000,100000 --folder FOLDER

Stores that FOLDER lacks are made (see knowledge.py; the largest takes a quarter of an hour) and kept; what is
measured is a copy. "Inside" times a tool's own function: neither are arguments checked nor answers worded. Writes
are timed there without their sync, which `writes.py` measures. On a machine with other work a call waits for a
processor: what it took of one by itself is given too. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles

import zstandard

from knowledge import fill
from mix import ASIDE, SHARES, Asked, Mix
from notewell_store import Store, open_store
from notewell_store.contract import LARGEST
from notewell_store.tables.revisions import newest_texts
from notewell_tools.catalogue import CATALOGUE
from notewell_tools.definition import Call
from stdio_client import FLOOR_SERVER, NOTEWELL_SERVER, ServerProcess, compile_sources, show

TARGETS = {
    "get": 1,
    "list, three tags": 10,
    "search": 60,
    "brief": 60,
    "history": 5,
    "check_refs": 10,
    "edit of a section": 10,
    "new note": 10,
    "new status": 10,
}
"""Milliseconds of p95 inside the store at 100,000 notes."""

GROWTH = {
    "get": 2,
    "edit of a section": 2,
    "new note": 2,
    "new status": 2,
    "list, three tags": 4,
    "list, type and project": 4,
}
"""How many times p50 may grow from the smallest store to the largest."""

Times = dict[str, list[float]]


def inside(database: Path, rounds: int, seed: int) -> tuple[Times, Times]:
    """Seconds of each operation in this process, by turns, and those of them on a processor."""
    mix, store = Mix(database, seed), open_store(database)
    _without_sync(store)
    call = Call(store, "bench")
    times: Times = defaultdict(list)
    busy: Times = defaultdict(list)
    operations = [name for name in (*SHARES, *ASIDE) if mix.call(name).tool in CATALOGUE]
    for turn in range(-5, rounds):
        for name in operations:
            passed, worked = _timed(call, mix.call(name))
            if turn >= 0:
                times[name].append(passed)
                busy[name].append(worked)
    store.close()
    return times, busy


def _timed(call: Call, asked: Asked) -> tuple[float, float]:
    tool = CATALOGUE[asked.tool]
    arguments = {name: value for name, value in tool.read(asked.arguments).items() if name != "format"}
    began, worked = time.perf_counter(), time.thread_time()
    tool.run(call, **arguments)
    return time.perf_counter() - began, time.thread_time() - worked


def _without_sync(store: Store) -> None:
    """Of the one connection that this thread uses."""
    with store.reading() as db:
        db.execute("COMMIT")
        db.execute("PRAGMA synchronous = OFF")


def through_the_door(database: Path, calls: int, seed: int) -> tuple[Times, float, float]:
    """Seconds of each operation from request to answer, and the megabytes of the server after them and of the floor."""
    times: Times = defaultdict(list)
    with ServerProcess(FLOOR_SERVER, database) as floor, ServerProcess(NOTEWELL_SERVER, database) as ours:
        for server, tool in ((floor, "nothing"), (ours, "list_notes")):
            server.shake_hands()
            _ = server.ask("tools/list").result
            _ = server.call(tool).result
        for asked in Mix(database, seed).calls(calls):
            answer = ours.call(asked.tool, **asked.arguments)
            _ = answer.result
            times[asked.operation].append(answer.seconds)
        return times, ours.usage().memory, floor.usage().memory


def sizes_of(database: Path) -> tuple[int, int, int, int]:
    """Bytes: the file, all revisions' text, that in one zstd stream, and each text alone in zstd."""
    alone, stream = zstandard.ZstdCompressor(), zstandard.ZstdCompressor().compressobj()
    raw = streamed = separate = 0
    store = open_store(database)
    with store.reading() as db:
        for (note_id,) in db.execute("SELECT id FROM notes").fetchall():
            for _, text in newest_texts(db, note_id, LARGEST):
                data = text.encode()
                raw += len(data)
                streamed += len(stream.compress(data))
                separate += len(alone.compress(data))
    streamed += len(stream.flush())
    store.close()
    return database.stat().st_size, raw, streamed, separate


def store_of(folder: Path, notes: int, seed: int) -> Path:
    database = folder / f"scale-{notes}.db"
    if not database.exists():
        store = open_store(database)
        fill(store, notes, seed)
        store.close()
    return database


def p95_of(seconds: list[float]) -> float:
    return quantiles(seconds, n=20)[-1] if len(seconds) > 1 else math.nan


def show_times(title: str, by_size: dict[int, Times]) -> None:
    sizes = sorted(by_size)
    rows = []
    for name in by_size[sizes[0]]:
        p50 = [median(by_size[size].get(name) or [math.nan]) * 1e3 for size in sizes]
        p95 = [p95_of(by_size[size].get(name, [])) * 1e3 for size in sizes]
        cells = [f"{value:.2f}" for pair in zip(p50, p95, strict=True) for value in pair]
        grown = f"{p50[-1] / p50[0]:.2f}" + (f" (≤ {GROWTH[name]})" if name in GROWTH else "")
        rows.append([name, *cells, grown, str(TARGETS.get(name, ""))])
    heading = [f"{what} {size:,}" for size in sizes for what in ("p50", "p95")]
    show([f"{title}, ms", *heading, "p50 grows", "target"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time an agent's calls on stores of several sizes")
    parser.add_argument("--sizes", default="1000,10000", help="notes of each store (%(default)s)")
    parser.add_argument("--folder", type=Path, help="where the stores are kept (default: none is)")
    parser.add_argument("--rounds", type=int, default=200, help="calls of each operation inside (%(default)s)")
    parser.add_argument("--calls", type=int, default=1_000, help="through the door, at each size (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-sizes", action="store_true", help="leave out how large the file is")
    options = parser.parse_args()
    compile_sources()
    sizes = [int(size) for size in options.sizes.split(",")]
    store_times: dict[int, Times] = {}
    busy_times: dict[int, Times] = {}
    door_times: dict[int, Times] = {}
    lines = []
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            kept = store_of(options.folder or Path(name), size, options.seed)
            copy = Path(name) / "copy.db"
            shutil.copyfile(kept, copy)
            store_times[size], busy_times[size] = inside(copy, options.rounds, options.seed)
            door_times[size], ours, floor = through_the_door(copy, options.calls, options.seed + 1)
            lines.append(
                f"{size:,} notes: server {ours:.1f} MB, the SDK's smallest {floor:.1f} MB, {ours / floor:.2f} times"
            )
            copy.unlink()
            if not options.no_sizes:
                file, raw, streamed, separate = sizes_of(kept)
                lines.append(
                    f"{size:,} notes: file {file / 1e6:.0f} MB, text of all revisions {raw / 1e6:.0f} MB; in one zstd "
                    f"stream {streamed / 1e6:.0f} MB, the file is {file / streamed:.2f} times that; each text alone "
                    f"{separate / 1e6:.0f} MB, {file / separate:.2f} times"
                )
    print(f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} processors")
    if "check_refs" not in CATALOGUE:
        print("check_refs is not in the catalogue, and left out of the mix")
    show_times("inside", store_times)
    print()
    show_times("inside, on a processor", busy_times)
    print()
    show_times("stdio", door_times)
    print("\n".join(["", *lines]))


if __name__ == "__main__":
    main()
