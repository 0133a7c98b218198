"""Links whose target is not there: kept, reported, and resolved by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store.models import Dangling, Link, Once
from notewell_store.tables.dangling import count_dangling

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def count(knowledge: Knowledge) -> int:
    with knowledge.store.reading() as db:
        return count_dangling(db)


def test_a_link_to_nothing_is_kept_and_reported_with_the_nearest_names(knowledge: Knowledge) -> None:
    knowledge.put("sop-deploy", "")
    saved = knowledge.put("a", "[[sop-deplyo#steps]]")
    assert saved.dangling == (Dangling("sop-deplyo#steps", ("sop-deploy",)),)
    assert knowledge.outgoing("a") == (Link("sop-deplyo", "steps", "mentions", "out", False),)
    assert count(knowledge) == 1


@pytest.mark.parametrize("written", ["[[later]]", "[x](later)", "note://later#part", "[x](later.md)", "[[Later]]"])
def test_it_resolves_when_its_target_is_created(knowledge: Knowledge, written: str) -> None:
    knowledge.put("a", written)
    assert len(knowledge.dangling("a")) == 1
    knowledge.put("later", "# Later\n")
    assert knowledge.dangling("a") == []
    assert [(link.note, link.exists, link.title) for link in knowledge.outgoing("a")] == [("later", True, "Later")]
    assert [link.note for link in knowledge.incoming("later")] == ["a"]
    assert knowledge.note("a").revision == 1


def test_it_resolves_when_a_note_is_renamed_to_its_target(knowledge: Knowledge) -> None:
    knowledge.put("a", "[[later]]")
    knowledge.put("b", "")
    knowledge.rename("b", "later")
    assert knowledge.dangling("a") == []
    assert [link.note for link in knowledge.incoming("b")] == ["a"]
    knowledge.rename("later", "c")
    assert [link.note for link in knowledge.outgoing("a")] == ["c"]


def test_it_resolves_when_its_target_is_restored_and_dangles_again_when_deleted(knowledge: Knowledge) -> None:
    knowledge.put("b", "text")
    knowledge.put("a", "[[b]]")
    knowledge.delete("b")
    assert knowledge.dangling("a") == ["b"]
    assert [link.exists for link in knowledge.outgoing("a")] == [False]
    knowledge.put("c", "[[b]]")
    knowledge.restore("b")
    assert knowledge.dangling("a") == knowledge.dangling("c") == []
    assert [link.note for link in knowledge.incoming("b")] == ["a", "c"]
    knowledge.delete("b")
    knowledge.restore("b@1")
    assert count(knowledge) == 0


def test_links_set_on_purpose_may_wait_for_their_target_too(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    saved = knowledge.link("a", "later#x", relation="blocks", allow_missing=True)
    assert [dangling.ref for dangling in saved.dangling] == ["later#x"]
    knowledge.put("later", "")
    assert knowledge.incoming("later") == (Link("a", "x", "blocks", "in", True, "A"),)
    assert knowledge.link("a", "later#x", relation="blocks").outcome == "unchanged"


def test_a_link_on_purpose_that_dangles_can_be_taken_away(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    knowledge.put("b", "")
    knowledge.link("a", "later", "b", allow_missing=True)
    knowledge.delete("b")
    knowledge.link("a", "later", "b", mode="remove")
    assert knowledge.outgoing("a") == ()


def test_links_of_a_deleted_note_count_for_nothing_until_it_is_back(knowledge: Knowledge) -> None:
    knowledge.put("b", "")
    knowledge.put("a", "[[b]] [[nowhere]]")
    knowledge.delete("a")
    assert knowledge.incoming("b") == ()
    assert count(knowledge) == 0
    knowledge.restore("a")
    assert [link.note for link in knowledge.incoming("b")] == ["a"]
    assert count(knowledge) == 1


def test_links_of_a_deleted_note_resolve_while_it_is_away(knowledge: Knowledge) -> None:
    knowledge.put("a", "[[later]]")
    knowledge.delete("a")
    knowledge.put("later", "")
    assert knowledge.restore("a").dangling == ()
    assert [link.note for link in knowledge.incoming("later")] == ["a"]


def test_a_link_keeps_to_its_note_when_another_takes_no_longer_free_names(knowledge: Knowledge) -> None:
    knowledge.put("b", "first")
    knowledge.put("a", "[[b]]")
    knowledge.rename("b", "c")
    knowledge.put("d", "[[b]] [[c]]")
    assert [link.note for link in knowledge.outgoing("a")] == ["c"]
    assert [link.note for link in knowledge.outgoing("d")] == ["c"]


def test_a_note_that_takes_the_name_of_its_own_dangling_link_has_none(knowledge: Knowledge) -> None:
    knowledge.put("b", "see [[a]] and [[a#x]]")
    knowledge.link("b", "a", allow_missing=True)
    knowledge.rename("b", "a")
    assert knowledge.dangling("a") == []
    assert knowledge.outgoing("a") == ()
    assert count(knowledge) == 0
    assert knowledge.put("a", status="active").dangling == ()


def test_a_link_by_id_resolves_when_that_id_appears(knowledge: Knowledge) -> None:
    knowledge.put("a", "[[2]]")
    knowledge.put("b", "")
    assert knowledge.id_of("b") == 2
    assert [link.note for link in knowledge.incoming("b")] == ["a"]


def test_a_link_to_a_name_that_can_never_be_stays_dangling(knowledge: Knowledge) -> None:
    knowledge.put("a", "[[999999999999999999999999]] [x](../outside.md) [x](/root.md)")
    assert "999999999999999999999999" in knowledge.dangling("a")
    knowledge.put("root", "")
    assert [link.note for link in knowledge.incoming("root")] == ["a"]


def test_deleting_again_and_again_loses_no_link(knowledge: Knowledge) -> None:
    knowledge.put("b", "[[a]]")
    knowledge.put("a", "[[b]]")
    for _ in range(5):
        for slug in ("a", "b"):
            knowledge.delete(slug)
        for slug in ("a", "b"):
            knowledge.restore(slug)
    assert [link.note for link in knowledge.incoming("a")] == ["b"]
    assert [link.note for link in knowledge.incoming("b")] == ["a"]
    assert count(knowledge) == 0


@pytest.mark.parametrize("once", [None, Once("key", "digest")])
def test_of_a_long_text_the_same_is_told_as_of_a_short_one(knowledge: Knowledge, once: Once | None) -> None:
    """It is asked for after the lock, unless it is kept with the answer."""
    knowledge.put("sop-deploy", "", title="Twin")
    knowledge.put("t2", "", title="Twin")
    further = "more words " * 2_000
    wanted = (Dangling("sop-deplyo", ("sop-deploy",)), Dangling("twin", ("sop-deploy", "t2"), is_ambiguous=True))
    saved = knowledge.put("a", f"[[sop-deplyo]] [[Twin]] [[t2]]\n{further}", once=once)
    assert saved.dangling == wanted
    assert once is None or knowledge.put("a", "whatever", once=once).dangling == wanted
    assert knowledge.put("a", title="Another").dangling == wanted
    assert knowledge.delete("a").dangling == wanted
    assert knowledge.restore("a").dangling == wanted
