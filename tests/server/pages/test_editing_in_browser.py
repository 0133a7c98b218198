"""Writing in a real browser: by keys, with the preview, with drafts, and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.server.pages.browser import CONTRAST, opened_browser, violations, visiting
from tests.server.pages.conftest import served
from tests.server.pages.test_conflicts import BASE, BOTH_BUT_FREEZE, MINE, THEIRS
from tests.store.markdown.injections import INJECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Dialog, Page
    from tests.server.pages.conftest import Pages

LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
NARROW = {"width": 320, "height": 700}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with served(tmp_path / "notewell.db") as running:
        running.call("upsert_note", slug="deploy", content=BASE, note_type="sop")
        yield running


def text_of(pages: Pages) -> str:
    found: str = pages.call("get_note", ref="deploy")["markdown"]
    return found


def agent_writes(pages: Pages, text: str) -> None:
    revision = pages.call("get_note", ref="deploy")["revision"]
    pages.call("upsert_note", by="claude-code", slug="deploy", content=text, if_revision=revision, reason=f"why {LONG}")


def write(page: Page, text: str) -> None:
    page.goto("/notes/deploy/edit")
    page.get_by_label("Markdown").fill(text)


def test_a_note_is_opened_written_and_saved_by_keys(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        page.goto("/notes/deploy")
        page.keyboard.press("e")
        page.wait_for_url("**/edit")
        page.keyboard.press("Control+End")
        page.keyboard.type("See also.")
        page.keyboard.press("Control+s")
        page.get_by_text("Saved.").wait_for()
        assert text_of(pages) == f"{BASE}See also."
        page.wait_for_load_state()
        assert page.evaluate("localStorage.length") == 0


def test_the_preview_follows_and_a_near_name_is_put_in_by_a_click(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        pages.call("upsert_note", slug="rollback", content="# Roll back\n")
        write(page, "# New words\n\nSee [[rolback]].\n")
        page.get_by_role("button", name="rollback", exact=True).click()
        assert page.get_by_label("Markdown").input_value() == "# New words\n\nSee [[rollback]].\n"
        page.get_by_text("1 reference, all found.").wait_for()
        assert page.get_by_role("region", name="Preview").get_by_role("heading").inner_text() == "New words"
        assert not page.get_by_role("button", name="Preview").is_visible()


def test_a_draft_is_offered_and_not_put_in_by_itself(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        page.on("dialog", lambda dialog: dialog.accept())
        write(page, f"{BASE}\nA thought.\n")
        page.get_by_text("draft kept in this browser").wait_for()
        page.goto("/notes/deploy")
        agent_writes(pages, BASE.replace("1. Open", "1. Always open"))
        page.goto("/notes/deploy/edit")
        page.get_by_text("It was begun from r1").wait_for()
        assert "A thought." not in page.get_by_label("Markdown").input_value()
        page.get_by_role("button", name="Take it up").click()
        page.keyboard.press("Control+s")
        page.get_by_text("Saved together with r2").wait_for()
        assert text_of(pages) == BASE.replace("1. Open", "1. Always open") + "\nA thought.\n"
        page.goto("/notes/deploy/edit")
        assert not page.locator("[data-draft]").is_visible()


def test_a_draft_that_is_thrown_away_is_gone(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        page.on("dialog", lambda dialog: dialog.accept())
        write(page, "# Other\n")
        page.goto("/notes/deploy")
        page.goto("/notes/deploy/edit")
        page.get_by_role("button", name="Throw it away").click()
        page.goto("/notes/deploy")
        page.goto("/notes/deploy/edit")
        assert not page.locator("[data-draft]").is_visible()
        page.wait_for_load_state()
        assert page.evaluate("localStorage.length") == 0


def test_what_a_browser_puts_in_again_counts_as_typed(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        page.on("dialog", lambda dialog: dialog.accept())
        write(page, "# Other\n")
        page.goto("/notes/deploy")
        page.go_back()
        page.get_by_text("draft kept in this browser").wait_for()
        assert page.get_by_label("Markdown").input_value() == "# Other\n"


def test_who_leaves_what_is_not_saved_is_asked(browser: Browser, pages: Pages) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    with visiting(browser, pages) as page:
        page.on("dialog", stay)
        page.goto("/notes/deploy/edit")
        page.get_by_role("link", name="Cancel").click()  # with nothing changed one is not asked
        page.get_by_role("link", name="Edit", exact=True).click()
        page.get_by_label("Markdown").press_sequentially("x")
        page.get_by_role("link", name="Cancel").click()
        assert asked == ["beforeunload"]
        assert page.url.endswith("/edit")


def test_a_conflict_is_settled_by_keys(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        write(page, MINE)
        agent_writes(pages, THEIRS)
        page.keyboard.press("Control+s")
        page.get_by_text("Nothing is lost, and nothing is saved yet.").wait_for()
        page.get_by_label("Your own words for place 1").fill("Nothing, ever.")
        assert page.get_by_label("As I write it here:").is_checked()
        page.keyboard.press("Control+s")
        page.get_by_text("Saved.").wait_for()
        assert text_of(pages) == BOTH_BUT_FREEZE.replace("Nothing on Fridays.", "Nothing, ever.")
        page.wait_for_load_state()
        assert page.evaluate("localStorage.length") == 0


def test_all_is_written_and_settled_without_scripts(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages, java_script_enabled=False) as page:
        write(page, MINE)
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("region", name="Preview").get_by_text("Wait for the plan.").wait_for()
        agent_writes(pages, THEIRS)
        page.get_by_role("button", name="Save").click()
        page.get_by_label("Both, theirs first").check()
        page.get_by_role("button", name="Save the merged text").click()
        page.get_by_text("Saved.").wait_for()
        both = "Nothing on weekends.\nNothing on Fridays after noon."
        assert text_of(pages) == BOTH_BUT_FREEZE.replace("Nothing on Fridays.", both)
        page.get_by_text("Still true").click()
        page.get_by_label("How you know").fill("walked through it")
        page.get_by_role("button", name="It still holds").click()
        page.get_by_text("You said that it still holds.").wait_for()


def test_axe_finds_nothing_where_one_writes_and_nothing_is_too_wide(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages, viewport=NARROW) as page:

        def is_fine() -> None:
            page.emulate_media(color_scheme="light")
            assert violations(page) == []
            page.emulate_media(color_scheme="dark")
            assert violations(page, CONTRAST) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320

        page.goto("/notes/deploy")
        for summary in ("Still true", "Delete"):
            page.get_by_text(summary, exact=True).click()
        is_fine()
        write(page, f"{MINE}\n[[deploi]] {LONG}\n")
        page.locator("[data-instead]").first.wait_for()
        page.get_by_text("About the note").click()
        is_fine()
        agent_writes(pages, THEIRS.replace("Nothing", LONG))
        page.keyboard.press("Control+s")
        page.get_by_text("Nothing is lost").wait_for()
        is_fine()


def test_no_hostile_draft_runs_asks_or_covers_anything_while_it_is_written(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.expose_function("ran", lambda *_: asked.append("a script ran"))
        texts = [text for text in INJECTIONS if "\0" not in text]  # which no note can hold
        hostile = "\n\n".join(texts)
        pages.call(
            "upsert_note", slug="deploy", content=f"# Hostile\n\n{hostile}\n", if_revision=1, reason=hostile[:500]
        )
        page.goto("/notes/deploy/edit")
        page.locator(".amiss").wait_for()
        assert page.locator(".shown :is(form, input, iframe, script, style)").count() == 0
        agent_writes(pages, "# Theirs\n")
        page.get_by_label("Markdown").press("Control+Home")
        page.keyboard.type("Mine ")
        page.keyboard.press("Control+s")
        page.get_by_text("Nothing is lost").wait_for()
        assert page.locator("main :is(iframe, style, img)").count() == 0
        assert page.evaluate("document.elementFromPoint(60, 25)?.closest('.head') !== null")
        own = f"http://127.0.0.1:{pages.site.port}/"
        assert [url for url in asked if not url.startswith((own, "data:image/"))] == []
