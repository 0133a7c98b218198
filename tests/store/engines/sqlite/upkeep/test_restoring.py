"""Restoring: a checked backup in place, what was there kept, and never over a store in use."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.store.engines.sqlite.upkeep.conftest import change_by_hand
from tests.store.histories import put, read_all

from notewell_store import Busy, Invalid, Store, Unusable, open_store
from notewell_store.engines.sqlite.connection import SCHEMA_VERSION, connect
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.upkeep.backup import backup
from notewell_store.engines.sqlite.upkeep.doctor import examine
from notewell_store.engines.sqlite.upkeep.restore import restore
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.integrity.verify import verify

if TYPE_CHECKING:
    from tests.conftest import Processes
    from tests.store.engines.sqlite.upkeep.conftest import Sample


@pytest.fixture
def kept(sample: Sample, tmp_path: Path) -> Path:
    """A backup of the sample."""
    return sample.copy(tmp_path / "backup.db")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def slugs(path: Path) -> list[str]:
    store = open_store(path)
    with store.reading() as db:
        found = [slug for (slug,) in db.execute("SELECT slug FROM notes ORDER BY id")]
    store.close()
    return found


def make_store(path: Path, *wanted: str) -> None:
    store = open_store(path)
    for slug in wanted:
        put(store, slug, "")
    store.close()


def test_the_backup_is_in_place_and_what_was_there_is_kept(kept: Path, database: Path, sample: Sample) -> None:
    make_store(database, "mine")
    done = restore(kept, database)
    assert done.kept is not None
    assert done.kept.name.startswith("notewell.db.before-restore-")
    assert slugs(done.kept) == ["mine"]
    store = open_store(database)
    assert read_all(store) == sample.truth
    assert verify(store).findings == ()
    with store.reading() as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


def test_a_restored_store_takes_writes_and_forgets_what_was_witnessed_of_the_other(kept: Path, database: Path) -> None:
    make_store(database, *(f"note-{number}" for number in range(60)))
    restore(kept, database)
    store = open_store(database)
    put(store, "after", "")
    assert verify(store).findings == ()
    store.close()


def test_where_nothing_was_the_backup_becomes_the_store(kept: Path, tmp_path: Path) -> None:
    done = restore(kept, tmp_path / "new" / "notewell.db")
    assert done.kept is None
    assert done.verdict.whole
    assert stat.S_IMODE(Path(done.database).stat().st_mode) == 0o600
    assert names(Path(done.database).parent) == ["notewell.db", "notewell.db.gate"]


def test_the_file_keeps_the_rights_that_it_had(kept: Path, database: Path) -> None:
    make_store(database)
    database.chmod(0o640)
    restore(kept, database)
    assert stat.S_IMODE(database.stat().st_mode) == 0o640


def test_two_restores_in_a_second_keep_both(kept: Path, database: Path) -> None:
    make_store(database, "mine")
    first, second = restore(kept, database), restore(kept, database)
    assert first.kept is not None
    assert second.kept is not None
    assert first.kept != second.kept
    assert slugs(first.kept) == ["mine"]


def test_a_damaged_store_gives_way_with_its_wal(kept: Path, database: Path, processes: Processes) -> None:
    wal = left_behind(database, processes).read_bytes()
    assert wal
    with database.open("r+b") as file:
        file.write(b"damage")
    done = restore(kept, database)
    assert done.kept is not None
    assert done.kept.with_name(done.kept.name + "-wal").read_bytes() == wal
    store = open_store(database)
    assert verify(store).findings == ()
    store.close()


def left_behind(database: Path, processes: Processes) -> Path:
    """The -wal of a writer that was killed, with answered changes in it."""
    writer = processes.start(WRITE_AND_STAY, database)
    assert writer.stdout is not None
    writer.stdout.readline()
    writer.kill()
    writer.wait()
    return database.with_name("notewell.db-wal")


def test_a_wal_that_a_lost_file_left_is_kept_and_not_laid_over_the_backup(
    kept: Path, database: Path, sample: Sample, processes: Processes
) -> None:
    wal = left_behind(database, processes)
    changes = wal.read_bytes()
    database.unlink()
    restore(kept, database)
    store = open_store(database)
    assert verify(store).findings == ()
    assert read_all(store) == sample.truth
    store.close()
    (aside,) = database.parent.glob("notewell.db.before-restore-*-wal")
    assert aside.read_bytes() == changes


def test_a_file_that_was_moved_away_under_a_session_is_not_replaced(
    kept: Path, database: Path, processes: Processes
) -> None:
    writer = processes.start(WRITE_AND_STAY, database)
    assert writer.stdout is not None
    writer.stdout.readline()
    database.rename(database.with_name("away.db"))
    with pytest.raises(Busy, match=str(writer.pid)):
        restore(kept, database)
    assert not database.exists()


@pytest.mark.parametrize("emptied", [False, True])
def test_a_new_session_beside_a_wal_without_its_file_destroys_nothing(
    database: Path, processes: Processes, emptied: bool
) -> None:
    wal = left_behind(database, processes)
    changes, whole = wal.read_bytes(), database.read_bytes()
    database.write_bytes(b"") if emptied else database.unlink()
    with pytest.raises(Unusable, match="still holds changes"):
        open_store(database)
    assert {check.name for check in examine(database) if check.state == "problem"} >= ({"open"} if emptied else set())
    assert (wal.read_bytes(), emptied) == (changes, database.exists())
    database.write_bytes(whole)
    assert slugs(database) == ["theirs"]


def test_a_restore_that_was_cut_off_half_way_is_a_problem_to_the_doctor(database: Path) -> None:
    make_store(database, "mine")
    database.with_name("notewell.db.before-restore-20261121T000000Z").hardlink_to(database)
    (copies,) = (check for check in examine(database) if check.name == "copies")
    assert copies.state == "problem"
    assert "a restore was cut off" in copies.found


WRITE_AND_STAY = """
import sys
from functools import partial
from notewell_store import Attribution, Change, open_store
from notewell_store.writing import drafts, pipeline
store = open_store(sys.argv[1])
change = Change(content="# In the wal\\n")
pipeline.write(store, partial(drafts.upsert, slug="theirs", change=change, if_revision=None), Attribution("w"))
print("open", flush=True)
sys.stdin.readline()
"""


def test_a_store_that_another_process_has_open_is_not_replaced_and_the_process_is_named(
    kept: Path, database: Path, processes: Processes
) -> None:
    session = processes.start(WRITE_AND_STAY, database)
    assert session.stdout is not None
    session.stdout.readline()
    before = names(database.parent)
    with pytest.raises(Busy, match=rf"in use by process {session.pid} "):
        restore(kept, database)
    assert names(database.parent) == before
    session.communicate("go\n", timeout=60)
    restore(kept, database)


def test_a_store_in_use_is_seen_where_processes_cannot_be_looked_up(
    kept: Path, database: Path, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS: the lock that a WAL connection holds tells."""
    session = processes.start(WRITE_AND_STAY, database)
    assert session.stdout is not None
    session.stdout.readline()
    monkeypatch.setattr("notewell_store.engines.sqlite.upkeep.restore.openers", lambda _: None)
    before = names(database.parent)
    with pytest.raises(Busy, match="is in use: end the sessions"):
        restore(kept, database)
    assert names(database.parent) == before


