"""A session's server and its hook read one store; where the host's files say otherwise, hook and doctor say so."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, environment

from notewell_server.hook.session_stores import store_of_hook, store_of_server

if TYPE_CHECKING:
    from pathlib import Path


def served(folder: Path, **server: Any) -> None:
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": {"kb": {"command": "notewell", **server}}}))


def hooked(folder: Path, command: str) -> None:
    (folder / ".claude").mkdir(exist_ok=True)
    group = {"matcher": "startup", "hooks": [{"type": "command", "command": command}]}
    (folder / ".claude" / "settings.json").write_text(json.dumps({"hooks": {"SessionStart": [group]}}))


def run(folder: Path, database: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NOTEWELL, *words],
        cwd=folder,
        env=environment(database, {"XDG_STATE_HOME": str(folder / "state")}),
        input=json.dumps({"cwd": str(folder)}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_the_hook_says_that_the_sessions_server_reads_another_store(database: Path, tmp_path: Path) -> None:
    run(tmp_path, database, "upsert-note", "a", "--content", "text")
    served(tmp_path, env={"NOTEWELL_DB": "${NOWHERE:-other.db}"})
    done = run(tmp_path, database, "hook", "session-start")
    told = json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]
    assert f"the session's notewell tools read another store than this, {tmp_path / 'other.db'}" in told
    assert f"reads another store: {tmp_path / 'other.db'}, by .mcp.json; this hook read {database}" in done.stderr


def test_a_folder_cannot_have_the_hook_tell_a_value_of_the_environment(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-hidden")
    run(tmp_path, database, "upsert-note", "a", "--content", "text")
    served(tmp_path, env={"NOTEWELL_DB": "${SOME_API_KEY}"})
    done = run(tmp_path, database, "hook", "session-start")
    assert "sk-hidden" not in done.stdout + done.stderr
    assert "read another store than this, ${SOME_API_KEY}" in done.stdout


@pytest.mark.parametrize(
    "server", [{}, {"env": {"NOTEWELL_DB": "notewell.db"}}, {"args": ["--db", "./a/../notewell.db"]}]
)
def test_of_one_store_nothing_is_said(database: Path, tmp_path: Path, server: dict[str, Any]) -> None:
    run(tmp_path, database, "upsert-note", "a", "--content", "text")
    served(tmp_path, **server)
    done = run(tmp_path, database, "hook", "session-start")
    assert "another store" not in done.stdout + done.stderr


def test_the_doctor_tells_whether_server_and_hook_of_a_folder_read_one_store(database: Path, tmp_path: Path) -> None:
    run(tmp_path, database, "upsert-note", "a", "--content", "text")
    served(tmp_path, args=["--db", "one.db", "serve"])
    hooked(tmp_path, "NOTEWELL_DB='two.db' notewell hook session-start")
    said = run(tmp_path, database, "doctor").stdout
    assert f"the server of {tmp_path} reads {tmp_path / 'one.db'}, its hook {tmp_path / 'two.db'}" in said
    hooked(tmp_path, f"NOTEWELL_DB={tmp_path / 'one.db'} /opt/x/notewell hook session-start")
    said = run(tmp_path, database, "doctor").stdout
    assert f"the server and the hook of {tmp_path} read {tmp_path / 'one.db'}" in said


def test_what_the_doctor_advises_starts_nothing_that_a_folder_names(database: Path, tmp_path: Path) -> None:
    run(tmp_path, database, "upsert-note", "a", "--content", "text")
    served(tmp_path, args=["--db", "x; touch y", "serve"])
    hooked(tmp_path, "notewell hook session-start")
    assert f"`notewell --db '{tmp_path / 'x; touch y'}' hook --uninstall`" in run(tmp_path, database, "doctor").stdout


def test_settings_of_any_depth_are_looked_through(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    depth = 900
    deep = f"{'[' * depth}{json.dumps({'command': 'NOTEWELL_DB=/a.db notewell hook session-start'})}{']' * depth}"
    (tmp_path / ".claude" / "settings.json").write_text(f'{{"hooks": {deep}}}')
    assert store_of_hook(tmp_path, "x") == "/a.db"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"mcpServers": [1]}', '{"mcpServers": {"a": 1}}', '{"hooks": [[{"command": "notewell \'"}]]}'],
)
def test_files_that_say_nothing_of_ours_name_no_store(tmp_path: Path, text: str) -> None:
    (tmp_path / ".claude").mkdir()
    for file in (tmp_path / ".mcp.json", tmp_path / ".claude" / "settings.json"):
        file.write_text(text)
    assert (store_of_server(tmp_path, "x"), store_of_hook(tmp_path, "x")) == (None, None)
