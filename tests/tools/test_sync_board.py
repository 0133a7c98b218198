"""sync_board: what a plan says stands on a board, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.tools.conftest import Agent

PLAN = """\
# Plan

- [ ] Ask Ines
- [x] Buy [the domain](https://example.com)

## Phase 1: tables

- [x] one
- [x] two

## Phase 2: pages

- [x] one
- [ ] two

```
- [ ] no todo
```

## Later

- [ ] Ask Ines
"""
PAGE = "---\ncolumns: [Todo, Doing (1), Done]\nmoves: {Doing: [Todo]}\n---\n# Board\n"


@pytest.fixture
def planned(agent: Agent) -> Agent:
    agent.ask("projects", slug="web", name="Web")
    agent.note("plan-1", PLAN, note_type="plan", status="active", project="web")
    agent.note("board", PAGE, note_type="board", project="web")
    return agent


def columns(agent: Agent, ref: str = "board") -> dict[str, list[str]]:
    answer = agent.ask("board", ref=ref)
    return {column["name"]: [card["slug"] for card in column["cards"]] for column in answer["columns"]}


BROUGHT = {
    "Todo": ["plan-1-ask-ines", "plan-1-ask-ines-2"],
    "Doing": ["plan-1-phase-2-pages"],
    "Done": ["plan-1-phase-1-tables", "plan-1-buy-the-domain"],
}


def test_phases_and_todos_become_cards_where_they_stand(planned: Agent) -> None:
    answer = planned.ask("sync_board", ref="board", reason="planned")
    assert len(answer["added"]) == 5
    assert columns(planned) == BROUGHT
    card = planned.ask("get_note", ref="plan-1-phase-1-tables", include="links")
    assert (card["title"], card["note_type"], card["project"], card["parent"]) == (
        "Phase 1: tables",
        "phase",
        "web",
        "board",
    )
    assert ("plan-1#phase-1-tables", "card-of") in [(link["target"], link["relation"]) for link in card["links"]]


def test_doing_it_again_does_nothing(planned: Agent) -> None:
    planned.ask("sync_board", ref="board")
    before = planned.content()
    assert planned.read("sync_board", ref="board") == "board is up to date"
    assert planned.content() == before


def test_a_dry_run_tells_what_would_be_done_and_writes_nothing(planned: Agent) -> None:
    before = planned.content()
    text = planned.read("sync_board", ref="board", dry_run=True)
    assert text.startswith("dry run, nothing written:\nadded 5 cards: plan-1-phase-1-tables (done)")
    assert planned.content() == before


def test_what_is_ticked_off_moves_to_done_and_what_is_gone_is_told_and_stays(planned: Agent) -> None:
    planned.ask("sync_board", ref="board")
    planned.ask("edit_note", ref="plan-1", mode="replace", old_text="- [ ] two", new_text="- [x] two")
    planned.ask("edit_note", ref="plan-1#later", mode="delete_section")
    answer = planned.ask("sync_board", ref="board")
    assert answer["added"] == []
    assert answer["moved"] == [{"slug": "plan-1-phase-2-pages", "revision": 2, "status": "done"}]
    assert answer["orphaned"] == ["plan-1-ask-ines-2"]
    assert "orphaned, what they stand for is gone: plan-1-ask-ines-2" in planned.read("sync_board", ref="board")


def test_a_card_that_somebody_moved_or_deleted_stays_so(planned: Agent) -> None:
    planned.ask("sync_board", ref="board")
    planned.ask("upsert_note", slug="plan-1-ask-ines", status="done")
    planned.ask("delete_note", ref="plan-1-ask-ines-2")
    answer = planned.ask("sync_board", ref="board")
    assert (answer["added"], answer["moved"], answer["taken"]) == ([], [], ["plan-1-ask-ines-2"])


def test_a_plan_that_was_renamed_and_a_card_that_was_keep_one_another(planned: Agent) -> None:
    planned.ask("sync_board", ref="board")
    planned.ask("upsert_note", slug="plan-1", new_slug="plan-one")
    planned.ask("upsert_note", slug="plan-1-ask-ines", new_slug="ask-her")
    answer = planned.ask("sync_board", ref="board")
    assert [answer[name] for name in ("added", "moved", "orphaned", "taken")] == [[], [], [], []]


def test_a_board_with_a_filter_gets_cards_that_the_filter_takes(planned: Agent) -> None:
    page = "---\nfilter: {note_type: todo, tags: [api]}\n---\n"
    planned.note("filtered", page, note_type="board", project="web")
    assert len(planned.ask("sync_board", ref="filtered")["added"]) == 5
    assert planned.read("sync_board", ref="filtered") == "filtered is up to date"


def test_a_long_plan_comes_in_parts(planned: Agent) -> None:
    steps = "".join(f"- [ ] step {number}\n" for number in range(150))
    planned.note("plan-2", f"# Long\n\n{steps}", note_type="plan", project="web")
    sent: dict[str, Any] = {"ref": "board", "plan": "plan-2"}
    first = planned.ask("sync_board", **sent)
    second = planned.ask("sync_board", **sent)
    assert [(len(each["added"]), each["left"]) for each in (first, second)] == [(99, 51), (51, 0)]


def test_without_a_plan_there_is_none_to_bring(agent: Agent) -> None:
    agent.note("board", PAGE, note_type="board")
    assert "there is no plan of no project: send plan" in agent.refusal("sync_board", ref="board")


def test_of_a_plan_without_end_the_first_thousand_are_brought_be_they_all_called_the_same(planned: Agent) -> None:
    planned.note("plan-2", "# Endless\n\n" + "- [ ] again\n" * 1_200, note_type="plan", project="web")
    answer = planned.ask("sync_board", ref="board", plan="plan-2", dry_run=True)
    assert (len(answer["added"]), answer["left"]) == (99, 901)
    assert [card["slug"] for card in answer["added"][:2]] == ["plan-2-again", "plan-2-again-2"]
