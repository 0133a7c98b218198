"""What a request over HTTP costs, beside a bare handler that returns the same bytes from memory.

    python bench/web.py --notes 3000 --rounds 12
    python bench/web.py --soak 60

By turns in small batches: `GET /notes/{slug}` and a tag intersection, each beside the bare handler; without a token
and with one, where each also stands in the audit log or its sums, from answers that are kept while nobody writes; and
with a token and a condition that nothing fulfils, for which each is read anew.

With `--soak`, 64 clients read for so many seconds while four write: no error, no write lost, memory flat. Linux only
(/proc).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from notewell_store import Attribution, Change, open_store
from notewell_store.writing import drafts, pipeline
from sample_notes import paragraph
from stdio_client import NOTEWELL, compile_sources, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

BARE = [sys.executable, str(Path(__file__).with_name("bare_http.py"))]
CONNECTIONS = 8
BATCH = 400
READERS, WRITERS = 64, 4
TEXT = "A note that changes and stays as long as it was. " * 40
PARTS = 6  # of a soak, after each of which the server's memory is looked at
NEVER_FULFILLED = {"If-None-Match": '"0"'}
NO_LIMITS = {"NOTEWELL_ANONYMOUS_RATE": "100000000", "NOTEWELL_WRITE_RATE": "100000000", "NOTEWELL_LOG": "text"}


class Batch(NamedTuple):
    """Seconds: of all, of each request, of the server's processor."""

    wall: float
    times: list[float]
    processor: float


class Figures(NamedTuple):
    """Requests a second, milliseconds, and microseconds of the server's processor for each request."""

    rate: float
    p50: float
    p99: float
    processor: float


def fill(database: Path, notes: int) -> list[str]:
    random = Random(7)
    store = open_store(database)
    slugs = [f"note-{number}" for number in range(notes)]
    for number, slug in enumerate(slugs):
        text = "\n\n".join([f"# Note {number}", *(paragraph(slugs, random) for _ in range(4))])
        tags = (f"topic-{number % 20}", f"team-{number % 7}", "all")
        change = Change(content=text, tags=tags, is_public=True)
        pipeline.write(store, partial(drafts.upsert, slug=slug, change=change, if_revision=None), Attribution("bench"))
    store.close()
    return slugs


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, surroundings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=surroundings, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionError:
                assert process.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server does not listen"
        yield process
    finally:
        process.terminate()
        process.wait(60)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return int(head.split(b" ", 2)[1]), await reader.readexactly(int(length.split(b":")[1]))


def request_of(method: str, path: str, port: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        *(f"{key}: {value}" for key, value in headers.items()),
    ]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def batch(port: int, paths: list[str], headers: dict[str, str]) -> list[float]:
    """The seconds that each of BATCH requests took, on CONNECTIONS connections at once."""
    times: list[float] = []
    waiting = iter(range(BATCH))

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in waiting:
            began = time.perf_counter()
            status, _ = await ask(reader, writer, request_of("GET", paths[number % len(paths)], port, b"", **headers))
            times.append(time.perf_counter() - began)
            assert status == 200, status
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return times


