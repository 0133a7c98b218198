"""What is told to whoever makes a note: what is near it, copies, what notes like it have, what it calls unlinked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import Attribution, Change, Once, Saved
from notewell_store.contract import Visibility
from notewell_store.saved import Near, Proposed, Suggested, Unlinked
from notewell_store.suggesting.neighbours import COMMON, Sought, found
from notewell_store.suggesting.new_note import told
from notewell_store.suggesting.telling_words import AT_ONCE
from notewell_store.tables.projects import save_project
from notewell_store.writing import drafts, pipeline

if TYPE_CHECKING:
    from tests.conftest import Knowledge

ROLL_BACK = """# Rolling back a release

Stop the canary, pick the last healthy image in the registry, and let the orchestrator replace every pod. Watch the
latency dashboard until the error budget recovers, then write down the incident.
"""
REWRITTEN = """# Undo a bad deployment

When a release misbehaves, the canary is stopped first. The orchestrator then gets the previous healthy image from the
registry, pods are replaced, and somebody watches latency and the error budget.
"""
OTHERS = {
    "holidays": "# Holidays\n\nEveryone takes twenty-five days of vacation each year; ask your manager.\n",
    "invoices": "# Invoices\n\nFinance pays suppliers within thirty days; put the purchase order on each invoice.\n",
    "garden": "# The garden\n\nTomatoes want sun, basil wants water, and snails want both to be left alone.\n",
}


@pytest.fixture
def library(knowledge: Knowledge) -> Knowledge:
    for slug, content in {"sop-roll-back": ROLL_BACK, **OTHERS}.items():
        knowledge.put(slug, content)
    return knowledge


def made(
    knowledge: Knowledge, slug: str, content: str, *, once: Once | None = None, dry_run: bool = False, **change: Any
) -> Saved:
    compose = partial(drafts.upsert, slug=slug, change=Change(content=content, **change), if_revision=None)
    return pipeline.write(knowledge.store, compose, Attribution("tester"), once=once, dry_run=dry_run, suggest=told)


def suggested(knowledge: Knowledge, slug: str, content: str, **change: Any) -> Suggested:
    return made(knowledge, slug, content, **change).suggested or Suggested()


def near(knowledge: Knowledge, slug: str, content: str, **change: Any) -> list[str]:
    return [one.slug for one in suggested(knowledge, slug, content, **change).near]


def test_what_says_the_same_in_other_words_is_the_nearest_and_no_copy(library: Knowledge) -> None:
    assert suggested(library, "new", REWRITTEN).near == (Near("sop-roll-back", "Rolling back a release", 1),)


def test_nothing_is_told_where_nothing_is_near(library: Knowledge) -> None:
    assert (
        made(library, "new", "# Zither\n\nAn instrument with forty strings over a flat soundbox.\n").suggested is None
    )
    assert made(library, "short", "# New\n").suggested is None


def test_a_passage_that_stands_there_already_is_told_with_its_share(library: Knowledge) -> None:
    body = ROLL_BACK.partition("\n\n")[2]
    (copy,) = suggested(library, "new", f"# Weekly notes\n\nMonday was calm.\n\n## What we did\n\n{body}").near
    assert (copy.slug, copy.is_copy) == ("sop-roll-back", True)
    assert copy.share is not None
    assert copy.share >= 0.85


def test_an_equal_title_is_told_whatever_the_text(library: Knowledge) -> None:
    told_of = suggested(library, "new", "# rolling  back a RELEASE\n\nSee the wiki.\n").near
    assert told_of == (Near("sop-roll-back", "Rolling back a release", 1, None, is_copy=True),)


def test_the_same_is_told_by_a_dry_run_which_writes_nothing(library: Knowledge) -> None:
    tried = made(library, "new", REWRITTEN, dry_run=True)
    assert tried.suggested == made(library, "new", REWRITTEN).suggested is not None


def test_edits_are_told_nothing(library: Knowledge) -> None:
    made(library, "new", "# Zither\n\nForty strings.\n")
    compose = partial(drafts.upsert, slug="new", change=Change(content=REWRITTEN, is_whole=True), if_revision=1)
    saved = pipeline.write(library.store, compose, Attribution("tester"), suggest=told)
    assert (saved.outcome, saved.suggested) == ("updated", None)


def test_a_repeated_call_is_told_what_the_first_one_was(library: Knowledge) -> None:
    once = Once("key", "call")
    first = made(library, "new", REWRITTEN, once=once)
    library.delete("sop-roll-back")
    assert made(library, "new", REWRITTEN, once=once) == first
    assert first.suggested is not None


def test_what_the_writer_links_to_or_writes_below_is_known_to_them(library: Knowledge) -> None:
    linking = "\nSee [[sop-roll-back]].\n"
    assert near(library, "new", f"{REWRITTEN}{linking}", dry_run=True) == []
    assert near(library, "new", REWRITTEN, dry_run=True, parent="sop-roll-back") == []
    assert near(library, "new", f"{ROLL_BACK}{linking}", dry_run=True) == ["sop-roll-back"]


def test_deleted_notes_are_not_near(library: Knowledge) -> None:
    library.delete("sop-roll-back")
    assert made(library, "new", REWRITTEN).suggested is None


def test_what_is_over_comes_after_what_holds(library: Knowledge) -> None:
    library.put("sop-roll-back", status="superseded")
    library.put(
        "sop-undo", "# Undoing\n\nThe orchestrator replaces pods by the previous healthy image; mind the canary.\n"
    )
    assert near(library, "new", REWRITTEN) == ["sop-undo", "sop-roll-back"]


def test_notes_of_another_project_are_not_told_of(library: Knowledge) -> None:
    for slug in ("web", "app"):
        save_project(library.store, slug, "tester", slug)
    library.put("sop-roll-back", project="web")
    assert near(library, "of-app", REWRITTEN, project="app") == []
    assert near(library, "of-web", REWRITTEN, project="web") == ["sop-roll-back"]


def runbooks(knowledge: Knowledge, *, odd: int = 0) -> None:
    """Ten notes of one kind, of which `odd` are of another."""
    knowledge.put("alerts", "# Alerts\n")
    for number in range(10):
        kind: dict[str, Any] = {"note_type": "runbook", "tags": ("alerting",), "parent": "alerts"}
        fields = {"note_type": "plan"} if number < odd else kind
        knowledge.put(
            f"alert-{number}",
            f"# Alert {number}\n\nThe pager rings when replica {number} lags; drain the broker, rebalance shards.\n",
            **fields,
        )


NEW_ALERT = "# Lagging\n\nThe pager rings: a replica lags behind. Drain the broker and rebalance its shards.\n"


def test_fields_that_are_empty_are_proposed_where_notes_like_it_agree(knowledge: Knowledge) -> None:
    runbooks(knowledge, odd=1)
    assert suggested(knowledge, "new", NEW_ALERT).proposed == (
        Proposed("note_type", "runbook", 9, 10),
        Proposed("tags", "alerting", 9, 10),
        Proposed("parent", "alerts", 9, 10),
    )


def test_fields_that_say_something_are_left_alone(knowledge: Knowledge) -> None:
    runbooks(knowledge)
    given = {"note_type": "plan", "tags": ("own",), "parent": "alert-1"}
    assert suggested(knowledge, "new", NEW_ALERT, **given).proposed == ()


def test_nothing_is_proposed_where_they_do_not_agree(knowledge: Knowledge) -> None:
    runbooks(knowledge, odd=4)
    assert suggested(knowledge, "new", NEW_ALERT).proposed == ()


def calls(knowledge: Knowledge, text: str, **change: Any) -> list[Unlinked]:
    return list(suggested(knowledge, "new", f"# Notes of a day\n\n{text}\n", dry_run=True, **change).unlinked)


def test_a_title_that_stands_in_the_text_is_a_mention(library: Knowledge) -> None:
    library.put("vendors", "# Third-Party Management Policy\n\nOf those who sell us things.\n")
    found = calls(library, "As the third-party\nmanagement policy says, ask first.")
    assert found == [Unlinked("vendors", "third-party management policy")]


@pytest.mark.parametrize(
    "text",
    [
        "`Third-Party Management Policy`",
        "```\nThird-Party Management Policy\n```",
        "    Third-Party Management Policy",
        "# Third-Party Management Policy",
        "[Third-Party Management Policy](https://example.com)",
        "[see the Third-Party Management Policy](other.md)",
        "<!-- Third-Party Management Policy -->",
        "Third-Party Management Policymaker",
        "https://example.com/Third-Party Management Policy",
        "The Third-Party Management Policy, as [[vendors]] has it",
    ],
)
def test_code_headings_links_and_parts_of_words_mention_nothing(library: Knowledge, text: str) -> None:
    library.put("vendors", "# Third-Party Management Policy\n\nOf those who sell us things.\n")
    assert calls(library, f"So:\n\n{text}\n") == []


def test_a_name_that_two_notes_bear_is_none(library: Knowledge) -> None:
    for slug in ("vendors", "sellers"):
        library.put(slug, "# Third-Party Management Policy\n\nOf those who sell us things.\n")
    assert calls(library, "As the Third-Party Management Policy says.") == []


def test_names_of_fewer_words_are_not_sure(library: Knowledge) -> None:
    library.put("vendors", "# The vendor policy\n\nOf those who sell us things.\n")
    assert calls(library, "As the vendor policy says.") == []


def test_words_by_which_a_near_note_links_are_a_name(library: Knowledge) -> None:
    library.put("sev", "# Severities\n\nOne to four.\n")
    library.put("sop-undo", f"{ROLL_BACK}\nMind the [four incident severity levels](sev).\n")
    text = f"{ROLL_BACK.partition(chr(10))[2]}\nThink of the four incident severity levels.\n"
    assert calls(library, text) == [Unlinked("sev", "four incident severity levels")]


def test_scripts_without_spaces_have_neighbours(library: Knowledge) -> None:
    library.put("jp", "# 障害対応\n\n障害が発生したら管理者に連絡し、記録を残す。\n")
    assert near(library, "new", "# 手順\n\n障害が起きたときは管理者に連絡して記録を書く。\n") == ["jp"]


ODD = ["", *(sign * 9_000 for sign in '[`<"日\N{COMBINING ACUTE ACCENT}'), "a-" * 5_000, "((" * 4_000]
ODD += ["İstanbul ß ﬁ the Third-Party Management Policy", "x" * 100_000, "the of and " * 3_000]


@pytest.mark.parametrize("text", ODD)
def test_no_text_is_too_odd_to_be_looked_at(library: Knowledge, text: str) -> None:
    library.put("vendors", "# Third-Party Management Policy\n\nOf those who sell us things.\n")
    known = {"sop-roll-back", "vendors", *OTHERS}
    found = suggested(library, "new", f"# Odd\n\n{text}\n", dry_run=True)
    assert {one.slug for one in found.near} <= known
    assert [one.slug for one in found.unlinked] == (["vendors"] if "Policy" in text else [])


def test_a_word_that_is_common_where_it_is_not_seen_finds_nothing_and_hides_nothing(library: Knowledge) -> None:
    save_project(library.store, "web", "tester", "web")
    library.put("sop-roll-back", project="web")
    library.put("hidden", "# Hidden\n\n" + "".join(f"## Part {number}\n\nThe canary.\n\n" for number in range(COMMON)))
    library.put("seen", "# Seen\n\nCanary, canary, canary.\n", project="web")
    with library.store.seen_by(Visibility("web")).reading() as db:
        near = found(db, Sought("New", REWRITTEN, "web"), AT_ONCE)
    assert [one.facts.slug for one in near.neighbours] == ["sop-roll-back"]
    assert near.counts["canari"] == COMMON
    assert near.counts["registri"] == 1


def test_damage_of_what_is_near_keeps_nobody_from_writing(library: Knowledge) -> None:
    with library.store.writing() as db:
        db.execute("UPDATE notes SET tags = '{' WHERE slug = 'sop-roll-back'")
    saved = made(library, "new", REWRITTEN)
    assert (saved.outcome, saved.suggested) == ("created", None)
