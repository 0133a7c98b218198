"""The calls of calls.py are answered as they were before the internals were made anew (version b1b7103)."""

from __future__ import annotations

import json
from collections import Counter
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

import pytest
from tests.before.calls import CALLS
from tests.before.differences import DIFFERENCES
from tests.before.record import ANSWERS, OF_TODAY, answers_of_today, entry

from notewell_tools.catalogue import CATALOGUE

if TYPE_CHECKING:
    from pathlib import Path

Answers = dict[str, list[str]]

ENTRIES: list[dict[str, Any]] = json.loads(ANSWERS.read_text(encoding="utf-8"))
BEFORE: Answers = {recorded["name"]: recorded["answer"] for recorded in ENTRIES}
MEANT: Answers = json.loads(OF_TODAY.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """All calls are made once, in their order: what one writes the next reads."""
    return answers_of_today(tmp_path_factory.mktemp("before"))


@pytest.mark.parametrize("name", BEFORE)
def test_a_call_is_answered_as_before_or_as_is_meant_since(answers: Answers, name: str) -> None:
    reasons = [reason for reason, names in DIFFERENCES.items() if name in names]
    meant = MEANT[name] if reasons else BEFORE[name]
    differs = "\n".join(unified_diff(meant, answers[name], "meant", "answered", lineterm=""))
    assert differs == "", reasons or "no difference is meant"


def test_each_difference_that_is_listed_has_a_reason_and_is_one() -> None:
    named = {name for names in DIFFERENCES.values() for name in names}
    assert named == MEANT.keys() <= BEFORE.keys()
    assert [name for name, meant in MEANT.items() if meant == BEFORE[name]] == []


def test_the_calls_are_those_that_were_recorded(tmp_path: Path) -> None:
    asked = [entry(call, BEFORE.get(call.name, [])) for call in CALLS]
    assert json.loads(json.dumps(asked)) == ENTRIES


def test_every_tool_is_asked_for_text_and_for_json_and_every_door_is_asked() -> None:
    called = [call.sent for call in CALLS if call.door == "tool"]
    forms = {(sent["tool"], sent["arguments"].get("format", "text")) for sent in called}
    assert {
        (tool, form)
        for tool in set(CATALOGUE) - {"update_notes", "board", "sync_board", "sync_issues"}
        for form in ("text", "json")
    } <= forms  # came since
    doors = Counter(call.door for call in CALLS)
    assert doors["tool"] >= 200
    assert doors["http"] >= 50
    assert doors["command"] >= 25
    assert doors["mcp"] >= 10
