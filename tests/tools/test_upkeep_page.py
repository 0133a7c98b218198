"""What wants to be looked after, as far as there is time to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notewell_tools import upkeep_page
from notewell_tools.definition import Call
from notewell_tools.upkeep_page import upkept

if TYPE_CHECKING:
    import pytest
    from tests.tools.conftest import Agent

    from notewell_store import Store


def test_no_more_text_is_compared_with_templates_than_there_is_time_for(
    agent: Agent, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.note("template-sop", "# T\n\n## Goal\n", note_type="template")
    for slug in ("sop-a", "sop-b"):
        agent.note(slug, f"# S\n\n{'word ' * 100}\n", note_type="sop")
    call = Call(store, "tester")
    assert [one.note.slug for one in upkept(call, "").incomplete] == ["sop-b", "sop-a"]
    monkeypatch.setattr(upkeep_page, "MOST_READ", 800)
    assert [one.note.slug for one in upkept(call, "").incomplete] == ["sop-b"]
