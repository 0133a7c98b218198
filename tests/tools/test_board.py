"""board: what stands where, as an agent and a page read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import place_of
from tests.tools.conftest import Agent

from notewell_store import Attribution, Change, open_store
from notewell_store.access.rights import ANYBODY, OWNER, Rights
from notewell_store.tables.projects import save_project
from notewell_store.writing import drafts, pipeline
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path

    from notewell_store import Store

PAGE = """\
---
columns: [Backlog, Doing (2), In review, Done]
moves:
  doing: [backlog, in-review, done]
---
# The shop's board

What is next.
"""
TABLE = """\
# Board

| Column | Status | Limit | Moves |
| --- | --- | --- | --- |
| Next | todo | | Now |
| Now | in-progress | 1 | Next, Shipped |
| Shipped | done | - | |

| other | table |
| --- | --- |
| x | y |
"""


@pytest.fixture
def board(agent: Agent) -> Agent:
    """With a board of three cards."""
    agent.note("web-board", PAGE, note_type="board", title="The shop")
    agent.note("card-b", "# Second\n", parent="web-board", status="backlog", position=2_000, tags="api")
    agent.note("card-a", "# First\n", parent="web-board", position=1_000)
    agent.note("card-c", "# Third\n", parent="web-board", status="DOING", position=1_000)
    return agent


def columns(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {column["name"]: [card["slug"] for card in column["cards"]] for column in answer["columns"]}


def test_cards_stand_in_the_columns_of_their_statuses_in_the_order_of_their_positions(board: Agent) -> None:
    answer = board.ask("board", ref="web-board")
    assert columns(answer) == {"Backlog": ["card-a", "card-b"], "Doing": ["card-c"], "In review": [], "Done": []}
    assert answer["total"] == 3
    assert [column["next_position"] for column in answer["columns"]] == [3_000, 2_000, 1_000, 1_000]
    assert [column["status"] for column in answer["columns"]] == ["backlog", "doing", "in-review", "done"]
    assert [column.get("limit") for column in answer["columns"]] == [None, 2, None, None]
    assert [column.get("moves_to") for column in answer["columns"]] == [
        None,
        ["backlog", "in-review", "done"],
        None,
        None,
    ]
    assert [column.get("done", False) for column in answer["columns"]] == [False, False, False, True]
    assert "faults" not in answer


def test_a_board_reads_short(board: Agent) -> None:
    board.note("card-d", "# Fourth\n", parent="web-board", status="doing")
    assert board.read("board", ref="web-board").splitlines() == [
        "web-board@1 · The shop · 4 cards",
        "## Backlog (backlog) 2",
        "1000. card-a · First · 0d",
        "2000. card-b · Second [api] · 0d",
        "## Doing (doing) 2 of 2: full → backlog, in-review, done",
        "1000. card-c · Third · 0d",
        "- card-d · Fourth · 0d",
        "## In review (in-review) 0",
        "## Done (done) 0",
        "move a card: upsert_note(slug=…, status=…, position=…)",
    ]


def test_a_table_of_the_page_tells_the_columns_as_well(agent: Agent) -> None:
    agent.note("table", TABLE, note_type="board")
    agent.note("one", parent="table", status="In progress")
    answer = agent.ask("board", ref="table")
    assert columns(answer) == {"Next": [], "Now": ["one"], "Shipped": []}
    assert [column.get("limit") for column in answer["columns"]] == [None, 1, None]
    assert [column.get("moves_to") for column in answer["columns"]] == [["in-progress"], ["todo", "done"], None]


def test_a_filter_names_the_cards_in_place_of_the_children(agent: Agent) -> None:
    agent.ask("projects", slug="web", name="Web")
    agent.ask("projects", slug="app", name="App")
    page = "---\nfilter: {note_type: todo, tags: [api]}\n---\n# Board\n"
    agent.note("of-web", page, note_type="board", project="web")
    agent.note("child", parent="of-web", project="web")
    agent.note("taken", note_type="task", tags="api", project="web", status="doing")
    agent.note("without-tag", note_type="todo", project="web")
    agent.note("of-app", note_type="todo", tags="api", project="app")
    agent.note("another-board", page, note_type="board", tags="api,todo", project="web")
    assert columns(agent.ask("board", ref="of-web")) == {"todo": [], "doing": ["taken"], "done": []}


def test_what_stands_in_no_column_is_told_and_a_column_is_cut_by_its_limit(board: Agent) -> None:
    board.ask("upsert_note", slug="card-c", status="waiting for Ines")
    answer = board.ask("board", ref="web-board", limit=1)
    assert columns(answer)["other statuses"] == ["card-c"]
    assert answer["columns"][-1]["status"] is None
    backlog = answer["columns"][0]
    assert (backlog["total"], len(backlog["cards"])) == (2, 1)
    assert "next_position" not in backlog
    assert "## Backlog (backlog) 2; 1 of 2 cards shown" in board.read("board", ref="web-board", limit=1)


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("---\ncolumns: [a, b\n---\n", "its front matter cannot be read as YAML"),
        ("---\ncolumns: &x [a]\nmoves: *x\n---\n", "its front matter cannot be read as YAML"),
        ("---\ncolumns: [a, b]\nmoves: {a: [nowhere]}\n---\n", "column 'a' moves to 'nowhere', which is no column"),
        ("---\ncolumns: [a, b]\nlimits: {a: many}\n---\n", "the limit of column 'a' is no number"),
        ("---\ncolumns: ['a,b', c]\n---\n", "column 'a,b' is no status"),
        ("---\nfilter: {colour: red}\n---\n", "its filter takes project, note_type, tags, any_tags, not 'colour'"),
        ("---\nfilter: {project: nowhere}\n---\n", "its filter names a project that there is not"),
        (f"---\ncolumns: [{', '.join(f'c{n}' for n in range(30))}]\n---\n", "it has 30 columns, of which 20 count"),
        (f"---\ncolumns: {'[' * 500}\n---\n", "its front matter cannot be read as YAML"),
    ],
)
def test_what_of_a_page_cannot_be_read_is_told_and_the_board_is_shown(agent: Agent, page: str, fault: str) -> None:
    agent.note("odd", f"{page}# Odd\n", note_type="board")
    answer = agent.ask("board", ref="odd")
    assert fault in answer["faults"]
    assert len(answer["columns"]) >= 1
    assert f"note: {fault}" in agent.read("board", ref="odd")


def test_a_note_that_is_no_board_is_refused_with_what_makes_it_one(agent: Agent) -> None:
    agent.note("plain")
    refusal = agent.refusal("board", ref="plain")
    assert "plain is no board: upsert_note(slug='plain', note_type='board') makes it one" in refusal
    assert "list_notes(note_type='board')" in refusal


class Past:
    """Writes at times of long ago."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def at(self, time: str, slug: str, **change: Any) -> None:
        sent, by = Change(**change), Attribution("ann", at=time)
        pipeline.write(self._store, lambda db: drafts.upsert(db, slug, sent, None), by)


