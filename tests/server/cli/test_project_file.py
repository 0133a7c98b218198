"""`.notewell.toml`: the store and the project of a folder, for the command line, the server and the hook alike."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, Session, environment, open_session

from notewell_server.settings import SettingError, project_file, read_settings
from notewell_store import open_store
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from collections.abc import Mapping


class Place:
    """A repository with a project file, a home of its own, and a folder to work in."""

    def __init__(self, root: Path) -> None:
        self.home, self.top, self.folder = root / "home", root / "repo", root / "repo" / "docs" / "deep"
        self.file = self.top / ".notewell.toml"
        self.folder.mkdir(parents=True)
        self.home.mkdir()

    @property
    def data(self) -> Path:
        return self.home / "data" / "notewell"

    def say(self, text: str) -> None:
        self.file.write_text(text)

    def surroundings(self, added: Mapping[str, str] | None = None) -> dict[str, str]:
        own = {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "data"), "XDG_STATE_HOME": str(self.home)}
        kept = environment(Path(), own | dict(added or {}))
        return {name: value for name, value in kept.items() if (name, value) != ("NOTEWELL_DB", ".")}

    def run(self, *words: str, given: bytes | None = None, **added: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [NOTEWELL, *words],
            env=self.surroundings(added),
            cwd=self.folder,
            stdin=subprocess.DEVNULL if given is None else None,
            input=given,
            capture_output=True,
            timeout=PATIENCE,
        )

    def read(self, *words: str, given: bytes | None = None, **added: str) -> str:
        done = self.run(*words, given=given, **added)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def hook(self, **added: str) -> str:
        """What a session in the folder is told as it begins."""
        facts = {"session_id": "s", "cwd": str(self.folder), "source": "startup"}
        printed = self.read("hook", "session-start", given=json.dumps(facts).encode(), **added)
        return str(json.loads(printed)["hookSpecificOutput"]["additionalContext"]) if printed else ""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def make_project(file: Path, slug: str) -> None:
    store = open_store(file)
    save_project(store, slug, "tester", slug, None, None)
    store.close()


def test_command_server_and_hook_use_the_store_and_the_project_that_it_names(place: Place) -> None:
    place.say('store = "notes/team.db"\nproject = "harbor-line"\n')
    store = place.top / "notes" / "team.db"
    make_project(store, "harbor-line")
    place.read("upsert-note", "sop-moor", "--content", "# Moor\n", "--note-type", "sop", "--status", "active")
    with session_in(place) as session:
        assert session.read("upsert_note", slug="sop-tow", content="# Tow\n") == "created sop-tow@1 in harbor-line"
        assert session.ask("get_note", ref="sop-moor")["project"] == "harbor-line"
    told = place.hook()
    assert f"project harbor-line; store and project by {place.file}" in told
    assert "sop-moor" in told
    assert not place.data.exists()


def session_in(place: Place, added: Mapping[str, str] | None = None) -> SessionIn:
    return SessionIn(place, added or {})


class SessionIn:
    """The official client with a server in the folder, whose settings name no store."""

    def __init__(self, place: Place, added: Mapping[str, str]) -> None:
        self._opened = open_session(Path(), {**place.surroundings(), "NOTEWELL_DB": "", **added}, folder=place.folder)

    def __enter__(self) -> Session:
        return self._opened.__enter__()

    def __exit__(self, *error: object) -> None:
        self._opened.__exit__(None, None, None)


def test_the_folder_that_the_host_names_counts_for_server_and_hook(place: Place, tmp_path: Path) -> None:
    place.say('store = "team.db"\n')
    elsewhere = Place(tmp_path / "elsewhere")
    named = {"CLAUDE_PROJECT_DIR": str(place.folder)}
    with session_in(elsewhere, {**place.surroundings(), **named, "NOTEWELL_DB": ""}) as session:
        session.read("upsert_note", slug="a", content="# Only here\n", note_type="sop", status="active")
    assert (place.top / "team.db").exists()
    facts = json.dumps({"session_id": "s", "cwd": str(elsewhere.folder)}).encode()
    assert "Only here" in place.read("hook", "session-start", given=facts, **named)


def test_a_name_is_that_of_a_store_in_the_users_data_folder(place: Place) -> None:
    place.say('store = "harbor-line"\n')
    place.read("upsert-note", "a", "--content", "x")
    assert (place.data / "harbor-line.db").stat().st_mode & 0o777 == 0o600


def test_the_nearest_file_counts_and_flags_and_the_environment_come_before_it(place: Place, tmp_path: Path) -> None:
    place.say('store = "far.db"\nproject = "far"\n')
    (place.folder / ".notewell.toml").write_text('store = "near.db"\n')
    place.read("upsert-note", "a", "--content", "x")
    assert (place.folder / "near.db").exists()
    place.read("upsert-note", "a", "--content", "x", NOTEWELL_DB=str(tmp_path / "set.db"))
    assert (tmp_path / "set.db").exists()
    place.read("upsert-note", "a", "--content", "x", "--db", str(tmp_path / "given.db"), NOTEWELL_DB="other.db")
    assert (tmp_path / "given.db").exists()
    assert sorted(place.top.rglob("*.db")) == [place.folder / "near.db"]
    assert not place.data.exists()


OUTSIDE = [
    "/etc/passwd",
    "/dev/zero",
    "../outside.db",
    "notes/../../outside.db",
    "~/notes.db",
    "~/.zshenv",
    ".git/hooks/x.db",
    "notes/page.md",
    "link/notes.db",
    "linked.db",
    "postgresql://host/x.db",
    "C:\\\\x.db",
    "a\\u0000.db",
    ".",
    "Name",
]


@pytest.fixture
def hostile(place: Place, tmp_path: Path) -> Place:
    """A repository with links that lead out of it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (place.top / ".git").mkdir()
    (place.top / "link").symlink_to(outside)
    (place.top / "linked.db").symlink_to(outside / "other.db")
    return place


