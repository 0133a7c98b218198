"""What calls and starts cost that can be counted: statements, plans, modules. No clock is read.

python tests/costs/measure.py            # prints what differs from table.json
python tests/costs/measure.py --write    # writes table.json anew: say in the commit why it may
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

from notewell_store import open_store
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call

TABLE = Path(__file__).with_name("table.json")
NOTES = 200
PATIENCE = 60.0  # seconds that a process gets

BOARD = "---\nfilter: {note_type: plan}\ncolumns: [Open, Active (90), Completed]\n---\n# Plans\n"

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "get": ("get_note", {"ref": "note-7", "include": "links"}),
    "get, asked for links again and again": ("get_note", {"ref": "note-7", "include": ["links"] * 50}),
    "section": ("get_note", {"ref": "note-7#step-3"}),
    "list": ("list_notes", {}),
    "list three tags": ("list_notes", {"tags": "sop,active,even"}),
    "list type and project": ("list_notes", {"note_type": "plan", "project": "web"}),
    "search": ("search_notes", {"query": "how is the queue drained"}),
    "search with filter": ("search_notes", {"query": "queue", "project": "web", "tags": "even"}),
    "check_refs": ("check_refs", {"text": "[[note-1]], [[note-2#step-1]], note-3, [[nothing]] and [[note-1o]]"}),
    "brief": ("brief", {"project": "web"}),
    "revisions": ("revisions", {"ref": "note-7"}),
    "list within": ("list_notes", {"within": "note-1", "sort": "oldest"}),
    "list unlinked": ("list_notes", {"unlinked": True, "note_type": "plan"}),
    "revisions summed up": ("revisions", {"project": "web", "summary": True, "limit": 5}),
    "edit of a section": (
        "edit_note",
        {"ref": "note-7#step-3", "mode": "replace_section", "new_text": "Anew. [[note-9]]"},
    ),
    "append": ("edit_note", {"ref": "note-8", "mode": "append", "new_text": "One line more.\n"}),
    "new note": (
        "upsert_note",
        {"slug": "new", "content": "# New\n\n[[note-1]]\n", "note_type": "sop", "tags": "even,a"},
    ),
    "new status": ("upsert_note", {"slug": "note-9", "status": "completed"}),
    "rename": ("upsert_note", {"slug": "note-10", "new_slug": "renamed"}),
    "link": ("link_notes", {"source": "note-11", "targets": "note-12,note-13", "relation": "implements"}),
    "delete": ("delete_note", {"ref": "note-14"}),
    "restore": ("restore_note", {"ref": "note-14"}),
    "update of five": ("update_notes", {"refs": "note-21,note-22,note-23,note-24,note-25", "add_tags": "five"}),
    "move of a section": ("edit_note", {"ref": "note-26#step-3", "mode": "move", "to": "note-27"}),
    "supersede": ("upsert_note", {"slug": "newer", "content": "# Newer\n", "supersedes": "note-28"}),
    "new board": ("upsert_note", {"slug": "plans", "content": BOARD, "note_type": "board", "project": "web"}),
    "new card": ("upsert_note", {"slug": "card", "content": "# Card\n", "note_type": "plan", "project": "web"}),
    "move of a card": ("upsert_note", {"slug": "card", "status": "active", "position": 1_000}),
    "move of five cards": (
        "update_notes",
        {"refs": "note-1,note-4,note-7,note-30,note-33", "note_type": "plan", "status": "active"},
    ),
    "board": ("board", {"ref": "plans"}),
    "board with flow and timeline": ("board", {"ref": "plans", "include": "flow,timeline"}),
}
"""In this order on one store."""

LINE = ["--new-text", "One line more.", "--dry-run"]

STARTS: dict[str, list[str]] = {
    "import notewell_store": ["-c", "import notewell_store"],
    "hook session-start": ["-m", "notewell_server.main", "hook", "session-start"],
    "notewell --version": ["-m", "notewell_server.main", "--version"],
    "notewell --help": ["-m", "notewell_server.main", "--help"],
    "stdio server up to the tool list": ["-m", "notewell_server.main"],
    "command get-note": ["-m", "notewell_server.main", "get-note", "note-7"],
    "command search-notes": ["-m", "notewell_server.main", "search-notes", "drain the queue"],
    "command edit-note": ["-m", "notewell_server.main", "edit-note", "note-7", "--mode", "append", *LINE],
}


def driver() -> Any:
    """The module whose `connect` opens every connection of the store.

    pysqlite3 where it is installed, else Python's own: the store chooses in the same way, and calls `connect` as an
    attribute of that module. So nothing here names a module of ours; should the choice change, this is what to mend.
    """
    return import_module("pysqlite3.dbapi2" if find_spec("pysqlite3") else "sqlite3")


class Statements:
    """What this thread has connections execute between `begin` and `end`; other threads' work is not the call's.

    Statements that SQLite's own parts run within one, such as the search index's, are not counted, nor what a
    connection is told when it is opened: whether a call needs a second one depends on what runs beside it.
    """

    def __init__(self) -> None:
        self.count = 0
        self.gated = 0
        self.distinct: dict[str, tuple[Any, Any]] = {}
        """Each statement as it was written, with the connection and values of one time."""
        self._of = 0
        self._fresh: set[int] = set()
        self._gate: set[int] = set()

    def begin(self) -> None:
        self.count = self.gated = 0
        self.distinct = {}
        self._of = threading.get_ident()

    def end(self) -> None:
        self._of = 0

    def opened(self, db: Any) -> None:
        self._fresh.add(id(db))
        db.set_trace_callback(partial(self._executed, id(db)))

    def asked(self, db: Any, sql: str, values: Any) -> None:
        if threading.get_ident() == self._of:
            self.distinct.setdefault(" ".join(sql.split()), (db, values))

    def _executed(self, db: int, sql: str) -> None:
        if sql.startswith("--"):
            return
        if not sql.startswith("PRAGMA"):
            self._fresh.discard(db)
        ends = sql.startswith(("COMMIT", "ROLLBACK"))
        if threading.get_ident() == self._of and db not in self._fresh:
            self.count += 1
            self.gated += db in self._gate and not ends
        if sql.startswith("BEGIN IMMEDIATE"):
            self._gate.add(db)
        elif ends:
            self._gate.discard(db)


@contextmanager
def recorded() -> Iterator[Statements]:
    """Connections that are opened while this lasts tell what they execute."""
    module, told = driver(), Statements()
    usual = module.connect

    def telling(kind: Any) -> Any:
        """A connection of the store's own kind that tells what it is asked."""

        class Telling(kind):  # type: ignore[misc]
            def execute(self, sql: str, values: Any = (), /) -> Any:
                told.asked(self, sql, values)
                return super().execute(sql, values)

        return Telling

    def connect(*arguments: Any, **options: Any) -> Any:
        db = usual(*arguments, **{**options, "factory": telling(options.get("factory", module.Connection))})
        told.opened(db)
        return db

    module.connect = connect
    try:
        yield told
    finally:
        module.connect = usual