@pytest.fixture
def past(store: Store) -> Past:
    return Past(store)


def day(number: int) -> str:
    """That many days ago, at noon."""
    moment = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=number)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_the_flow_tells_how_long_cards_took_and_what_is_in_work(past: Past, board: Agent) -> None:
    for number, took in enumerate([1, 2, 3, 10]):
        past.at(day(40), f"done-{number}", content="x\n", parent="web-board", status="backlog")
        past.at(day(39), f"done-{number}", status="doing")
        past.at(day(40 - took), f"done-{number}", status="done")
    past.at(day(30), "done-0", status="doing")  # it came back, and was done again
    past.at(day(20), "done-0", status="Done")
    past.at(day(300), "long-ago", content="x\n", parent="web-board", status="backlog")
    past.at(day(200), "long-ago", status="done")
    past.at(day(5), "made-done", content="x\n", parent="web-board", status="done")
    past.at(day(6), "in-work", content="x\n", parent="web-board", status="in-review")
    flow = board.ask("board", ref="web-board", include="flow")["flow"]
    assert flow["lead_days"] == {"cards": 4, "p50": 3.0, "p85": 20.0}
    newest = flow["finished"][0]
    assert (newest["slug"], newest["days"]) == ("done-0", 20.0)
    assert len(flow["weeks"]) == 12
    assert sum(week["done"] for week in flow["weeks"]) == 4
    assert flow["weeks"][0]["counts"] == [0, 0, 0, 1]
    assert flow["weeks"][-1]["counts"] == [2, 1, 1, 6]
    assert flow["in_work"] == 2
    assert (flow["oldest"][0]["slug"], flow["oldest"][0]["status"]) == ("in-work", "in-review")
    text = board.read("board", ref="web-board", include="flow")
    assert "## flow of 12 weeks: 4 cards done, half took 3d, 85 of 100 20d; 2 in work" in text
    assert "week: done | Backlog Doing In review Done" in text


def test_a_board_without_a_past_has_a_flow_of_nothing(agent: Agent) -> None:
    agent.note("empty", "# Empty\n", note_type="board")
    flow = agent.ask("board", ref="empty", include="flow")["flow"]
    assert flow["lead_days"] == {"cards": 0, "p50": None, "p85": None}
    assert {tuple(week["counts"]) for week in flow["weeks"]} == {(0, 0, 0)}
    assert "0 cards done, none was done; 0 in work" in agent.read("board", ref="empty", include="flow")


