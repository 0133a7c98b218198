"""The doctor: what it finds in each condition, and that nothing makes it fail."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conftest import PATIENCE
from tests.store.engines.sqlite.upkeep.test_restoring import WRITE_AND_STAY
from tests.store.histories import put

from notewell_store import Store, open_store
from notewell_store.access import tokens
from notewell_store.engines.sqlite.connection import SCHEMA_VERSION, connect
from notewell_store.engines.sqlite.database_file import record_file_of
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.upkeep.backup import backup
from notewell_store.engines.sqlite.upkeep.backup_records import Record, note_backup
from notewell_store.engines.sqlite.upkeep.doctor import examine
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.findings import Check, worst

if TYPE_CHECKING:
    from tests.conftest import Processes
    from tests.store.engines.sqlite.upkeep.conftest import Sample


def checks_of(path: Path) -> dict[str, Check]:
    """By name, apart from what is of the machine that runs the tests."""
    return {check.name: check for check in examine(path) if check.name not in ("SQLite", "file system", "space")}


def faults_of(path: Path) -> dict[str, str]:
    return {name: check.state for name, check in checks_of(path).items() if check.state != "ok"}


@pytest.fixture
def healthy(sample: Sample, tmp_path: Path) -> Path:
    """A store with a fresh backup."""
    (tmp_path / "data").mkdir(mode=0o700)
    store = open_store(sample.copy(tmp_path / "data" / "notewell.db"))
    backup(store, tmp_path)
    store.close()
    return Path(store.address)


def test_a_healthy_store_has_nothing_to_be_done(healthy: Path) -> None:
    checks = examine(healthy)
    assert {check.name for check in checks} >= {
        *("SQLite", "file system", "space", "folder", "rights", "wal", "sessions", "copies", "schema", "journal"),
        *("integrity", "changes", "backup", "import"),
    }
    assert faults_of(healthy) == {}
    assert all(check.found for check in checks)


def test_every_fault_comes_with_advice(healthy: Path) -> None:
    healthy.chmod(0o644)
    (healthy.parent / "notewell.db.before-schema-2").touch()
    faults = [check for check in checks_of(healthy).values() if check.state != "ok"]
    assert [check.name for check in faults] == ["rights", "copies"]
    assert all(check.advice for check in faults)
    assert worst(faults) == "warning"


def test_it_changes_nothing(healthy: Path) -> None:
    before = {path.name: path.read_bytes() for path in healthy.parent.iterdir()}
    examine(healthy)
    assert {path.name: path.read_bytes() for path in healthy.parent.iterdir()} == before


def test_a_missing_file_is_no_problem_yet(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "deep" / "down" / "notewell.db") == {"file": "warning"}


def test_files_that_others_may_read_are_told_with_the_command(healthy: Path) -> None:
    healthy.chmod(0o644)
    lock_file_of(healthy).chmod(0o604)
    rights = checks_of(healthy)["rights"]
    assert rights.state == "warning"
    assert "notewell.db has mode 0644" in rights.found
    assert f"chmod 600 {lock_file_of(healthy)}" in rights.advice


def test_a_folder_that_everyone_may_write_is_told(healthy: Path) -> None:
    healthy.parent.chmod(0o777)
    assert faults_of(healthy) == {"folder": "warning"}
    healthy.parent.chmod(0o1777)
    assert faults_of(healthy) == {}


@pytest.mark.parametrize("contents", [b"", b"x", b"# A page\n" * 1_000, b"SQLite format 3\0" + b"\1" * 5_000])
def test_what_is_no_store_is_examined_and_left_alone(tmp_path: Path, contents: bytes) -> None:
    file = tmp_path / "page.md"
    file.write_bytes(contents)
    file.chmod(0o600)
    assert worst(examine(file)) == "problem"
    assert file.read_bytes() == contents
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


def test_a_folder_in_the_place_of_the_file_is_examined(tmp_path: Path) -> None:
    assert worst(examine(tmp_path)) == "problem"


def test_a_file_of_another_program_is_named_so(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "other.db")
    db.execute("CREATE TABLE t (a)")
    db.close()
    schema = checks_of(tmp_path / "other.db")["schema"]
    assert (schema.state, schema.found) == ("problem", "it is no store of Notewell")


@pytest.mark.parametrize(("version", "state"), [(SCHEMA_VERSION + 1, "problem"), (SCHEMA_VERSION - 1, "warning")])
def test_another_schema_is_told_with_what_to_do(healthy: Path, version: int, state: str) -> None:
    db = connect(healthy)
    db.execute(f"PRAGMA user_version = {version}")
    db.close()
    schema = checks_of(healthy)["schema"]
    assert schema.state == state
    assert ("update notewell" if state == "problem" else "migrates it") in schema.advice


def test_a_damaged_file_leads_to_verify_restore_and_salvage(healthy: Path) -> None:
    data = bytearray(healthy.read_bytes())
    data[8192:200_000] = bytes(200_000 - 8192)
    healthy.write_bytes(data)
    assert worst(examine(healthy)) == "problem"
    advice = " ".join(check.advice for check in examine(healthy))
    assert all(f"`notewell {command}`" in advice for command in ("verify", "restore", "salvage"))
    assert checks_of(healthy)["backup"].state == "ok"


@pytest.mark.parametrize("folder", ["locked", "malformed", "not a database"])
def test_what_is_wrong_is_not_read_off_the_name_of_a_file(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    torn = tmp_path / folder / "torn.db"
    torn.write_bytes(b"no database " * 1_000)
    assert checks_of(torn)["open"].found.startswith("it is damaged: ")
    emptied = tmp_path / folder / "emptied.db"
    emptied.touch()
    emptied.with_name("emptied.db-wal").write_bytes(b"changes")
    opened = checks_of(emptied)["open"]
    assert opened.found.startswith(f"{emptied} is empty, and emptied.db-wal still holds changes")
    assert opened.advice == "keep what stands beside the file until its changes are saved"


def test_a_file_that_another_program_keeps_locked_is_told_soon(healthy: Path, processes: Processes) -> None:
    locker = processes.start(LOCK, healthy)
    assert locker.stdout is not None
    locker.stdout.readline()
    opened = checks_of(healthy)["open"]
    assert opened.state == "problem"
    assert "locked" in opened.found


LOCK = """
import sys
from notewell_store.engines.sqlite.driver import sqlite3
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode = EXCLUSIVE")
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
"""

EXAMINE = """
import json, os, sys
from pathlib import Path
from notewell_store.engines.sqlite.upkeep.doctor import examine
import notewell_store.integrity.verify
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
checks = examine(Path(sys.argv[1]))
print(json.dumps({check.name: [check.state, check.found] for check in checks}))
"""


def as_another_user(path: Path, processes: Processes) -> dict[str, list[str]]:
    """What the doctor finds when it is not root, who may do everything."""
    for folder in path.parents:
        if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o055 != 0o055:
            folder.chmod(folder.stat().st_mode | 0o055)
    found: dict[str, list[str]] = json.loads(processes.finish(processes.start(EXAMINE, path)))
    return found


def test_a_folder_that_may_not_be_written_is_a_problem_and_the_rest_is_still_seen(
    healthy: Path, processes: Processes
) -> None:
    healthy.chmod(0o444)
    lock_file_of(healthy).chmod(0o444)
    healthy.parent.chmod(0o555)
    found = as_another_user(healthy, processes)
    assert found["folder"][0] == "problem"
    assert found["rights"][0] == "problem"
    assert "notewell.db.gate may not be read and written" in found["rights"][1]
    assert found["integrity"] == ["ok", "quick check passed"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hide a file of its own from the doctor")
def test_a_file_that_may_not_be_read_is_a_problem(healthy: Path, processes: Processes) -> None:
    healthy.chmod(0o600)
    found = as_another_user(healthy, processes)
    assert found["rights"][0] == "problem"
    assert found["open"][0] == "problem"


def test_a_store_without_a_backup_is_warned_about_once_there_is_something_to_lose(store: Store) -> None:
    assert "backup" not in faults_of(Path(store.address))
    put(store, "a", "")
    backup_check = checks_of(Path(store.address))["backup"]
    assert (backup_check.state, backup_check.found) == ("warning", "none is known of")


def test_an_old_backup_is_warned_about_if_anything_changed_since(healthy: Path, tmp_path: Path) -> None:
    copy = next(tmp_path.glob("notewell-*.db"))
    note_backup(healthy, Record("2020-01-01T00:00:00.000Z", str(copy), 236, 1))
    assert checks_of(healthy)["backup"].found.endswith("nothing changed since")
    note_backup(healthy, Record("2020-01-01T00:00:00.000Z", str(copy), 200, 1))
    old = checks_of(healthy)["backup"]
    assert old.state == "warning"
    assert old.found.endswith("36 changes ago")
    copy.unlink()
    assert checks_of(healthy)["backup"].found.endswith("is no longer there")


def test_an_import_that_did_not_end_is_warned_about(healthy: Path) -> None:
    store = open_store(healthy)
    with store.writing() as db:
        db.execute("INSERT INTO stale VALUES (1), (2)")
    store.close()
    assert checks_of(healthy)["import"].found == "2 notes are not yet ready for search"


def test_copies_that_were_laid_aside_are_named_with_their_size(healthy: Path) -> None:
    (healthy.parent / "notewell.db.before-restore-20261121T000000Z").write_bytes(bytes(2_000_000))
    copies = checks_of(healthy)["copies"]
    assert copies.state == "warning"
    assert "(2.0 MB)" in copies.found


KILLED = """
import os, signal, sys
from pathlib import Path
from notewell_store import open_store
from notewell_store.opening import engine_at

