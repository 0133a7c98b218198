"""Parents, the order of children, and the circles that are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Deleted, Invalid
from notewell_store.saved import UnusableParent
from notewell_store.tables import notes

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def children(knowledge: Knowledge, slug: str, limit: int = 50) -> list[str]:
    with knowledge.store.reading() as db:
        return [child.slug for child in notes.children(db, knowledge.id_of(slug), limit)[1]]


def test_children_stand_in_the_order_of_their_positions_those_without_one_last(knowledge: Knowledge) -> None:
    knowledge.put("top", "")
    for slug, position in (("c", 1), ("b", None), ("a", 2), ("z", -5), ("d", 1), ("e", 0)):
        knowledge.put(slug, "", parent="top", position=position)
    assert children(knowledge, "top") == ["z", "e", "c", "d", "a", "b"]
    assert knowledge.listed("position", parent=knowledge.id_of("top")) == ["z", "e", "c", "d", "a", "b"]
    with knowledge.store.reading() as db:
        total, shown = notes.children(db, knowledge.id_of("top"), 2)
    assert (total, [child.slug for child in shown]) == (6, ["z", "e"])


def test_notes_are_listed_by_parent_and_without_one(knowledge: Knowledge) -> None:
    knowledge.put("top", "")
    knowledge.put("middle", "", parent="top")
    knowledge.put("low", "", parent="middle")
    assert knowledge.listed(parent=0) == ["top"]
    assert knowledge.listed(parent=knowledge.id_of("top")) == ["middle"]
    knowledge.put("low", parent="none")
    assert knowledge.listed(parent=0) == ["low", "top"]


def test_a_circle_of_parents_is_refused_at_any_depth(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    knowledge.put("b", "", parent="a")
    knowledge.put("c", "", parent="b")
    for below in ("a", "b", "c", str(knowledge.id_of("c"))):
        with pytest.raises(Invalid) as raised:
            knowledge.put("a", parent=below)
        assert raised.value.argument == "parent"
    assert knowledge.note("a").metadata.parent is None


def test_a_long_line_of_ancestors_is_followed_to_its_end(knowledge: Knowledge) -> None:
    knowledge.put("n0", "")
    for number in range(1, 150):
        knowledge.put(f"n{number}", "", parent=f"n{number - 1}")
    with pytest.raises(Invalid):
        knowledge.put("n0", parent="n149")


def test_a_parent_may_be_named_by_alias_and_is_shown_by_its_present_name(knowledge: Knowledge) -> None:
    knowledge.put("top", "")
    knowledge.rename("top", "summit")
    knowledge.put("a", "", parent="top")
    assert knowledge.note("a").metadata.parent == "summit"
    knowledge.rename("summit", "peak")
    assert knowledge.note("a").metadata.parent == "peak"
    assert knowledge.note("a").revision == 1
    assert knowledge.put("a", parent="summit").outcome == "unchanged"


def test_a_note_keeps_its_place_while_its_parent_is_deleted_and_has_it_again_after(
    knowledge: Knowledge,
) -> None:
    knowledge.put("top", "")
    knowledge.put("a", "one", parent="top", position=1)
    knowledge.delete("top")
    knowledge.rewrite("a", "two")
    knowledge.put("a", status="active")
    with pytest.raises(Deleted):
        knowledge.put("b", "", parent="top")
    knowledge.restore("top")
    assert children(knowledge, "top") == ["a"]


def test_deleted_children_are_not_shown(knowledge: Knowledge) -> None:
    knowledge.put("top", "")
    knowledge.put("a", "", parent="top")
    knowledge.delete("a")
    assert children(knowledge, "top") == []
    knowledge.restore("a")
    assert children(knowledge, "top") == ["a"]


def test_no_circle_comes_about_through_a_deleted_note(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    knowledge.put("b", "", parent="a")
    knowledge.put("c", "", parent="b")
    knowledge.delete("b")
    with pytest.raises(Invalid):
        knowledge.put("a", parent="c")
    knowledge.restore("b")
    assert knowledge.note("c").metadata.parent == "b"


def test_an_earlier_parent_that_now_stands_below_the_note_is_not_restored(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    knowledge.put("b", "one", parent="a")
    knowledge.put("b", parent="none")
    knowledge.put("a", parent="b")
    saved = knowledge.restore("b@1")
    assert saved.warnings == (UnusableParent("b", "a"),)
    assert knowledge.note("b").metadata.parent is None
    assert knowledge.note("a").metadata.parent == "b"


def test_an_earlier_parent_that_is_deleted_now_is_not_restored(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    knowledge.put("b", "one", parent="a")
    knowledge.put("b", parent="none", title="Changed")
    knowledge.delete("a")
    saved = knowledge.restore("b@1")
    assert len(saved.warnings) == 1
    assert (knowledge.note("b").metadata.parent, knowledge.note("b").metadata.title) == (None, "B")


def test_an_earlier_parent_is_restored_under_its_present_name(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    knowledge.put("b", "one", parent="a")
    knowledge.put("b", parent="none")
    knowledge.rename("a", "renamed")
    assert knowledge.restore("b@1").warnings == ()
    assert knowledge.note("b").metadata.parent == "renamed"
