"""What is started by hand, followed on the open page, and without scripts; tokens made and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.server.pages.browser import opened_browser, violations, visiting
from tests.server.pages.conftest import served

from notewell_server.pages.settings import PageSettings, Source
from notewell_server.runs import Runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from tests.server.pages.conftest import Pages

NARROW = {"width": 320, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    place: Path = tmp_path_factory.mktemp("kept")
    settings = PageSettings(imports={"handbook": Source(place / "gone", False)})
    with served(place / "notewell.db", settings) as pages:
        pages.call("upsert_note", slug="a", content="# A\n")
        yield pages


def test_a_run_is_followed_line_by_line_and_its_end_is_told(browser: Browser, kept: Pages) -> None:
    run = Runs(kept.database).begin("backup", "elsewhere", "nightly")
    run.progress(1, 10)
    with visiting(browser, kept) as page:
        page.goto("/operations")
        page.get_by_role("heading", name="What the doctor finds").wait_for()
        page.get_by_text("integrity").wait_for()
        assert page.get_by_role("log").inner_text().endswith("1 of 10")
        assert violations(page) == []
        run.say("<b>half</b> of it")
        page.get_by_text("<b>half</b> of it").wait_for()
        run.end("ok", "all of it is there")
        run.close()
        page.get_by_text("It has ended: ok.").wait_for()
        page.get_by_text("all of it is there").wait_for()
        assert page.locator("#nw\\/runs[hx-trigger]").count() == 0
        assert page.get_by_role("log").locator("p").count() == 2


def test_what_is_started_is_told_without_scripts_on_a_narrow_phone(browser: Browser, kept: Pages) -> None:
    with visiting(browser, kept, java_script_enabled=False, viewport=NARROW) as page:
        page.goto("/operations")
        page.get_by_role("button", name="Verify the store").click()
        while page.get_by_role("link", name="Look again").count():
            page.get_by_role("link", name="Look again").click()
        page.get_by_role("link", name="verify", exact=True).first.click()
        for _ in range(100):  # no page changes by itself, and the run may have begun after the last look
            if page.get_by_text("whole: 1 note").count():
                break
            page.reload()
        page.get_by_text("whole: 1 note").first.wait_for()
        page.goto("/operations/doctor")
        page.get_by_text("quick check passed").wait_for()


def test_a_token_is_made_and_revoked_and_nothing_is_found_by_axe_or_wider_than_a_phone(
    browser: Browser, kept: Pages
) -> None:
    with visiting(browser, kept, viewport=NARROW) as page:
        page.goto("/settings")
        page.get_by_label("Name").fill("a-name-that-is-long-enough-to-be-too-wide-for-a-phone")
        page.get_by_label("Allows").select_option("write")
        page.get_by_role("button", name="Make a token").click()
        text = page.get_by_label("The token").inner_text()
        assert text.startswith("nwl_") and text not in page.url
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.get_by_role("link", name="To the settings").click()
        page.locator("summary", has_text="Revoke").click()
        page.get_by_role("button", name="Revoke it").wait_for()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.get_by_role("button", name="Revoke it").click()
        page.get_by_text("There is no token that is valid.").wait_for()
        page.get_by_text("1 that ended").click()
        assert violations(page) == []


def test_what_a_guard_refuses_looks_like_a_page(browser: Browser, kept: Pages) -> None:
    with visiting(browser, kept, is_owner=False) as page:
        page.goto(f"/search?q={'x' * 9_000}")
        page.get_by_role("heading", name="The address is too long").wait_for()
        assert violations(page) == []
