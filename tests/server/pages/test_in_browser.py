"""The pages in a real browser: by keys, on a phone, in the dark, without script, and with hostile notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from tests.server.pages.browser import CONTRAST, opened_browser, violations, visiting
from tests.server.pages.conftest import served
from tests.store.markdown.injections import INJECTIONS

from notewell_server.reads.record import ReadRecord
from notewell_server.runs import Runs
from notewell_tools.definition import Call
from notewell_tools.reads import Read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, ViewportSize
    from tests.server.pages.conftest import Pages

INLINE = """() => new Promise((done) => {
  document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
  document.addEventListener("ran", () => done("it ran"));
  const script = document.createElement("script");
  script.textContent = "document.dispatchEvent(new Event('ran'))";
  document.body.append(script);
})"""
"""Which directive forbids a script in the page."""
WIDE: ViewportSize = {"width": 1_400, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 800}
TOGETHER = 8
"""Hostile texts of one note: each is looked at alone where it is made clean, and in `test_links`."""
ALL_TOGETHER = 50
"""Of one note whose history is looked at: those of `test_page_changes` are looked at alone."""
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
EACH = (
    "/",
    "/?actor=claude-code&since=7d",
    "/?actor=nobody",
    "/notes/busy",
    "/notes/busy?rev=1",
    "/notes/busy?blame=here",
    "/notes/busy/history",
    "/notes/busy/edit",
    "/new?name=not-there&project=web",
    "/notes/busy/diff?from=1&to=3",
    "/notes/busy/diff?from=1&to=3&view=column",
    "/notes/busy/diff?from=1&to=3&view=sides&whole=1",
    "/notes/gone",
    "/notes/nowhere",
    "/notes",
    "/notes?status=none",
    "/notes?as_of=2099-01-01",
    "/notes?as_of=2001-01-01",
    "/notes?deleted=1",
    "/projects/web",
    "/check",
    "/search",
    "/search?q=deploy",
    "/search?q=nothingatall",
    "/settings",
    "/boards",
    "/boards/plan",
    "/boards/plan/flow",
    "/notes/busy/graph",
    "/map/web",
    "/reads",
    "/reads?project=web&days=7",
    "/operations",
    "/operations?refused=1",
    "/operations/doctor",
)
TEXT = f"""# A busy note

