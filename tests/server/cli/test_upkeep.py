"""`notewell backup`, `verify`, `restore`, `doctor` and `salvage`, as people and scripts call them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, environment
from tests.store.histories import put

from notewell_server.hook.memory import remember
from notewell_store import Invalid, Unusable, open_store
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.opening import engine_at


class Notewell:
    """The installed command on one store."""

    def __init__(self, database: Path) -> None:
        self.database = database

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        command = [str(NOTEWELL), *map(str, words)]
        return subprocess.run(
            command, env=environment(self.database), capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    def ask(self, *words: object, status: int = 0) -> Any:
        """The answer as JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == status, done.stderr
        return json.loads(done.stdout)

    def damage(self, statement: str) -> None:
        db = sqlite3.connect(self.database)
        db.execute("DROP TRIGGER revisions_are_kept")
        db.execute(statement)
        db.commit()
        db.close()


@pytest.fixture
def notewell(tmp_path: Path) -> Notewell:
    """On a store of two notes and three revisions."""
    (tmp_path / "data").mkdir()
    store = open_store(tmp_path / "data" / "notewell.db")
    put(store, "sop-deploy", "# Deploy\n")
    put(store, "plan", "# Plan\n")
    put(store, "plan", "# Plan\n\nmore\n")
    store.close()
    return Notewell(Path(store.address))


DAMAGE = "UPDATE revisions SET reason = 'other' WHERE note_id = 2 AND revision = 1"


def test_a_whole_store_is_verified_with_status_0(notewell: Notewell) -> None:
    done = notewell.run("verify")
    assert (done.returncode, done.stdout) == (0, "whole: 2 notes, 3 revisions, up to change 3\n")
    assert notewell.ask("verify")["whole"] is True


def test_a_damaged_store_is_verified_with_status_1_and_names_the_notes(notewell: Notewell) -> None:
    notewell.damage(DAMAGE)
    done = notewell.run("verify")
    assert done.returncode == 1
    assert "DAMAGED: 2 notes" in done.stdout
    assert "1 note concerned: plan\n" in done.stdout
    assert "  kept     plan@1: its SHA-256 does not match\n" in done.stdout
    (finding,) = notewell.ask("verify", status=1)["findings"]
    assert (finding["note"], finding["revision"]) == ("plan", 1)


def test_a_circle_of_parents_is_told_with_what_parts_it(notewell: Notewell) -> None:
    notewell.damage("UPDATE notes SET parent_id = 3 - id")
    done = notewell.run("verify")
    assert done.returncode == 1
    assert "  circle   " in done.stdout
    assert "give one note another parent or none: `notewell upsert-note … --parent none`" in done.stdout


def test_damage_alike_of_one_revision_after_the_other_is_one_line(notewell: Notewell, tmp_path: Path) -> None:
    assert notewell.run("edit-note", "plan", "--mode", "append", "--new-text", "last").returncode == 0
    notewell.damage("UPDATE revisions SET reason = 'other' WHERE note_id = 2 AND revision < 3")
    assert "  kept     plan@1 to @2: its SHA-256 does not match\n" in notewell.run("verify").stdout
    assert len(notewell.ask("verify", status=1)["findings"]) >= 2
    assert "not saved: 2\n  plan@1 to @2\n" in notewell.run("salvage", notewell.database, tmp_path / "new.db").stdout


def test_a_store_goes_into_a_backup_and_comes_back(notewell: Notewell, tmp_path: Path) -> None:
    made = notewell.ask("backup", tmp_path)
    assert notewell.run("delete-note", "plan").returncode == 0
    done = notewell.run("restore", made["path"])
    assert done.returncode == 0
    assert done.stdout.startswith(
        f"{notewell.database}: 2 notes, 3 revisions, up to change 3; what was there is kept as "
    )
    assert "more" in notewell.run("get-note", "plan").stdout


def test_a_backup_without_a_place_goes_beside_the_store_and_old_ones_make_room(notewell: Notewell) -> None:
    for _ in range(3):
        done = notewell.run("backup", "--keep", "2")
        assert done.returncode == 0, done.stderr
    assert "2 notes, 3 revisions" in done.stdout
    assert done.stdout.endswith(", found whole, removed 1 older\n")
    assert len(list(notewell.database.with_name("backups").iterdir())) == 2


