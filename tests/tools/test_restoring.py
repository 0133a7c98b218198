"""restore_note and delete_note: nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tools.conftest import Agent

PLAN = "# Plan\n\nOne store.\n"


@pytest.fixture
def library(agent: Agent) -> Agent:
    agent.note("plan", PLAN, status="draft")
    agent.note("reader", "See [[plan]].\n")
    agent.ask("upsert_note", slug="plan", content="# Other\n", title="Other", status="active", if_revision=1)
    return agent


def test_an_earlier_revision_becomes_the_newest(library: Agent) -> None:
    answer = library.ask("restore_note", ref="plan@1", reason="undo")
    assert answer == {"slug": "plan", "revision": 3, "outcome": "updated", "dangling": [], "warnings": []}
    note = library.ask("get_note", ref="plan")
    assert (note["markdown"], note["title"], note["status"]) == (PLAN, "Plan", "draft")
    assert [revision["revision"] for revision in library.ask("revisions", ref="plan")["revisions"]] == [
        3,
        2,
        1,
    ]


def test_restoring_what_stands_already_changes_nothing(library: Agent) -> None:
    assert library.ask("restore_note", ref="plan@2")["outcome"] == "unchanged"


def test_undoing_an_undo_needs_only_the_number(library: Agent) -> None:
    library.ask("restore_note", ref="plan@1")
    library.ask("restore_note", ref="plan@2")
    assert library.markdown("plan") == "# Other\n"


def test_deleting_answers_with_the_fields_of_the_design(library: Agent) -> None:
    answer = library.ask("delete_note", ref="plan", if_revision=2)
    assert answer | {"slug": "plan", "revision": 3, "backlinks": ["reader"]} == answer


def test_deleting_says_how_to_undo_and_what_dangles(library: Agent) -> None:
    assert library.read("delete_note", ref="plan").splitlines() == [
        "deleted plan (revision 3); undo: restore_note(ref='plan')",
        "links to it now dangle in: reader",
    ]
    assert library.read("delete_note", ref="plan") == "unchanged: plan was deleted before (revision 3)"


def test_a_deleted_note_is_brought_back_as_it_was(library: Agent) -> None:
    before = library.ask("get_note", ref="plan", include="links")
    library.ask("delete_note", ref="plan")
    assert library.ask("restore_note", ref="plan")["revision"] == 4
    after = library.ask("get_note", ref="plan", include="links")
    assert {name for name in before if before[name] != after[name]} == {"revision", "updated_at"}


def test_an_earlier_revision_of_a_deleted_note_can_be_brought_back(library: Agent) -> None:
    library.ask("delete_note", ref="plan")
    library.ask("restore_note", ref="plan@1")
    assert library.markdown("plan") == PLAN


def test_a_renamed_note_is_restored_under_its_present_name(library: Agent) -> None:
    library.ask("upsert_note", slug="plan", new_slug="plan-2026")
    assert library.ask("restore_note", ref="plan@1")["slug"] == "plan-2026"
    assert library.ask("get_note", ref="plan")["slug"] == "plan-2026"


@pytest.mark.parametrize(
    ("tool", "ref", "said"),
    [
        ("restore_note", "plan", "plan is not deleted: to go back to an earlier state send plan@N"),
        ("restore_note", "plan@9", "There is no revision 'plan@9'. Nearest: plan@2."),
        ("restore_note", "plam", "There is no note 'plam'. Nearest: plan."),
        ("delete_note", "plam", "There is no note 'plam'. Nearest: plan."),
        ("delete_note", "plan@1", "names a part or a revision"),
    ],
)
def test_what_cannot_be_restored_or_deleted_says_why(library: Agent, tool: str, ref: str, said: str) -> None:
    assert said in library.refusal(tool, ref=ref)


def test_a_stale_deletion_is_refused_with_what_changed(library: Agent) -> None:
    refusal = library.refusal("delete_note", ref="plan", if_revision=1)
    assert refusal.startswith("plan is at revision 2, you sent if_revision=1.")
    assert "+# Other" in refusal
    assert refusal.endswith("\nIf it is still meant, send if_revision=2.")