def test_the_timeline_holds_milestones_decisions_and_what_was_completed(past: Past, agent: Agent) -> None:
    agent.ask("projects", slug="web", name="Web")
    agent.note("board", "# Board\n", note_type="board", project="web")
    agent.note("milestone-1", "---\ndue: 2031-02-03\n---\n# Launch\n", note_type="milestone", project="web")
    past.at("2020-01-01T00:00:00.000Z", "decision-1", content="# D\n", note_type="decision", project="web")
    past.at("2020-02-01T00:00:00.000Z", "phase-1", content="# P\n", note_type="phase", project="web", status="active")
    past.at("2020-03-01T00:00:00.000Z", "phase-1", status="completed")
    agent.note("phase-2", "# P\n", note_type="phase", project="web", status="active")
    agent.note("decision-2", "# Of none\n", note_type="decision")
    answer = agent.ask("board", ref="board", include="timeline")
    assert [(entry["at"][:10], entry["kind"], entry["slug"], entry["done"]) for entry in answer["timeline"]] == [
        ("2031-02-03", "milestone", "milestone-1", False),
        ("2020-03-01", "phase", "phase-1", True),
        ("2020-01-01", "decision", "decision-1", False),
    ]
    text = agent.read("board", ref="board", include="timeline")
    assert "## timeline: 3 entries\n2031-02-03 milestone milestone-1 · Launch\n" in text


def test_days_are_counted_from_the_revision_that_brought_the_status(past: Past, board: Agent) -> None:
    past.at("2020-01-01T00:00:00.000Z", "old", content="# Old\n", parent="web-board", status="backlog")
    past.at("2020-02-01T00:00:00.000Z", "old", status="doing")
    past.at("2020-03-01T00:00:00.000Z", "old", title="Older")
    card = board.ask("board", ref="web-board")["columns"][1]["cards"][-1]
    assert (card["slug"], card["since"]) == ("old", "2020-02-01T00:00:00.000Z")
    assert card["days"] > 2_000


def read_by(store: Store, rights: Rights, **arguments: Any) -> str:
    sent = {"ref": "shown", "include": "flow,timeline", **arguments}
    return call_tool(lambda: Call(store, "reader", None, rights), "board", sent).shown


@pytest.mark.parametrize("rights", [ANYBODY, Rights("read", "web")], ids=["anybody", "of-a-project"])
@pytest.mark.parametrize("page", ["# Board\n", "---\nfilter: {note_type: todo, project: app}\n---\n# Board\n"])
def test_a_card_that_a_reader_may_not_see_leaves_no_trace(tmp_path: Path, rights: Rights, page: str) -> None:
    answers: list[list[str]] = []
    for hides in (True, False):
        store = open_store(place_of(tmp_path / f"{hides}.db"))
        for project in ("web", "app"):
            save_project(store, project, "ann")
        past = Past(store)
        past.at(day(30), "shown", content=page, note_type="board", project="app", is_public=True)
        for number in range(3):
            made: dict[str, Any] = {"content": "x\n", "note_type": "todo", "project": "app", "parent": "shown"}
            past.at(day(20), f"seen-{number}", **made, status="todo", position=number, is_public=True)
            if hides:
                past.at(day(20), f"secret-{number}", **made, status="todo", position=5_000)
                past.at(day(10), f"secret-{number}", status="done")
                past.at(day(10), f"decision-{number}", content="x\n", note_type="decision", project="app")
        past.at(day(3), "seen-1", status="doing")
        past.at(day(2), "seen-1", status="done")
        forms: list[dict[str, Any]] = [{}, {"format": "json"}, {"limit": 1}, {"ref": "secret-1"}]
        told = [read_by(store, rights, **more) for more in forms[:3]]
        with pytest.raises(ToolError) as raised:
            read_by(store, rights, **forms[3])
        answers.append([*told, raised.value.message])
        store.close()
    assert answers[0] == answers[1]
    assert "seen-1" in answers[0][0]


def test_what_a_card_was_while_it_was_private_is_not_counted(past: Past, agent: Agent, store: Store) -> None:
    agent.note("shown", "# Board\n", note_type="board", is_public=True)
    past.at(day(50), "card", content="x\n", parent="shown", status="todo")
    past.at(day(40), "card", status="doing")
    past.at(day(5), "card", is_public=True)
    past.at(day(4), "card", status="done")
    for rights, days in ((OWNER, 46.0), (ANYBODY, 1.0)):
        flow = json.loads(read_by(store, rights, format="json"))["flow"]
        assert [card["days"] for card in flow["finished"]] == [days]
