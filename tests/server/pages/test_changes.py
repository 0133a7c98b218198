"""The first page: what changed, and how the store is."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from tests.server.pages.test_reading import PULL, in_words

from notewell_server.pages.drawings.activity import bars_of_weeks
from notewell_store.tables import feed
from notewell_store.tables.feed import Count, Counted

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages, Reader


def slugs(page: str) -> list[str]:
    """The notes of the feed, as they come."""
    rows = page.partition("data-rows")[2].partition("</ol>")[0]
    return re.findall(r'class="subject" href="/notes/([\w-]+)"', rows)


def older(page: str) -> str:
    (address,) = re.findall(r'class="button" href="(/\?[^"]*)"', page)
    return html.unescape(address)


def test_a_change_says_when_who_what_to_which_note_why_and_on_whose_account(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# Roll back\n")
    pages.call("upsert_note", by="claude-code", slug="a", status="active", reason="it holds", revised_by=PULL)
    pages.call("delete_note", ref="a", reason="it is over")
    page = pages.owner().page("/")
    words = in_words(page)
    assert "just now ● person ann deleted Roll back it is over r3" in words
    assert "just now ◆ agent claude-code changed Roll back it holds status r2 PR #7" in words
    assert "just now ● person ann made Roll back r1" in words
    assert f'href="{PULL}"' in page
    assert 'href="/notes/a/history">r3<' in page


def test_changes_are_narrowed_to_an_actor_a_project_and_a_time(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    pages.call("upsert_note", slug="a", content="# A\n", project="web")
    pages.call("upsert_note", by="codex", slug="b", content="# B\n", project="web")
    pages.call("upsert_note", by="codex", slug="c", content="# C\n")
    reader = pages.owner()
    assert slugs(reader.page("/")) == ["c", "b", "a"]
    assert slugs(reader.page("/?actor=codex")) == ["c", "b"]
    assert slugs(reader.page("/?project=web")) == ["b", "a"]
    assert slugs(reader.page("/?actor=codex&project=web&since=7d")) == ["b"]
    assert slugs(reader.page("/?since=2099-01-01")) == []
    assert "No change fits" in reader.page("/?actor=nobody")
    assert reader.get("/?before=x").status == 400
    assert reader.get("/?project=none-such").status == 404


def test_older_changes_go_on_where_the_page_was_cut(pages: Pages) -> None:
    for number in range(52):
        pages.call("upsert_note", slug=f"n-{number}", content="# N\n")
    reader = pages.owner()
    first = reader.page("/")
    assert slugs(first)[-1] == "n-2"
    rest = reader.page(older(first))
    assert slugs(rest) == ["n-1", "n-0"]
    assert 'class="rail"' not in rest


def read_to_the_end(reader: Reader, path: str) -> list[str]:
    page = reader.page(path)
    found = slugs(page)
    while "Older</a>" in page or "further back</a>" in page:
        page = reader.page(older(page))
        found += slugs(page)
    return found


def test_no_more_changes_are_looked_at_than_a_bound_and_all_are_reached(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_LOOKED_AT", (3, 3))
    pages.call("projects", slug="web", name="Web")
    for number in range(10):
        rare = number in (0, 5)
        project = {"project": "web"} if rare else {}
        pages.call("upsert_note", by="codex" if rare else "ann", slug=f"n-{number}", content="# N\n", **project)
    reader = pages.owner()
    assert slugs(reader.page("/?project=web")) == ["n-5"]
    for path in ("/?project=web", "/?actor=codex"):
        assert read_to_the_end(reader, path) == ["n-5", "n-0"]
    assert read_to_the_end(reader, "/") == [f"n-{number}" for number in range(9, -1, -1)]


def test_nobody_sees_changes_that_they_may_not_read(pages: Pages) -> None:
    pages.call("upsert_note", slug="secret", content="# Secret\n\n[[nowhere]]\n", reason="hush")
    pages.call("upsert_note", by="codex", slug="open", content="# Open\n", is_public=True)
    page = pages.anybody().page("/")
    assert slugs(page) == ["open"]
    assert "ecret" not in page
    assert "hush" not in page
    assert "nowhere" not in page
    assert "1 changes in 26 weeks, 100 % of them by agents" in page
    assert "live.js" not in page


def test_what_stands_beside_the_feed_leads_to_what_waits(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    pages.call("upsert_note", slug="plan-a", content="# Plan A\n\n[[gone]]\n", note_type="plan", status="in progress")
    pages.call("upsert_note", slug="plan-b", content="# Plan B\n", note_type="plan", status="done")
    pages.call("upsert_note", slug="sop-a", content="# Rule A\n", note_type="runbook", status="active")
    pages.call("upsert_note", slug="sop-b", content="# Rule B\n", note_type="sop", status="retired")
    pages.call("upsert_note", slug="board-a", content="---\ncolumns: [Todo]\n---\n# Board A\n", note_type="board")
    rail = pages.owner().page("/").partition('class="rail"')[2]
    links = ["/projects/web", "/notes/plan-a", "/boards/board-a", "/notes/sop-a", "/check", "/reads"]
    assert re.findall(r'href="([^"]+)"', rail) == links


def test_an_empty_store_says_what_to_do(pages: Pages) -> None:
    assert "Nothing was written yet" in pages.owner().page("/")
    assert "Nothing here is public" in pages.anybody().page("/")


def test_activity_is_of_weeks_and_of_days_where_less_was_counted() -> None:
    counts = (
        Count("2026-11-29", "ann", "stdio", 3),
        Count("2026-11-28", "codex", "pages", 1),
        Count("2026-06-01", "ann", None, 8),
    )
    weeks = bars_of_weeks(Counted("2026-05-31T00:00:00.000Z", counts), date(2026, 11, 29))
    assert (weeks.unit, len(weeks.bars), weeks.changes, weeks.share) == ("week", 26, 12, 25)
    assert [(bar.changes, bar.by_agents) for bar in (weeks.bars[0], weeks.bars[-1])] == [(8, 0), (4, 3)]
    assert weeks.is_guess
    days = bars_of_weeks(Counted("2026-11-20T09:00:00.000Z", counts), date(2026, 11, 29))
    assert (days.unit, len(days.bars), days.bars[-1].changes, days.bars[-2].changes) == ("day", 10, 3, 1)
    assert not days.is_guess


def test_months_are_judged_by_some_changes_where_there_are_many(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        pages.call("upsert_note", slug=f"n-{number}", content="# N\n")
    with pages.store.reading() as db:
        (exact,) = feed.months(db).items()
        monkeypatch.setattr(feed, "MOST_SAMPLED", (3, 3))
        assert feed.months(db) == dict([exact])
    assert exact[1] == 9
