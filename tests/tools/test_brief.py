"""brief: the tool, as a model calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.tools.conftest import Agent

from notewell_store.errors import NextCall

if TYPE_CHECKING:
    from notewell_store import Store


@pytest.fixture
def filled(agent: Agent) -> Agent:
    agent.ask("projects", slug="web", name="Web")
    agent.note("web", "# Web\n\nThe shop.\n", project="web")
    agent.note("sop-deploy", "# Deploy\n\nPush.\n", note_type="sop", status="active", project="web")
    return agent


def test_it_tells_of_the_project_that_is_asked_for(filled: Agent) -> None:
    text = filled.read("brief", project="web")
    assert text.startswith("# Brief of project web (Web): 2 notes, at change 2\n")
    assert "- sop-deploy@1 · Deploy · " in text


def test_it_tells_of_the_callers_own_project_unless_asked_otherwise(filled: Agent, store: Store) -> None:
    at_home = Agent(store, project="web")
    assert at_home.ask("brief")["project"] == "web"
    assert at_home.ask("brief", project="none")["project"] is None
    assert Agent(store, project="not-yet").ask("brief")["project"] is None
    assert filled.ask("brief")["project"] is None


def test_its_data_names_the_parts_and_their_entries(filled: Agent) -> None:
    data = filled.ask("brief", project="web", since=1)
    assert data["seq"] == 2
    parts = {part["name"]: part for part in data["parts"]}
    assert list(parts) == ["page", "sops", "changes"]
    (entry,) = parts["sops"]["entries"]
    assert (entry["slug"], entry["revision"], entry["actor"], entry["status"]) == ("sop-deploy", 1, "tester", "active")
    assert parts["sops"]["rest"] == {"tool": "list_notes", "arguments": {"project": "web", "tags": ["sop", "active"]}}
    assert [change["slug"] for change in parts["changes"]["entries"]] == ["sop-deploy"]
    assert data["text"] == filled.read("brief", project="web", since="1") + "\n"


def test_the_calls_that_it_names_for_the_rest_can_be_made(filled: Agent) -> None:
    for number in range(60):
        for kind in ("sop", "convention", "plan", "todo", "decision", "note"):
            filled.note(f"{kind}-{number}x", "x " * 400, note_type=kind, status="active", project="web")
    data = filled.ask("brief", project="web", max_chars=2_000, since="1")
    calls = [part["rest"] for part in data["parts"]]
    assert len(calls) >= 6
    for call in calls:
        filled.ask(call["tool"], **call["arguments"])
        assert str(NextCall(**call)) in data["text"] or call["tool"] == "get_note"


def test_what_is_wrong_is_said(filled: Agent) -> None:
    assert filled.refusal("brief", project="wed") == (
        "There is no project 'wed'. Nearest: web. All projects: projects(); create one: projects(slug=…, name=…)."
    )
    assert "since='soon' is no time: send 2026-11-21" in filled.refusal("brief", since="soon")
    assert "max_chars=10: should be greater than or equal to 1000" in filled.refusal("brief", max_chars=10)
