"""Whether an agent or a person it was."""

from __future__ import annotations

from typing import get_args

import pytest

from notewell_store.hands import BY_DOOR, hand
from notewell_store.models import Door


@pytest.mark.parametrize("actor", ["claude-code", "codex", "renovate[bot]", "GitHub Copilot", "my-agent", "gpt-5"])
def test_names_of_programs_are_agents(actor: str) -> None:
    assert hand(actor, None) == ("agent", True)


@pytest.mark.parametrize("actor", ["ann", "claudette", "root", "Abbott", "writer-1c496480"])
def test_other_names_are_people(actor: str) -> None:
    assert hand(actor, None) == ("person", True)


def test_a_door_that_tells_is_believed_whatever_the_name_is() -> None:
    assert hand("ann", "stdio") == hand("ann", "mcp") == ("agent", False)
    assert hand("claude-code", "pages") == hand("claude-code", "terminal") == ("person", False)
    assert {door for door in get_args(Door) if hand("ann", door).is_guess} == {"rest", "cli", "import"}
    assert set(get_args(Door)) > set(BY_DOOR)
