"""Boards as a person sees them, and moves cards on them: without a script."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store.tables.changes import newest_change

if TYPE_CHECKING:
    from tests.server.http.conftest import Answer
    from tests.server.pages.conftest import Pages, Reader

PAGE = """---
columns: [Todo, Doing (2), Review, Done]
moves:
  review: [doing, done]
---
# The board

What is under way.
"""


@pytest.fixture
def board(pages: Pages) -> Pages:
    """Three cards to do, one in review."""
    pages.call("projects", slug="web", name="Web")
    pages.call("upsert_note", slug="b", content=PAGE, note_type="board", project="web")
    for number, slug in enumerate(("one", "two", "three"), 1):
        put(pages, slug, "todo", number * 1_000)
    put(pages, "four", "review", 1_000, by="claude-code", tags=["api"])
    return pages


def put(pages: Pages, slug: str, status: str, position: int | None, **more: Any) -> None:
    placed: dict[str, Any] = {} if position is None else {"position": position}
    content = f"# Card {slug}\n"
    pages.call("upsert_note", slug=slug, content=content, parent="b", project="web", status=status, **placed, **more)


def newest(pages: Pages) -> int:
    """The number of the newest change."""
    with pages.store.reading() as db:
        return newest_change(db)


def standing(pages: Pages) -> dict[str, list[str]]:
    columns = pages.call("board", ref="b")["columns"]
    return {column["name"]: [card["slug"] for card in column["cards"]] for column in columns}


def move(reader: Reader, card: str, revision: int = 1, **fields: str) -> Answer:
    return reader.post("/boards/b/move", None, card=card, revision=str(revision), **fields)


def in_words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.partition("<main")[2] or page)).split())


def test_boards_are_listed_with_how_many_cards_stand_where(board: Pages) -> None:
    words = in_words(board.owner().page("/boards"))
    assert "Boards 1 board The board web · 4 cards · flow Todo 3 Doing 0 of 2 Review 1 Done 0" in words
    assert "There is no board that everybody may see." in in_words(board.anybody().page("/boards"))


def test_a_board_shows_columns_limits_and_what_is_told_of_each_card(board: Pages) -> None:
    put(board, "five", "doing", 1_000)
    put(board, "six", "doing", 2_000)
    page = board.owner().page("/boards/b")
    words = in_words(page)
    assert "Doing 2 of 2 full Card five" in words
    assert "Card four api ◆ agent claude-code here for 0 d" in words
    assert 'href="/notes/four"' in page
    assert 'href="/boards/b/flow"' in page
    board.call("upsert_note", slug="b", content=PAGE.replace("(2)", "(1)"), if_revision=1)
    assert "Doing 2 of 1 over the limit" in in_words(board.owner().page("/boards/b"))


def test_columns_alone_are_those_of_the_page(board: Pages) -> None:
    reader = board.owner()
    part = reader.page("/boards/b/columns")
    assert part.startswith('<div class="columns"')
    assert part.strip() in reader.page("/boards/b")


def test_a_card_moves_by_its_form_in_one_revision_of_its_own(board: Pages) -> None:
    before = newest(board)
    answer = move(board.owner(), "two", status="doing", place="last")
    assert (answer.status, answer.headers["location"]) == (303, "/boards/b#card/two")
    assert standing(board) == {"Todo": ["one", "three"], "Doing": ["two"], "Review": ["four"], "Done": []}
    assert newest(board) == before + 1
    last = board.call("revisions", ref="two", limit=1)["revisions"][0]
    assert (last["actor"], last["changed"]) == ("owner", ["status", "position"])


def test_a_card_is_put_where_it_is_meant_to_be(board: Pages) -> None:
    reader = board.owner()
    steps: tuple[tuple[dict[str, str], list[str]], ...] = (
        ({"place": "up"}, ["one", "three", "two"]),
        ({"place": "first"}, ["three", "one", "two"]),
        ({"before": "two", "place": "last"}, ["one", "three", "two"]),
        ({"place": "down"}, ["one", "two", "three"]),
        ({"before": "one"}, ["three", "one", "two"]),
    )
    for revision, (fields, expected) in enumerate(steps, 1):
        before = newest(board)
        assert move(reader, "three", revision, **fields).status == 303
        assert standing(board)["Todo"] == expected
        assert newest(board) == before + 1


def test_a_move_to_where_it_stands_writes_nothing(board: Pages) -> None:
    before = newest(board)
    assert move(board.owner(), "three", status="todo", place="last").status == 303
    assert move(board.owner(), "three", place="down").status == 303
    assert newest(board) == before


def test_cards_make_room_where_there_is_none(board: Pages) -> None:
    for slug, position in (("one", 5), ("two", 6), ("three", 7)):
        board.call("upsert_note", slug=slug, position=position)
    assert move(board.owner(), "three", 2, before="two").status == 303
    assert standing(board)["Todo"] == ["one", "three", "two"]
    last = board.call("revisions", ref="two", limit=1)["revisions"][0]
    assert (last["changed"], last["reason"]) == (["position"], "makes room for three")


def test_of_very_many_cards_without_a_place_none_is_written_besides(board: Pages) -> None:
    for number in range(22):
        put(board, f"n-{number}", "done", None)
    before = newest(board)
    refused = move(board.owner(), "one", status="done", before="n-9")
    assert refused.status == 409
    assert "More than 20 cards would have to be given a place" in in_words(refused.body.decode())
    assert newest(board) == before
    assert move(board.owner(), "one", status="done", place="last").status == 303
    assert newest(board) == before + 1


def test_a_full_column_says_which_cards_fill_it_and_what_to_do(board: Pages) -> None:
    put(board, "five", "doing", 1_000)
    put(board, "six", "doing", 2_000)
    answer = move(board.owner(), "one", status="doing")
    words = in_words(answer.body.decode())
    assert answer.status == 409
    assert "Doing is full: it may hold 2 cards. Move one of its cards on first. Card five Card six" in words
    assert standing(board)["Todo"] == ["one", "two", "three"]


def test_a_move_that_is_not_allowed_says_which_are(board: Pages) -> None:
    page = board.owner().page("/boards/b")
    form = page.partition('id="card/four"')[2].partition("</form>")[0]
    assert re.findall(r'<option value="(\w*)"', form)[:3] == ["doing", "", "done"]
    answer = move(board.owner(), "four", status="todo")
    assert answer.status == 409
    assert "From Review a card does not move to Todo. Move it to Doing or Done." in in_words(answer.body.decode())


def test_a_card_that_somebody_moved_meanwhile_stays_and_who_did_is_said(board: Pages) -> None:
    board.call("upsert_note", by="codex", slug="one", status="done", position=1_000, reason="it was easy")
    answer = move(board.owner(), "one", 1, status="doing")
    assert answer.status == 409
    assert "changed meanwhile, by codex: it was easy. Look at it" in in_words(answer.body.decode())
    assert standing(board)["Done"] == ["one"]
    board.call("edit_note", by="codex", ref="two", mode="append", new_text="\nMore.\n")
    assert move(board.owner(), "two", 1, status="doing").status == 303, "a change of the text is none of its place"


def test_a_card_or_column_that_is_gone_is_said_to_be(board: Pages) -> None:
    board.call("delete_note", ref="one")
    gone = move(board.owner(), "one", status="doing")
    assert (gone.status, "on the board no more" in in_words(gone.body.decode())) == (409, True)
    none = move(board.owner(), "two", status="nowhere")
    assert (none.status, "no such column" in in_words(none.body.decode())) == (409, True)


def test_who_may_not_write_sees_no_buttons_and_moves_nothing(board: Pages) -> None:
    board.call("projects", slug="api", name="Api")
    for reader in (
        board.holder(board.make_token("reader", "read")),
        board.holder(board.make_token("elsewhere", "write", project="api")),
    ):
        for slug in ("b", "one"):
            board.call("upsert_note", slug=slug, is_public=True)
        page = reader.page("/boards/b")
        assert "Card one" in page
        assert "<form method" not in page
        assert "data-keys" not in page
        assert 'draggable="true"' not in page
        assert move(reader, "one", 2, status="doing").status == 403
    assert standing(board)["Todo"] == ["one", "two", "three"]


def test_no_other_page_moves_a_card(board: Pages) -> None:
    evil = {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"}
    assert board.owner().post("/boards/b/move", evil, card="one", revision="1", status="done").status == 403
    assert standing(board)["Done"] == []


def test_a_former_name_leads_to_the_board_and_a_note_that_is_none_to_itself(board: Pages) -> None:
    board.call("upsert_note", slug="b", new_slug="board")
    reader = board.owner()
    assert reader.get("/boards/b").headers["location"] == "/boards/board"
    assert reader.get("/boards/b/columns").headers["location"] == "/boards/board/columns"
    assert reader.get("/boards/one").headers["location"] == "/notes/one"
    assert reader.get("/boards/nowhere").status == 404
    assert board.anybody().get("/boards/board").status == 404


def test_cards_of_other_statuses_stand_behind_the_columns_and_can_come(board: Pages) -> None:
    put(board, "odd", "someday", None)
    page = board.owner().page("/boards/b")
    assert "other statuses 1 Card odd" in in_words(page)
    assert move(board.owner(), "odd", status="review").status == 303
    assert standing(board)["Review"] == ["four", "odd"]


def test_a_board_without_cards_says_so_and_what_cannot_be_read_of_its_page(pages: Pages) -> None:
    pages.call(
        "upsert_note",
        slug="b",
        content=PAGE.replace("(2)", "").replace("review: [", "review: [gone, "),
        note_type="board",
    )
    words = in_words(pages.owner().page("/boards/b"))
    assert "moves to 'gone', which is no column" in words
    assert words.count("No card") == 4


def test_the_timeline_of_its_project_stands_below(board: Pages) -> None:
    board.call(
        "upsert_note", slug="m", content="---\ndue: 2031-05-01\n---\n# Beta\n", note_type="milestone", project="web"
    )
    assert "Timeline web 2031-05-01 milestone Beta" in in_words(board.owner().page("/boards/b"))
