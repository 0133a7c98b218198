"""Tombstones, and the ways back from them and from any other change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import Attribution, Deleted, Invalid, NotFound
from notewell_store.models import ExplicitLink, Metadata
from notewell_store.references import parse_reference
from notewell_store.tables import notes
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def test_a_deleted_note_is_out_of_lists_and_search_and_keeps_its_history(knowledge: Knowledge) -> None:
    knowledge.put("a", "zebra\n", tags=("t",))
    saved = knowledge.delete("a")
    assert (saved.slug, saved.revision, saved.outcome) == ("a", 2, "updated")
    assert knowledge.listed() == knowledge.listed(tags=("t",)) == knowledge.found("zebra") == []
    assert knowledge.listed(deleted=True) == ["a"]
    assert knowledge.found("zebra", deleted=True) == []
    note = knowledge.note("a")
    assert (note.markdown, note.metadata.deleted) == ("zebra\n", True)
    assert knowledge.note("a@1").markdown == "zebra\n"
    assert [change.changed for change in knowledge.history("a")] == [("deleted",), ("created",)]
    with knowledge.store.reading() as db, pytest.raises(Deleted):
        notes.find_living(db, parse_reference("a"))


def test_deleting_what_is_deleted_is_no_revision(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    knowledge.delete("a")
    assert knowledge.delete("a").outcome == "unchanged"
    assert knowledge.delete("a", if_revision=1).revision == 2


def test_deleting_what_never_was_is_not_found(knowledge: Knowledge) -> None:
    with pytest.raises(NotFound):
        knowledge.delete("a")


def test_a_restored_note_is_all_that_it_was(knowledge: Knowledge) -> None:
    knowledge.put("b", "")
    knowledge.put("a", "zebra [[b]]\n", tags=("t",), status="active", parent="b")
    knowledge.link("a", "b")
    before = knowledge.note("a")
    knowledge.delete("a")
    saved = knowledge.restore("a")
    after = knowledge.note("a")
    assert (saved.outcome, saved.revision) == ("updated", 4)
    assert (after.markdown, after.metadata, after.created_at) == (
        before.markdown,
        before.metadata,
        before.created_at,
    )
    assert knowledge.found("zebra") == knowledge.listed(tags=("t", "active")) == ["a"]
    assert knowledge.history("a")[0].changed == ("restored",)


def test_a_note_that_is_not_deleted_is_not_restored_without_a_number(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    with pytest.raises(Invalid) as raised:
        knowledge.restore("a")
    assert "a@N" in str(raised.value)


def test_an_earlier_revision_comes_back_with_its_metadata_as_the_newest(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "tester")
    knowledge.put("top", "")
    first: dict[str, Any] = {
        "title": "One",
        "note_type": "plan",
        "status": "draft",
        "project": "web",
        "tags": ("x",),
    }
    knowledge.put("a", "one\n", parent="top", position=2, is_public=True, **first)
    knowledge.link("a", "top", relation="blocks")
    knowledge.rewrite(
        "a",
        "two\n",
        title="Two",
        note_type="sop",
        status="active",
        project="none",
        tags=(),
        parent="none",
        position=7,
    )
    knowledge.link("a", relation="blocks", mode="set")
    assert knowledge.restore("a@2").revision == 5
    note = knowledge.note("a")
    assert note.markdown == "one\n"
    assert note.metadata == Metadata(
        slug="a",
        title="One",
        note_type="plan",
        status="draft",
        project="web",
        tags=("x",),
        parent="top",
        position=2,
        is_public=True,
        links=(ExplicitLink("blocks", "top"),),
    )
    assert [knowledge.note(f"a@{n}").markdown for n in range(1, 6)] == [
        "one\n",
        "one\n",
        "two\n",
        "two\n",
        "one\n",
    ]
    assert knowledge.restore("a@2").outcome == "unchanged"


def test_a_revision_from_before_a_rename_comes_back_under_the_present_name(knowledge: Knowledge) -> None:
    knowledge.put("old", "one")
    knowledge.rename("old", "new")
    knowledge.rewrite("new", "two")
    knowledge.restore("old@1")
    assert (knowledge.note("new").metadata.slug, knowledge.note("new").markdown) == ("new", "one")
    assert knowledge.aliases("new") == ("old",)


@pytest.mark.parametrize("ref", ["a@1", "a@2", "a"])
def test_every_way_back_from_a_deletion_brings_a_living_note(knowledge: Knowledge, ref: str) -> None:
    knowledge.put("a", "one")
    knowledge.delete("a")
    assert knowledge.restore(ref).outcome == "updated"
    assert not knowledge.note("a").metadata.deleted
    assert knowledge.listed() == knowledge.found("one") == ["a"]


def test_a_note_deleted_and_renamed_before_is_restored_by_its_former_name(knowledge: Knowledge) -> None:
    knowledge.put("old", "one")
    knowledge.rename("old", "new")
    knowledge.delete("new")
    assert knowledge.restore("old").slug == "new"


def test_a_number_that_never_was_is_not_restored(knowledge: Knowledge) -> None:
    knowledge.put("a", "one")
    with pytest.raises(NotFound):
        knowledge.restore("a@2")
    assert knowledge.note("a").revision == 1


def test_what_is_restored_was_restored_by_someone(knowledge: Knowledge) -> None:
    knowledge.put("a", "one", by=Attribution("ann", "pr/1"))
    knowledge.delete("a")
    knowledge.restore("a")
    assert (knowledge.note("a").actor, knowledge.note("a").revised_by) == ("tester", None)
    assert knowledge.note("a@1").actor == "ann"