@pytest.mark.parametrize("named", OUTSIDE)
def test_a_repository_names_no_file_outside_of_it(
    hostile: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    for name in ("NOTEWELL_DB", "NOTEWELL_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    hostile.say(f'store = "{named}"\n')
    with pytest.raises(SettingError) as refused:
        read_settings(folder=str(hostile.folder))
    assert str(refused.value).startswith(f"{hostile.file}: store=")
    assert read_settings(str(tmp_path / "own.db"), folder=str(hostile.folder)).by_file == ()


def test_every_door_refuses_a_file_outside_in_one_line_and_makes_nothing(hostile: Place, tmp_path: Path) -> None:
    hostile.say('store = "link/notes.db"\n')
    before = sorted(tmp_path.rglob("*"))
    for words in (["list"], ["upsert-note", "a", "--content", "x"], ["serve"], ["serve", "--http", "--port", "0"]):
        done = hostile.run(*words, given=b"")
        assert (done.returncode, done.stdout) == (1, b""), words
        assert str(hostile.file) in done.stderr.decode()
        assert len(done.stderr.decode().splitlines()) == 1, done.stderr
    facts = json.dumps({"session_id": "s", "cwd": str(hostile.folder)}).encode()
    done = hostile.run("hook", "session-start", given=facts)
    assert (done.returncode, done.stdout) == (0, b"")
    assert str(hostile.file) in done.stderr.decode()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_store_below_it_that_is_no_store_is_neither_read_nor_written(place: Place) -> None:
    os.mkfifo(place.top / "pipe.db")
    (place.top / "text.db").write_text("not a database, and longer than a header of one would be. " * 9)
    for name in ("pipe.db", "text.db"):
        place.say(f'store = "{name}"\n')
        for words in (["list"], ["upsert-note", "a", "--content", "x"]):
            done = place.run(*words)
            assert (done.returncode, done.stdout) == (1, b""), words
    assert (place.top / "text.db").read_text().startswith("not a database")
    assert sorted(each.name for each in place.top.iterdir()) == [".notewell.toml", "docs", "pipe.db", "text.db"]


def test_one_of_another_user_counts_for_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.say('store = "far.db"\n')
    assert project_file(str(place.folder)) == place.file
    monkeypatch.setattr(os, "geteuid", lambda: place.file.stat().st_uid + 1)
    assert project_file(str(place.folder)) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("store = \n", "cannot be heeded"),
        ("store = 7\n", "store=7: a word is needed"),
        ('project = "Not a slug"\n', "project='Not a slug': a project's slug is of a-z"),
        ("x = " + "[" * 5_000, "cannot be heeded"),
        ("# " + "x" * 200_000, "larger than 100,000 bytes"),
    ],
)
def test_one_that_cannot_be_read_is_refused_by_name(place: Place, text: str, told: str) -> None:
    place.say(text)
    with pytest.raises(SettingError) as refused:
        read_settings(folder=str(place.folder))
    assert str(place.file) in str(refused.value)
    assert told in str(refused.value)


