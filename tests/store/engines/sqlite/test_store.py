"""One file: how it is opened, who is kept out of it, and what a transaction and a snapshot promise."""

from __future__ import annotations

import os
import sqlite3 as plain_sqlite3
import stat
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from notewell_store import Busy, Store, StoreError, Unusable, open_store
from notewell_store.contract import Visibility
from notewell_store.engines.sqlite import database as sqlite_database
from notewell_store.engines.sqlite.connection import SCHEMA_VERSION, connect
from notewell_store.engines.sqlite.driver import sqlite3, wal_is_safe

if TYPE_CHECKING:
    from tests.conftest import Knowledge, Processes


def contents(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Every file with its bytes, mode and time of change."""
    return {path.name: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_a_new_file_and_all_beside_it_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(tmp_path / "deep" / "er" / "notewell.db")
        with store.writing() as db:
            db.execute("INSERT INTO projects (slug, name) VALUES ('a', 'A')")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in Path(store.address).parent.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes["notewell.db"] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_closed_store_leaves_one_file_and_its_gate_and_opens_again(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    path = Path(knowledge.store.address)
    knowledge.store.close()
    assert {found.name for found in path.parent.iterdir()} == {path.name, f"{path.name}.gate"}
    again = open_store(path, create=False)
    with again.reading() as db:
        assert db.execute("SELECT slug FROM notes").fetchall() == [("a",)]
    again.close()


def test_every_connection_keeps_what_it_answered(store: Store) -> None:
    with store.reading() as one, store.writing() as other:
        for db in (one, other):
            assert db.execute("PRAGMA synchronous").fetchone() == (2,)
            assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal" if wal_is_safe() else "delete",)


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ("3.40.1", False),
        ("3.44.5", False),
        ("3.44.6", True),
        ("3.45.0", False),
        ("3.50.6", False),
        ("3.50.7", True),
        ("3.51.0", False),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.53.4", True),
        ("4.0.0", True),
    ],
)
def test_the_wal_is_used_only_where_it_cannot_be_corrupted(version: str, is_safe: bool) -> None:
    assert wal_is_safe(tuple(map(int, version.split(".")))) is is_safe


def test_a_missing_file_is_not_made_unless_it_may_be(tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        open_store(tmp_path / "none.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    store = open_store(tmp_path / "empty.db")
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM notes").fetchone() == (0,)
    store.close()


@pytest.mark.parametrize("path", ["a b.db", "a?b=c.db", "a#b.db", "100%.db", "日本.db", "a'b\".db"])
def test_a_path_of_odd_characters_names_that_file(tmp_path: Path, path: str) -> None:
    store = open_store(tmp_path / path)
    with store.writing() as db:
        db.execute("INSERT INTO projects (slug, name) VALUES ('a', 'A')")
    store.close()
    assert {found.name for found in tmp_path.iterdir()} == {path, f"{path}.gate"}


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);",
        "PRAGMA application_id = 7; PRAGMA user_version = 1; VACUUM;",
        "PRAGMA user_version = 3; VACUUM;",
        "PRAGMA journal_mode = DELETE; CREATE TABLE notes (id, slug); PRAGMA user_version = 1;",
    ],
)
def test_a_file_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path, statements: str) -> None:
    path = tmp_path / "theirs.db"
    theirs = plain_sqlite3.connect(path)
    theirs.executescript(statements)
    theirs.close()
    before = contents(tmp_path)
    for create in (True, False):
        with pytest.raises(Unusable, match=r"theirs\.db"):
            open_store(path, create=create)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "data", [b"# A Markdown file\n" * 100, b"\0" * 5000, b"xy", b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "page.md").write_bytes(data)
    before = contents(tmp_path)
    with pytest.raises(Unusable):
        open_store(tmp_path / "page.md")
    assert contents(tmp_path) == before


def test_a_folder_or_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "notewell.db"):
        with pytest.raises(Unusable):
            open_store(path)


def test_a_store_of_a_newer_version_is_refused_with_advice_and_left_as_it_is(store: Store) -> None:
    with store.writing() as db:
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    store.close()
    before = contents(Path(store.address).parent)
    with pytest.raises(Unusable, match="newer"):
        open_store(Path(store.address))
    assert contents(Path(store.address).parent) == before


OPEN_AND_COUNT = """
import sys
from notewell_store import open_store
sys.stdin.readline()
store = open_store(sys.argv[1])
with store.writing() as db:
    db.execute("INSERT INTO projects (slug, name) VALUES (?, 'x')", (sys.argv[2],))
store.close()
"""


def test_processes_that_open_a_new_file_at_once_all_find_one_whole_store(database: Path, processes: Processes) -> None:
    started = [processes.start(OPEN_AND_COUNT, database, f"p{number}") for number in range(4)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        processes.finish(process)
    store = open_store(database, create=False)
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM projects").fetchone() == (4,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (SCHEMA_VERSION,)
    store.close()


def test_all_names_of_a_file_lead_through_one_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    monkeypatch.chdir(tmp_path)
    for name in ("real.db", "link.db", "./x/../real.db"):
        store = open_store(name)
        with store.writing() as db:
            db.execute("INSERT INTO projects (slug, name) VALUES (?, 'x')", (f"p{name}",))
        store.close()
    assert {path.name for path in tmp_path.iterdir()} == {"real.db", "real.db.gate", "link.db"}


def test_a_store_opened_by_a_relative_path_stays_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    store = open_store("notewell.db")
    monkeypatch.chdir(tmp_path / "elsewhere")
    with store.reading(), store.writing() as db:
        db.execute("INSERT INTO projects (slug, name) VALUES ('a', 'A')")
    store.close()
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_snapshot_stays_what_it_was_while_others_write(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    with knowledge.store.reading() as db:
        assert db.execute("SELECT slug FROM notes").fetchall() == [("a",)]
        knowledge.put("b", "")
        knowledge.rename("a", "c")
        assert db.execute("SELECT slug FROM notes").fetchall() == [("a",)]
    assert knowledge.listed() == ["b", "c"]


def test_a_write_of_one_store_is_read_by_the_next_call_of_another(knowledge: Knowledge) -> None:
    other = open_store(Path(knowledge.store.address))
    for number in range(5):
        knowledge.put(f"n{number}", "")
        with other.reading() as db:
            assert db.execute("SELECT count(*) FROM notes").fetchone() == (number + 1,)
    other.close()


def test_a_write_is_undone_when_its_block_raises_and_the_store_goes_on(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    for error in (RuntimeError, KeyboardInterrupt, StoreError):
        with pytest.raises(error), knowledge.store.writing() as db:
            db.execute("UPDATE notes SET title = 'changed'")
            raise error("on purpose")
    with pytest.raises(sqlite3.IntegrityError), knowledge.store.writing() as db:
        db.execute("UPDATE notes SET title = 'changed'")
        db.execute("INSERT INTO links (source_id, relation, target) VALUES (99, 'x', 'y')")
    assert knowledge.note("a").metadata.title == "A"
    assert knowledge.put("b", "").revision == 1


def test_a_read_that_raises_leaves_the_store_usable(store: Store) -> None:
    for _ in range(20):
        with pytest.raises(sqlite3.OperationalError), store.reading() as db:
            db.execute("SELECT nonsense")
        with pytest.raises(KeyboardInterrupt), store.reading() as db:
            db.execute("SELECT 1")
            raise KeyboardInterrupt
    with store.reading() as db:
        assert db.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revisions SET reason = 'other'",
        "DELETE FROM revisions",
        "UPDATE revisions SET seq = 7 WHERE seq = 1",
        "REPLACE INTO revisions SELECT * FROM revisions",
        "INSERT INTO revisions SELECT * FROM revisions",
    ],
)
def test_kept_revisions_are_neither_changed_nor_deleted(knowledge: Knowledge, statement: str) -> None:
    knowledge.put("a", "text")
    other = open_store(Path(knowledge.store.address))  # one that has not laid the schema
    with pytest.raises(sqlite3.IntegrityError), other.writing() as db:
        db.execute(statement)
    other.close()
    assert knowledge.note("a@1").markdown == "text"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors as Linux shows them")
def test_however_many_see_different_things_few_connections_are_open(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_database, "MOST_OPEN", 4)
    store = open_store(database)
    for number in range(20):
        readers = [store.seen_by(Visibility(f"p{number}")) for _ in range(3)]
        with ExitStack() as reading:
            for reader in readers:
                reading.enter_context(reader.reading())
    assert len(descriptors_of(database)) <= 4 + 1  # a new one is opened before the oldest is closed
    store.close()


def descriptors_of(file: Path) -> list[Path]:
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # that of the folder itself is gone
            if descriptor.readlink() == file:
                found.append(descriptor)
    return found


def test_who_finds_all_connections_in_use_waits_for_one_within_bounds(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_database, "MOST_OPEN", 1)
    monkeypatch.setattr(sqlite_database, "PATIENCE", 0.05)
    store = open_store(database)
    with store.reading(), pytest.raises(Busy, match="using"), store.seen_by(Visibility("p")).reading():
        pass
    with store.seen_by(Visibility("p")).reading() as db:
        assert db.is_limited
    with store.reading() as db:
        assert not db.is_limited
    store.close()


def test_threads_share_a_store_for_reading_and_writing(knowledge: Knowledge) -> None:
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(15):
                knowledge.put(f"{name}-{number}", f"text of {name}")
                knowledge.edit(f"{name}-0", "append", f"line {number}")
                assert knowledge.note(f"{name}-{number}").metadata.slug == f"{name}-{number}"
                assert f"{name}-0" in knowledge.found(name)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    assert len(knowledge.listed()) == 90
    assert [change.seq for change in knowledge.history()] == list(range(180, 0, -1))


def test_a_writer_waits_for_a_foreign_lock_instead_of_failing(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    foreign = sqlite3.connect(Path(knowledge.store.address), isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    writer = threading.Thread(target=knowledge.put, args=("b", ""))
    writer.start()
    writer.join(timeout=0.2)  # long enough to be turned away, if it were not to wait
    assert writer.is_alive()
    foreign.execute("COMMIT")
    foreign.close()
    writer.join(timeout=30)
    assert knowledge.listed() == ["a", "b"]


def test_a_file_laid_in_the_place_of_an_open_one_is_not_damaged_by_its_wal(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    other = open_store(tmp_path / "other" / "notewell.db")
    other.close()
    knowledge.put("mine", "x")
    knowledge.put("mine-too", "x")
    laid = Path(other.address).read_bytes()
    Path(other.address).replace(Path(knowledge.store.address))
    for _ in range(2):
        with pytest.raises(Unusable, match="another file was laid"):
            knowledge.listed()
    assert Path(knowledge.store.address).read_bytes() == laid


def test_a_connection_lent_while_another_file_was_laid_in_place_reads_the_former_no_more(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    knowledge.put("kept", "x")
    file = Path(knowledge.store.address)
    backup = knowledge.store.engine.upkeep.backup(knowledge.store, tmp_path / "backup.db")
    knowledge.put("later", "x")
    with knowledge.store.reading():
        for part in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
            part.replace(tmp_path / f"aside-{part.name}")
        Path(backup.path).replace(file)
        assert knowledge.listed() == ["kept"]
    with knowledge.store.reading() as one, knowledge.store.reading() as other:
        for db in (one, other):
            assert db.execute("SELECT slug FROM notes").fetchall() == [("kept",)]


def test_a_session_stops_at_a_schema_that_a_newer_version_made_meanwhile(knowledge: Knowledge) -> None:
    knowledge.put("mine", "x")
    db = connect(Path(knowledge.store.address))
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    for attempt in (knowledge.listed, lambda: knowledge.put("late", "x")):
        with pytest.raises(Unusable, match="begin a new session"):
            attempt()
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.close()
    assert knowledge.listed() == ["mine"]
