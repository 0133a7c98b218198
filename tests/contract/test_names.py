"""The names of notes: slugs, former slugs that keep resolving, ids, and revisions behind `@`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def test_a_former_slug_keeps_naming_the_note(knowledge: Knowledge) -> None:
    knowledge.put("old", "text")
    saved = knowledge.rename("old", "new")
    assert (saved.slug, saved.revision) == ("new", 2)
    assert knowledge.note("old") == knowledge.note("new")
    assert knowledge.note("old").metadata.slug == "new"
    assert knowledge.aliases("new") == ("old",)
    assert knowledge.listed() == ["new"]


def test_every_name_of_a_chain_of_renames_keeps_naming_the_note(knowledge: Knowledge) -> None:
    knowledge.put("a0", "text")
    for number in range(30):
        knowledge.rename(f"a{number}", f"a{number + 1}")
    note_id = knowledge.id_of("a30")
    assert {knowledge.id_of(f"a{number}") for number in range(31)} == {note_id}
    assert len(knowledge.aliases("a30")) == 30


def test_a_change_under_a_former_slug_changes_the_note_and_makes_no_second_one(knowledge: Knowledge) -> None:
    knowledge.put("old", "text")
    knowledge.rename("old", "new")
    with pytest.raises(Conflict) as raised:
        knowledge.put("old", "another note?")
    assert raised.value.slug == "new"
    assert knowledge.put("old", status="active").slug == "new"
    assert knowledge.edit("old", "append", "more").slug == "new"
    assert knowledge.link("old", "old-target", allow_missing=True).slug == "new"
    assert knowledge.delete("old").slug == "new"
    assert knowledge.restore("old").slug == "new"
    assert knowledge.listed() == ["new"]


def test_a_note_renamed_back_has_its_first_slug_and_the_other_as_alias(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    knowledge.rename("a", "b")
    knowledge.rename("b", "a")
    assert knowledge.note("b").metadata.slug == "a"
    assert knowledge.aliases("a") == ("b",)
    knowledge.rename("a", "b")
    knowledge.rename("b", "c")
    assert knowledge.aliases("c") == ("a", "b")
    assert [knowledge.note(f"c@{n}").metadata.slug for n in range(1, 6)] == ["a", "b", "a", "b", "c"]


def test_no_note_takes_the_slug_or_a_former_slug_of_another(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    knowledge.rename("a", "b")
    knowledge.put("c", "text")
    for taken in ("a", "b"):
        with pytest.raises(Invalid) as raised:
            knowledge.rename("c", taken)
        assert raised.value.argument == "new_slug"
        assert "b" in str(raised.value)
    assert knowledge.note("c").revision == 1


def test_the_slug_of_a_deleted_note_stays_its_own(knowledge: Knowledge) -> None:
    knowledge.put("gone", "text")
    knowledge.delete("gone")
    knowledge.put("c", "text")
    with pytest.raises(Invalid):
        knowledge.rename("c", "gone")
    knowledge.restore("gone")
    assert knowledge.listed() == ["c", "gone"]


def test_two_notes_can_change_names_by_way_of_a_third_only_if_no_former_name_is_lost(
    knowledge: Knowledge,
) -> None:
    knowledge.put("a", "first")
    knowledge.put("b", "second")
    knowledge.rename("a", "aside")
    with pytest.raises(Invalid):
        knowledge.rename("b", "a")
    assert knowledge.note("a").markdown == "first"


def test_a_former_name_reaches_earlier_revisions_too(knowledge: Knowledge) -> None:
    knowledge.put("old", "one")
    knowledge.rename("old", "new")
    knowledge.rewrite("new", "two")
    assert knowledge.note("old@1").markdown == "one"
    assert knowledge.note("old@1").metadata.slug == "old"
    assert knowledge.note("new@1").metadata.slug == "old"
    assert knowledge.note("old@3").markdown == "two"
    assert [revision.slug for revision in knowledge.history("old")] == ["new"] * 3


def test_slugs_that_look_like_numbers_and_ids_do_not_mix(knowledge: Knowledge) -> None:
    knowledge.put("1-2", "first")
    knowledge.put("2x", "second")
    assert knowledge.note("1").metadata.slug == "1-2"
    assert knowledge.note("2").metadata.slug == "2x"
    assert knowledge.note("0000002").metadata.slug == "2x"
    for missing in ("0", "3", "9" * 40, "00000000000000000000000001"):
        with pytest.raises(NotFound):
            knowledge.note(missing)


def test_an_id_reaches_a_revision(knowledge: Knowledge) -> None:
    knowledge.put("a", "one")
    knowledge.rewrite("a", "two")
    assert knowledge.note(f"{knowledge.id_of('a')}@1").markdown == "one"


def test_a_revision_that_is_not_there_is_not_found_and_the_last_one_is_named(knowledge: Knowledge) -> None:
    knowledge.put("a", "one")
    with pytest.raises(NotFound) as raised:
        knowledge.note("a@2")
    assert (raised.value.kind, raised.value.nearest) == ("revision", ("a@1",))


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("sop-deplyo", "sop-deploy"),
        ("deploy", "sop-deploy"),
        ("sop-deploy-web", "sop-deploy"),
        ("sopdeploy", "sop-deploy"),
        ("deploy-sop", "sop-deploy"),
        ("plan-2026-q3", "plan-2026-q4"),
    ],
)
def test_an_unknown_slug_names_the_nearest(knowledge: Knowledge, sent: str, meant: str) -> None:
    for slug in ("sop-deploy", "sop-incident", "plan-2026-q4", "glossary", "zebra"):
        knowledge.put(slug, "text")
    with pytest.raises(NotFound) as raised:
        knowledge.note(sent)
    assert raised.value.nearest[:1] == (meant,)


def test_an_unknown_name_of_any_length_is_answered_soon_and_never_names_the_deleted(
    knowledge: Knowledge,
) -> None:
    for number in range(200):
        knowledge.put(f"sop-{number}", "text")
    knowledge.delete("sop-7")
    for name in ("sop-7" + "0" * 400_000, "sop-" * 100_000, "-".join(["sop"] * 50_000), "sop-77x"):
        with pytest.raises(NotFound) as raised:
            knowledge.note(name)
        assert "sop-7" not in raised.value.nearest
