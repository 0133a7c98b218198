"""The gate: writers of several processes and threads pass it one by one, and none is lost or starved."""

from __future__ import annotations

import stat
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from notewell_store import Busy, Store, Unusable, open_store, patience
from notewell_store.contract import PATIENCE
from notewell_store.engines.sqlite.connection import BUSY_MILLISECONDS
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.patience import call_begins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Knowledge, Processes

WRITER = """
import sys
from functools import partial
from notewell_store import Attribution, Change, Edit, open_store, parse_reference
from notewell_store.writing import drafts, editing, pipeline

store, name, count = open_store(sys.argv[1]), sys.argv[2], int(sys.argv[3])
by = Attribution(name)
sys.stdin.readline()
start = Change(content="start\\n")
pipeline.write(store, partial(drafts.upsert, slug=name, change=start, if_revision=None), by)
for number in range(1, count):
    edit = Edit("append", f"{name} line {number}")
    reference = parse_reference("shared" if number % 2 else name)
    pipeline.write(store, partial(editing.edit, reference=reference, change=edit, if_revision=None), by)
    print(number, flush=True)
store.close()
"""

HOLDER = """
import sys
from pathlib import Path
from notewell_store.engines.sqlite.write_lock import hold_lock

with hold_lock(Path(sys.argv[1]), 10):
    print("held", flush=True)
    sys.stdin.readline()
"""

UNFINISHED = """
import sys
from notewell_store import open_store

store = open_store(sys.argv[1])
with store.writing() as db:
    db.execute("UPDATE notes SET title = 'half done'")
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_four_processes_write_fifty_times_each_and_every_write_is_there(
    knowledge: Knowledge, processes: Processes
) -> None:
    knowledge.put("shared", "start\n")
    names = [f"writer-{number}" for number in range(4)]
    started = [processes.start(WRITER, Path(knowledge.store.address), name, 50) for name in names]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        assert processes.finish(process).split() == [str(number) for number in range(1, 50)]
    changes = knowledge.history()
    assert [change.seq for change in changes] == list(range(201, 0, -1))
    for slug in ("shared", *names):
        numbers = [change.revision for change in knowledge.history(slug)]
        assert numbers == list(range(len(numbers), 0, -1))
    shared = knowledge.note("shared").markdown
    for name in names:
        text = knowledge.note(name).markdown
        assert all(f"{name} line {n}\n" in f"{shared if n % 2 else text}\n" for n in range(1, 50))
    with knowledge.store.reading() as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_killed_holder_frees_the_gate_and_its_write_is_undone(knowledge: Knowledge, processes: Processes) -> None:
    knowledge.put("a", "text")
    holder = processes.start(UNFINISHED, Path(knowledge.store.address))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    written = threading.Thread(target=knowledge.put, args=("b", ""))
    written.start()
    written.join(timeout=0.2)
    assert written.is_alive(), "a writer went in although the gate was held"
    assert knowledge.note("a").metadata.title == "A"  # a reader waits for nobody
    holder.kill()
    written.join(timeout=30)
    assert knowledge.listed() == ["a", "b"]
    assert knowledge.note("a").metadata.title == "A"


def test_a_gate_that_stays_held_is_reported_as_busy_in_time(database: Path, processes: Processes) -> None:
    gate = database.with_name("gate")
    holder = processes.start(HOLDER, gate)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    begun = time.monotonic()
    with pytest.raises(Busy), hold_lock(gate, 0.3):
        pass
    assert 0.3 <= time.monotonic() - begun < 10
    holder.kill()
    holder.wait(timeout=30)
    with hold_lock(gate, 10):
        pass


@pytest.fixture
def old_call(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A call that has waited for more than anybody waits."""
    with call_begins():
        monkeypatch.setattr(patience, "monotonic", lambda: time.monotonic() + 2 * PATIENCE)
        yield


@pytest.mark.usefixtures("old_call")
def test_who_has_waited_elsewhere_does_not_wait_for_the_gate_as_well(database: Path) -> None:
    begun = time.monotonic()
    store = open_store(database)
    with hold_lock(lock_file_of(database), 0), pytest.raises(Busy), store.writing():
        pass
    with store.writing():
        pass
    store.close()
    assert time.monotonic() - begun < PATIENCE / 2


@pytest.mark.usefixtures("old_call")
def test_nor_for_the_lock_of_a_foreign_program_and_the_next_writer_does_again(database: Path) -> None:
    store = open_store(database)
    begun = time.monotonic()
    with closing(sqlite3.connect(database)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy), store.writing():
            pass
    assert time.monotonic() - begun < BUSY_MILLISECONDS / 2_000
    with store.reading() as db:
        assert db.execute("PRAGMA busy_timeout").fetchone() == (BUSY_MILLISECONDS,)
    store.close()


def test_the_gate_is_free_again_after_a_block_that_raised(database: Path) -> None:
    gate = database.with_name("gate")
    for _ in range(3):
        with pytest.raises(RuntimeError), hold_lock(gate, 1):
            raise RuntimeError
    assert stat.S_IMODE(gate.stat().st_mode) == 0o600


def test_a_gate_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    with pytest.raises(Unusable), hold_lock(tmp_path / "missing" / "gate", 1):
        pass


def test_threads_of_one_process_pass_the_gate_one_by_one_also_through_stores_of_their_own(
    store: Store,
) -> None:
    stores = [open_store(Path(store.address)) for _ in range(3)]
    inside: list[int] = []
    most: list[int] = []

    def work(own: Store) -> None:
        for _ in range(20):
            with own.writing() as db:
                inside.append(1)
                most.append(len(inside))
                db.execute("SELECT count(*) FROM notes").fetchone()
                inside.pop()

    threads = [threading.Thread(target=work, args=(own,)) for own in [*stores, *stores, store]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for own in stores:
        own.close()
    assert len(most) == 140
    assert max(most) == 1


def test_a_store_can_be_closed_while_another_writes(knowledge: Knowledge) -> None:
    other = open_store(Path(knowledge.store.address))
    with other.reading():
        pass
    closing = threading.Thread(target=other.close)
    with knowledge.store.writing() as db:
        db.execute("INSERT INTO projects (slug, name) VALUES ('a', 'A')")
        closing.start()
    closing.join(timeout=30)
    assert not closing.is_alive()
    with knowledge.store.reading() as db:
        assert db.execute("SELECT slug FROM projects").fetchall() == [("a",)]
