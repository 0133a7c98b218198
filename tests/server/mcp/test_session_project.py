"""The project of a session: the server finds it as the hook does, so that what is written is in the next brief."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp.types import ListRootsResult, Root
from pydantic import FileUrl
from tests.server.conftest import NOTEWELL, PATIENCE, environment, open_session

from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from pathlib import Path

    from notewell_store import Store

URL = "https://github.com/x/harbor-line"


@pytest.fixture
def database(tmp_path: Path, store: Store) -> Path:
    for slug in ("harbor-line", "ops"):
        save_project(store, slug, "tester", slug.title(), None, f"https://github.com/x/{slug}")
    return tmp_path / "notewell.db"


def checkout(folder: Path, remote: str = URL) -> Path:
    """A folder inside a git checkout with this remote."""
    inside = folder / "src" / "deep"
    inside.mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {remote}.git\n')
    return inside


def hook_says(database: Path, folder: Path, state: Path) -> str:
    done = subprocess.run(
        [NOTEWELL, "hook", "session-start"],
        env=environment(database, {"XDG_STATE_HOME": str(state)}),
        input=json.dumps({"session_id": "s", "cwd": str(folder), "source": "startup"}).encode(),
        capture_output=True,
        timeout=PATIENCE,
    )
    return str(json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"])


@pytest.mark.parametrize("told_by", ["cwd", "host"])
def test_what_a_session_writes_in_a_checkout_is_in_the_next_brief_of_that_checkout(
    database: Path, tmp_path: Path, told_by: str
) -> None:
    folder = checkout(tmp_path / "work")
    elsewhere = {"CLAUDE_PROJECT_DIR": str(folder)} if told_by == "host" else {}
    with open_session(database, elsewhere, folder=folder if told_by == "cwd" else tmp_path) as session:
        shown = session.read("upsert_note", slug="sop-moor", content="# Moor\n", note_type="sop", status="active")
    assert shown == "created sop-moor@1 in harbor-line"
    told = hook_says(database, folder, tmp_path)
    assert "project harbor-line, by this folder's git remote" in told
    assert "sop-moor" in told


def repository(folder: Path, remote: str) -> Path:
    """A real one, as git makes it."""
    for words in (["init", "--quiet", str(folder)], ["-C", str(folder), "remote", "add", "origin", remote]):
        subprocess.run(["git", *words], check=True, capture_output=True, timeout=PATIENCE)
    return folder


def hook_of(settings: Path) -> str:
    """The command line that stands in a host's settings for the start of a session."""
    (group,) = json.loads(settings.read_text())["hooks"]["SessionStart"]
    return str(group["hooks"][0]["command"])


def told_by(command: str, folder: Path, added: dict[str, str]) -> str:
    """What the host's shell gets of the hook, in a folder and with no settings but those."""
    path = f"{NOTEWELL.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={"PATH": path, "HOME": str(folder), **added},
        input=json.dumps({"session_id": folder.name, "cwd": str(folder), "source": "startup"}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]) if done.stdout else ""


def test_from_a_git_repository_to_the_next_brief_server_and_hook_agree(tmp_path: Path) -> None:
    """Each by its own: git, the hook as installed, the server in a folder below, another checkout of the same forge."""
    mine = repository(tmp_path / "mine", "git@github.com:x/harbor-line.git")
    theirs = repository(tmp_path / "theirs", f"{URL}.git")
    other = repository(tmp_path / "other", "https://github.com/x/other.git")
    (mine / "src").mkdir()
    store, state = tmp_path / "team.db", {"XDG_STATE_HOME": str(tmp_path / "state")}
    installed = subprocess.run(
        [NOTEWELL, "--db", store, "hook", "--install", "--project-dir", mine],
        env=environment(store),
        capture_output=True,
        timeout=PATIENCE,
    )
    assert installed.returncode == 0, installed.stderr
    hook = hook_of(mine / ".claude" / "settings.json")
    assert told_by(hook, mine, state) == "", "there is no store yet"

    with open_session(store, folder=mine / "src") as session:
        session.read("projects", slug="harbor-line", name="Harbor line", repo_url=URL)
        shown = session.read("upsert_note", slug="sop-moor", content="# Moor\n\nTwo lines.\n", note_type="sop")
        assert shown == "created sop-moor@1 in harbor-line"
        assert "# Brief of project harbor-line" in session.read("brief")
    for checkout_of_it in (mine, theirs):
        told = told_by(hook, checkout_of_it, state)
        assert "project harbor-line, by this folder's git remote" in told
        assert "> Two lines." in told

    with open_session(store, folder=theirs) as session:
        session.read("edit_note", ref="sop-moor", mode="append", new_text="Then a third.\n", reason="wind")
        assert session.read("upsert_note", slug="note-x", content="x\n") == "created note-x@1 in harbor-line"
    told = told_by(hook, mine, state)
    assert "Then a third." in told
    assert told.index("## Changed since") < told.index("wind")
    assert "by this folder's git remote" not in told_by(hook, other, state)


def test_a_setting_comes_before_the_folder(database: Path, tmp_path: Path) -> None:
    with open_session(database, {"NOTEWELL_PROJECT": "ops"}, folder=checkout(tmp_path / "work")) as session:
        assert session.read("upsert_note", slug="x", content="x\n") == "created x@1 in ops"


def test_a_folder_that_no_project_knows_is_in_none(database: Path, tmp_path: Path) -> None:
    folder = checkout(tmp_path / "work", "https://github.com/x/other")
    with open_session(database, folder=folder) as session:
        assert session.read("upsert_note", slug="x", content="x\n") == "created x@1 in no project"
        session.read("projects", slug="other", name="Other", repo_url="https://github.com/x/other")
        assert session.read("upsert_note", slug="y", content="y\n") == "created y@1 in other"


def test_roots_that_the_client_tells_count_where_the_folder_tells_nothing(database: Path, tmp_path: Path) -> None:
    folder = checkout(tmp_path / "my work")
    asked = anyio.Event()

    async def roots(*_: Any) -> ListRootsResult:
        asked.set()
        return ListRootsResult(roots=[Root(uri=FileUrl(folder.as_uri()))])

    with open_session(database, folder=tmp_path, mode="legacy", roots=roots) as session:
        session.do(lambda _: asked.wait())
        for number in range(100):  # the answer is on its way: a later call knows it
            if session.ask("upsert_note", slug=f"x-{number}", content="x\n")["project"] == "harbor-line":
                break
        assert session.ask("upsert_note", slug="last", content="x\n")["project"] == "harbor-line"


def test_a_client_that_never_answers_for_its_roots_is_served_at_once(database: Path, tmp_path: Path) -> None:
    async def roots(*_: Any) -> ListRootsResult:
        await anyio.sleep_forever()
        raise AssertionError

    with open_session(database, folder=tmp_path, mode="legacy", roots=roots) as session:
        assert session.read("upsert_note", slug="x", content="x\n") == "created x@1 in no project"
