"""What a new note's answer says of what stands near it, within its length; what is suggested of one that is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Attribution, NotFound
from notewell_store.redacting.redaction import read_wanted, redact
from notewell_tools.definition import Call
from notewell_tools.results import Saved
from notewell_tools.suggested import MOST, suggested_lines
from notewell_tools.suggestions import SURE, every_suggestion, narrowed, suggestions, suggestions_text
from notewell_tools.take_suggestion import taken_field, taken_mention

if TYPE_CHECKING:
    from tests.tools.conftest import Agent

    from notewell_store import Store

ALERT = "# Lagging replica {0}\n\nThe pager rings when replica {0} lags: drain the broker, then rebalance its shards.\n"
NEW = "# Broker trouble\n\nThe pager rings because a replica lags; drain the broker and rebalance all shards.\n"


@pytest.fixture
def alerts(agent: Agent) -> Agent:
    agent.note("alerts", "# All Our Alerts\n")
    for number in range(6):
        agent.note(f"alert-{number}", ALERT.format(number), note_type="runbook", tags="paging", parent="alerts")
    return agent


def test_a_new_note_is_answered_with_what_is_near_it(alerts: Agent) -> None:
    told = alerts.read("upsert_note", slug="broker", content=f"{NEW}\nIt is one of All our alerts.\n").splitlines()
    assert told[1:] == [
        "nearest: alert-0 (Lagging replica 0); alert-1 (Lagging replica 1)",
        "others like it have type runbook (6 of 6), tag paging (6 of 6), parent alerts (6 of 6)",
    ]


def test_the_same_comes_as_json(alerts: Agent) -> None:
    text = "# Lagging replica 3\n\nSee all our alerts, and mind the stale replica lag alert.\n"
    alerts.note("lag", "# Stale Replica Lag Alert\n\nHow to silence it.\n")
    answer = alerts.ask("upsert_note", slug="new", content=text, note_type="runbook", dry_run=True)
    assert answer["nearest"][0] == {"slug": "alert-3", "title": "Lagging replica 3", "copy": True}
    assert answer["unlinked"] == [{"slug": "lag", "words": "stale replica lag alert"}]


def test_an_edit_and_a_note_near_nothing_are_answered_as_ever(alerts: Agent) -> None:
    assert alerts.read("upsert_note", slug="tea", content="# Tea\n\nLeaves.\n") == "created tea@1 in no project"
    assert alerts.read("upsert_note", slug="tea", tags="hot") == "updated tea@2"
    assert alerts.read("edit_note", ref="tea", mode="append", new_text=NEW) == "updated tea@3"


def test_a_repeated_call_is_answered_in_the_same_words(alerts: Agent) -> None:
    call = {"slug": "broker", "content": NEW, "idempotency_key": "once"}
    first = alerts.read("upsert_note", **call)
    assert "nearest: " in first
    alerts.ask("delete_note", ref="alert-0")
    assert alerts.read("upsert_note", **call) == first


def test_what_is_redacted_is_kept_by_no_answer_that_had_it_as_a_title(alerts: Agent, store: Store) -> None:
    alerts.note("token", f"# Token s3cr3tw0rd\n\n{NEW}")
    told = alerts.read("upsert_note", slug="broker", content=NEW, idempotency_key="once")
    assert "s3cr3tw0rd" in told
    alerts.ask("upsert_note", slug="token", title="Token", if_revision=1, content=NEW, is_whole=True)
    redact(store, read_wanted("token@1"), Attribution("ann", reason="leaked"), "s3cr3tw0rd")
    assert "s3cr3tw0rd" not in str(alerts.content())


LONG = "a-very-long-slug-of-a-page-that-stands-deep-in-a-tree-of-folders-{}"


def saved(**more: object) -> Saved:
    return {"slug": "new", "revision": 1, "outcome": "created", "dangling": [], "warnings": [], **more}  # type: ignore[typeddict-item]


@pytest.mark.parametrize("near", [1, 2])
@pytest.mark.parametrize("title", ["T", "A title " * 60, "<system>", "a\u202eb"])
@pytest.mark.parametrize("slug", ["note-{}", LONG, "x" * 190 + "-{}"])
def test_however_much_there_is_to_tell_it_takes_so_many_characters(near: int, title: str, slug: str) -> None:
    lines = suggested_lines(
        saved(
            nearest=[{"slug": slug.format(at), "title": title, "copy": True, "share": 0.97} for at in range(near)],
            proposed=[{"field": "tags", "value": f"tag-{at}", "agreeing": 9, "voters": 10} for at in range(9)],
            unlinked=[{"slug": slug.format(at), "words": "w"} for at in range(9)],
        )
    )
    assert lines[0].startswith(f"nearest: {slug.format(0)}")
    assert sum(map(len, lines)) <= max(MOST, len(f"nearest: {slug.format(0)}, copy? 0.97 of a passage"))
    assert "\u202e" not in lines[0]
    assert "<system>" not in lines[0]


def test_all_that_may_be_said_of_a_note_is_said_with_why(alerts: Agent, store: Store) -> None:
    alerts.note("lag", "# Stale Replica Lag Alert\n\nHow to silence it.\n")
    alerts.note("new", f"{NEW}\nMind the stale replica lag alert.\n")
    found = suggestions(Call(store, "ann"), "new")
    assert [one["value"] for one in found["proposed"]] == ["runbook", "paging", "alerts"]
    assert found["unlinked"] == [{"slug": "lag", "words": "stale replica lag alert"}]
    assert found["nearest"][0]["likeness"] == 1
    assert {"pager", "broker"} <= set(found["nearest"][0]["shared"])
    text = suggestions_text(found, str)
    assert "others like it have tag paging (6 of 7): upsert_note(slug='new', add_tags=['paging'])" in text
    assert "mentions without a link: lag · stale replica lag alert" in text


def test_of_a_note_near_nothing_nothing_is_said(agent: Agent, store: Store) -> None:
    agent.note("tea", "# Tea\n\nLeaves.\n")
    assert suggestions_text(suggestions(Call(store, "ann"), "tea"), str) == "tea · Tea\nnothing to suggest"
    with pytest.raises(NotFound):
        suggestions(Call(store, "ann"), "coffee")


def test_of_all_notes_what_is_sure_is_told(alerts: Agent, store: Store) -> None:
    alerts.note("copy", ALERT.format(2), note_type="runbook", tags="paging", parent="alerts")
    done: list[tuple[int, int]] = []
    found = list(every_suggestion(Call(store, "ann"), None, SURE, lambda *told: done.append(told)))
    twice = {one["slug"]: [copy["slug"] for copy in one["copies"]] for one in found}
    assert "alert-2" in twice["copy"]
    assert "copy" in twice["alert-2"]
    assert done[-1] == (8, 8)
    assert list(every_suggestion(Call(store, "ann"), None, ["proposed"], lambda *_: None)) == []


def test_narrowed_suggestions_are_those_of_the_kinds_that_were_asked_for(alerts: Agent, store: Store) -> None:
    found = narrowed(suggestions(Call(store, "ann"), "alert-1"), ["nearest"])
    assert found["nearest"] != []
    assert not (found["links"] or found["proposed"] or found["copies"])


def test_a_field_is_taken_as_it_was_proposed() -> None:
    tagged = {"slug": "a", "if_revision": 2, "add_tags": ["x"], "reason": "as notes like it have it"}
    assert taken_field("a", 2, "tags", "x") == ("upsert_note", tagged)
    assert taken_field("a", 2, "content", "x") is None


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("See the Deploy the Web guide.", "See the [[web|Deploy the Web]] guide."),
        ("`Deploy the Web`, and deploy\nthe web.", "`Deploy the Web`, and [[web|deploy the web]]."),
        ("| a |\n|---|\n| Deploy the Web |", "| a |\n|---|\n| [Deploy the Web](note://web) |"),
        ("Nothing of it.", None),
    ],
)
def test_a_mention_is_taken_as_a_link(agent: Agent, store: Store, text: str, linked: str | None) -> None:
    agent.note("web", "# Deploy the Web\n")
    agent.note("note", f"# Note\n\n{text}\n")
    taken = taken_mention(Call(store, "ann"), "note", 1, "Deploy the Web", "web")
    assert (taken and taken.arguments["content"]) == (linked and f"# Note\n\n{linked}\n")
    if taken:
        assert agent.ask(taken.tool, **taken.arguments)["outcome"] == "updated"
        links = agent.ask("get_note", ref="note", view="meta", include=["links"])["links"]
        assert [link["target"] for link in links] == ["web"]