def test_a_project_that_the_store_does_not_have_is_told_by_the_hook(place: Place) -> None:
    place.say('store = "team.db"\nproject = "nowhere"\n')
    place.read("upsert-note", "a", "--content", "x")
    assert "an overview: .notewell.toml names no project of the store; store and project by" in place.hook()


def test_doctor_names_the_file_and_what_it_says(place: Place, tmp_path: Path) -> None:
    place.say('store = "team.db"\nproject = "web"\n[types]\n"a" = "b"\n')
    place.read("upsert-note", "a", "--content", "x")
    said = place.run("doctor").stdout.decode()
    assert f"ok       project file: {place.file} says store team.db, project web, [types]\n" in said
    said = place.run("doctor", NOTEWELL_DB=str(place.top / "team.db")).stdout.decode()
    assert "says store team.db, project web, [types]; store by a flag or the environment instead\n" in said
    place.say("storr = 'x'\n")
    said = place.run("doctor", "--db", str(place.top / "team.db")).stdout.decode()
    assert f"WARNING  project file: {place.file} says nothing\n         → [storr] is not heeded" in said


def test_doctor_names_the_store_and_the_project_of_a_session_here(place: Place) -> None:
    place.say('store = "team.db"\nproject = "web"\n')
    place.read("upsert-note", "a", "--content", "x")
    said = place.run("doctor").stdout.decode()
    assert f"ok       store: {place.top / 'team.db'}\n" in said
    assert "WARNING  project: web is none of the store, so new notes are of none\n" in said
    place.read("projects", "web", "--name", "Web", "--repo-url", "https://example.org/us/web")
    assert "ok       project: web\n" in place.run("doctor").stdout.decode()
    place.say('store = "team.db"\n')
    assert "ok       project: none is named\n" in place.run("doctor").stdout.decode()
    (place.top / ".git").mkdir()
    (place.top / ".git" / "config").write_text('[remote "origin"]\n\turl = git@example.org:us/web.git\n')
    assert "ok       project: web, by this folder's git remote\n" in place.run("doctor").stdout.decode()


def test_an_import_heeds_the_file_above_its_folder_by_the_paths_from_there(place: Place) -> None:
    place.say('store = "team.db"\nproject = "web"\n[types]\n"docs/deep/**" = "runbook"\n"deep/**" = "plan"\n')
    (place.folder / "full.md").write_text("# Full\n")
    (place.folder.parent / "top.md").write_text("# Top\n")
    place.read("import", "..")
    assert (
        place.read("list", "--sort", "slug").splitlines()[1:] == place.read("list", "--sort", "slug").splitlines()[1:]
    )
    notes = json.loads(place.read("list", "--json"))["notes"]
    told = {note["slug"]: (note.get("note_type"), note.get("project")) for note in notes}
    assert told["deep-full"] == ("runbook", "web")
    assert told["top"] == (None, "web")
    for words in (["import", ".."], ["export", "--sync", ".."]):
        assert place.read(*words).startswith("0 new revisions"), words


def test_the_stores_that_there_are_are_listed_with_the_one_that_is_used(place: Place, tmp_path: Path) -> None:
    place.say('store = "team.db"\n')
    place.read("upsert-note", "a", "--content", "x")
    place.read("upsert-note", "a", "--content", "x", "--db", str(place.data / "other.db"))
    (place.data / "broken.db").write_text("no database, but a text of some length. " * 30)
    set_by = str(tmp_path / "set.db")
    size = (place.top / "team.db").stat().st_size
    assert place.read("stores").splitlines() == [
        f"* {place.top / 'team.db'} · 1 note · {size / 1000:.1f} kB · {place.file}",
        f"  {place.data / 'notewell.db'} · not made yet · default",
        *[line for line in place.read("stores").splitlines() if "broken.db" in line],
        f"  {place.data / 'other.db'} · 1 note · {size / 1000:.1f} kB · in the data folder",
    ]
    assert "broken.db · cannot be opened, for it is damaged or no SQLite file" in place.read("stores")
    listed = json.loads(place.read("stores", "--json", NOTEWELL_DB=set_by))["stores"]
    assert [store["address"] for store in listed if store["is_used"]] == [set_by]
    assert listed[0]["known_by"] == ["NOTEWELL_DB"]
    assert listed[1] == {
        "address": str(place.top / "team.db"),
        "known_by": [str(place.file)],
        "is_used": False,
        "bytes": size,
        "notes": 1,
        "fault": "",
    }
    given = place.read("stores", "--db", str(tmp_path / "given.db")).splitlines()[0]
    assert given == f"* {tmp_path / 'given.db'} · not made yet · --db"
    assert not (tmp_path / "given.db").exists()
