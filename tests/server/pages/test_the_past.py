"""The list of notes as it was, its slider, and what was deleted."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from tests.conftest import Knowledge
from tests.server.pages.test_reading import in_words

from notewell_server.pages.drawings.activity import end_of_month, slider_of
from notewell_store import Attribution

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages


def rows(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="([^"]+)">', page)


def filled(pages: Pages) -> Pages:
    """A note of 2024 that changed in 2025, and one of today."""
    knowledge = Knowledge(pages.store)
    knowledge.put("a", "# Before\n", by=Attribution("ann", None, None, "2024-03-05T00:00:00.000Z"), note_type="sop")
    changed = Attribution("ann", None, None, "2025-06-05T00:00:00.000Z")
    knowledge.put("a", "# After\n", if_revision=1, title="After", by=changed)
    knowledge.put("b", "# Today\n")
    return pages


def test_the_store_is_shown_as_it_was_and_each_note_leads_to_what_it_said(pages: Pages) -> None:
    reader = filled(pages).owner()
    page = reader.page("/notes?as_of=2024-12-31")
    assert rows(page) == ["/notes/a?rev=1"]
    assert "You read the store as it was on 2024-12-31 23:59 UTC" in re.sub(r"<[^>]*>", "", page)
    assert "Before sop r 1 2024-03-05" in in_words(page)
    assert "This is revision 1" in reader.page("/notes/a?rev=1")
    assert rows(reader.page("/notes?as_of=2025-06-05")) == ["/notes/a?rev=2"]
    assert rows(reader.page("/notes?as_of=2024-12-31&note_type=plan")) == []
    assert rows(reader.page("/notes?as_of=2024-12-31&note_type=sop")) == ["/notes/a?rev=1"]
    assert reader.get("/notes?as_of=never").status == 400
    assert reader.get("/notes?as_of=2025-06-05&cursor=x").status == 400


def test_the_slider_is_a_form_that_leads_to_the_end_of_a_month(pages: Pages) -> None:
    reader = filled(pages).owner()
    page = reader.page("/notes?note_type=sop&as_of=2024-12-31")
    (low, _, value) = map(int, re.findall(r'name="month" min="(\d+)" max="(\d+)" value="(\d+)"', page)[0])
    assert (end_of_month(low), end_of_month(value)) == (date(2024, 3, 31), date(2024, 12, 31))
    answer = reader.get(f"/notes?note_type=sop&month={value}")
    assert (answer.status, answer.headers["location"]) == (303, "/notes?note_type=sop&as_of=2024-12-31")
    assert reader.get("/notes?month=99999").headers["location"] == "/notes"
    for odd in ("9" * 4_900, "%C2%B2", "-1", "x"):
        assert reader.get(f"/notes?month={odd}").headers["location"] == "/notes"


def test_a_store_of_one_month_has_no_slider_and_one_that_was_never_written_to_neither(pages: Pages) -> None:
    assert "data-months" not in pages.owner().page("/notes")
    assert slider_of({"2026-11": 5}, "", date(2026, 11, 29)) is None
    slider = slider_of({"1026-01": 2, "2026-09": 3, "2026-11": 5, "2999-01": 1}, "1999-01-01", date(2026, 11, 29))
    assert slider is not None
    assert [month.words for month in slider.months] == ["September 2026", "October 2026", "November 2026"]
    assert slider.words == "September 2026"


def test_deleted_notes_are_listed_where_they_are_asked_for(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n", is_public=True)
    pages.call("upsert_note", slug="gone", content="# Gone\n", is_public=True)
    pages.call("delete_note", ref="gone")
    assert rows(pages.owner().page("/notes?deleted=1")) == ["/notes/gone"]
    assert rows(pages.owner().page("/notes")) == ["/notes/a"]
    assert rows(pages.anybody().page("/notes?deleted=1")) == []


def test_labels_in_use_lead_to_the_notes_that_bear_them(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# A\n", tags=["deploy"], note_type="sop")
    page = pages.owner().page("/notes")
    assert 'href="/notes?tags=deploy">deploy <span class="count">1</span>' in page
    assert rows(pages.owner().page("/notes?tags=sop")) == ["/notes/a"]