class Server(NamedTuple):
    process: int
    port: int

    def measured(self, paths: list[str], headers: dict[str, str]) -> Batch:
        spent, began = self.processor(), time.perf_counter()
        times = asyncio.run(batch(self.port, paths, headers))
        return Batch(time.perf_counter() - began, times, self.processor() - spent)

    def processor(self) -> float:
        threads = Path(f"/proc/{self.process}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def figures(batches: list[Batch]) -> Figures:
    times = [seconds for one in batches for seconds in one.times]
    return Figures(
        median(BATCH / one.wall for one in batches),
        median(times) * 1e3,
        quantiles(times, n=100)[98] * 1e3,
        median(one.processor / BATCH for one in batches) * 1e6,
    )


def compare(folder: Path, notes: int, rounds: int) -> None:
    database = folder / "notewell.db"
    slugs = fill(database, notes)
    kept = folder / "kept"
    kept.mkdir()
    port, bare_port = free_port(), free_port()
    chosen = Random(3).sample(slugs, 50)
    questions = {
        "GET /notes/{slug}": [f"/notes/{slug}" for slug in chosen],
        "tag intersection": [f"/notes?tags=topic-{topic},team-{topic % 7}" for topic in range(20)],
    }
    surroundings = environment(database) | NO_LIMITS
    known = {"Authorization": f"Bearer {make_token(database)}"}
    with running([*NOTEWELL, "serve", "--http", "--port", str(port)], port, surroundings) as process:
        answers = {path: asyncio.run(once(port, path)) for paths in questions.values() for path in paths}
        for number, path in enumerate(answers):
            (kept / str(number)).write_bytes(answers[path])
        names = {path: f"/{number}" for number, path in enumerate(answers)}
        with running([*BARE, str(bare_port), str(kept)], bare_port, dict(os.environ)) as bare_process:
            ours, bare = Server(process.pid, port), Server(bare_process.pid, bare_port)
            print(f"{notes} notes, {CONNECTIONS} connections   a second      p50      p99 ms   processor µs")
            for question, paths in questions.items():
                found: dict[str, list[Batch]] = {
                    "  bare handler": [],
                    question: [],
                    "  with a token": [],
                    "  with a token, read anew": [],
                }
                for _ in range(rounds):
                    found[question].append(ours.measured(paths, {}))
                    found["  bare handler"].append(bare.measured([names[path] for path in paths], {}))
                    found["  with a token"].append(ours.measured(paths, known))
                    found["  with a token, read anew"].append(ours.measured(paths, known | NEVER_FULFILLED))
                show({name: figures(batches) for name, batches in found.items()})


async def once(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    status, body = await ask(reader, writer, request_of("GET", path, port))
    writer.close()
    assert status == 200, (path, status, body)
    return body


def show(found: dict[str, Figures]) -> None:
    """Each beside the first."""
    first, *others = found
    for name in (first, *others):
        rate, p50, p99, processor = found[name]
        print(f"{name:28} {rate:10.0f} {p50:8.2f} {p99:8.2f} {processor:14.0f}")
        if name != first:
            ratios = [mine / its for mine, its in zip(found[name], found[first], strict=True)]
            print(
                f"{'    of the bare handler':28} {ratios[0]:10.2f} {ratios[1]:8.2f} {ratios[2]:8.2f} {ratios[3]:14.2f}"
            )


def make_token(database: Path) -> str:
    command = [*NOTEWELL, "token", "create", "bench", "--scope", "write"]
    made = subprocess.run(command, env=environment(database), capture_output=True, text=True, check=True)
    return made.stdout.split()[0]


def memory_of(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def soak(port: int, token: str, slugs: list[str], seconds: float) -> tuple[int, int, list[str]]:
    """How many reads were answered, how many writes, and what went wrong."""
    end = time.monotonic() + seconds
    reads = writes = 0
    wrong: list[str] = []

    async def read(seed: int) -> None:
        nonlocal reads
        random = Random(seed)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < end:
            status, _ = await ask(reader, writer, request_of("GET", f"/notes/{random.choice(slugs)}", port))
            reads += 1
            if status != 200:
                wrong.append(f"read {status}")
        writer.close()

    async def write(number: int) -> None:
        nonlocal writes
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "If-Match": "*"}
        while time.monotonic() < end:
            body = json.dumps({"content": f"# Log\n\n{TEXT}\n\nLine {writes} of writer {number}.\n"}).encode()
            path = f"/notes/log-{number}"
            status, said = await ask(reader, writer, request_of("PUT", path, port, body, **headers))
            writes += status == 200
            if status != 200:
                wrong.append(f"write {status} {said[:200]!r}")
        writer.close()

    await asyncio.gather(*(read(seed) for seed in range(READERS)), *(write(number) for number in range(WRITERS)))
    return reads, writes, wrong


def soaked(folder: Path, notes: int, seconds: float) -> None:
    database = folder / "notewell.db"
    slugs = fill(database, notes)
    store = open_store(database)
    for number in range(WRITERS):
        compose = partial(drafts.upsert, slug=f"log-{number}", change=Change(content="# Log\n"), if_revision=None)
        pipeline.write(store, compose, Attribution("bench"))
    token = make_token(database)
    port = free_port()
    command = [*NOTEWELL, "serve", "--http", "--port", str(port)]
    with running(command, port, environment(database) | NO_LIMITS) as process:
        asyncio.run(soak(port, token, slugs, min(5.0, seconds)))
        sizes = [memory_of(process.pid)]
        with store.reading() as db:
            (first,) = db.execute("SELECT max(seq) FROM revisions").fetchone()
        reads = writes = 0
        wrong: list[str] = []
        for _ in range(PARTS):
            read, written, failed = asyncio.run(soak(port, token, slugs, seconds / PARTS))
            reads, writes, wrong = reads + read, writes + written, wrong + failed
            sizes.append(memory_of(process.pid))
    with store.reading() as db:
        (last,) = db.execute("SELECT max(seq) FROM revisions").fetchone()
    store.close()
    print(f"{READERS} readers and {WRITERS} writers for {seconds:g} s: {reads / seconds:.0f} reads/s, {writes} writes")
    print(f"errors {len(wrong)} {wrong[:3]}, writes lost {writes - (last - first)}")
    print(f"memory of the server, MB: {' '.join(f'{size:.0f}' for size in sizes)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notes", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--soak", type=float, help="seconds; instead of the comparison")
    options = parser.parse_args()
    compile_sources()
    with tempfile.TemporaryDirectory(prefix="notewell-bench-") as folder:
        if options.soak:
            soaked(Path(folder), options.notes, options.soak)
        else:
            compare(Path(folder), options.notes, options.rounds)


if __name__ == "__main__":
    main()
