"""What hostile texts of up to a megabyte hold up: how long each call holds the write lock, and how long it keeps the
interpreter from another thread.

python bench/holding.py [--only WORD …] [--tries N]

Of each call the least of some tries counts: what other programs take from the processor is none of ours. The lock is
told in processor time of the thread that holds it, the interpreter in that which the process has used while a thread
waited which wakes up every half millisecond.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notewell_store import Store, open_store
from notewell_store.contract import NoBackground
from notewell_store.engines.sqlite.database import Database
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "marathon"))

from hostile import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 0.2  # seconds that a call may hold the lock, or the interpreter
WAKES = 0.0005
LARGEST = 1_000_000
SHOWN = 25

Calls = list[tuple[str, dict[str, Any]]]


def links(line: str) -> str:
    """Lines with another number each, as many as a note may hold and an answer has room for."""
    most = LARGEST // len(line.format(100_000))
    return "".join(line.format(number) for number in range(most))


LINKS = {
    "different wiki links": links("[[n{}]]\n"),
    "different short links": links("[[{:x}]]"),
    "different names with anchors": links("[[Note {}#a part]]\n"),
    "different relative paths": links("[x](n{}.md)\n"),
    "different paths upwards": links("[x](../a/b/n{}.md#s)\n"),
    "different notes by address": links("<note://n{}>\n"),
    "different embedded notes": links("![[n{}]]\n"),
    "different definitions of links": links("[r{0}]: n{0}.md\n"),
    "different headings": links("# h{}\n"),
    "links to the same note by its sections": links("[[n1#s{}]]\n"),
    "links to numbers": links("[[{}]]\n"),
    "different tags": links("#tag{} "),
    "links in headings": links("# [[n{}]]\n"),
    "mentions of many notes": links("usual-{} "),
}


def calls_on(text: str) -> Calls:
    """A note's life with this text in it. What is refused costs too."""
    note = {"ref": "hostile"}
    return [
        ("upsert_note", {"slug": "hostile", "content": text, "reason": "create"}),
        ("upsert_note", {"slug": "hostile", "content": text, "reason": "unchanged", "if_revision": 1}),
        ("edit_note", {**note, "mode": "append", "new_text": "\nmore\n"}),
        ("edit_note", {**note, "mode": "prepend", "new_text": "first\n\n"}),
        ("edit_note", {**note, "mode": "replace", "old_text": text[: len(text) // 2], "new_text": "x"}),
        ("restore_note", {"ref": "hostile@1"}),
        ("upsert_note", {"slug": "hostile", "title": "Another title"}),
        ("upsert_note", {"slug": "hostile", "project": "apart"}),
        ("upsert_note", {"slug": "hostile", "is_public": True}),
        ("upsert_note", {"slug": "hostile", "new_slug": "hostile-two"}),
        ("upsert_note", {"slug": "hostile-two", "new_slug": "hostile"}),
        ("link_notes", {"source": "hostile", "targets": ["usual-1"]}),
        ("get_note", {**note, "view": "toc"}),
        ("get_note", {**note, "view": "html"}),
        ("get_note", {**note, "include": ["links", "children", "history"]}),
        ("get_note", {**note, "as_of": "2999-01-01", "include": ["links"]}),
        ("search_notes", {"query": text[:9_000]}),
        ("revisions", {**note, "diff": "1..4"}),
        ("revisions", {**note, "blame": True}),
        ("check_refs", note),
        ("check_refs", {"text": text}),
        ("brief", {"project": "apart"}),
        ("upsert_note", {"slug": "n1", "content": "# What many wait for", "title": "Note 1"}),
        ("delete_note", {"ref": "n1"}),
        ("delete_note", note),
        ("restore_note", note),
    ]


@dataclass
class Held:
    """Seconds."""

    lock: float = 0.0
    lock_wall: float = 0.0
    interpreter: float = 0.0
    processor: float = 0.0


class Meter:
    """Knows of one call at a time how long it held the lock, and keeps a thread awake meanwhile."""

    def __init__(self) -> None:
        self._held = Held()
        self._is_over = threading.Event()
        self._gaps: list[float] = []

    def timed(self, of: Any) -> Any:
        """Database.writing, timed from where the lock is held to where it is let go."""

        @contextmanager
        def writing(database: Database, *given: Any) -> Iterator[Any]:
            with of(database, *given) as db:
                cpu, wall = time.thread_time(), time.perf_counter()
                yield db
            self._held.lock += time.thread_time() - cpu
            self._held.lock_wall += time.perf_counter() - wall

        return writing

    @contextmanager
    def awake(self) -> Iterator[None]:
        """A thread that is awake during the block."""
        thread = threading.Thread(target=self._wake, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()

    def _wake(self) -> None:
        """The processor time of the process tells what its other threads have used meanwhile."""
        with suppress(AttributeError, PermissionError):  # else this thread waits for other programs too
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -19)
        before = time.process_time()
        while not self._is_over.is_set():
            time.sleep(WAKES)
            now = time.process_time()
            self._gaps.append(now - before)
            before = now

    def measured(self, store: Store, tool: str, arguments: dict[str, Any]) -> Held:
        self._held, cpu = Held(), time.thread_time()
        self._gaps.clear()
        call_tool(lambda: Call(store, "bench"), tool, arguments)
        self._held.processor = time.thread_time() - cpu
        time.sleep(2 * WAKES)
        self._held.interpreter = max(self._gaps, default=0.0)
        return self._held


def least(one: Held, other: Held) -> Held:
    return Held(*(min(pair) for pair in zip(vars(one).values(), vars(other).values(), strict=True)))


def life(meter: Meter, text: str) -> dict[str, Held]:
    """What each call of it held."""
    found: dict[str, Held] = {}
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder) / "notewell.db")
        store.background = NoBackground()  # pages are rendered where they are asked for
        for number in range(50):
            call_tool(lambda: Call(store, "bench"), "upsert_note", {"slug": f"usual-{number}", "content": "# Usual\n"})
        call_tool(lambda: Call(store, "bench"), "projects", {"slug": "apart", "name": "Apart"})
        for number, (tool, arguments) in enumerate(calls_on(text)):
            said = ", ".join(f"{name}={str(value)[:16]!r}" for name, value in arguments.items() if value is not text)
            try:
                held = meter.measured(store, tool, arguments)
            except Exception as error:
                said, held = f"{said} -> {type(error).__name__}", meter._held
            found[f"{number:2} {tool} {said}"] = held
        store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--tries", type=int, default=2)
    chosen = parser.parse_args()
    CATALOGUE.load()
    meter = Meter()
    Database.writing = meter.timed(contextmanager(Database.writing.__wrapped__))  # type: ignore[method-assign,attr-defined]
    found: list[tuple[str, str, Held]] = []
    with meter.awake():
        for name, text in (LINKS | texts(random.Random(1))).items():
            if chosen.only and not any(word in name for word in chosen.only):
                continue
            lives = [life(meter, text) for _ in range(chosen.tries)]
            for call, held in lives[0].items():
                for other in lives[1:]:
                    held = least(held, other.get(call, held))
                found.append((name, call, held))
            own = [held for of, _, held in found if of == name]
            longest = {kind: max(getattr(held, kind) for held in own) for kind in ("lock", "interpreter")}
            print(f"{name}: {longest}", file=sys.stderr, flush=True)
    for kind in ("lock", "interpreter"):
        print(f"\n{kind}: the longest of {len(found):,} calls, in seconds")
        for name, call, held in sorted(found, key=lambda one: -float(getattr(one[2], kind)))[:SHOWN]:
            over = "over" if getattr(held, kind) > MOST else ""
            print(f"{getattr(held, kind):7.3f} {held.processor:7.2f} {over:5} {name}: {call[3:110]}")


if __name__ == "__main__":
    main()
