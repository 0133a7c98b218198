"""Diagrams in a real browser: each is drawn in a frame of its own, out of which nothing comes."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from tests.server.pages.browser import opened_browser, violations, visiting
from tests.server.pages.conftest import served
from tests.server.pages.hostile_diagrams import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from tests.server.pages.conftest import Pages

PHONE = {"width": 320, "height": 800}
FLOW = "flowchart LR\n  A[Accepted] --> B{Healthy?}\n  B -->|yes| C[Next wave]\n  B -->|no| D[Hold]"
NONE = "flowchart LR\n  A[Accepted --> <b>B"
SAID = "|inline event handler violates|@import rules are not allowed here"
"""What a browser says of what it did not do, besides of addresses."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with served(tmp_path_factory.mktemp("diagrams") / "notewell.db") as running:
        running.call("upsert_note", slug="flow", content=with_diagrams(FLOW, NONE))
        running.call("upsert_note", slug="plain", content="# Plain\n\n```python\nprint()\n```\n")
        yield running


def with_diagrams(*sources: str) -> str:
    return "# A note\n\n" + "\n\n".join(f"```mermaid\n{source}\n```" for source in sources)


def test_a_diagram_is_drawn_in_the_theme_of_the_page_with_its_source_below(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages, color_scheme="dark", viewport=PHONE) as page:
        page.goto("/notes/flow")
        drawn, failed = (page.locator("[data-diagram]").nth(index) for index in (0, 1))
        frame = drawn.locator("iframe").content_frame
        frame.get_by_text("Next wave").wait_for()
        dark = frame.locator(".node rect").first.evaluate("node => getComputedStyle(node).fill")
        assert frame.locator("html").evaluate("root => root.style.colorScheme") == "dark"
        assert int(drawn.locator("iframe").get_attribute("height") or 0) > 30
        assert not drawn.locator("pre").is_visible()
        drawn.get_by_text("Source of the diagram").click()
        assert drawn.locator("pre").inner_text().strip() == FLOW
        failed.get_by_text("This diagram cannot be drawn.").wait_for()
        assert failed.locator("pre").inner_text().strip() == NONE
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.emulate_media(color_scheme="light")
        frame.locator("html[style*='color-scheme: light'] svg").wait_for()
        assert frame.locator(".node rect").first.evaluate("node => getComputedStyle(node).fill") != dark


def test_who_wrote_what_of_a_diagram_stands_beside_its_drawing(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        page.goto("/notes/flow?blame=1")
        page.locator(".of > [data-diagram] iframe").first.content_frame.get_by_text("Next wave").wait_for()


def test_a_diagram_is_drawn_anew_as_one_writes_it_and_its_frame_stays(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        asked: list[str] = []
        page.on("dialog", lambda dialog: dialog.accept())
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/diagram") else None)
        page.goto("/notes/plain/edit")
        for text in (FLOW, FLOW.replace("Next", "Last")):
            page.get_by_label("Markdown").fill(with_diagrams(text))
            words = "Next wave" if text == FLOW else "Last wave"
            page.locator(".shown iframe").content_frame.get_by_text(words).wait_for()
        assert len(asked) == 1
        assert not page.locator(".shown pre").is_visible()


def test_without_scripts_a_diagram_is_its_source(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages, java_script_enabled=False) as page:
        page.goto("/notes/flow")
        assert page.locator("[data-diagram] pre").first.inner_text().strip() == FLOW


def test_nothing_of_mermaid_is_loaded_where_there_is_no_diagram(browser: Browser, pages: Pages) -> None:
    with visiting(browser, pages) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path in ("/notes/plain", "/notes/flow/history", "/notes/plain/edit"):
            page.goto(path)
        assert not [url for url in asked if url.endswith(("/diagram", "/drawing.js", "/mermaid.tiny.js"))]


def test_no_hostile_diagram_fetches_runs_leads_away_or_covers_anything(browser: Browser, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as evil, served(tmp_path / "notewell.db") as pages:
        elsewhere = f"http://127.0.0.1:{evil.getsockname()[1]}"
        sources = [text.replace("EVIL", elsewhere) for text in HOSTILE]
        pages.call("upsert_note", slug="x", content=with_diagrams(*sources, FLOW))
        with visiting(browser, pages, forbidden=f"{elsewhere}{SAID}") as page:
            ran: list[str] = []
            page.expose_function("ran", lambda *_: ran.append("a script ran"))
            page.on("dialog", lambda dialog: ran.append(dialog.message))
            page.goto("/notes/x")
            for figure in page.locator("[data-diagram]").all():
                figure.scroll_into_view_if_needed()
                figure.locator(":scope > :is(iframe[height], p)").wait_for()
                for node in figure.locator("iframe").content_frame.locator(".node, a, .actor").all():
                    node.dispatch_event("click")
            page.locator("[data-diagram]").last.locator("iframe").content_frame.get_by_text("Next wave").wait_for()
            assert page.locator("[data-diagram] > iframe").count() > 3, "most of them are drawn"
            framed = [frame for frame in page.frames if frame != page.main_frame]
            assert {frame.url for frame in framed} == {f"http://127.0.0.1:{pages.site.port}/diagram"}
            page.evaluate("scrollTo(0, 0)")
            assert page.evaluate("document.elementFromPoint(60, 25)?.closest('.head') !== null")
            assert page.url.endswith("/notes/x")
        evil.setblocking(False)
        with pytest.raises(BlockingIOError):
            evil.accept()
        assert ran == []
