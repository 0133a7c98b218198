"""Writes that meet: what was written from an older revision is merged, or refused with all that is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Attribution, Conflict, Invalid, Once

if TYPE_CHECKING:
    from tests.conftest import Knowledge

PLAN = "# Plan\n\n## Vision\n\nOne store.\n\n## Steps\n\n- [ ] one\n- [ ] two\n"
OTHER = Attribution("ana", "https://forge.example/pull/7", "vision agreed")


def test_changes_of_different_places_are_merged_and_named(knowledge: Knowledge) -> None:
    knowledge.put("plan", PLAN)
    knowledge.put("plan", PLAN.replace("One store.", "One file."), if_revision=1, by=OTHER)
    saved = knowledge.put("plan", PLAN.replace("- [ ] two", "- [x] two"), if_revision=1)
    assert (saved.outcome, saved.revision, saved.merged_with) == ("merged", 3, (2,))
    assert knowledge.note("plan").markdown == PLAN.replace("One store.", "One file.").replace("- [ ] two", "- [x] two")


def test_overlapping_changes_write_nothing_and_say_what_changed(knowledge: Knowledge) -> None:
    knowledge.put("plan", PLAN)
    knowledge.put("plan", PLAN.replace("One store.", "One file."), if_revision=1, by=OTHER)
    with pytest.raises(Conflict) as raised:
        knowledge.put("plan", PLAN.replace("One store.", "Two stores."), if_revision=1)
    error = raised.value
    assert (error.current, error.sent, error.overlap) == (2, 1, ("content",))
    assert [(change.actor, change.revised_by, change.reason) for change in error.changes] == [
        ("ana", "https://forge.example/pull/7", "vision agreed")
    ]
    assert "+One file." in error.diff
    assert knowledge.note("plan").revision == 2


def test_tags_are_merged_as_sets(knowledge: Knowledge) -> None:
    knowledge.put("a", "text\n", tags=("kept", "old"))
    knowledge.put("a", add_tags=("theirs",), remove_tags=("old",))
    saved = knowledge.put("a", tags=("kept", "old", "mine"), if_revision=1)
    assert saved.outcome == "merged"
    assert knowledge.note("a").metadata.tags == ("kept", "mine", "theirs")


def test_other_metadata_is_merged_field_by_field(knowledge: Knowledge) -> None:
    knowledge.put("a", "text\n", status="draft", note_type="plan")
    knowledge.put("a", status="active")
    assert knowledge.put("a", title="Better", status="draft", if_revision=1).outcome == "merged"
    kept = knowledge.note("a").metadata
    assert (kept.title, kept.status) == ("Better", "active")


def test_a_field_that_both_changed_differently_is_refused_by_name(knowledge: Knowledge) -> None:
    knowledge.put("a", "text\n", status="draft")
    knowledge.put("a", status="active")
    with pytest.raises(Conflict) as raised:
        knowledge.put("a", status="retired", title="Mine", if_revision=1)
    assert raised.value.overlap == ("status",)
    assert knowledge.note("a").revision == 2


def test_a_rename_in_between_is_kept(knowledge: Knowledge) -> None:
    knowledge.put("old-name", "one\ntwo\n")
    knowledge.rename("old-name", "new-name")
    saved = knowledge.put("old-name", "one\n2\n", if_revision=1)
    assert (saved.slug, saved.outcome) == ("new-name", "merged")


def test_a_stale_write_of_what_stands_already_is_unchanged(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    knowledge.rewrite("a", "two\n")
    assert knowledge.put("a", "two\n", if_revision=1).outcome == "unchanged"


def test_an_edit_made_from_an_older_revision_is_merged(knowledge: Knowledge) -> None:
    knowledge.put("plan", PLAN)
    knowledge.rewrite("plan", PLAN.replace("One store.", "One file."))
    assert knowledge.edit("plan@1", "replace", "- [x] one", "- [ ] one").outcome == "merged"
    assert "One file." in knowledge.note("plan").markdown


def test_deleting_a_note_unseen_is_refused(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    knowledge.rewrite("a", "two\n")
    with pytest.raises(Conflict):
        knowledge.delete("a", if_revision=1)


@pytest.mark.parametrize("revision", [0, 2, 99])
def test_a_revision_that_never_was_is_refused(knowledge: Knowledge, revision: int) -> None:
    knowledge.put("a", "one\n")
    with pytest.raises(Conflict):
        knowledge.put("a", "two\n", if_revision=revision)


def test_the_first_answer_of_a_key_tells_of_the_merge_again(knowledge: Knowledge) -> None:
    knowledge.put("plan", PLAN)
    knowledge.rewrite("plan", PLAN.replace("One store.", "One file."))
    once = Once("key", "call")
    content = PLAN.replace("- [ ] two", "- [x] two")
    first = knowledge.put("plan", content, if_revision=1, once=once)
    assert knowledge.put("plan", content, if_revision=1, once=once) == first
    assert first.merged_with == (2,)


@pytest.mark.parametrize("part", [PLAN[:50], PLAN[10:], PLAN[:45] + "\n\n"])
def test_a_part_of_the_note_is_not_taken_for_the_whole(knowledge: Knowledge, part: str) -> None:
    knowledge.put("plan", PLAN)
    with pytest.raises(Invalid, match="is_whole"):
        knowledge.put("plan", part, if_revision=1)
    assert knowledge.put("plan", part, if_revision=1, is_whole=True).outcome == "updated"


LONG_PLAN = "# Plan\n\n" + "".join(f"Step {number} of the plan is described here.\n" for number in range(400))


def test_a_long_read_that_was_cut_and_then_changed_is_not_written_back(knowledge: Knowledge) -> None:
    knowledge.put("plan", LONG_PLAN)
    cut = LONG_PLAN[: LONG_PLAN.index("Step 250")].replace("Step 3 of", "Step three of")
    with pytest.raises(Invalid, match="is_whole"):
        knowledge.put("plan", cut, if_revision=1)
    assert knowledge.put("plan", cut, if_revision=1, is_whole=True).outcome == "updated"


def test_a_long_text_may_end_in_other_words(knowledge: Knowledge) -> None:
    knowledge.put("plan", LONG_PLAN)
    shorter = LONG_PLAN[: LONG_PLAN.index("Step 250")] + "The rest was dropped on purpose, as agreed on Monday.\n"
    assert knowledge.put("plan", shorter, if_revision=1).outcome == "updated"


def test_the_line_above_a_read_is_not_written_back(knowledge: Knowledge) -> None:
    knowledge.put("plan", PLAN)
    with pytest.raises(Invalid, match="leave it out"):
        knowledge.put("plan", f"plan@1 · Plan · updated 2026-11-21\n\n{PLAN}", if_revision=1)


@pytest.mark.parametrize("following", ["offset=100", "--offset 100", "`GET /notes/plan?offset=100`"])
def test_the_mark_of_a_cut_read_is_not_written_back_whichever_door_made_it(
    knowledge: Knowledge, following: str
) -> None:
    knowledge.put("plan", PLAN)
    cut = f"another text altogether\n[cut: 100 of 2,000 characters; next: {following}, or read one section]"
    with pytest.raises(Invalid, match="cut"):
        knowledge.put("plan", cut, if_revision=1)