def make_store(folder: Path, address: str = "") -> Path:
    """A store of made-up notes, always the same but for its times; at an address, else in a file of the folder."""
    dice = Random(1)
    pages = folder / "pages"
    pages.mkdir()
    for number in range(NOTES):
        head = {
            "title": f"Note {number}",
            "type": dice.choice(["sop", "plan", "decision", "todo"]),
            "status": dice.choice(["active", "draft", "open", "completed"]),
            "tags": f"[{'even' if number % 2 == 0 else 'odd'}, t{number % 7}, story:s{number % 11}]",
        }
        front = "".join(f"{name}: {value}\n" for name, value in head.items())
        sections = "".join(f"\n## Step {step}\n\n{_paragraph(dice)}\n" for step in range(1, 6))
        (pages / f"note-{number}.md").write_text(f"---\n{front}---\n# Note {number}\n{sections}", encoding="utf-8")
    database = folder / "store.db"
    words = ["-m", "notewell_server.main", "import", str(pages), "--project", "web"]
    subprocess.run(
        [sys.executable, *words],
        env=_environment(database) | ({"NOTEWELL_DB": address} if address else {}),
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    return database


WORDS = [
    "queue",
    "server",
    "deploy",
    "drain",
    "restart",
    "ticket",
    "plan",
    "user",
    "token",
    "night",
    "page",
    "alarm",
    "index",
    "cache",
    "shard",
    "mirror",
]


def _paragraph(dice: Random) -> str:
    return f"{' '.join(dice.choices(WORDS, k=40))}. See [[note-{dice.randrange(NOTES + 5)}]]."


def _environment(database: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NOTEWELL_", "PYTHON", "XDG_"))}
    return kept | {"NOTEWELL_DB": str(database), "HOME": str(database.parent), "NOTEWELL_PROJECT": "web"}


@contextmanager
def opened(address: str | Path) -> Iterator[Call]:
    """A store that was asked something, so that its connection stands."""
    store = open_store(address)
    call = Call(store, "measure")
    try:
        call_tool(lambda: call, "projects", {})
        yield call
    finally:
        store.close()


def cost_of(told: Statements, database: Path, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Of one call."""
    with opened(database) as call:
        told.begin()
        try:
            call_tool(lambda: call, tool, arguments)
        finally:
            told.end()
        cost: dict[str, Any] = {"statements": told.count, "behind the gate": told.gated}
        if CATALOGUE[tool].hints.reads_only:
            asked = {sql: whence for sql, whence in told.distinct.items() if re.match("SELECT|WITH", sql)}
            cost["plans"] = {sql: _plan(db, sql, values) for sql, (db, values) in asked.items()}
    return cost


def _plan(db: Any, sql: str, values: Any) -> list[str]:
    steps = [str(step[-1]) for step in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    return [re.sub(r"VIRTUAL TABLE INDEX .*", "VIRTUAL TABLE", step) for step in steps]


def start_of(database: Path, arguments: list[str]) -> dict[str, Any]:
    """The modules that a process loads which does this and ends."""
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "measure", "version": "1"}}
    lines: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list", "params": {}},
    ]
    given = "".join(json.dumps({"jsonrpc": "2.0", **line}) + "\n" for line in lines)
    if "hook" in arguments:
        given = json.dumps({"hook_event_name": "SessionStart", "cwd": str(database.parent)})
    elif arguments != ["-m", "notewell_server.main"]:
        given = ""
    loaded = _loaded(database, arguments, given) - _loaded(database, ["-c", "pass"], "")
    own = {name for name in loaded if name.startswith("notewell_")}
    packages = {name.partition(".")[0] for name in loaded - own}
    of_python = {name for name in packages if name in sys.stdlib_module_names or name.startswith("_sysconfigdata")}
    return {
        "own modules": len(own),
        "packages of others": sorted(
            name for name in packages - of_python if find_spec(name)
        ),  # others were only tried
        "packages of Python": sorted(of_python & sys.stdlib_module_names),
    }


def _loaded(database: Path, arguments: list[str], given: str) -> set[str]:
    """What the process loads until it ends; its input ends once a list of tools that it was asked for is there."""
    with tempfile.TemporaryFile("w+") as told:  # a pipe that nobody empties would be full soon
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "importtime", *arguments],
            env=_environment(database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
        assert process.stdin and process.stdout
        late = threading.Timer(PATIENCE, process.kill)
        late.start()
        with suppress(BrokenPipeError):  # it may end without reading anything
            process.stdin.write(given)
            process.stdin.flush()
        if "tools/list" in given:
            assert next((line for line in process.stdout if json.loads(line).get("id") == 2), "")
        answer, _ = process.communicate()
        late.cancel()
        told.seek(0)
        said = told.read()
    assert process.returncode == 0, said[-2_000:]
    assert answer or arguments[0] == "-c" or "tools/list" in given, said[-2_000:]
    return set(re.findall(r"^import time:.*\| +(\S+)$", said, re.MULTILINE)) - {"package"}


def measured() -> dict[str, Any]:
    """The whole table of the present code."""
    with tempfile.TemporaryDirectory() as folder:
        database = make_store(Path(folder))
        starts = {name: start_of(database, arguments) for name, arguments in STARTS.items()}
        with recorded() as told:
            calls = {name: cost_of(told, database, *asked) for name, asked in CALLS.items()}
    return {"python": f"{sys.version_info.major}.{sys.version_info.minor}", "calls": calls, "starts": starts}


def steps_of_note(plans: dict[str, list[str]]) -> list[str]:
    """The scans and sorts of a call's plans; a table is told by its name, whatever a statement calls it."""
    return sorted(step for sql, plan in plans.items() for step in map(partial(_noted, sql), plan) if step)


def _noted(sql: str, step: str) -> str | None:
    if step.startswith("USE TEMP B-TREE"):
        return step
    scan = re.match(r"SCAN (\w+)", step)
    if scan is None or step == "SCAN CONSTANT ROW":
        return None
    named = re.search(rf"\b(?:FROM|JOIN)\s+(?:main\.)?(\w+)\s+(?:AS\s+)?{scan[1]}\b", sql)
    return f"SCAN {named[1] if named else scan[1]}"


def excesses(table: dict[str, Any], now: dict[str, Any], report: Callable[[str], None]) -> None:
    """Report each cost that is more than the table's."""
    for name, cost in now["calls"].items():
        kept = table["calls"][name]
        for what in ("statements", "behind the gate"):
            if cost[what] > kept[what]:
                report(f"{name}: {cost[what]} {what}, {kept[what]} before")
        before = steps_of_note(kept.get("plans", {}))
        for step in steps_of_note(cost.get("plans", {})):
            if step in before:
                before.remove(step)
            else:
                report(f"{name}: {step} is new")
    kinds = ["packages of others", *(["packages of Python"] if table["python"] == now["python"] else [])]
    for name, start in now["starts"].items():
        kept = table["starts"][name]
        if start["own modules"] > kept["own modules"]:
            report(f"{name}: {start['own modules']} own modules, {kept['own modules']} before")
        for kind in kinds:
            if grown := set(start[kind]) - set(kept[kind]):
                report(f"{name}: {', '.join(sorted(grown))} is loaded too")


def main() -> None:
    now = measured()
    if sys.argv[1:] == ["--write"]:
        TABLE.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    excesses(json.loads(TABLE.read_text(encoding="utf-8")), now, print)
    for name, cost in now["calls"].items():
        print(f"{name}: {cost['statements']} statements, {cost['behind the gate']} behind the gate")
    for name, start in now["starts"].items():
        sizes = [len(start[kind]) for kind in ("packages of others", "packages of Python")]
        print(f"{name}: {start['own modules']} modules of ours, packages: {sizes[0]} of others, {sizes[1]} of Python")


if __name__ == "__main__":
    main()
