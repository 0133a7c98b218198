"""The page of a project, and the one of what wants to be looked after."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.server.pages.test_reading import in_words

from notewell_store import Attribution
from notewell_store.tables import upkeep

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages

LONG_AGO = Attribution("ann", None, None, "2024-03-05T00:00:00.000Z")


def part(page: str, heading: str) -> list[str]:
    """Where the links of a part lead."""
    inside = page.partition(f"<h2>{heading}</h2>")[2].partition("</section>")[0]
    return re.findall(r'href="([^"]+)"', inside)


def test_a_project_begins_with_what_its_page_says_and_shows_how_far_plans_are(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web shop", repo_url="https://github.com/kestrelmoor/web")
    of_web = {"project": "web"}
    text = "# The shop\n\nSells [[plan-b|things]].\n\n## More\n\nMuch more.\n"
    pages.call("upsert_note", slug="web", content=text, note_type="project", **of_web)
    plan = {"note_type": "plan", "status": "active", **of_web}
    pages.call("upsert_note", slug="plan-a", content="# A\n", note_type="plan", status="done", **of_web)
    pages.call("upsert_note", slug="plan-b", content="# B\n\n- [x] one\n- [x] two\n- [ ] three\n", **plan)
    pages.call("link_notes", source="plan-b", targets=["plan-a"], relation="continues")
    pages.call("upsert_note", slug="todo-a", content="# T\n", note_type="todo", tags=["story:buy"], **of_web)
    pages.call("upsert_note", slug="todo-b", content="# Done\n", note_type="todo", status="done", **of_web)
    pages.call("upsert_note", slug="decision-a", content="# D\n", note_type="decision", **of_web)
    pages.call("upsert_note", slug="elsewhere", content="# E\n", note_type="todo")
    page = pages.owner().page("/projects/web")
    words = in_words(page)
    assert "Web shop 6 notes · github.com/kestrelmoor/web" in words
    assert "Sells things . Read on: The shop" in words
    assert "Much more" not in words
    assert 'href="/notes/plan-b">things</a>' in page
    assert part(page, "Plans") == ["/notes/plan-b", "/notes/plan-a"]
    assert "2 of 3 steps" in words
    assert part(page, "Open work") == ["/notes/todo-a"]
    assert part(page, "Stories") == ["/notes?project=web&amp;tags=story%3Abuy"]
    assert part(page, "Latest decisions") == ["/notes/decision-a"]
    assert "/notes/elsewhere" not in page


def test_a_project_shows_its_boards_in_short_and_what_it_reached(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    board = "---\ncolumns: [Todo, Doing (1)]\n---\n# Work\n"
    pages.call("upsert_note", slug="work", content=board, note_type="board", project="web")
    pages.call("upsert_note", slug="card", content="# Card\n", parent="work", status="todo", project="web")
    pages.call("upsert_note", slug="other", content=board, note_type="board")
    first = "---\ndue: 2026-03-01\n---\n# First sale\n"
    pages.call("upsert_note", slug="first", content=first, note_type="milestone", status="done", project="web")
    page = pages.owner().page("/projects/web")
    assert part(page, "Boards") == ["/boards/work"]
    assert "Work Todo 1 Doing 0 of 1" in in_words(page)
    assert part(page, "Timeline") == ["/notes/first"]
    assert "2026-03-01 milestone First sale done" in in_words(page)


def test_a_project_that_has_nothing_says_so_and_one_that_is_not_is_missing(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    assert "No note belongs to this project yet" in pages.owner().page("/projects/web")
    assert pages.owner().get("/projects/none-such").status == 404
    assert pages.anybody().get("/projects/web").status == 404


def test_a_former_name_of_a_project_leads_to_its_page(pages: Pages) -> None:
    pages.call("projects", slug="old", name="Web")
    pages.call("projects", slug="old", new_slug="web")
    answer = pages.owner().get("/projects/old")
    assert (answer.status, answer.headers["location"]) == (301, "/projects/web")


def neglected(pages: Pages) -> Pages:
    """One of each kind that wants to be looked after, of the project web, and one that does not."""
    pages.call("projects", slug="web", name="Web")
    knowledge = Knowledge(pages.store)
    knowledge.put("sop-old", "# Old rule\n", note_type="sop", status="active", project="web", by=LONG_AGO)
    pages.call("upsert_note", slug="hub", content="# Hub\n\n[[sop-old]], [[nowhere]], [[gone]], [[decision-a]]\n")
    pages.call("upsert_note", slug="todo-a", content="# Lonely\n\n[[hub]]\n", note_type="todo", project="web")
    pages.call("upsert_note", slug="gone", content="# Gone\n")
    pages.call("delete_note", ref="gone")
    pages.call("upsert_note", slug="template-decision", content="# T\n\n## Why\n\n## How\n", note_type="template")
    pages.call("upsert_note", slug="decision-a", content="# D\n\n## How\n", note_type="decision", project="web")
    return pages


def test_upkeep_names_what_wants_to_be_looked_after_each_leading_to_its_note(pages: Pages) -> None:
    page = neglected(pages).owner().page("/check")
    dangling = part(page, "Links that lead nowhere")
    assert dangling == ["/notes/hub", "/search?q=nowhere", "/notes/hub", "/search?q=gone"]
    assert part(page, "Rules that nobody looked at for half a year") == ["/notes/sop-old"]
    assert part(page, "Open todos that belong nowhere") == ["/notes/todo-a"]
    assert part(page, "Headings that a template asks for") == ["/notes/decision-a"]
    assert "D decision Why" in in_words(page)
    assert part(page, "Notes that nothing leads to") == ["/notes/todo-a"]
    of_web = pages.owner().page("/check?project=web")
    assert part(of_web, "Links that lead nowhere") == []
    assert part(of_web, "Rules that nobody looked at for half a year") == ["/notes/sop-old"]


def test_upkeep_is_not_for_strangers_and_tells_others_of_what_they_see(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    neglected(pages)
    assert pages.anybody().get("/check").headers["location"] == "/sign-in?next=/check"
    pages.call("upsert_note", slug="own", content="# Own\n\n[[hub]], [[void]]\n", project="web")
    reader = pages.holder(pages.make_token("web-agent", "read", project="web"))
    page = reader.page("/check")
    assert part(page, "Links that lead nowhere")[:2] == ["/notes/own", "/search?q=hub"]
    assert "nowhere</a>" not in page
    monkeypatch.setattr(upkeep, "MOST_WALKED", 0)
    assert part(reader.page("/check?project=web"), "Links that lead nowhere") == []


def test_upkeep_of_a_store_without_faults_says_so(pages: Pages) -> None:
    assert "Nothing waits" in pages.owner().page("/check")