@pytest.mark.parametrize(("ending", "options"), [("/", ()), ("", ("--keep", "14"))])
def test_a_backup_makes_the_folder_that_is_meant(
    notewell: Notewell, tmp_path: Path, ending: str, options: tuple[str, ...]
) -> None:
    done = notewell.run("backup", f"{tmp_path}/new/folder{ending}", *options)
    assert done.returncode == 0, done.stderr
    (made,) = (tmp_path / "new" / "folder").iterdir()
    assert made.name.startswith("notewell-")


def test_a_backup_of_a_damaged_store_is_refused(notewell: Notewell, tmp_path: Path) -> None:
    notewell.damage(DAMAGE)
    done = notewell.run("backup", tmp_path / "copy.db")
    assert done.returncode == 1
    assert "Error: " in done.stderr
    assert "no backup was made of it: plan@1: its SHA-256 does not match." in done.stderr


@pytest.mark.parametrize("command", ["backup", "verify"])
def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, command: str) -> None:
    done = Notewell(tmp_path / "notewell.db").run(command)
    assert done.returncode == 1
    assert "there is no store at" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_says_what_to_do_and_its_status_tells_how_bad_it_is(notewell: Notewell) -> None:
    assert notewell.run("backup").returncode == 0
    checks = json.loads(notewell.run("doctor", "--json").stdout)["checks"]
    of_the_machine = ("SQLite", "file system", "space", "journal")
    assert {check["state"] for check in checks if check["name"] not in of_the_machine} == {"ok"}
    notewell.database.chmod(0o644)
    warned = notewell.run("doctor")
    assert warned.returncode == 1
    assert "WARNING  rights: notewell.db has mode 0644: others may read it\n" in warned.stdout
    assert f"         → chmod 600 {notewell.database}\n" in warned.stdout
    notewell.database.write_bytes(b"no database at all")
    assert notewell.ask("doctor", status=2)["state"] == "problem"


def test_the_doctor_takes_any_file(tmp_path: Path) -> None:
    assert Notewell(tmp_path / "missing" / "notewell.db").run("doctor").returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_store_is_salvaged_and_what_was_lost_is_named(notewell: Notewell, tmp_path: Path) -> None:
    notewell.damage(DAMAGE)
    done = notewell.run("salvage", notewell.database, tmp_path / "new.db")
    assert done.returncode == 3
    said = f"{tmp_path}/new.db: saved 2 notes, 2 revisions\nnot saved: 1\n  plan@1\ntokens are not carried over: "
    assert done.stdout.startswith(said)
    assert Notewell(tmp_path / "new.db").run("verify").returncode == 0
    assert "more" in Notewell(tmp_path / "new.db").run("get-note", "plan").stdout


def test_a_whole_store_is_salvaged_with_status_0(notewell: Notewell, tmp_path: Path) -> None:
    done = notewell.ask("salvage", notewell.database, tmp_path / "new.db")
    assert (done["complete"], done["notes"], done["revisions"], done["lost"]) == (True, 2, 3, [])


def test_restoring_and_salvaging_nothing_is_refused_with_the_reason(notewell: Notewell, tmp_path: Path) -> None:
    for words in (("restore", tmp_path / "none.db"), ("salvage", tmp_path / "none.db", tmp_path / "new.db")):
        done = notewell.run(*words)
        assert done.returncode == 1
        assert "there is no file" in done.stderr
        assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


@pytest.mark.parametrize("command", ["backup", "verify", "restore", "doctor", "salvage"])
def test_every_command_explains_itself(notewell: Notewell, command: str) -> None:
    done = notewell.run(command, "--help")
    assert done.returncode == 0
    assert "--json" in done.stdout


@pytest.fixture
def no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe, a link to itself and a folder."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("loop").symlink_to("loop")
    Path("folder").mkdir()


@pytest.mark.usefixtures("no_files")
@pytest.mark.parametrize("name", ["/dev/null", "/dev/zero", "pipe", "loop", "loop/x", "folder", "x" * 300])
def test_no_store_is_opened_restored_or_salvaged_where_there_is_no_file(tmp_path: Path, name: str) -> None:
    devices = set(Path("/dev").iterdir())
    store = open_store(tmp_path / "notewell.db")
    put(store, "a", "text")
    store.close()
    upkeep = engine_at(name).upkeep
    for attempt in (
        lambda: open_store(name),
        lambda: upkeep.restore(tmp_path / "notewell.db", name),
        lambda: upkeep.restore(Path(name), str(tmp_path / "other.db")),
        lambda: upkeep.salvage(Path(name), tmp_path / "other.db"),
    ):
        with pytest.raises((Unusable, Invalid)):
            attempt()
    assert [check.state for check in upkeep.examine(name) if check.state == "problem"]
    assert set(Path("/dev").iterdir()) == devices, "nothing was made beside the device"


