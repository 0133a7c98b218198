"""Moves of cards: a change of status that the card's board allows is one revision of one card, any other is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.tools.conftest import Agent

from notewell_store.access.rights import Rights
from notewell_store.tables.projects import save_project
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from notewell_store import Store

PAGE = """\
---
columns: [Backlog, Doing (2), Review (1), Done]
moves: {Doing: [Backlog, Review], Review: [Doing, Done], Done: []}
---
# Board
"""


@pytest.fixture
def board(agent: Agent) -> Agent:
    agent.note("board", PAGE, note_type="board")
    for number, status in enumerate(["backlog", "doing", "review"], 1):
        agent.note(f"card-{number}", parent="board", status=status, position=1_000)
    return agent


def test_a_move_is_one_revision_of_one_card(board: Agent) -> None:
    answer = board.ask("upsert_note", slug="card-1", status="Doing", position=2_000, reason="begun")
    assert (answer["slug"], answer["revision"], answer["outcome"]) == ("card-1", 2, "updated")
    assert board.ask("revisions", limit=1)["revisions"][0]["changed"] == ["status", "position"]
    doing = board.ask("board", ref="board")["columns"][1]
    assert [card["slug"] for card in doing["cards"]] == ["card-2", "card-1"]


def test_a_move_that_the_board_does_not_allow_is_refused_with_those_that_it_does(board: Agent) -> None:
    assert board.refusal("upsert_note", slug="card-2", status="done") == (
        "card-2 cannot move from doing to done on board: from there cards move to backlog, review. Nothing was "
        "written. Send status='backlog', or see board(ref='board')."
    )
    board.ask("upsert_note", slug="card-3", status="done")
    assert "cards stay in done" in board.refusal("upsert_note", slug="card-3", status="review")
    assert "cannot move" in board.refusal("upsert_note", slug="card-2", status="done", dry_run=True)


def test_a_full_column_takes_no_other_card_until_one_has_left(board: Agent) -> None:
    assert board.refusal("upsert_note", slug="card-2", status="Review") == (
        "review on board is full: it holds 1 card (card-3), so card-2 cannot come. Nothing was written. Move one of "
        "them first: upsert_note(slug='card-3', status=…), or see board(ref='board')."
    )
    board.ask("upsert_note", slug="card-3", title="It stays")
    board.ask("upsert_note", slug="card-3", status="done")
    assert board.ask("upsert_note", slug="card-2", status="review")["outcome"] == "updated"


def test_a_new_card_one_restored_and_one_from_elsewhere_count_as_coming(board: Agent) -> None:
    assert "is full" in board.refusal("upsert_note", slug="new", content="x\n", parent="board", status="review")
    board.note("elsewhere", status="review")
    assert "is full" in board.refusal("upsert_note", slug="elsewhere", parent="board")
    board.ask("delete_note", ref="card-3")
    board.ask("upsert_note", slug="elsewhere", parent="board")
    assert "is full" in board.refusal("restore_note", ref="card-3")


def test_cards_that_move_together_are_counted_together(board: Agent) -> None:
    board.note("card-4", parent="board", status="backlog")
    assert "doing on board is full" in board.refusal("update_notes", refs="card-1,card-4", status="doing")
    board.ask("upsert_note", slug="card-2", status="backlog")
    board.ask("update_notes", refs="card-1,card-4", status="doing")


def test_a_status_that_is_no_column_of_the_board_is_free(board: Agent) -> None:
    assert board.ask("upsert_note", slug="card-2", status="waiting for Ines")["outcome"] == "updated"


def test_a_board_with_a_filter_holds_its_cards_to_its_limits(agent: Agent) -> None:
    agent.ask("projects", slug="web", name="Web")
    page = "---\nfilter: {note_type: todo}\ncolumns: [Todo, Doing (1), Done]\n---\n"
    agent.note("of-web", page, note_type="board", project="web")
    agent.note("one", note_type="todo", status="doing", project="web")
    agent.note("two", note_type="task", status="todo", project="web")
    assert "doing on of-web is full" in agent.refusal("upsert_note", slug="two", status="DOING")
    agent.note("plain", note_type="sop", status="doing", project="web")
    agent.note("of-none", note_type="todo", status="doing")


def test_a_board_of_another_project_rules_no_card_of_this_one(agent: Agent) -> None:
    for project in ("web", "app"):
        agent.ask("projects", slug=project, name=project)
    page = "---\nfilter: {project: web, note_type: todo}\ncolumns: [Todo, Doing (1), Done]\nmoves: {Todo: []}\n---\n"
    agent.note("of-app", page, note_type="board", project="app")
    agent.note("one", note_type="todo", status="todo", project="web")
    assert agent.ask("upsert_note", slug="one", status="doing")["outcome"] == "updated"


def test_a_board_that_the_writer_does_not_see_is_not_told_of_by_a_refusal(store: Store) -> None:
    save_project(store, "web", "ann")
    owner = Agent(store)
    page = "---\nfilter: {note_type: todo}\ncolumns: [Todo, Doing (1), Done]\nmoves: {Todo: []}\n---\n"
    owner.note("secret", page, note_type="board")
    owner.note("mine", note_type="todo", status="todo", project="web")
    call = Call(store, "someone", None, Rights("write", "web"))
    answer = call_tool(lambda: call, "upsert_note", {"slug": "mine", "status": "doing"}).data
    assert answer["outcome"] == "updated"
    owner.ask("upsert_note", slug="mine", status="todo")
    assert "cannot move from todo to done on secret" in owner.refusal("upsert_note", slug="mine", status="done")
