"""Open pages in a real browser hear of what happens meanwhile, through one stream for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.server.pages.browser import PATIENCE, opened_browser, violations, visiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from tests.server.pages.conftest import Pages


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


def opened(page: Page, path: str) -> Page:
    """Another tab of the same browser, whose script runs."""
    tab = page.context.new_page()
    tab.goto(path)
    return tab


def test_a_note_says_on_its_open_page_who_changed_it_and_why(browser: Browser, pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    with visiting(browser, pages) as page:
        page.goto("/notes/a")
        page.locator("html[data-leads]").wait_for()
        change = {"ref": "a", "mode": "append", "new_text": "\nMore.\n"}
        pages.call("edit_note", by="owner", reason="my own", **change)
        pages.call("upsert_note", by="codex", slug="b", content="# Another\n")
        pages.call("edit_note", by="claude-code", reason="<b>it</b> was missing", **change)
        banner = page.locator("[data-banner]")
        banner.get_by_text("show").wait_for()
        assert banner.inner_text() == "Changed by ◆ claude-code: <b>it</b> was missing · show"
        assert violations(page) == []
        banner.get_by_text("show").click()
        page.get_by_text("More.").first.wait_for()
        assert banner.inner_text() == ""


def test_ten_tabs_have_one_stream_and_another_takes_it_over(browser: Browser, pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    streams: list[str] = []
    with visiting(browser, pages) as page:
        page.context.on("request", lambda request: streams.append(request.url) if "/live?" in request.url else None)
        page.goto("/")
        page.locator("html[data-leads]").wait_for()
        tabs = [page, *(opened(page, "/notes/a" if number % 2 else "/") for number in range(9))]
        pages.call("edit_note", by="codex", ref="a", mode="append", new_text="\nMore.\n", reason="for all")
        for tab in tabs:
            tab.locator(".change.new, [data-banner]:not(:empty)").first.wait_for()
        assert len(streams) == 1
        page.close()
        pages.call("edit_note", by="codex", ref="a", mode="append", new_text="\nMore.\n", reason="once more")
        for tab in tabs[1:]:
            tab.get_by_text("once more").first.wait_for()
        assert len(streams) == 2


def test_new_changes_come_on_top_of_the_feed_as_its_filters_say(browser: Browser, pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    with visiting(browser, pages) as page:
        page.goto("/?actor=codex")
        page.locator("html[data-leads]").wait_for()
        pages.call("upsert_note", by="ann", slug="b", content="# B\n")
        pages.call("upsert_note", by="codex", slug="c", content="# C\n", reason="it was asked for")
        page.locator(".change.new").wait_for()
        (said,) = page.locator(".change").all_inner_texts()
        assert " ".join(said.split()) == "just now ◆ agent codex made C it was asked for r1"
        assert page.locator("[data-news]").inner_text() == "1 new change"
        assert violations(page) == []


def test_a_line_stands_above_what_was_seen_before(browser: Browser, pages: Pages) -> None:
    for number in range(2):
        pages.call("upsert_note", slug=f"n-{number}", content="# N\n")
    with visiting(browser, pages) as page:
        page.goto("/")
        assert page.locator(".seen").count() == 0
        page.goto("/notes")
        pages.call("upsert_note", slug="new", content="# New\n")
        page.goto("/")
        page.get_by_text("Seen up to here").wait_for()
        assert page.locator(".feed > li").nth(1).get_attribute("class") == "seen"
        assert violations(page) == []


def test_the_slider_shows_the_store_at_the_month_where_it_is_let_go(browser: Browser, pages: Pages) -> None:
    from tests.conftest import Knowledge

    from notewell_store import Attribution

    knowledge = Knowledge(pages.store)
    knowledge.put("a", "# Before\n", by=Attribution("ann", None, None, "2024-03-05T00:00:00.000Z"))
    knowledge.put("b", "# Today\n")
    with visiting(browser, pages) as page:
        page.goto("/notes")
        page.get_by_role("slider").press("Home")
        page.wait_for_url("**/notes?as_of=2024-03-31", timeout=PATIENCE)
        assert page.get_by_role("slider").get_attribute("aria-valuetext") == "March 2024"
        assert page.locator("tbody a").all_inner_texts() == ["Before"]
        assert violations(page) == []