See [[plain]], [[plain#part]], [[absent]], [a file](x.pdf), [away](https://example.org). {LONG}

## A table

| a | b | c |
|---|---|---|
| `{LONG}` | deploy | {LONG} |

## Code

```
{LONG}{LONG}
```

> Quoted words, and a footnote[^1].

## عنوان

1. deploy
2. ![a picture](gone.png)

[^1]: Down here.
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """A note in every state, and lists that go on."""
    with served(tmp_path_factory.mktemp("browser") / "notewell.db") as pages:
        pages.call("projects", slug="web", name="Web")
        pages.call("upsert_note", slug="plain", content="# Plain\n\n## Part\n\nSee [[busy]] before you deploy.\n")
        of_busy: dict[str, Any] = {
            "project": "web",
            "note_type": "sop",
            "status": "active",
            "tags": ["deploy", LONG[:60]],
        }
        pages.call("upsert_note", slug="busy", content=TEXT, parent="plain", is_public=True, **of_busy)
        pages.call("edit_note", by="claude-code", ref="busy", mode="append", new_text="\nMore.\n", reason=f"why {LONG}")
        pages.call("edit_note", ref="busy", mode="replace", old_text="Quoted words", new_text=f"Said {LONG}")
        pages.call("upsert_note", slug="busy", status="draft", tags=["deploy"])
        pages.call("upsert_note", slug="below", content="# Below\n\nRetired.\n", parent="busy", status="retired")
        pages.call("upsert_note", slug="gone", content="# Gone\n")
        pages.call("delete_note", ref="gone", reason="it is over")
        text = "---\ncolumns: [Todo, Doing (1), Done]\nfilter: {tags: [card]}\nmoves: {gone: [x]}\n---\n# A board\n"
        pages.call("upsert_note", slug="plan", content=text, note_type="board", project="web")
        for number, status in enumerate(("todo", "doing", "done", f"odd-{LONG[:40]}")):
            card: dict[str, Any] = {"status": status, "tags": ["card", LONG[:60]], "project": "web"}
            pages.call("upsert_note", slug=f"card-{number}", content=f"# {LONG} {number}\n", **card)
        pages.call("upsert_note", slug="card-0", status="done")
        for number in range(52):
            pages.call("upsert_note", slug=f"n-{number}", content=f"# Number {number}\n")
        yield pages


def test_each_page_can_be_read_by_everybody_in_the_dark_too_and_on_a_narrow_phone(
    browser: Browser, busy: Pages
) -> None:
    with visiting(browser, busy, viewport=PHONE) as page:
        for path in EACH:
            page.emulate_media(color_scheme="light")
            page.set_viewport_size(PHONE)
            page.goto(path)
            assert violations(page) == [], path
            page.set_viewport_size(NARROW)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            page.emulate_media(color_scheme="dark")
            page.set_viewport_size(WIDE)
            assert violations(page, CONTRAST) == [], path
    with visiting(browser, busy, is_owner=False) as page:
        for path in ("/sign-in", "/sign-in?once=none", "/notes", "/notes/plain"):
            page.goto(path)
            assert violations(page) == [], path


def test_a_page_that_is_asked_for_again_looks_as_it_did(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy, viewport=WIDE) as page:
        widths = []
        for _ in range(2):
            page.goto("/notes/busy")
            widths.append(page.evaluate("document.querySelector('main').getBoundingClientRect().width"))
        page.goto("/notes/plain")
        answer = page.goto("/notes/busy")
        assert answer and answer.request.sizes()["responseBodySize"] == 0, "it was not asked for again"
        widths.append(page.evaluate("document.querySelector('main').getBoundingClientRect().width"))
        assert len(set(widths)) == 1
        tab = page.context.new_page()  # whose console may tell what the policy forbids
        for _ in range(2):
            answer = tab.goto("/notes/busy")
        assert answer and answer.request.sizes()["responseBodySize"] == 0
        assert tab.evaluate(INLINE) == "script-src-elem", "the policy of the page holds"


def test_hits_come_as_one_types_and_are_gone_through_by_keys(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy) as page:
        page.goto("/search")
        page.keyboard.type("before you deploy")
        page.get_by_text("Plain › Part").wait_for()
        page.wait_for_url("**/search?q=before+you+deploy&project=&note_type=")
        assert page.evaluate("document.activeElement.name") == "q"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Plain", exact=True).wait_for()
        page.keyboard.press("/")
        page.keyboard.type("number 7")
        page.keyboard.press("Enter")
        page.get_by_text("Number 7", exact=True).first.wait_for()


def test_more_of_a_list_comes_below_it(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy) as page:
        page.goto("/notes")
        page.get_by_role("link", name="More", exact=True).click()
        page.get_by_role("link", name="Plain", exact=True).wait_for()
        assert page.locator("[data-rows] > tr").count() == 60
        assert page.url.endswith("/notes")


def test_a_letter_leads_on_but_not_where_one_types(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy) as page:
        page.goto("/notes/busy")
        page.keyboard.press("/")
        page.keyboard.press("h")
        assert page.locator(".find input").input_value() == "h"
        page.locator("main").focus()
        page.keyboard.press("h")
        page.get_by_role("heading", name="History").wait_for()


def test_reading_searching_and_settings_work_without_script(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy, java_script_enabled=False) as page:
        page.goto("/notes")
        page.get_by_role("link", name="More", exact=True).click()
        page.get_by_role("link", name="Plain", exact=True).click()
        page.get_by_label("Search all notes").fill("deploy")
        page.get_by_label("Search all notes").press("Enter")
        page.get_by_text("A busy note").first.click()
        page.get_by_role("link", name="History").click()
        page.goto("/settings")
        page.get_by_label("Dark").check()
        page.get_by_role("button", name="Keep").click()
        page.locator("html[data-theme=dark]").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="Sign in").wait_for()
        page.get_by_label("Token").fill(busy.make_token("by-hand", "read"))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="by-hand").wait_for()


def test_a_theme_that_is_chosen_holds_against_the_system(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy, color_scheme="dark") as page:
        page.goto("/settings")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.get_by_label("Light").check()
        page.get_by_role("button", name="Keep").click()
        page.locator("html[data-theme=light]").wait_for()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark


WAYS = ("", "?blame=here", "/diff?whole=1", "/diff?view=sides")


def _fields(page: Page) -> int:
    return page.locator("main :is(form, input)").count()


def _is_harmless(page: Page, text: str, fields: int) -> None:
    """`fields` are those of the page itself, as a note without any of its own has them."""
    assert page.locator("main :is(iframe, script, style), .prose :is(form, input)").count() == 0, text
    assert _fields(page) == fields, text
    assert page.evaluate("document.elementFromPoint(60, 25)?.closest('.head') !== null"), text


def test_no_hostile_note_runs_asks_covers_or_sends_anything(browser: Browser, tmp_path: Path) -> None:
    with served(tmp_path / "notewell.db") as pages, visiting(browser, pages) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: asked.append(dialog.message))
        page.expose_function("ran", lambda *_: asked.append("a script ran"))
        texts = [text for text in INJECTIONS if "\0" not in text]  # which no note can hold
        fields: dict[str, int] = {}
        pages.call("upsert_note", slug="harmless", content="# Harmless\n\nIt is.\n")
        for shown in WAYS:
            page.goto(f"/notes/harmless{shown}")
            fields[shown] = _fields(page)
        for number, at in enumerate(range(0, len(texts), TOGETHER)):
            text = "\n\n".join(texts[at : at + TOGETHER])
            pages.call("upsert_note", slug=f"x-{number}", content=f"# Hostile {number}\n\n{text}\n", reason=text[:200])
            page.goto(f"/notes/x-{number}")
            _is_harmless(page, text, fields[""])
        page.goto("/search?q=hostile")
        for number, at in enumerate(range(0, len(texts), ALL_TOGETHER)):
            text = "\n\n".join(texts[at : at + ALL_TOGETHER])
            pages.call("upsert_note", slug=f"y-{number}", content=f"# Hostile {number}\n\n{text}\n", reason=text[:200])
            for shown in WAYS[1:]:
                page.goto(f"/notes/y-{number}{shown}")
                _is_harmless(page, text, fields[shown])
        image = '"><img src=https://evil.example/x onerror=ran()>'
        pages.call("projects", slug="p", name=image)
        pages.call(
            "upsert_note", slug="b", content=f"---\ncolumns: ['{image[:50]}']\n---\n", title=image, note_type="board"
        )
        pages.call("upsert_note", slug="card", content="See [[b]].", title=image, parent="b", project="p")
        record = ReadRecord(str(pages.database))
        record.add(Call(pages.store, image, door="stdio", client=image), [Read("search", query=image, hits=0)])
        record.close()
        run = Runs(pages.database).begin("import", image, image)
        run.say(image)
        run.end("problem", image)
        boards = ("/boards", "/boards/b", "/boards/b/flow", "/notes/card/graph", "/notes/b/graph", "/map/p")
        lists = ("/", "/notes", "/projects/p", "/check", f"/search?{urlencode({'q': image})}", "/new?name=%3Cimg%3E")
        for path in (*boards, *lists, "/reads", "/operations", f"/operations/runs/{run.id}", "/settings"):
            page.goto(path)
            assert page.locator("main img, main iframe, main script:not([src])").count() == 0, path
        assert page.goto("/reads") and image in page.locator("main").inner_text()
        page.goto("/notes/x-3/history")
        own = f"http://127.0.0.1:{pages.site.port}/"
        assert [url for url in asked if not url.startswith((own, "data:image/"))] == []


STARTS_AT = """(element, side) => {
  const text = document.createRange();
  text.selectNodeContents(element);
  return Math.abs(text.getBoundingClientRect()[side] - element.getBoundingClientRect()[side]) < 2;
}"""
"""Whether an element's text begins at that side of it."""


