"""A raw MCP client over pipes, so that what is timed is the server and no client library."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from compileall import compile_dir
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [ROOT / layer for layer in ("store", "tools", "server")]
NOTEWELL = [sys.executable, "-m", "notewell_server.main"]
FLOOR_SERVER = [sys.executable, str(ROOT / "bench" / "floor_server.py")]
NOTEWELL_SERVER = [*NOTEWELL, "serve"]


def environment(database: Path | str) -> dict[str, str]:
    """Ours, with the database to use, and the source tree where the package is not installed."""
    added = {"NOTEWELL_DB": str(database)}
    if importlib.util.find_spec("notewell_server") is None:
        added["PYTHONPATH"] = os.pathsep.join(map(str, SOURCES))
    return {**os.environ, **added}


def compile_sources() -> None:
    """Write the bytecode files, as installing does: without them an import takes twice as long."""
    for source in SOURCES:
        compile_dir(source, quiet=1)


class Usage(NamedTuple):
    """What a living process has used, as Linux tells it in /proc."""

    cpu: float
    """Seconds on a processor, of all its threads."""
    wake_ups: int
    memory: float
    """Resident megabytes."""


class Answer(NamedTuple):
    seconds: float
    line: bytes

    @property
    def result(self) -> dict[str, Any]:
        message = json.loads(self.line)
        if "error" in message or message["result"].get("isError"):
            raise RuntimeError(f"The server refused: {self.line.decode()[:2_000]}")
        result: dict[str, Any] = message["result"]
        return result

    @property
    def text(self) -> str:
        return "".join(block["text"] for block in self.result["content"])


class ServerProcess:
    """A server over stdio, asked one thing at a time."""

    def __init__(self, command: list[str], database: Path | str, settings: dict[str, str] | None = None) -> None:
        """`settings` are what a server of another program needs in its environment; what it says aside is dropped."""
        self._process = subprocess.Popen(
            command,
            env=environment(database) | (settings or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if settings is None else subprocess.DEVNULL,
        )

    def shake_hands(self) -> None:
        client = {"name": "bench", "version": "1"}
        parameters = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
        _ = self.ask("initialize", parameters).result
        self._write(encoded({"jsonrpc": "2.0", "method": "notifications/initialized"}))

    def ask(self, method: str, parameters: dict[str, Any] | None = None) -> Answer:
        request = encoded({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters or {}})
        started = time.perf_counter()
        self._write(request)
        while True:
            line = self._read()
            seconds = time.perf_counter() - started
            if "method" not in json.loads(line):  # else it is news that nobody asked for
                return Answer(seconds, line)

    def call(self, tool: str, **arguments: Any) -> Answer:
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def send(self, tool: str, **arguments: Any) -> None:
        """Ask, and do not wait for the answer."""
        parameters = {"name": tool, "arguments": arguments}
        self._write(encoded({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": parameters}))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with suppress(BrokenPipeError):
                pipe.close()

    def usage(self) -> Usage:
        process = self._process.pid
        tasks = Path(f"/proc/{process}/task").iterdir()
        return Usage(
            cpu=time.clock_gettime((~process << 3) | 2),  # its clock, which counts threads that have ended too
            wake_ups=sum(int(status["voluntary_ctxt_switches"]) for status in map(_fields, tasks) if status),
            memory=int(_fields(Path(f"/proc/{process}"))["VmRSS"].split()[0]) / 1024,
        )

    def end(self) -> float:
        """Close its input and wait for it. Returns the CPU seconds of its whole life."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.stdout.close()
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime

    def _write(self, line: bytes) -> None:
        assert self._process.stdin
        self._process.stdin.write(line)
        self._process.stdin.flush()

    def _read(self) -> bytes:
        assert self._process.stdout
        if line := self._process.stdout.readline():
            return line
        raise RuntimeError(f"The server ended: {self._process.args!r}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._process.returncode is None:
            self.end()


def encoded(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _fields(task: Path) -> dict[str, str]:
    """Its status; nothing of a thread that has just ended."""
    with suppress(FileNotFoundError):
        return dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
    return {}


def show(heading: list[str], rows: list[list[str]]) -> None:
    """Print a table: the first column to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    for row in (heading, *rows):
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print(row[0].ljust(widths[0]), *cells, sep="  ")
