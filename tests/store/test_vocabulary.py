"""What words say of a note, and that all who ask get the same answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store.tables.note_rows import notes_of
from notewell_store.tables.upkeep import orphaned_todos, stale_sops
from notewell_store.vocabulary import KINDS, WORDS, kind_of, standing, types_meant

if TYPE_CHECKING:
    from tests.conftest import Knowledge

FOREVER = "9999"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Done", "over"),
        ("SHIPPED", "over"),
        ("won't fix", "over"),
        ("Won\N{RIGHT SINGLE QUOTATION MARK}t fix", "over"),
        ("WONT_FIX", "over"),
        ("IN_PROGRESS", "active"),
        ("In progress", "active"),
        ("inprogress", "active"),
        ("On Hold", "waiting"),
        ("whatever", "unsaid"),
        ("", "unsaid"),
    ],
)
def test_a_status_is_read_in_every_spelling(written: str, meant: str) -> None:
    assert standing(written, ()) == standing(None, [written]) == meant


def test_a_status_that_says_something_comes_before_the_tags() -> None:
    assert standing("active", ["done"]) == "active"
    assert standing("whatever", ["ops", "done"]) == "over"


def test_a_type_comes_before_the_tags_and_what_is_something_else_by_type_stays_so() -> None:
    assert kind_of("runbook", ["plan"]) == "sop"
    assert kind_of("log", ["ADR"]) == "decision"
    assert kind_of("Template", ["sop"]) == kind_of(None, ["template"]) == "other"


def test_who_asks_for_a_kind_gets_all_its_types_and_who_asks_for_one_of_them_that_one() -> None:
    assert types_meant("sop") == ("sop", "procedure", "runbook")
    assert types_meant("runbook") == ("runbook",)
    assert types_meant("arch") == ("architecture",)
    assert types_meant("other") == ("other",)


@pytest.mark.parametrize("word", [word for words in KINDS.values() for word in words])
@pytest.mark.parametrize("way", ["type", "tag"])
def test_a_filter_finds_what_the_brief_takes_for_a_kind(knowledge: Knowledge, word: str, way: str) -> None:
    given = {"note_type": word} if way == "type" else {"tags": (word,)}
    knowledge.put("a", "# A", **given)
    kind = kind_of(*((word, ()) if way == "type" else (None, (word,))))
    if kind == "other":
        return
    with knowledge.store.reading() as db:
        assert [row.slug for row in notes_of(db, (kind,), None).notes] == ["a"]
    assert knowledge.listed(tags=(kind,)) == knowledge.listed(tags=(word,)) == ["a"]
    assert knowledge.listed(note_type=kind) == (["a"] if way == "type" else [])


@pytest.mark.parametrize("status", [*WORDS, "Done", "won't fix", "WONT_FIX", "Shipped", "whatever"])
def test_a_check_and_the_brief_agree_on_which_todos_are_over(knowledge: Knowledge, status: str) -> None:
    knowledge.put("by-status", "# A", note_type="todo", status=status)
    knowledge.put("by-tag", "# B", note_type="task", tags=(status,))
    with knowledge.store.reading() as db:
        told = {row.slug for row in notes_of(db, ("todo",), None).notes}
        assert {todo.slug for todo in orphaned_todos(db)} == told
    assert told == (set() if standing(status, ()) == "over" else {"by-status", "by-tag"})


@pytest.mark.parametrize("status", ["active", "ACTIVE", "In force", "draft", "Shipped"])
def test_a_check_takes_for_an_sop_in_force_what_the_brief_does(knowledge: Knowledge, status: str) -> None:
    knowledge.put("deploy", "# Deploy", note_type="runbook", status=status)
    knowledge.put("plan", "# Plan", note_type="plan", status=status, tags=("sop",))
    with knowledge.store.reading() as db:
        in_force = {row.slug for row in notes_of(db, ("sop",), None).notes if row.standing == "active"}
        assert {sop.slug for sop in stale_sops(db, FOREVER)} == in_force
    assert in_force == ({"deploy"} if standing(status, ()) == "active" else set())