def test_a_store_that_this_process_has_open_is_not_replaced(kept: Path, store: Store) -> None:
    with pytest.raises(Busy, match=str(os.getpid())):
        restore(kept, Path(store.address))


def test_one_who_opens_the_file_in_the_last_moment_makes_it_go_back(
    kept: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the lock on the file that was there, and would go on with a file that is no longer the store."""
    make_store(database, "mine")
    before = names(database.parent)
    answers = iter([{}, {4711: "late"}])
    monkeypatch.setattr("notewell_store.engines.sqlite.upkeep.restore.openers", lambda _: dict(next(answers)))
    with pytest.raises(Busy, match="4711"):
        restore(kept, database)
    assert names(database.parent) == before
    assert slugs(database) == ["mine"]


RESTORE_AND_WAIT = """
import sys
from pathlib import Path
from notewell_store.engines.sqlite.upkeep import restore
point, keep, sync = sys.argv[3], restore._keep, restore.sync_folders
def reached(name):
    if name == point:
        print(name, flush=True)
        sys.stdin.readline()
def slow_keep(database, kept):
    keep(database, kept)
    reached("before the exchange")
def slow_sync(path):
    reached("after the exchange")
    sync(path)
restore._keep, restore.sync_folders = slow_keep, slow_sync
restore.restore(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("point", ["before the exchange", "after the exchange"])
def test_a_restore_that_is_killed_leaves_the_one_store_or_the_other(
    kept: Path, database: Path, sample: Sample, processes: Processes, point: str
) -> None:
    make_store(database, "mine")
    killed = processes.start(RESTORE_AND_WAIT, kept, database, point)
    assert killed.stdout is not None
    assert killed.stdout.readline() == f"{point}\n"
    killed.kill()
    killed.wait()
    assert slugs(database) == (["mine"] if point.startswith("before") else [t.slug for t in sample.truth.values()])
    store = open_store(database)
    assert verify(store).findings == ()
    store.close()
    (aside,) = database.parent.glob("notewell.db.before-restore-*")
    assert slugs(aside) == ["mine"]
    restore(kept, database)
    assert len(slugs(database)) == len(sample.truth)


def test_it_waits_at_the_gate_and_gives_up(kept: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_store(database, "mine")
    monkeypatch.setattr("notewell_store.engines.sqlite.upkeep.restore.PATIENCE", 0.05)
    with hold_lock(lock_file_of(database), 1), pytest.raises(Busy, match="another process held"):
        restore(kept, database)
    assert slugs(database) == ["mine"]


def refused(backup_file: Path, database: Path, words: str) -> None:
    before = {path.name: path.read_bytes() for path in database.parent.iterdir() if path.is_file()}
    with pytest.raises((Unusable, Invalid), match=words):
        restore(backup_file, database)
    assert {path.name: path.read_bytes() for path in database.parent.iterdir() if path.is_file()} == before


def test_a_damaged_backup_is_refused_and_says_what_is_damaged(kept: Path, database: Path) -> None:
    make_store(database, "mine")
    change_by_hand(kept, "UPDATE texts SET markdown = 'other' WHERE note_id = 4")
    refused(kept, database, "note-3@.*its newest text is not that")


@pytest.mark.parametrize("damage", ["header", "middle", "cut"])
def test_a_backup_that_sqlite_cannot_read_is_refused(kept: Path, database: Path, damage: str) -> None:
    make_store(database, "mine")
    data = bytearray(kept.read_bytes())
    if damage == "header":
        data[:16] = bytes(16)
    elif damage == "middle":
        data[4096:200_000] = os.urandom(200_000 - 4096)
    else:
        del data[20_000:]
    kept.write_bytes(data)
    refused(kept, database, "is damaged|cannot be")


def test_a_backup_of_a_newer_version_is_refused(kept: Path, database: Path) -> None:
    make_store(database, "mine")
    db = connect(kept)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    refused(kept, database, "made by a newer Notewell")


def test_what_is_no_backup_is_refused(database: Path, tmp_path: Path) -> None:
    make_store(database, "mine")
    refused(tmp_path / "missing.db", database, "there is no file")
    refused(database, database, "is the store itself")
    (tmp_path / "empty.db").touch()
    refused(tmp_path / "empty.db", database, "is empty")
    (tmp_path / "page.md").write_text("# A page\n" * 1_000)
    refused(tmp_path / "page.md", database, "cannot be")
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE t (a)")
    other.close()
    refused(tmp_path / "other.db", database, "of some other program")


def test_a_store_that_is_in_use_itself_can_be_the_backup(database: Path, tmp_path: Path) -> None:
    live = open_store(tmp_path / "live.db")
    put(live, "in-its-wal", "")
    restore(Path(live.address), database)
    assert slugs(database) == ["in-its-wal"]
    live.close()


def test_a_backup_restored_and_backed_up_again_is_the_same(kept: Path, database: Path, tmp_path: Path) -> None:
    restore(kept, database)
    store = open_store(database)
    again = backup(store, tmp_path / "again.db")
    store.close()
    dumps = []
    for path in (kept, again.path):
        db = sqlite3.connect(path)
        dumps.append([db.execute(f"SELECT * FROM {table}").fetchall() for table in ("notes", "revisions", "texts")])
        db.close()
    assert dumps[0] == dumps[1]


KILLED_AT_EACH_STEP = """
import os, shutil, signal, sys
from pathlib import Path
from notewell_store.engines.sqlite.upkeep.restore import restore
kept, folder, work, first, last = Path(sys.argv[1]), *map(Path, sys.argv[2:4]), *map(int, sys.argv[4:])
def killed(step):
    count = 0
    def reached(event, arguments):
        nonlocal count
        if event not in {"open", "os.link", "os.rename", "os.remove", "os.truncate"}:
            return
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(reached)
    restore(kept, work / str(step) / "notewell.db")
    os._exit(0)
for step in range(first, last, 5):
    shutil.copytree(folder, work / str(step))
    child = os.fork() or killed(step)
    if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
        break
"""


def test_a_restore_that_is_killed_at_any_step_loses_no_answered_write_and_leaves_a_whole_store(
    kept: Path, database: Path, sample: Sample, processes: Processes, tmp_path: Path
) -> None:
    """Also where the last session was killed, so that answered writes are in the -wal alone."""
    folder = tmp_path / "store"
    folder.mkdir()
    left_behind(folder / "notewell.db", processes)
    work = tmp_path / "work"
    work.mkdir()
    processes.finish(processes.start(KILLED_AT_EACH_STEP, kept, folder, work, 1, 1_000))
    restored = [one.slug for one in sample.truth.values()]
    found = []
    for place in sorted(work.iterdir(), key=lambda place: int(place.name)):
        found.append(slugs(place / "notewell.db"))
        store = open_store(place / "notewell.db")
        assert verify(store).findings == ()
        store.close()
    assert sorted(map(tuple, {tuple(one) for one in found})) == sorted([("theirs",), tuple(restored)])
    assert found == sorted(found, key=lambda one: one == restored), "first the one store, then the other"
