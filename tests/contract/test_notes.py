"""Notes: what is kept of them, and how a change of one field leaves the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Attribution, Deleted, Invalid, NotFound
from notewell_store.models import Metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge


def test_a_new_note_is_kept_whole_with_all_its_metadata(knowledge: Knowledge) -> None:
    knowledge.put("index", "# Index\n")
    saved = knowledge.put(
        "sop-deploy",
        "# Deploy\n\nPush the button.\n",
        title="How we deploy",
        note_type="sop",
        status="active",
        tags=("ops", "release"),
        parent="index",
        position=3,
        is_public=True,
        by=Attribution("ann", "https://example.org/pull/7", "first version"),
    )
    note = knowledge.note("sop-deploy")
    assert (saved.slug, saved.revision, saved.outcome) == ("sop-deploy", 1, "created")
    assert note.markdown == "# Deploy\n\nPush the button.\n"
    assert note.metadata == Metadata(
        slug="sop-deploy",
        title="How we deploy",
        note_type="sop",
        status="active",
        tags=("ops", "release"),
        parent="index",
        position=3,
        is_public=True,
    )
    assert (note.actor, note.revised_by, note.revision) == ("ann", "https://example.org/pull/7", 1)


def test_an_empty_note_can_be_kept(knowledge: Knowledge) -> None:
    assert knowledge.put("empty", "").outcome == "created"
    assert knowledge.note("empty").markdown == ""
    assert knowledge.listed() == ["empty"]


def test_a_note_without_a_title_takes_its_first_heading_else_its_slug(knowledge: Knowledge) -> None:
    knowledge.put("with-heading", "intro\n\n# The *real* title\n")
    knowledge.put("plain-text", "no heading here")
    assert knowledge.note("with-heading").metadata.title == "The real title"
    assert knowledge.note("plain-text").metadata.title == "Plain text"


@pytest.mark.parametrize(
    "heading",
    [
        "Zero\u200bwidth",
        "soft\u00adhyphen",
        "\u202eright to left",
        "flag 🏴\U000e0067\U000e007f",
        "x" * 1000,
        "\u200b",
    ],
)
def test_a_heading_that_makes_a_poor_title_does_not_keep_the_note_out(knowledge: Knowledge, heading: str) -> None:
    content = f"# {heading}\n"
    knowledge.put("odd-heading", content)
    note = knowledge.note("odd-heading")
    assert note.markdown == content
    assert 1 <= len(note.metadata.title) <= 300


def test_a_change_of_one_field_leaves_the_others_and_the_text(knowledge: Knowledge) -> None:
    knowledge.put("a", "text\n", title="A", note_type="plan", status="draft", tags=("x",), position=2)
    before = knowledge.note("a").metadata
    for change in (
        {"status": "active"},
        {"title": "B"},
        {"is_public": True},
        {"position": 9},
        {"note_type": "sop"},
    ):
        knowledge.put("a", **change)
        after = knowledge.note("a")
        assert after.markdown == "text\n"
        changed = {name for name in Metadata.__slots__ if getattr(after.metadata, name) != getattr(before, name)}
        assert changed == set(change)
        before = after.metadata


def test_none_and_the_empty_word_clear_a_field(knowledge: Knowledge) -> None:
    knowledge.put("top", "")
    knowledge.put("a", "", note_type="plan", status="draft", parent="top")
    knowledge.put("a", note_type="none", status="", parent="none")
    metadata = knowledge.note("a").metadata
    assert (metadata.note_type, metadata.status, metadata.parent) == (None, None, None)


def test_ids_name_notes_and_are_never_given_again(knowledge: Knowledge) -> None:
    knowledge.put("one", "")
    first = knowledge.id_of("one")
    knowledge.delete("one")
    knowledge.put("two", "")
    assert knowledge.id_of("two") != first
    assert knowledge.note(str(first)).metadata.slug == "one"


def test_a_change_by_id_or_in_brackets_or_capitals_reaches_the_same_note(knowledge: Knowledge) -> None:
    knowledge.put("sop-deploy", "x")
    for ref in (str(knowledge.id_of("sop-deploy")), "[[sop-deploy]]", "note://sop-deploy", "SOP-Deploy"):
        saved = knowledge.put(ref, add_tags=(f"t{knowledge.note('sop-deploy').revision}",))
        assert (saved.slug, saved.outcome) == ("sop-deploy", "updated")
    assert knowledge.listed() == ["sop-deploy"]


@pytest.mark.parametrize("ref", ["page#part", "page@1", "page@1#part"])
def test_a_reference_to_a_part_or_a_revision_never_changes_the_whole_note(knowledge: Knowledge, ref: str) -> None:
    knowledge.put("page", "# Page\n\n## Part\n\nthis\n\n## Other\n\nthat\n")
    with pytest.raises(Invalid):
        knowledge.put(ref, "## Part\n\nchanged\n", if_revision=1)
    with pytest.raises(Invalid):
        knowledge.delete(ref)
    assert knowledge.note("page").revision == 1


def test_a_section_cannot_be_restored_as_if_it_were_the_note(knowledge: Knowledge) -> None:
    knowledge.put("page", "# Page\n\n## Part\n\nthis\n")
    knowledge.rewrite("page", "# Page\n\nnew\n")
    with pytest.raises(Invalid):
        knowledge.restore("page@1#part")
    assert knowledge.note("page").markdown == "# Page\n\nnew\n"


def test_changing_a_note_that_is_not_there_names_the_nearest_and_writes_nothing(knowledge: Knowledge) -> None:
    knowledge.put("sop-deploy", "x")
    with pytest.raises(NotFound) as raised:
        knowledge.put("sop-deplyo", status="active")
    assert raised.value.nearest[0] == "sop-deploy"
    with pytest.raises(NotFound):
        knowledge.put("sop-deplyo", "text", if_revision=3)
    assert knowledge.listed() == ["sop-deploy"]


def test_a_deleted_note_is_not_changed_by_any_write(knowledge: Knowledge) -> None:
    knowledge.put("a", "x")
    knowledge.put("b", "")
    knowledge.delete("a")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: knowledge.put("a", "y", if_revision=2),
        lambda: knowledge.put("a", status="active"),
        lambda: knowledge.edit("a", "append", "y"),
        lambda: knowledge.link("a", "b"),
        lambda: knowledge.put("b", parent="a"),
    )
    for attempt in attempts:
        with pytest.raises(Deleted) as raised:
            attempt()
        assert (raised.value.slug, raised.value.revision) == ("a", 2)
    assert len(knowledge.history()) == 3
