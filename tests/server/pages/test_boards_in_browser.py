"""A board in a real browser: moved by dragging, by keys and by its menus, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.server.pages.browser import opened_browser, violations, visiting
from tests.server.pages.conftest import served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from tests.server.pages.conftest import Pages

PHONE = {"width": 390, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Pages]:
    with served(tmp_path / "notewell.db") as pages:
        text = "---\ncolumns: [Todo, Doing, Done (1)]\n---\n# The board\n"
        pages.call("upsert_note", slug="b", content=text, note_type="board")
        for number, slug in enumerate(("one", "two", "three"), 1):
            put(pages, slug, "todo", number)
        put(pages, "over", "done", 1)
        yield pages


def put(pages: Pages, slug: str, status: str, place: int) -> None:
    placed: dict[str, Any] = {"status": status, "position": place * 1_000}
    pages.call("upsert_note", slug=slug, content=f"# Card {slug}\n", parent="b", **placed)


def cards(page: Page, column: str) -> list[str]:
    found: list[str] = page.locator(f'[data-status="{column}"] [data-card]').evaluate_all(
        "cards => cards.map(card => card.dataset.card)"
    )
    return found


def told(page: Page, change: Callable[[], object]) -> None:
    """Until the open page has been told of the change that this makes."""
    page.evaluate(
        "window.told = new Promise(done => document.addEventListener('nw:change', () => done(null), { once: true })); 0"
    )
    change()
    page.evaluate("window.told")


def said(page: Page, words: str) -> None:
    page.locator("[data-said]", has_text=words).wait_for(state="attached")


def at(page: Page) -> str:
    """The card that has the focus."""
    return str(page.evaluate("document.activeElement.closest('[data-card]')?.dataset.card"))


def test_cards_are_gone_through_and_moved_by_keys_and_keep_the_focus(browser: Browser, board: Pages) -> None:
    with visiting(browser, board) as page:
        page.goto("/boards/b")
        page.get_by_role("link", name="Card one").focus()
        for key, expected in (("j", "two"), ("j", "three"), ("k", "two"), ("l", "over"), ("h", "one")):
            page.keyboard.press(key)
            assert at(page) == expected
        page.keyboard.press("}")
        said(page, "Card one: Todo, 2 of 3")
        assert (cards(page, "todo"), at(page)) == (["two", "one", "three"], "one")
        page.keyboard.press("]")
        said(page, "Card one: Doing, 1 of 1")
        assert (cards(page, "doing"), at(page)) == (["one"], "one")
        page.keyboard.press("[")
        said(page, "Card one: Todo, 3 of 3")
        page.keyboard.press("{")
        said(page, "Card one: Todo, 2 of 3")
        assert board.call("get_note", ref="one")["revision"] == 5


def test_a_card_is_dragged_to_between_two_others(browser: Browser, board: Pages) -> None:
    with visiting(browser, board) as page:
        page.goto("/boards/b")
        page.locator('[data-card="three"]').drag_to(
            page.locator('[data-card="two"]'), target_position={"x": 40, "y": 3}
        )
        said(page, "Card three: Todo, 2 of 3")
        page.locator('[data-card="one"]').drag_to(page.locator('[data-status="doing"]'))
        said(page, "Card one: Doing, 1 of 1")
        assert (cards(page, "todo"), cards(page, "doing")) == (["three", "two"], ["one"])


def test_what_is_refused_says_why_and_the_board_shows_what_is(browser: Browser, board: Pages) -> None:
    with visiting(browser, board) as page:
        page.goto("/boards/b")
        page.locator('[data-card="two"] summary').click()
        page.locator('[data-card="two"]').get_by_label("Column").select_option("Done (full)")
        page.locator('[data-card="two"]').get_by_role("button", name="Move").click()
        page.get_by_role("alert").get_by_text("Done is full: it may hold 1 card.").wait_for()
        page.locator("[data-card][aria-busy]").wait_for(state="detached")
        assert violations(page) == []
        board.call("upsert_note", by="codex", slug="one", status="someday", reason="it was easy")
        page.get_by_role("link", name="Card one").focus()
        page.keyboard.press("]")
        page.get_by_role("alert").get_by_text("changed meanwhile, by codex: it was easy.").wait_for()
        page.locator('[data-name="other statuses"] [data-card="one"]').wait_for()
        page.keyboard.press("[")
        said(page, "Card one: Todo")
        assert not page.get_by_role("alert").is_visible()


def test_a_phone_without_script_moves_a_card_by_its_menu(browser: Browser, board: Pages) -> None:
    with visiting(browser, board, java_script_enabled=False, viewport=PHONE, has_touch=True) as page:
        page.goto("/boards/b")
        card = page.locator('[data-card="two"]')
        card.locator("summary").tap()
        card.get_by_label("Column").select_option("Doing")
        card.get_by_role("button", name="Move").tap()
        page.locator('[data-status="doing"] [data-card="two"]').wait_for()
        page.wait_for_url("**/boards/b#card/two")


def test_a_menu_is_closed_by_escape_and_open_it_is_clean(browser: Browser, board: Pages) -> None:
    with visiting(browser, board, viewport=PHONE) as page:
        page.goto("/boards/b")
        page.locator('[data-card="two"] summary').press("Enter")
        assert violations(page) == []
        page.locator('[data-card="two"]').get_by_label("Place").wait_for()
        page.locator('[data-card="two"] button').press("Escape")
        assert not page.locator('[data-card="two"] button').is_visible()
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_an_agents_move_appears_on_an_open_board_and_ones_own_does_not_come_back(
    browser: Browser, board: Pages
) -> None:
    asked: list[str] = []
    with visiting(browser, board) as page:
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/columns") else None)
        page.goto("/boards/b")
        page.locator("html[data-leads]").wait_for()
        page.get_by_role("link", name="Card two").focus()
        told(page, lambda: page.keyboard.press("]"))
        said(page, "Card two: Doing, 1 of 1")
        assert len(asked) == 1
        board.call("upsert_note", by="codex", slug="one", status="doing", reason="begun")
        said(page, "Card one: Doing, 1 of 2, by codex")
        assert (cards(page, "doing"), at(page)) == (["one", "two"], "two")
        assert len(asked) == 2
        assert page.locator('[data-card="one"].changed').is_visible()
        board.call("upsert_note", by="codex", slug="two", status="todo")
        said(page, "Card two: Todo")
        assert at(page) == "two", "the focus goes with its card"
        board.call("upsert_note", by="codex", slug="four", content="# Card four\n", parent="b", status="doing")
        said(page, "Card four: Doing, 2 of 2, by codex")
        assert violations(page) == []


def test_nothing_is_put_under_ones_hands_while_a_card_is_held_or_its_menu_is_open(
    browser: Browser, board: Pages
) -> None:
    asked: list[str] = []
    with visiting(browser, board) as page:
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/columns") else None)
        page.goto("/boards/b")
        page.locator("html[data-leads]").wait_for()
        page.locator('[data-card="three"] summary').click()
        page.locator('[data-card="three"]').get_by_label("Column").select_option("Doing")
        told(page, lambda: board.call("upsert_note", by="codex", slug="one", status="doing"))
        assert (asked, cards(page, "doing")) == ([], [])
        page.locator('[data-card="three"] summary').click()
        said(page, "Card one: Doing, 1 of 1, by codex")
        page.locator('[data-card="three"]').hover()
        page.mouse.down()
        page.locator('[data-status="done"]').hover()
        page.locator('[data-card="three"].dragged').wait_for()
        told(page, lambda: board.call("upsert_note", by="codex", slug="two", status="doing"))
        assert (len(asked), cards(page, "doing")) == (1, ["one"])
        page.locator("h1").hover()
        page.mouse.up()
        said(page, "Card two: Doing, 2 of 2, by codex")
        assert cards(page, "todo") == ["three"]
