"""The chain of plans: which plan is the newest, and what the one before it left to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import NotFound
from notewell_store.briefing.plans import LONGEST_CHAIN, PlanChain, plan_chain
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge

TEXT = """# {slug}

## {vision}

A better {slug}.

### Measured

By a number.

## Steps

- [x] one of {slug}
- [ ] two of {slug}
* [X] three

## {seeds}

- a seed of {slug}
"""


def plan(knowledge: Knowledge, slug: str, status: str | None, before: str | None = None, **headings: str) -> None:
    text = TEXT.format(slug=slug, **{"vision": "Vision", "seeds": "Next Plan Seeds", **headings})
    knowledge.put(slug, text, note_type="plan", status=status)
    if before:
        knowledge.link(slug, before, relation="continues")


def chain(knowledge: Knowledge, project: str | None = None) -> PlanChain:
    with knowledge.store.reading() as db:
        return plan_chain(db, project)


def names(found: PlanChain) -> tuple[str | None, str | None]:
    return found.plan and found.plan.slug, found.before and found.before.slug


def test_the_active_plan_comes_with_vision_and_seeds_of_the_one_before(knowledge: Knowledge) -> None:
    plan(knowledge, "plan-1", "COMPLETED")
    plan(knowledge, "plan-2", "Completed", "plan-1")
    plan(knowledge, "plan-3", "In_Progress", "plan-2")
    found = chain(knowledge)
    assert names(found) == ("plan-3", "plan-2")
    assert found.vision_before and found.seeds_before
    assert found.vision_before.markdown == "A better plan-2.\n\n### Measured\n\nBy a number."
    assert (found.seeds_before.ref, found.seeds_before.markdown) == (
        "plan-2#next-plan-seeds",
        "- a seed of plan-2",
    )
    assert [row.slug for row in found.chain] == ["plan-2", "plan-1"]
    assert (found.steps_done, found.steps_open) == (2, ("two of plan-3",))


@pytest.mark.parametrize("vision", ["VISION", "🌅 Vision", "1. Vision (v2)", "Our vision", "Vision: 2027"])
@pytest.mark.parametrize("seeds", ["NEXT PLAN SEEDS", "🌱 Next-plan seeds!", "7) Seeds for the next plan", "Seeds"])
def test_headings_are_matched_loosely(knowledge: Knowledge, vision: str, seeds: str) -> None:
    plan(knowledge, "plan-1", "done", vision=vision, seeds=seeds)
    plan(knowledge, "plan-2", "active", "plan-1")
    found = chain(knowledge)
    assert found.vision_before and found.seeds_before
    assert (found.vision_before.heading, found.seeds_before.heading) == (vision, seeds)


def test_words_that_only_hold_the_word_do_not_match(knowledge: Knowledge) -> None:
    plan(knowledge, "plan-1", "done", vision="Supervision", seeds="Seedlings")
    plan(knowledge, "plan-2", "active", "plan-1")
    found = chain(knowledge)
    assert (found.vision_before, found.seeds_before) == (None, None)


def test_of_several_active_plans_the_last_of_the_chain_is_the_newest(knowledge: Knowledge) -> None:
    plan(knowledge, "plan-new", "active")
    plan(knowledge, "plan-old", "active")
    knowledge.link("plan-new", "plan-old", relation="continues")
    found = chain(knowledge)
    assert names(found) == ("plan-new", "plan-old")
    assert [row.slug for row in found.others] == ["plan-old"]


def test_plans_that_continue_one_another_in_a_circle_end(knowledge: Knowledge) -> None:
    plan(knowledge, "plan-1", "active")
    plan(knowledge, "plan-2", "active", "plan-1")
    plan(knowledge, "plan-3", "active", "plan-2")
    knowledge.link("plan-1", "plan-3", relation="continues")
    found = chain(knowledge)
    assert names(found) == ("plan-3", "plan-2")
    assert [row.slug for row in found.chain] == ["plan-2", "plan-1"]


def test_a_long_chain_is_followed_for_a_while(knowledge: Knowledge) -> None:
    for number in range(LONGEST_CHAIN + 5):
        active = number == LONGEST_CHAIN + 4
        plan(
            knowledge, f"plan-{number}", "active" if active else "completed", (number and f"plan-{number - 1}") or None
        )
    found = chain(knowledge)
    assert names(found) == (f"plan-{LONGEST_CHAIN + 4}", f"plan-{LONGEST_CHAIN + 3}")
    assert len(found.chain) == LONGEST_CHAIN


def test_where_every_plan_is_over_the_last_one_is_what_the_next_continues(knowledge: Knowledge) -> None:
    plan(knowledge, "plan-1", "completed")
    plan(knowledge, "plan-2", "COMPLETED", "plan-1")
    found = chain(knowledge)
    assert names(found) == (None, "plan-2")
    assert found.seeds_before and found.seeds_before.markdown == "- a seed of plan-2"


def test_a_draft_serves_where_no_plan_is_active(knowledge: Knowledge) -> None:
    plan(knowledge, "plan-1", "completed")
    plan(knowledge, "plan-2", "draft", "plan-1")
    assert names(chain(knowledge)) == ("plan-2", "plan-1")


def test_decisions_on_the_way_are_linked_with_the_plan_or_the_one_before(knowledge: Knowledge) -> None:
    plan(knowledge, "plan-1", "completed")
    plan(knowledge, "plan-2", "active", "plan-1")
    for slug in ("a", "b", "c", "d", "unrelated"):
        knowledge.put(f"decision-{slug}", "x [[plan-1]]" if slug == "a" else "x", note_type="decision")
    knowledge.put("note-linked", "[[plan-2]]")
    knowledge.link("decision-b", "plan-2", relation="implements")
    knowledge.link("plan-2", "decision-c")
    knowledge.put("decision-d", parent="plan-2")
    knowledge.put("decision-old", "[[plan-2]]", note_type="decision", status="superseded")
    assert [row.slug for row in chain(knowledge).decisions] == ["decision-d", "decision-c", "decision-b", "decision-a"]


def test_a_plan_that_continues_a_deleted_one_stands_alone(knowledge: Knowledge) -> None:
    plan(knowledge, "plan-1", "completed")
    plan(knowledge, "plan-2", "active", "plan-1")
    knowledge.delete("plan-1")
    assert names(chain(knowledge)) == ("plan-2", None)


def test_plans_of_another_project_and_templates_are_not_looked_at(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "tester")
    plan(knowledge, "plan-1", "active")
    knowledge.put("template-plan", "x", note_type="template", tags=("plan", "active"))
    assert names(chain(knowledge, "web")) == (None, None)
    assert names(chain(knowledge)) == ("plan-1", None)
    with pytest.raises(NotFound):
        chain(knowledge, "wep")
