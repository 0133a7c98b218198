"""The hook that asks a server, which two workers serve from a database; it opens no store itself."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.engines import Postgres
from tests.server.conftest import NOTEWELL, environment
from tests.server.http.conftest import opened_door

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.http.conftest import Door

AT_ONCE = 20  # seconds
PAGE = "# Deploy\n\nRoll out by the book.\n"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("served")
    tested = Postgres(folder)
    address: Any = tested.new_address()
    with opened_door(address, 2, XDG_DATA_HOME=str(folder)) as opened:
        yield opened
    tested.end()


def hook(folder: Path, url: str, token: str, name: str = "session-start", **more: str) -> tuple[str, str]:
    """What it prints, and what it complains of."""
    added = {"NOTEWELL_URL": url, "NOTEWELL_TOKEN": token, "NOTEWELL_PROJECT": "web", "XDG_STATE_HOME": str(folder)}
    facts = json.dumps({"session_id": "s", "cwd": str(folder), "source": "startup", "prompt": "deploy"})
    done = subprocess.run(
        [NOTEWELL, "hook", name],
        env=environment(folder / "none.db", added | more),
        input=facts,
        capture_output=True,
        text=True,
        timeout=AT_ONCE,
    )
    assert done.returncode == 0
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def url(door: Door) -> str:
    door.data("PUT", "/projects/web", {"name": "The web"})
    note = {"slug": "sop-deploy", "content": PAGE, "note_type": "sop", "status": "active", "project": "web"}
    for _ in range(8):  # whichever worker answers, and whichever did before
        door.send_json("POST", "/notes", note)
        assert door.data("GET", "/notes/sop-deploy")["slug"] == "sop-deploy"
    return f"http://127.0.0.1:{door.port}"


def test_a_session_is_told_the_brief_of_the_server(door: Door, url: str, tmp_path: Path) -> None:
    told, complained = hook(tmp_path, url, door.token)
    assert complained == ""
    context = json.loads(told)["hookSpecificOutput"]["additionalContext"]
    assert "Notewell, the project's knowledge base, holds the following (project web)" in context
    assert "sop-deploy" in context
    assert not (tmp_path / "none.db").exists()
    again, _ = hook(tmp_path, url, door.token)
    assert "Changed since" not in told and "sop-deploy" in again


def test_later_events_ask_nothing(door: Door, url: str, tmp_path: Path) -> None:
    assert hook(tmp_path, url, door.token, "user-prompt-submit") == ("", "")


@pytest.mark.parametrize(
    ("token", "more", "words"),
    [
        ("nw_0123456789ab_wrong", {}, "lets nobody in so (401): see NOTEWELL_TOKEN"),
        ("", {"NOTEWELL_URL": "http://127.0.0.1:1"}, "does not answer"),
        ("", {"NOTEWELL_URL": "ftp://x"}, "no address of a server"),
        ("", {"NOTEWELL_PROJECT": "nothing"}, "There is no project 'nothing'"),
        ("", {"NOTEWELL_URL": "", "NOTEWELL_DB": "postgresql://db1/notes"}, "set NOTEWELL_URL"),
    ],
)
def test_whatever_is_wrong_the_session_begins_and_is_told_nothing(
    door: Door, url: str, tmp_path: Path, token: str, more: dict[str, str], words: str
) -> None:
    told, complained = hook(tmp_path, url, token or door.token, **more)
    assert told == ""
    assert complained.startswith("notewell hook: ") and complained.count("\n") == 1
    assert words in complained


def test_no_driver_of_a_database_is_loaded_for_it(tmp_path: Path) -> None:
    code = "import notewell_server.hook.asked_server, notewell_server.hook.events, sys; print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=AT_ONCE, check=True)
    assert done.stdout == "False\n"
