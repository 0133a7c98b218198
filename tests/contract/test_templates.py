"""Templates: which headings a note of a type needs, said when one is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store.errors import Incomplete
from notewell_store.saved import MissingHeadings
from notewell_store.writing.templates import heading_key

if TYPE_CHECKING:
    from tests.conftest import Knowledge

TEMPLATE = """# Template for a plan

How to use it.

## Vision

## Steps

### Next Plan Seeds

## Risks (optional)

## <Name of a story>
"""
WHOLE = "# Plan 7\n\n## Vision\n\n## 2. STEPS:\n\n## Next plan seeds\n"
LACKING = "# Plan 7\n\n## Vision\n"


def lacking(*headings: str, slug: str = "plan-7") -> tuple[MissingHeadings]:
    """The warning of a plan that lacks these."""
    return (MissingHeadings(slug, "plan", "template-plan", headings),)


BOTH = ("Steps", "Next Plan Seeds")


@pytest.fixture
def planned(knowledge: Knowledge) -> Knowledge:
    knowledge.put("template-plan", TEMPLATE, note_type="template")
    return knowledge


def test_a_note_with_all_headings_of_its_template_is_written_without_a_warning(planned: Knowledge) -> None:
    assert planned.put("plan-7", WHOLE, note_type="plan").warnings == ()


def test_a_note_that_lacks_headings_of_its_template_is_written_with_a_warning(planned: Knowledge) -> None:
    saved = planned.put("plan-7", LACKING, note_type="plan")
    assert (saved.outcome, saved.warnings) == ("created", lacking(*BOTH))


def test_a_note_of_another_type_or_of_none_needs_no_headings(planned: Knowledge) -> None:
    assert planned.put("a", LACKING).warnings == ()
    assert planned.put("b", LACKING, note_type="sop").warnings == ()
    assert planned.put("c", LACKING, note_type="template").warnings == ()


def test_a_note_that_becomes_a_plan_is_looked_at_then(planned: Knowledge) -> None:
    planned.put("a", LACKING)
    assert planned.put("a", note_type="plan").warnings == lacking(*BOTH, slug="a")


def test_an_edit_and_a_restored_text_are_looked_at_and_other_changes_are_not(planned: Knowledge) -> None:
    planned.put("plan-7", LACKING, note_type="plan")
    assert planned.put("plan-7", status="active").warnings == ()
    assert planned.edit("plan-7", "append", "\n## Steps\n").warnings == lacking("Next Plan Seeds")
    assert planned.rewrite("plan-7", WHOLE).warnings == ()
    assert planned.restore("plan-7@1").warnings == lacking(*BOTH)
    assert planned.delete("plan-7").warnings == ()


def test_an_edit_that_changes_nothing_of_what_is_missing_is_not_warned(planned: Knowledge) -> None:
    planned.put("plan-7", LACKING, note_type="plan")
    assert planned.edit("plan-7", "append", "- [ ] one more\n").warnings == ()
    assert planned.edit("plan-7", "replace", "", old_text="## Vision\n").warnings == lacking("Vision", *BOTH)


def test_a_note_that_only_bears_the_name_of_a_template_is_none(knowledge: Knowledge) -> None:
    knowledge.put("template-plan", TEMPLATE)
    assert knowledge.put("plan-7", LACKING, note_type="plan").warnings == ()


def test_a_deleted_template_asks_for_nothing(planned: Knowledge) -> None:
    planned.delete("template-plan")
    assert planned.put("plan-7", LACKING, note_type="plan").warnings == ()


def test_a_strict_template_refuses_and_nothing_is_written(planned: Knowledge) -> None:
    planned.put("template-plan", tags=("strict",))
    with pytest.raises(Incomplete) as refused:
        planned.put("plan-7", LACKING, note_type="plan")
    assert (refused.value.missing,) == lacking(*BOTH)
    assert planned.listed() == ["template-plan"]
    planned.put("plan-7", WHOLE, note_type="plan")
    with pytest.raises(Incomplete):
        planned.edit("plan-7", "replace", "no heading", old_text="## 2. STEPS:")
    assert planned.note("plan-7").markdown == WHOLE


def test_what_a_note_lacked_before_its_template_was_strict_may_be_added_piece_by_piece(planned: Knowledge) -> None:
    planned.put("plan-7", LACKING, note_type="plan")
    planned.put("template-plan", tags=("strict",))
    assert planned.edit("plan-7", "append", "\n## Steps\n").warnings == lacking("Next Plan Seeds")
    with pytest.raises(Incomplete):
        planned.rewrite("plan-7", "# Plan 7\n")


def test_a_dry_run_tells_of_the_warning_and_the_refusal(planned: Knowledge) -> None:
    assert planned.put("plan-7", LACKING, note_type="plan", dry_run=True).warnings == lacking(*BOTH)
    planned.put("template-plan", tags=("strict",))
    with pytest.raises(Incomplete):
        planned.put("plan-7", LACKING, note_type="plan", dry_run=True)


@pytest.mark.parametrize(
    "heading",
    ["Next Plan Seeds", "next plan seeds:", "3. Next plan seeds", "2.1) Next Plan-Seeds", "🌱 Next plan seeds"],
)
def test_headings_that_mean_the_same_have_one_key(heading: str) -> None:
    assert heading_key(heading) == "next plan seeds"