def test_text_is_read_in_its_own_direction(browser: Browser, pages: Pages) -> None:
    hebrew = "# מדריך (1)\n\nלבדק `hl deploy --now`.\n\n1. לבדוק\n\n## Part\n\nEnglish words.\n\n```\ncode\n```\n"
    pages.call("upsert_note", slug="he", content=hebrew, note_type="board", reason="הוספתי: why (2)")
    pages.call("upsert_note", slug="card", content="# לתקן את הבאג!\n", parent="he", status="todo")
    with visiting(browser, pages, viewport=WIDE) as page:
        page.goto("/notes/he")
        for selector, side in (
            ("h1", "right"),
            (".prose > p >> nth=0", "right"),
            (".prose li", "right"),
            (".prose h2", "left"),
            (".prose > p >> nth=1", "left"),
        ):
            assert page.locator(selector).evaluate(STARTS_AT, side), selector
        assert page.locator(".prose pre").evaluate("code => getComputedStyle(code).direction") == "ltr"
        assert page.locator(".byline q").evaluate("reason => getComputedStyle(reason).unicodeBidi") == "plaintext"
        page.goto("/boards/he")
        assert page.locator(".ticket-title").evaluate(STARTS_AT, "right")
        page.goto("/notes/he/edit")
        assert page.get_by_label("Markdown").evaluate("field => getComputedStyle(field).unicodeBidi") == "plaintext"


def test_in_forced_colours_only_the_page_that_is_open_is_marked(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy, forced_colors="active") as page:
        page.goto("/notes")
        marked = page.locator(".head nav a").evaluate_all(
            """links => {
                const ground = getComputedStyle(document.body).backgroundColor;
                const isMarked = ({ outlineStyle, borderBottomColor }) =>
                    outlineStyle === 'solid' || borderBottomColor !== ground;
                return links.filter(link => isMarked(getComputedStyle(link))).map(link => link.textContent);
            }"""
        )
        assert marked == ["Notes"]


def test_text_is_printed_without_what_stands_round_it(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy) as page:
        page.goto("/notes/busy")
        page.emulate_media(media="print")
        assert not page.locator(".head").is_visible()
        assert not page.locator(".rail").is_visible()
        page.locator(".prose").wait_for()


def test_places_and_revisions_are_stepped_through_by_keys(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy) as page:
        page.goto("/notes/busy/diff?from=1&to=3&view=column")
        assert page.locator("[data-place]").count() == 2
        for key, place in (("n", 1), ("n", 2), ("n", 1), ("p", 2), ("p", 1)):
            page.keyboard.press(key)
            page.locator(f"[data-place='{place}']:focus").wait_for()
        page.keyboard.press("j")
        page.wait_for_url("**/notes/busy/diff?to=4&view=column")
        page.keyboard.press("k")
        page.wait_for_url("**/notes/busy/diff?to=3&view=column")


def test_who_wrote_what_comes_after_the_page_and_leads_to_the_change(browser: Browser, busy: Pages) -> None:
    with visiting(browser, busy, viewport=WIDE) as page:
        page.goto("/notes/busy")
        page.keyboard.press("b")
        label = page.get_by_role("link", name="claude-code r2")
        label.wait_for()
        places = [one.bounding_box() for one in (label, page.locator(".of", has=label).locator("p").first)]
        assert places[0] and places[1] and places[0]["x"] + places[0]["width"] < places[1]["x"]
        label.click()
        page.get_by_role("heading", name="r1").wait_for()
        page.locator("ins.mark", has_text="More.").wait_for()


def test_two_revisions_are_chosen_and_one_is_restored_without_script(browser: Browser, tmp_path: Path) -> None:
    with (
        served(tmp_path / "notewell.db") as pages,
        visiting(browser, pages, java_script_enabled=False, viewport=NARROW) as page,
    ):
        pages.call("upsert_note", slug="a", content="# A\n\nFirst words.\n")
        for number in range(3):
            pages.call("edit_note", ref="a", mode="append", new_text=f"\nNumber {number}.\n")
        page.goto("/notes/a/history")
        page.get_by_label("from revision 1").check()
        page.get_by_label("to revision 3").check()
        page.get_by_role("button", name="Compare").click()
        page.get_by_role("heading", name="r1").wait_for()
        page.get_by_text("Restore r3").click()
        page.get_by_label("Why").fill("it was right")
        page.get_by_role("button", name="Restore", exact=True).click()
        page.wait_for_url("**/notes/a")
        page.get_by_text("it was right").wait_for()
        assert page.get_by_text("Number 2.").count() == 0
