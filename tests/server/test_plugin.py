"""The plugin: what its files start really starts, and its skills name only what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, Pipe, environment
from tests.server.test_example_configuration import expanded

from notewell_server import VERSION
from notewell_server.hook.events import EVENTS
from notewell_tools.catalogue import CATALOGUE

PLUGIN = Path(__file__).parents[2] / "plugin"
SKILLS = sorted(PLUGIN.glob("skills/*/SKILL.md"))
CALL = re.compile(r"\b(\w+)\(((?:[^()]|\([^()]*\))*)\)")
ARGUMENT = re.compile(r"\b(\w+)=")


def read(name: str) -> Any:
    return json.loads((PLUGIN / name).read_text())


def test_the_manifest_names_the_plugin_and_the_version_that_it_belongs_to() -> None:
    manifest = read(".claude-plugin/plugin.json")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", manifest["name"])
    assert manifest["version"] == VERSION
    assert set(manifest) <= {
        "name",
        "version",
        "description",
        "author",
        "homepage",
        "repository",
        "license",
        "keywords",
    }
    assert [path.name for path in (PLUGIN / ".claude-plugin").iterdir()] == ["plugin.json"]


def test_its_server_starts_and_lists_the_tools(tmp_path: Path) -> None:
    (server,) = expanded(read(".mcp.json"), {"NOTEWELL_DB": str(tmp_path / "notewell.db")})["mcpServers"].values()
    assert (shutil.which(server["command"], path=str(NOTEWELL.parent)), server["args"]) == (str(NOTEWELL), ["serve"])
    assert server["env"] == {"NOTEWELL_DB": str(tmp_path / "notewell.db"), "NOTEWELL_PROJECT": ""}
    pipe = Pipe(tmp_path / "notewell.db")
    pipe.shake_hands()
    pipe.request("tools/list")
    assert {tool["name"] for tool in pipe.answer()["result"]["tools"]} == set(CATALOGUE)
    pipe.close()


def test_its_hooks_are_those_that_the_command_installs() -> None:
    brought = read("hooks/hooks.json")["hooks"]
    assert set(brought) == {event.host_name for event in EVENTS.values()}
    for name, event in EVENTS.items():
        (group,) = brought[event.host_name]
        (hook,) = group["hooks"]
        assert (group.get("matcher"), hook["args"]) == (event.matcher, ["hook", name])
        assert hook["timeout"] == event.seconds


def test_its_hook_tells_what_is_stored(tmp_path: Path) -> None:
    (group,) = read("hooks/hooks.json")["hooks"]["SessionStart"]
    assert set(group["matcher"].split("|")) == {"startup", "resume", "clear", "compact", "fork"}
    (hook,) = group["hooks"]
    assert (hook["type"], hook["command"], hook["timeout"]) == ("command", "notewell", 5)
    surroundings = environment(tmp_path / "notewell.db", {"XDG_STATE_HOME": str(tmp_path)})
    note = ["upsert-note", "sop-deploy", "--note-type", "sop", "--status", "active", "--content", "# Deploy\n"]
    subprocess.run([NOTEWELL, *note], env=surroundings, check=True, capture_output=True, timeout=PATIENCE)
    given = json.dumps(
        {"hook_event_name": "SessionStart", "source": "startup", "cwd": str(tmp_path), "session_id": "1"}
    )
    command = [NOTEWELL, *hook["args"]]
    done = subprocess.run(command, env=surroundings, input=given, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0
    assert "sop-deploy@1" in json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]


@pytest.mark.parametrize("skill", SKILLS, ids=lambda path: path.parent.name)
def test_a_skill_says_when_it_is_of_use(skill: Path) -> None:
    head = re.match(r"---\nname: ([a-z-]+)\ndescription: (.+)\n---\n", skill.read_text())
    assert head
    assert head[1] == skill.parent.name
    assert "Use when" in head[2]
    assert len(head[2]) <= 1_024


@pytest.mark.parametrize("skill", SKILLS, ids=lambda path: path.parent.name)
def test_a_skill_names_only_tools_and_arguments_that_there_are(skill: Path) -> None:
    calls = [(name, inner) for name, inner in CALL.findall(skill.read_text()) if "_" in name or name in CATALOGUE]
    assert len(calls) >= 5
    for name, inner in calls:
        assert set(ARGUMENT.findall(re.sub(r'"[^"]*"', '""', inner))) <= set(CATALOGUE[name].arguments.model_fields)


def test_there_are_skills_for_planning_deciding_and_reviewing() -> None:
    assert [skill.parent.name for skill in SKILLS] == ["deciding", "planning", "reviewing"]
