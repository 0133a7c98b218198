"""Suggestions beside a note: shown to who may write it, taken with one press, and not over what others wrote."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.pages.browser import opened_browser, violations, visiting

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages

ALERT = "# Lagging replica {0}\n\nThe pager rings when replica {0} lags: drain the broker, then rebalance its shards.\n"
NEW = "# Trouble\n\nThe pager rings as a replica lags; drain the broker, rebalance shards. Mind the stale lag alert.\n"
FORM = re.compile(r'<form action="/notes/trouble/suggestions" method="post">(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'name="(\w+)" value="([^"]*)"')


@pytest.fixture
def alerts(pages: Pages) -> Pages:
    pages.call("upsert_note", slug="alerts", content="# Alerts\n")
    for number in range(6):
        named = {"slug": f"alert-{number}", "note_type": "runbook", "tags": "paging", "parent": "alerts"}
        pages.call("upsert_note", content=ALERT.format(number), **named)
    pages.call("upsert_note", slug="lag", content="# Stale Lag Alert\n\nHow to silence it.\n", is_public=True)
    pages.call("upsert_note", slug="trouble", content=NEW)
    return pages


def forms(page: str) -> dict[str, dict[str, str]]:
    """What each button of the page sends, by its words."""
    found = {}
    for form in FORM.findall(page):
        words = re.search(r'<button(?: aria-label="(.*?)")?>(.*?)</button>', form)
        assert words is not None
        found[html.unescape(words[1] or words[2])] = {name: html.unescape(value) for name, value in FIELD.findall(form)}
    return found


def offered(pages: Pages) -> dict[str, dict[str, str]]:
    return forms(pages.owner().page("/notes/trouble/suggestions"))


def note(pages: Pages) -> Any:
    return pages.call("get_note", ref="trouble")


def test_each_is_taken_with_one_press_as_an_ordinary_edit(alerts: Pages) -> None:
    near = [f"Link to Lagging replica {number}" for number in range(3)]
    assert list(offered(alerts)) == ["Type runbook", "Tag paging", "Below alerts", "Link “stale lag alert”", *near]
    for words in list(offered(alerts))[:5]:
        taken = alerts.owner().send("/notes/trouble/suggestions", offered(alerts)[words])
        assert (taken.status, taken.headers["location"]) == (303, "/notes/trouble?saved=updated")
    kept = note(alerts)
    assert (kept["note_type"], kept["tags"], kept["parent"], kept["revision"]) == ("runbook", ["paging"], "alerts", 6)
    assert "Mind the [[lag|stale lag alert]]." in kept["markdown"]
    linked = alerts.call("get_note", ref="trouble", include=["links"])["links"]
    assert [link["target"] for link in linked if link["relation"] == "relates"] == ["alert-0"]
    assert near[0] not in offered(alerts)
    assert set(offered(alerts)) <= {f"Link to Lagging replica {number}" for number in range(6)}


def test_what_others_changed_meanwhile_stays(alerts: Pages) -> None:
    offers = offered(alerts)
    alerts.call("upsert_note", slug="trouble", status="draft")
    taken = alerts.owner().send("/notes/trouble/suggestions", offers["Link “stale lag alert”"])
    assert taken.headers["location"] == "/notes/trouble?saved=merged&merged=2"
    assert (note(alerts)["status"], note(alerts)["revision"]) == ("draft", 3)
    alerts.call("upsert_note", slug="trouble", note_type="plan")
    taken = alerts.owner().send("/notes/trouble/suggestions", offers["Type runbook"])
    assert taken.headers["location"] == "/notes/trouble?saved=newer"
    assert note(alerts)["note_type"] == "plan"


def test_a_mention_that_the_text_no_longer_has_is_not_taken(alerts: Pages) -> None:
    sent = offered(alerts)["Link “stale lag alert”"] | {"words": "another lag alert"}
    taken = alerts.owner().send("/notes/trouble/suggestions", sent)
    assert taken.headers["location"] == "/notes/trouble?saved=newer"
    nothing = alerts.owner().send("/notes/trouble/suggestions", {"revision": "x", "value": "", "field": "content"})
    assert nothing.headers["location"] == "/notes/trouble?saved=newer"
    assert note(alerts)["revision"] == 1


def test_they_are_for_who_may_write(alerts: Pages) -> None:
    sent = offered(alerts)["Tag paging"]
    reader = alerts.holder(alerts.make_token("reader", "read"))
    for who in (alerts.anybody(), reader):
        assert "/suggestions" not in who.page("/notes/lag")
        assert who.get("/notes/lag/suggestions").status in (303, 401, 403)
        assert who.send("/notes/trouble/suggestions", sent).status in (303, 401, 403, 404)
    assert note(alerts)["tags"] == []


def test_a_note_without_any_says_so_and_one_that_moved_or_is_gone_is_told(alerts: Pages) -> None:
    alerts.call("upsert_note", slug="tea", content="# Tea\n\nLeaves.\n")
    assert "There are none." in alerts.owner().page("/notes/tea/suggestions")
    alerts.call("upsert_note", slug="tea", new_slug="green-tea")
    assert alerts.owner().get("/notes/tea/suggestions").headers["location"] == "/notes/green-tea/suggestions"
    alerts.call("delete_note", ref="green-tea")
    assert alerts.owner().get("/notes/green-tea/suggestions").status == 410


def test_a_browser_shows_them_beside_the_note_and_takes_one(alerts: Pages) -> None:
    with opened_browser() as browser, visiting(browser, alerts) as page:
        page.goto("/notes/trouble")
        page.get_by_role("heading", name="Suggestions").wait_for()
        assert violations(page) == []
        page.get_by_role("button", name="Tag paging").click()
        page.get_by_text("Saved.").wait_for()
        page.get_by_role("heading", name="Suggestions").wait_for()
        assert page.get_by_role("button", name="Tag paging").count() == 0
    assert note(alerts)["tags"] == ["paging"]
