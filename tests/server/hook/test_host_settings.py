"""`notewell hook --install` and `--uninstall`: the host's settings, with nothing else of them touched."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, environment

from notewell_server.hook.host_settings import SettingsError, install, uninstall

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import CommandLine

ODD = """\
{
\t"z": {"b": [1,2 , 3], "a": "\\u00e9 é {}"},
\t"hooks": {
\t\t"Stop": [ ],

\t\t"SessionStart": [
\t\t\t{"matcher": "startup", "hooks": [{"type": "command", "command": "echo ]}hook session-start"}]}
\t\t]
\t},
\t"a": 1e3
}"""
KEPT = [
    ODD,
    ODD.replace("\n", "\r\n") + "\r\n",
    '{"a": 1}',
    '{\n    "permissions": {"allow": ["Bash(ls:*)"]}\n}\n',
    '{\n  "hooks": {\n    "Stop": []\n  }\n}\n',
    '{"hooks": {"SessionStart": [{"hooks": []}]}, "x": []}\n',
    "{}",
]


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "project" / ".claude" / "settings.json"


def written(settings: Path, text: str) -> Path:
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_bytes(text.encode())
    return settings


def hooks(settings: Path) -> list[dict[str, Any]]:
    groups = json.loads(settings.read_bytes())["hooks"]["SessionStart"]
    return [hook for group in groups for hook in group["hooks"]]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_there_stays_byte_for_byte_and_comes_back_so(settings: Path, text: str) -> None:
    written(settings, text)
    assert install(settings)
    after = settings.read_bytes().decode()
    assert "notewell hook session-start" in hooks(settings)[-1]["command"] or str(NOTEWELL) in after
    at = next((i for i, (old, new) in enumerate(zip(text, after, strict=False)) if old != new), len(text))
    assert after.endswith(text[at:].lstrip("}")), "one stretch was put in, and nothing else changed"
    assert uninstall(settings)
    assert settings.read_bytes().decode() == text


def test_the_hook_goes_in_once(settings: Path) -> None:
    written(settings, ODD)
    assert install(settings)
    once = settings.read_bytes()
    assert not install(settings)
    assert settings.read_bytes() == once
    assert len(hooks(settings)) == 2


def test_settings_are_made_where_there_are_none(settings: Path) -> None:
    assert install(settings)
    (hook,) = hooks(settings)
    assert (hook["type"], hook["timeout"]) == ("command", 5)
    assert uninstall(settings)
    assert not settings.exists()
    assert not uninstall(settings)


def test_a_hook_that_was_moved_or_changed_by_hand_is_found(settings: Path) -> None:
    group = {"hooks": [{"type": "command", "command": "/opt/x/notewell hook session-start"}, {"command": "other"}]}
    written(settings, json.dumps({"hooks": {"SessionStart": [group]}}))
    assert not install(settings, names=["session-start"])
    assert uninstall(settings)
    assert hooks(settings) == [{"command": "other"}]


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"a": 1,}', "// words\n{}", "[]", '{"hooks": []}', '{"hooks": {"SessionStart": {}}}', "\ufeff{}"],
)
def test_settings_that_cannot_be_understood_are_refused_and_kept(
    command: CommandLine, settings: Path, text: str
) -> None:
    written(settings, text)
    for change in ("--install", "--uninstall"):
        refusal = command.refusal("hook", change, "--project-dir", str(settings.parent.parent))
        assert str(settings) in refusal
        assert "Nothing was written" in refusal
    assert settings.read_bytes().decode() == text


def test_the_file_keeps_its_rights_and_a_link_to_it_stays_one(settings: Path, tmp_path: Path) -> None:
    real = written(tmp_path / "dotfiles" / "settings.json", "{}\n")
    real.chmod(0o640)
    settings.parent.mkdir(parents=True)
    settings.symlink_to(real)
    assert install(settings)
    assert settings.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in real.parent.iterdir()] == ["settings.json"]
    assert uninstall(settings)
    assert real.read_text() == "{}\n"


def test_the_command_installs_what_can_be_started(command: CommandLine, settings: Path) -> None:
    folder = settings.parent.parent
    folder.mkdir()
    assert command.read("hook", "--install", "--project-dir", str(folder)) == f"installed in {settings}\n"
    assert command.read("hook", "--install", "--project-dir", str(folder)) == f"already installed in {settings}\n"
    (hook,) = hooks(settings)
    program, *words = shlex.split(hook["command"])
    assert words == ["hook", "session-start"]
    assert program in {"notewell", str(NOTEWELL)}
    assert command.read("hook", "--uninstall", "--project-dir", str(folder)) == f"taken out of {settings}\n"
    assert command.read("hook", "--uninstall", "--project-dir", str(folder)) == f"not installed in {settings}\n"


def test_the_users_settings_are_another_file(command: CommandLine, tmp_path: Path) -> None:
    home = {"CLAUDE_CONFIG_DIR": str(tmp_path / "claude")}
    said = command.read("hook", "--install", "--user", added=home)
    assert said == f"installed in {tmp_path / 'claude' / 'settings.json'}\n"


@pytest.mark.parametrize("words", [[], ["session-start", "--install"]])
def test_a_hook_command_that_says_too_little_or_too_much_is_refused(command: CommandLine, words: list[str]) -> None:
    done = command.run("hook", *words)
    assert (done.returncode, done.stdout) == (2, b"")


def test_every_hook_is_installed_but_those_left_out_and_all_are_taken_out(command: CommandLine, settings: Path) -> None:
    written(settings, ODD)
    folder = str(settings.parent.parent)
    command.read("hook", "--install", "--project-dir", folder, "--without", "user-prompt-submit")
    installed = json.loads(settings.read_bytes())["hooks"]
    assert set(installed) == {"Stop", "SessionStart", "PostToolUse", "PreCompact", "SessionEnd"}
    assert installed["PostToolUse"][0]["matcher"] == "Edit|Write|MultiEdit|NotebookEdit"
    command.read("hook", "--install", "--project-dir", folder)
    assert set(json.loads(settings.read_bytes())["hooks"]) == {*installed, "UserPromptSubmit"}
    command.read("hook", "--uninstall", "--project-dir", folder)
    assert settings.read_bytes().decode() == ODD


def test_the_store_and_the_project_that_were_given_are_those_of_the_hook(
    command: CommandLine, settings: Path, tmp_path: Path
) -> None:
    folder = settings.parent.parent
    folder.mkdir()
    other = tmp_path / "my own" / "store.db"
    other.parent.mkdir()
    of_other = ("--db", str(other), "--home", "web")
    command.read(*of_other, "projects", "web", "--name", "Web")
    command.read(*of_other, "upsert-note", "sop-a", "--content", "# A\n", "--note-type", "sop")
    command.read(*of_other, "hook", "--install", "--project-dir", str(folder))
    (hook,) = hooks(settings)
    done = subprocess.run(
        ["sh", "-c", hook["command"]],
        env=environment(tmp_path / "none.db", {"XDG_STATE_HOME": str(tmp_path)}),
        input=b'{"cwd": "/"}',
        capture_output=True,
        timeout=PATIENCE,
    )
    assert done.stderr == b""
    assert "project web" in json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]
    assert command.read("hook", "--uninstall", "--project-dir", str(folder)) == f"taken out of {settings}\n"


def test_a_pipe_in_the_place_of_the_settings_holds_nobody_up(settings: Path) -> None:
    settings.parent.mkdir(parents=True)
    os.mkfifo(settings)
    with pytest.raises(SettingsError, match="a pipe, no file"):
        install(settings)
    with pytest.raises(SettingsError, match="a pipe, no file"):
        uninstall(settings)


def test_hooks_that_name_another_store_are_put_in_anew_with_what_is_given_now(settings: Path) -> None:
    assert install(written(settings, '{"a": 1}'), {"NOTEWELL_PROJECT": "web"}, ["session-start", "session-end"])
    assert install(settings, {"NOTEWELL_DB": "/srv/two words.db"}, ["session-start"])
    (hook,) = hooks(settings)
    assert shlex.split(hook["command"])[:2] == ["NOTEWELL_PROJECT=web", "NOTEWELL_DB=/srv/two words.db"]
    assert not install(settings, {"NOTEWELL_DB": "/srv/two words.db"}, ["session-start"])
    assert not install(settings, {}, ["session-start"])
    assert install(settings, {"NOTEWELL_DB": "/srv/other.db"}, ["session-start"])
    assert "/srv/two words.db" not in settings.read_text()
    assert uninstall(settings)
    assert json.loads(settings.read_text()) == {"a": 1}


def test_what_people_changed_of_a_hook_stays_where_it_is_given_more(settings: Path) -> None:
    named = 'NOTEWELL_DB="$CLAUDE_PROJECT_DIR/n.db" '
    hook = {"timeout": 60, "type": "command", "command": f"{named}notewell hook session-start"}
    mine = json.dumps({"hooks": {"SessionStart": [{"matcher": "startup", "hooks": [hook]}]}})
    assert install(written(settings, mine), {"NOTEWELL_PROJECT": "web"}, ["session-start"])
    (group,) = json.loads(settings.read_bytes())["hooks"]["SessionStart"]
    assert (group["matcher"], group["hooks"][0]["timeout"]) == ("startup", 60)
    assert group["hooks"][0]["command"].startswith(f"{named}NOTEWELL_PROJECT=web ")
    assert not install(settings, {"NOTEWELL_PROJECT": "web"}, ["session-start"])


def test_of_hooks_that_stand_twice_those_are_changed_that_count(settings: Path) -> None:
    text = '{"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "mine"}]}]}, "hooks": {}}'
    assert install(written(settings, text))
    assert not install(settings)
    assert uninstall(settings)
    assert "mine" in settings.read_text()


def test_a_hook_that_is_left_out_later_is_taken_out(settings: Path) -> None:
    assert install(settings, {}, ["session-start", "session-end"])
    assert install(settings, {}, ["session-start"])
    assert list(json.loads(settings.read_text())["hooks"]) == ["SessionStart"]
    assert not install(settings, {}, ["session-start"])


def test_the_path_of_a_store_is_written_without_its_detours(command: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    command.read("hook", "--install", "--project-dir", str(tmp_path / "checkout"), "--db", "a/../b.db")
    (hook, *_) = hooks(tmp_path / "checkout" / ".claude" / "settings.json")
    assert "/.." not in hook["command"] and "/b.db" in hook["command"]
