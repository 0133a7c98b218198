"""The quick door on standard input beside the SDK's, which stands behind it: the same calls by turns.

    python bench/door.py --rounds 30 [--before ../other]

What is told, as medians: processor time from the spawn to the list of tools, beside a bare Python that imports json, in
both protocol eras; the first call at once and after half a second; each call; and memory. `--before` is a checkout with
its own `.venv`, whose server makes the same calls on a store of its own. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from sample_notes import write_notes
from stdio_client import FLOOR_SERVER, NOTEWELL, ServerProcess, compile_sources, environment, show

NOTES = 300
BATCH = 10
QUICK = [sys.executable, "-m", "notewell_server.main"]
SDK = [sys.executable, "-c", "from notewell_server.stdio.behind import sdk_door; sdk_door().serve()"]
ENVELOPE = {
    "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
}
IDLE = 0.5


def make_pages(folder: Path) -> Path:
    pages = folder / "pages"
    pages.mkdir()
    write_notes(pages, NOTES, seed=1)
    return pages


def make_store(pages: Path, name: str, notewell: Sequence[str]) -> Path:
    database = pages.with_name(name)
    command = [*notewell, "import", str(pages), "--project", "web"]
    subprocess.run(command, env=environment(database), check=True, stdout=subprocess.DEVNULL)
    return database


def bare() -> float:
    process = subprocess.Popen([sys.executable, "-c", "import json"])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    return used.ru_utime + used.ru_stime


def to_list(command: list[str], database: Path, parameters: dict[str, Any] | None) -> float:
    """In the era that shakes hands, unless there are parameters to open the other with."""
    with ServerProcess(command, database) as server:
        if parameters is None:
            server.shake_hands()
        assert server.ask("tools/list", parameters).result["tools"]
        return server.usage().cpu


def first_call(database: Path, pause: float) -> float:
    with ServerProcess(QUICK, database) as server:
        server.shake_hands()
        _ = server.ask("tools/list").result
        time.sleep(pause)
        before = server.usage().cpu
        _ = server.call("get_note", ref="note-7").result
        return server.usage().cpu - before


def starts(database: Path, runs: int) -> list[list[str]]:
    ways: dict[str, Callable[[], float]] = {
        "bare Python, import json": bare,
        "list of tools, handshake": lambda: to_list(QUICK, database, None),
        "list of tools, 2026-07-28": lambda: to_list(QUICK, database, ENVELOPE),
        "list of tools, SDK's door": lambda: to_list(SDK, database, None),
        "first call at once": lambda: first_call(database, 0),
        "first call after half a second": lambda: first_call(database, IDLE),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(-1, runs):  # by turns, so that a busy machine is unfair to all; the first fills its caches
        for name, way in ways.items():
            took = way()
            if number >= 0:
                times[name].append(took)
    floor = median(times["bare Python, import json"])
    return [[name, f"{median(took) * 1_000:.1f}", f"{median(took) / floor:.2f}"] for name, took in times.items()]


def calls(servers: Sequence[ServerProcess], rounds: int) -> list[list[str]]:
    """By turns; what the first one takes is told beside each of the others."""
    fresh = count()
    asked: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
        "get_note, whole": lambda: ("get_note", {"ref": f"note-{next(fresh) % NOTES}"}),
        "get_note, section": lambda: ("get_note", {"ref": f"note-{next(fresh) % NOTES}#step-3"}),
        "list_notes": lambda: ("list_notes", {}),
        "search_notes": lambda: ("search_notes", {"query": f"step {next(fresh)} of it"}),
        "upsert_note, new": lambda: ("upsert_note", {"slug": f"new-{next(fresh)}", "content": "# New\n\nText.\n"}),
        "edit_note, append": lambda: ("edit_note", {"ref": "note-8", "mode": "append", "new_text": f"{next(fresh)}\n"}),
    }
    rows = []
    for name, ask in asked.items():
        times: dict[ServerProcess, list[float]] = {server: [] for server in servers}
        for number in range(rounds + 1):
            for server in servers if number % 2 else reversed(servers):
                before = server.usage().cpu
                for _ in range(BATCH):
                    tool, arguments = ask()
                    _ = server.call(tool, **arguments).result
                times[server].append((server.usage().cpu - before) / BATCH)
        mine, *others = (median(times[server][1:]) for server in servers)
        beside = [told for other in others for told in (f"{other * 1_000:.2f}", f"{mine / other:.2f}")]
        rows.append([name, f"{mine * 1_000:.2f}", *beside])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="The quick door beside the SDK's")
    parser.add_argument("--rounds", type=int, default=30, help="batches of 10 calls each (%(default)s)")
    parser.add_argument("--starts", type=int, default=11, help="starts of each kind (%(default)s)")
    parser.add_argument("--before", type=Path, help="another checkout, whose server is called beside ours")
    given = parser.parse_args()
    compile_sources()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        pages = make_pages(Path(folder))
        database = make_store(pages, "notes.db", NOTEWELL)
        show(["start, ms of processor time", "median", "to bare"], starts(database, given.starts))
        servers = {
            name: running.enter_context(ServerProcess(command, database))
            for name, command in (("quick", QUICK), ("SDK's door", SDK), ("SDK's smallest", FLOOR_SERVER))
        }
        if given.before is not None:
            former = [str(given.before.resolve() / ".venv" / "bin" / "python"), "-m", "notewell_server.main"]
            itself = ServerProcess(former, make_store(pages, "former.db", former))
            servers[given.before.name] = running.enter_context(itself)
        listed = {}
        for name, server in servers.items():
            server.shake_hands()
            _ = server.ask("tools/list").result
            listed[name] = server.usage().memory
        _ = servers["SDK's smallest"].call("nothing").result
        called = {name: server for name, server in servers.items() if name != "SDK's smallest"}
        beside = [column for name in [*called][1:] for column in (name, "ratio")]
        show(["a call, ms of processor time", "quick", *beside], calls([*called.values()], given.rounds))
        used = [[name, f"{listed[name]:.1f}", f"{server.usage().memory:.1f}"] for name, server in servers.items()]
    show(["MB", "listed", "after the calls"], used)


if __name__ == "__main__":
    main()
