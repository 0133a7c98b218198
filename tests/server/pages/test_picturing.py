"""A note's neighbours, a project's map and a board's flow as pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.server.pages.test_boards import board, in_words, move

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages

__all__ = ["board"]


def test_a_picture_leads_to_who_links_here_and_to_what_it_links(pages: Pages) -> None:
    pages.call("upsert_note", slug="b", content="# B\n\nSee [[a]].\n", note_type="sop")
    pages.call("upsert_note", slug="c", content="# C\n")
    pages.call("upsert_note", slug="a", content="# A\n\nSee [[c#x]], [[c]], [[gone]] and [[a]].\n")
    page = pages.owner().page("/notes/a/graph")
    picture = page.partition('<div class="graph"')[2].partition("</div>")[0]
    assert re.findall(r'href="([^"]*)" aria-label="(\w)"', picture) == [
        ("/notes/b/graph", "B"),
        ("/notes/c/graph", "C"),
        ("/notes/a", "A"),
    ]
    assert "Who links here 1 B sop What it links to 1 C" in in_words(page)
    pages.call("upsert_note", slug="c", new_slug="d")
    assert pages.owner().get("/notes/c/graph").headers["location"] == "/notes/d/graph"
    pages.call("delete_note", ref="d")
    assert pages.owner().get("/notes/d/graph").status == 410


def test_a_note_that_links_nowhere_has_a_picture_of_itself_in_words(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n")
    page = pages.owner().page("/notes/a/graph")
    assert "<path" not in page.partition("<main")[2]
    assert "Who links here 0 Nothing. What it links to 0 Nothing." in in_words(page)


def test_a_map_has_a_box_for_each_note_of_a_project_that_the_reader_may_see(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web & more")
    pages.call("upsert_note", slug="a", content="# A\n\nLong text.\n", project="web", is_public=True)
    pages.call("upsert_note", slug="b", content="# B\n", project="web", parent="a")
    pages.call("upsert_note", slug="c", content="# C\n")
    page = pages.owner().page("/map/web")
    assert re.findall(r'<a href="/notes/(\w)" tabindex', page) == ["a", "a", "b"]
    assert "Map of Web &amp; more" in page
    assert re.findall(r'<a href="/notes/(\w)" tabindex', pages.anybody().page("/map/web")) == ["a"]
    assert pages.owner().get("/map/nowhere").status == 404
    pages.call("projects", slug="web", new_slug="site")
    assert pages.owner().get("/map/web").headers["location"] == "/map/site"


def test_a_project_without_notes_has_an_empty_map(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    assert "Web has no notes." in in_words(pages.owner().page("/map/web"))


def test_the_flow_tells_lead_times_and_what_is_in_work_and_points_lead_to_cards(board: Pages) -> None:
    empty = in_words(board.owner().page("/boards/b/flow"))
    assert "Lead time, half within none done" in empty
    assert move(board.owner(), "one", status="done").status == 303
    page = board.owner().page("/boards/b/flow")
    words = in_words(page)
    assert "Lead time, half within 0 d 85 of 100 within 0 d Done, last four weeks 1 In work now 1" in words
    assert re.search(r'<a href="/notes/one" tabindex="-1"><circle class="point"', page)
    assert "Card one: 0 d, done" in page
    assert "Card four Review 0" in words
    assert not re.search(r'\sstyle="', page)


def test_a_note_leads_to_its_picture_and_a_board_to_its_columns(board: Pages) -> None:
    reader = board.owner()
    page = reader.page("/notes/b")
    assert 'href="/boards/b" data-key="o">Board</a>' in page
    assert 'href="/notes/b/graph" data-key="g">Links</a>' in page
    assert "/boards/" not in reader.page("/notes/one").partition("<main")[2]