@pytest.mark.usefixtures("no_files")
@pytest.mark.parametrize(
    "words",
    [("--db", "/dev/null", "projects"), ("impact", "--diff", "/dev/zero"), ("check", "pipe"), ("export", "loop")],
)
def test_a_command_says_plainly_what_is_no_file(tmp_path: Path, words: tuple[str, ...]) -> None:
    store = open_store(tmp_path / "notewell.db")
    put(store, "a", "text")
    store.close()
    done = Notewell(tmp_path / "notewell.db").run(*words)
    assert done.returncode != 0
    assert done.stderr.startswith("Error: "), done.stderr


def test_whatever_is_made_is_its_owners_only_though_the_umask_forbids_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    home = Notewell(tmp_path / "deep" / "store" / "notewell.db")
    former = os.umask(0)
    try:
        for words in (
            ("upsert-note", "a", "--content", "text"),
            ("token", "create", "ci"),
            ("backup",),
            ("export", tmp_path / "out"),
            ("hook", "--install", "--project-dir", tmp_path),
        ):
            assert home.run(*words).returncode == 0, words
        remember("briefs", str(tmp_path), "a store", kept={"seq": 1})
        kept = next((tmp_path / "deep/store/backups").iterdir())
        upkeep = engine_at(home.database).upkeep
        upkeep.restore(kept, str(home.database))
        upkeep.salvage(home.database, tmp_path / "saved.db")
    finally:
        os.umask(former)
    open_to_others = [path.name for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077]
    assert open_to_others == []
    assert list(tmp_path.glob("state/notewell/briefs/*.json"))


def test_a_restore_says_which_tokens_it_revokes_since_nothing_tells_of_them(tmp_path: Path) -> None:
    first, second = Notewell(tmp_path / "notewell.db"), Notewell(tmp_path / "new" / "notewell.db")
    assert first.run("token", "create", "ci").returncode == 0
    assert first.run("backup", tmp_path / "kept.db").returncode == 0
    said = second.run("restore", tmp_path / "kept.db").stdout
    assert "1 token of it (ci) are revoked" in said
    assert "--keep-tokens" in said
    assert [token["state"] for token in second.ask("token", "list")["tokens"]] == ["revoked"]
    assert "tokens" not in second.run("restore", tmp_path / "kept.db", "--keep-tokens").stdout
    assert [token["state"] for token in second.ask("token", "list")["tokens"]] == ["valid"]


@pytest.mark.parametrize(
    ("laid", "words"),
    [
        (".backups", ("backup",)),
        (".tokens", ("token", "list")),
        (".tokens", ("token", "create", "ci")),
        (".gate", ("verify",)),
        ("-wal", ("export", "out")),
        ("-journal", ("list-notes",)),
    ],
)
def test_a_pipe_beside_the_store_ends_the_command_that_needs_the_file(
    notewell: Notewell, laid: str, words: tuple[str, ...]
) -> None:
    pipe = notewell.database.with_name(notewell.database.name + laid)
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    done = notewell.run(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert str(pipe) in done.stderr
    assert "a pipe, no file" in done.stderr
    assert not notewell.database.with_name("backups").exists()
    assert f"move {pipe} away" in notewell.run("doctor").stdout


@pytest.mark.parametrize("name", ["pipe", "pipe.md", "pipe.json", "pipe.zip", "/dev/zero"])
def test_an_import_of_what_is_no_file_and_no_folder_says_so_at_once(
    notewell: Notewell, tmp_path: Path, name: str
) -> None:
    source = tmp_path / name
    if name != "/dev/zero":
        os.mkfifo(source)
    done = notewell.run("import", source)
    assert done.returncode == 1
    assert (
        f"{source} is a {'device' if name == '/dev/zero' else 'pipe'}, no file and no folder: name one" in done.stderr
    )