def die(*_): os.kill(os.getpid(), signal.SIGKILL)

what, database, other = sys.argv[1], sys.argv[2], Path(sys.argv[3])
upkeep = engine_at(database).upkeep
if what == "backup":
    upkeep.backup(open_store(database), other, progress=die, is_folder=True)
elif what == "restore":
    upkeep.restore(other, database, die)
else:
    upkeep.salvage(Path(database), other, die)
"""


@pytest.mark.parametrize("what", ["backup", "restore", "salvage"])
def test_what_a_killed_command_left_is_named_with_what_removes_it(
    healthy: Path, tmp_path: Path, processes: Processes, what: str
) -> None:
    aim = {
        "backup": healthy.with_name("backups"),
        "restore": next(tmp_path.glob("notewell-*.db")),
        "salvage": healthy.with_name("saved.db"),
    }
    process = processes.start(KILLED, what, healthy, aim[what])
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    unfinished = checks_of(healthy)["unfinished"]
    assert unfinished.state == "warning"
    command = shlex.split(unfinished.advice.split("`")[1])
    assert command[:2] == ["rm", "-r"]
    assert command[2:]
    subprocess.run(command, check=True)
    assert faults_of(healthy) == {}
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


def test_a_backup_that_is_being_made_is_no_leftover(healthy: Path) -> None:
    store = open_store(healthy)
    seen: list[Check] = []

    def look(*_: int) -> None:
        if not seen:
            seen.append(checks_of(healthy)["unfinished"])

    backup(store, healthy.with_name("backups"), progress=look)
    store.close()
    assert seen[0].state == "ok"


def test_the_record_of_tokens_has_a_line_whatever_became_of_it(healthy: Path) -> None:
    def tokens_check() -> tuple[str, str]:
        check = checks_of(healthy)["tokens"]
        assert check.state == "ok" or check.advice
        return check.state, check.found

    record = record_file_of(healthy)
    assert tokens_check() == ("ok", "none was made")
    store = open_store(healthy)
    for name in ("ci", "web"):
        tokens.create(store, name, "read", "ann")
    tokens.revoke(store, "web")
    store.close()
    assert tokens_check() == ("ok", "1 not revoked, 1 revoked, as the record beside the store tells")
    lines = record.read_text().splitlines(keepends=True)
    record.write_text("".join(line for line in lines if not line.endswith(" -\n")))
    state, found = tokens_check()
    assert (state, "1 it does not know, which are not taken" in found) == ("warning", True)
    record.unlink()
    assert tokens_check() == ("problem", "the record beside the store is gone: none of 1 tokens is taken")
    record.mkdir()
    assert tokens_check()[0] == "problem"


def test_changes_that_are_gone_are_a_problem(healthy: Path, sample: Sample) -> None:
    shutil.copy(sample.early, healthy)
    shutil.copy(lock_file_of(sample.path), lock_file_of(healthy))
    changes = checks_of(healthy)["changes"]
    assert changes.state == "problem"
    assert "note-3@" in changes.found


def test_sessions_that_use_the_store_are_named(healthy: Path, processes: Processes) -> None:
    session = processes.start(WRITE_AND_STAY, healthy)
    assert session.stdout is not None
    session.stdout.readline()
    assert f"{session.pid} (" in checks_of(healthy)["sessions"].found


def test_a_reader_that_keeps_the_wal_from_being_emptied_is_named(database: Path, processes: Processes) -> None:
    store = open_store(database)
    put(store, "a", "# A\n")
    reader = processes.start(READ_AND_STAY, database)
    assert reader.stdout is not None
    reader.stdout.readline()
    for number in range(60):
        put(store, f"large-{number}", f"# Large {number}\n\n{'word ' * 20_000}\n")
    wal = checks_of(database)["wal"]
    store.close()
    assert wal.state == "warning"
    assert f"process {reader.pid} (" in wal.found


READ_AND_STAY = """
import sys
from notewell_store import open_store
with open_store(sys.argv[1]).reading() as db:
    db.execute("SELECT count(*) FROM notes").fetchone()
    print("reading", flush=True)
    sys.stdin.readline()
"""


def test_an_sqlite_with_the_wal_reset_bug_is_warned_about(healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notewell_store.engines.sqlite.upkeep.doctor.wal_is_safe", lambda: False)
    found = {check.name: check.state for check in examine(healthy)}
    assert (found["SQLite"], found["journal"]) == ("warning", "problem")


def test_a_store_that_is_not_in_wal_mode_though_it_could_be_is_told(healthy: Path) -> None:
    db = connect(healthy)
    db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    assert faults_of(healthy) == {"journal": "warning"}
