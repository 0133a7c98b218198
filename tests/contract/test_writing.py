"""Writes that meet other writes: revisions that were read, conflicts, repeats, rehearsals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import pytest

from notewell_store import Attribution, Conflict, Damaged, Invalid, Once, Unusable
from notewell_store.markdown.sections import title_of
from notewell_store.models import Dangling
from notewell_store.saved import (
    KeptSentence,
    LinksLeftOut,
    LostSection,
    MissingHeadings,
    MissingSection,
    MovedSection,
    Saved,
    SeemingSecret,
    StrayedLinks,
    UnusableParent,
    UsedKey,
    Warned,
)
from notewell_store.tables import idempotency
from notewell_store.tables.projects import save_project
from notewell_store.writing import planning

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def test_content_is_not_replaced_without_the_revision_it_was_read_at(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    with pytest.raises(Conflict) as raised:
        knowledge.put("a", "two\n")
    assert (raised.value.slug, raised.value.current, raised.value.sent) == ("a", 1, None)
    assert knowledge.note("a").markdown == "one\n"
    assert knowledge.put("a", "two\n", if_revision=1).revision == 2


def test_a_stale_revision_writes_nothing_and_says_what_changed(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    knowledge.rewrite("a", "one\ntwo\n", Attribution("ben", "pr/2", "add two"))
    knowledge.put("a", status="active", by=Attribution("eve", None, "ready"))
    with pytest.raises(Conflict) as raised:
        knowledge.put("a", "mine\n", if_revision=1)
    conflict = raised.value
    assert (conflict.current, conflict.sent) == (3, 1)
    assert [(change.revision, change.actor, change.reason) for change in conflict.changes] == [
        (3, "eve", "ready"),
        (2, "ben", "add two"),
    ]
    assert "+two" in conflict.diff
    assert knowledge.note("a").markdown == "one\ntwo\n"
    assert knowledge.note("a").revision == 3


@pytest.mark.parametrize("sent", [0, 2, 99, 10**30])
def test_a_revision_that_the_note_never_had_is_refused(knowledge: Knowledge, sent: int) -> None:
    knowledge.put("a", "one\n")
    with pytest.raises(Conflict) as raised:
        knowledge.put("a", "two\n", if_revision=sent)
    assert raised.value.current == 1
    assert knowledge.note("a").revision == 1


def test_a_conflict_stays_small_however_much_changed(knowledge: Knowledge) -> None:
    knowledge.put("a", "".join(f"line {n}\n" for n in range(5000)))
    for n in range(30):
        knowledge.rewrite("a", "".join(f"line {n} {m}\n" for m in range(5000)))
    with pytest.raises(Conflict) as raised:
        knowledge.put("a", "mine\n", if_revision=1)
    assert len(raised.value.diff) < 5_000
    assert len(raised.value.changes) <= 10


def test_a_note_is_not_deleted_by_a_writer_who_has_not_read_it(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    knowledge.rewrite("a", "two\n")
    with pytest.raises(Conflict):
        knowledge.delete("a", if_revision=1)
    assert knowledge.note("a").revision == 2
    assert knowledge.delete("a", if_revision=2).revision == 3


def test_the_same_state_again_is_no_revision(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "tester")
    knowledge.put("top", "")
    whole: dict[str, Any] = {
        "title": "A",
        "note_type": "arch",
        "status": "Active",
        "project": "web",
        "tags": ("b", "a"),
    }
    knowledge.put("a", "text\n", parent="top", position=1, is_public=True, **whole)
    before = knowledge.note("a")
    for change in (
        whole,
        {"content": "text\n"},
        {"content": "text\n", "if_revision": 1, **whole},
        {"tags": ("A", "b", "b")},
        {"add_tags": ("a",), "remove_tags": ("zebra",)},
        {"parent": "top"},
        {"parent": str(knowledge.id_of("top"))},
        {"new_slug": "a"},
        {"note_type": "architecture"},
        {"title": " A "},
        {"position": 1, "is_public": True},
        {},
    ):
        saved = knowledge.put("a", **change)
        assert (saved.outcome, saved.revision) == ("unchanged", 1), change
    assert knowledge.note("a") == before
    assert len(knowledge.history("a")) == 1


def test_the_same_content_with_a_stale_revision_is_not_a_conflict(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    knowledge.rewrite("a", "two\n")
    assert knowledge.put("a", "two\n", if_revision=1).outcome == "unchanged"


def test_an_idempotency_key_gets_the_first_answer_and_writes_once(knowledge: Knowledge) -> None:
    once = Once("key-1", "digest")
    first = knowledge.put("a", "text [[nowhere]]\n", once=once)
    knowledge.rewrite("a", "other\n")
    knowledge.put("nowhere", "")
    assert knowledge.put("a", "text [[nowhere]]\n", once=once) == first
    assert knowledge.note("a").markdown == "other\n"
    assert len(knowledge.history("a")) == 2


def test_a_dry_run_under_a_key_that_was_used_says_that_nothing_would_be_written(knowledge: Knowledge) -> None:
    once = Once("key-1", "digest")
    knowledge.put("a", "one\n", once=once)
    knowledge.put("a", "two\n", if_revision=1)
    foreseen = knowledge.put("a", "one\n", once=once, dry_run=True)
    assert (foreseen.outcome, foreseen.diff, foreseen.warnings) == ("unchanged", "", (UsedKey("a", 1, "created"),))
    with pytest.raises(Invalid):
        knowledge.put("a", "one\n", once=Once("key-1", "another digest"), dry_run=True)


def test_an_idempotency_key_is_refused_for_another_call(knowledge: Knowledge) -> None:
    knowledge.put("a", "x", once=Once("key-1", "digest"))
    with pytest.raises(Invalid) as raised:
        knowledge.put("b", "y", once=Once("key-1", "another digest"))
    assert raised.value.argument == "idempotency_key"
    assert knowledge.listed() == ["a"]


def test_a_write_that_failed_leaves_its_key_free(knowledge: Knowledge) -> None:
    knowledge.put("a", "x")
    once = Once("key-1", "digest")
    with pytest.raises(Conflict):
        knowledge.put("a", "y", once=once)
    assert knowledge.put("a", "y", if_revision=1, once=once).outcome == "updated"


def test_an_idempotency_key_keeps_a_warning_as_facts(knowledge: Knowledge) -> None:
    warnings = (
        LostSection("a", "gone", 2),
        MovedSection("a", "how", "how-1", ("b",)),
        StrayedLinks("a", ("#how",), 1),
        MissingSection("b", "vison", ("vision", "version")),
        MissingHeadings("a", "plan", "template-plan", ("Steps",)),
        UnusableParent("a", "b"),
        SeemingSecret("a", "a GitHub token", (3, 9)),
        LinksLeftOut("a", 60_000, 7),
        UsedKey("a", 1, "created"),
        KeptSentence("as it was told"),
    )
    assert {type(warning) for warning in warnings} == set(get_args(Warned))
    saved, once = Saved("a", 1, "created", warnings=warnings), Once("key-1", "digest")
    with knowledge.store.writing() as db:
        idempotency.keep(db, once, saved)
        assert idempotency.first_answer(db, once) == saved


def test_a_warning_that_was_kept_as_a_sentence_is_told_as_it_was(knowledge: Knowledge) -> None:
    once = Once("key-1", "digest")
    first = knowledge.put("a", "x", once=once)
    kept = (
        '{"slug": "a", "revision": 1, "outcome": "created", "dangling": [{"ref": "b", "nearest": ["c"]}], '
        '"warnings": ["#x is gone, and 1 note links to a#x"], "diff": null, "merged_with": []}'
    )
    with knowledge.store.writing() as db:
        db.execute("UPDATE receipts SET answer = ?", (kept,))
    again = knowledge.put("a", "x", once=once)
    assert again == replace(
        first,
        dangling=(Dangling("b", ("c",)),),
        warnings=(KeptSentence("#x is gone, and 1 note links to a#x"),),
        project="",
    )


KEPT = '{"slug": "a", "revision": 1, "outcome": "created", "dangling": [], "merged_with": [], "warnings": '


@pytest.mark.parametrize(
    "answer", ["", "{}", '{"slug": 3}', "[]", KEPT + "[3]}", KEPT + "[{}]}", KEPT + '[{"warning": "x"}]}']
)
def test_a_damaged_receipt_says_so(knowledge: Knowledge, answer: str) -> None:
    once = Once("key-1", "digest")
    knowledge.put("a", "x", once=once)
    with knowledge.store.writing() as db:
        db.execute("UPDATE receipts SET answer = ?", (answer,))
    with pytest.raises(Unusable, match="is damaged"):
        knowledge.put("a", "x", once=once)


def test_metadata_that_somebody_changed_by_hand_are_not_kept_for_true(knowledge: Knowledge) -> None:
    knowledge.put("a", "x")
    with knowledge.store.writing() as db:
        db.execute("UPDATE notes SET title = 'Forged', is_public = TRUE")
    with pytest.raises(Damaged, match="a@1"):
        knowledge.put("a", status="draft")


def test_a_rehearsal_tells_the_outcome_and_writes_nothing(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    knowledge.store.background.finish()
    version = knowledge.store.version()
    created = knowledge.put("b", "new\n", dry_run=True)
    assert (created.outcome, created.slug) == ("created", "b")
    assert created.diff is not None and "+new" in created.diff
    updated = knowledge.put("a", "two\n", status="draft", if_revision=1, dry_run=True, once=Once("k", "d"))
    assert updated.outcome == "updated"
    assert updated.diff is not None and "-one" in updated.diff and "status" in updated.diff
    assert knowledge.put("a", "one\n", dry_run=True).outcome == "unchanged"
    with pytest.raises(Conflict):
        knowledge.put("a", "two\n", dry_run=True)
    assert knowledge.listed() == ["a"]
    assert len(knowledge.history()) == 1
    assert knowledge.store.version() == version
    assert knowledge.put("a", "three\n", if_revision=1, once=Once("k", "d")).outcome == "updated"


def test_who_and_why_are_one_line_each_so_that_no_reason_looks_like_another_revision(knowledge: Knowledge) -> None:
    by = Attribution("an\nn", "https://git.example/pull/1\n", "typo\r\n\x00b@9 2030-01-01 bob: content")
    knowledge.put("a", "x", by=by)
    (revision,) = knowledge.history("a")
    assert (revision.actor, revision.revised_by) == ("an n", "https://git.example/pull/1")
    assert revision.reason == "typo b@9 2030-01-01 bob: content"


@pytest.mark.parametrize("argument", ["reason", "revised_by"])
def test_a_reason_as_long_as_a_note_is_refused(knowledge: Knowledge, argument: str) -> None:
    long: dict[str, Any] = {argument: "w" * 1_001}
    with pytest.raises(Invalid, match="1,001 characters") as raised:
        knowledge.put("a", "x", by=Attribution("ann", **long))
    assert raised.value.argument == argument
    assert knowledge.listed() == []


def test_a_note_bears_a_hundred_tags_and_no_more(knowledge: Knowledge) -> None:
    hundred = tuple(f"tag-{number}" for number in range(100))
    knowledge.put("a", "x", tags=hundred)
    with pytest.raises(Invalid, match="101 tags"):
        knowledge.put("a", add_tags=("one-more",))
    assert len(knowledge.note("a").metadata.tags) == 100


def test_a_long_text_whose_draft_is_made_again_behind_the_lock_is_not_scanned_again(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = planning.made

    def overtaken(*given: Any) -> planning.Plan:
        monkeypatch.setattr(planning, "made", made)
        knowledge.put("other", "")
        return made(*given)

    monkeypatch.setattr(planning, "made", overtaken)
    title_of.cache_clear()
    knowledge.put("long", "words without a heading " * 2_000)
    assert title_of.cache_info()[:2] == (1, 2), "found once; looked for in the two texts"
