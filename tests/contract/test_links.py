"""Links: every way in which a body names a note, links set on purpose, and both read from both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Deleted, Invalid, NotFound
from notewell_store.integrity.verify import verify
from notewell_store.models import ExplicitLink, Link
from notewell_store.saved import LinksLeftOut
from notewell_store.tables import text_links

if TYPE_CHECKING:
    from tests.conftest import Knowledge

FORMS = {
    "[[target]]": None,
    "[[target|the text]]": None,
    "[[target#part]]": "part",
    "[[target#part|the text]]": "part",
    "[[Target]]": None,
    "note://target": None,
    "<note://target#part>": "part",
    "[text](note://target)": None,
    "[text](note://target#part)": "part",
    "[text](target)": None,
    "[text](target#part)": "part",
    '[text](target "with a title")': None,
    "[text](target.md)": None,
    "[text](./target.md#part)": "part",
    "[[target@3]]": None,
    "[text][ref]\n\n[ref]: target.md": None,
    "- item with [[target]]": None,
    "> quote with [[target]]": None,
    "# Heading with [[target]]": None,
    "| cell [[target]] |\n|---|\n": None,
}


@pytest.mark.parametrize(("written", "anchor"), FORMS.items(), ids=FORMS.keys())
def test_a_link_in_the_body_is_read_from_both_ends(knowledge: Knowledge, written: str, anchor: str | None) -> None:
    knowledge.put("target", "# Target\n\n## Part\n")
    saved = knowledge.put("source", written)
    assert saved.dangling == ()
    assert knowledge.outgoing("source") == (Link("target", anchor, "mentions", "out", True, "Target"),)
    assert knowledge.incoming("target") == (Link("source", anchor, "mentions", "in", True, "Source"),) or (
        written.startswith("# ") and [link.note for link in knowledge.incoming("target")] == ["source"]
    )


@pytest.mark.parametrize(
    "written",
    [
        "`[[target]]`",
        "```\n[[target]]\n```",
        "<!-- [[target]] -->",
        "\\[[target]]",
        "![image](target.png)",
        "https://example.org/target",
        "[text](https://example.org/target)",
        "[text](mailto:target@example.org)",
        "[text](#target)",
        "target",
    ],
)
def test_what_is_no_link_makes_none(knowledge: Knowledge, written: str) -> None:
    knowledge.put("target", "")
    knowledge.put("source", written)
    assert knowledge.outgoing("source") == knowledge.incoming("target") == ()


def test_links_by_id_and_by_former_name_reach_the_note(knowledge: Knowledge) -> None:
    knowledge.put("target", "# T\n")
    knowledge.rename("target", "renamed")
    knowledge.put("by-id", f"[[{knowledge.id_of('renamed')}]]")
    knowledge.put("by-alias", "[[target]]")
    assert [link.note for link in knowledge.incoming("renamed")] == ["by-alias", "by-id"]
    assert [link.note for link in knowledge.outgoing("by-alias")] == ["renamed"]


def test_links_in_the_body_follow_its_changes(knowledge: Knowledge) -> None:
    for slug in ("a", "b"):
        knowledge.put(slug, "")
    knowledge.put("source", "[[a]]")
    knowledge.rewrite("source", "[[b]]")
    assert knowledge.incoming("a") == ()
    assert [link.note for link in knowledge.incoming("b")] == ["source"]
    knowledge.put("source", title="Another title")
    assert [link.title for link in knowledge.incoming("b")] == ["Another title"]
    knowledge.rewrite("source", "")
    assert knowledge.incoming("b") == ()


def test_a_note_that_names_itself_has_no_link_to_itself(knowledge: Knowledge) -> None:
    saved = knowledge.put("a", "[[a]] and [[a#part]] and [x](a.md)\n\n## Part\n")
    assert saved.dangling == ()
    assert knowledge.outgoing("a") == knowledge.incoming("a") == ()
    knowledge.put("b", "[[c]]")
    assert knowledge.rename("b", "c").dangling == ()
    assert knowledge.outgoing("c") == knowledge.incoming("c") == ()


@pytest.mark.parametrize("written", ["[[new]]", "[[A title]]", "[[1]]", "[x](new.md)"])
def test_a_new_note_has_no_link_to_itself_by_any_name_that_it_gets(knowledge: Knowledge, written: str) -> None:
    saved = knowledge.put("new", f"# A title\n\n{written}\n")
    assert saved.dangling == ()
    assert knowledge.outgoing("new") == knowledge.incoming("new") == ()


def test_a_number_with_zeros_in_front_names_no_note(knowledge: Knowledge) -> None:
    knowledge.put("a", "# A\n")
    saved = knowledge.put("b", "[[0001]] and [[1]]\n")
    assert [one.ref for one in saved.dangling] == ["0001"]
    assert [link.note for link in knowledge.outgoing("b") if link.exists] == ["a"]


def test_a_target_named_twice_is_one_link_for_each_anchor(knowledge: Knowledge) -> None:
    knowledge.put("old", "# T\n\n## Part\n")
    knowledge.rename("old", "target")
    knowledge.put("source", "[[target]] [[target]] [[target#part]] [x](target) [[old]] note://target")
    assert [(link.note, link.anchor) for link in knowledge.outgoing("source")] == [
        ("target", None),
        ("target", "part"),
    ]
    assert len(knowledge.incoming("target")) == 2


def test_links_set_on_purpose_have_a_relation_and_make_a_revision(knowledge: Knowledge) -> None:
    for slug in ("a", "b", "c"):
        knowledge.put(slug, "# T\n")
    saved = knowledge.link("a", "b", "c#t", relation="Requires Reading")
    assert (saved.revision, saved.outcome) == (2, "updated")
    assert [(link.note, link.anchor, link.relation) for link in knowledge.outgoing("a")] == [
        ("b", None, "requires-reading"),
        ("c", "t", "requires-reading"),
    ]
    assert [(link.note, link.anchor, link.direction) for link in knowledge.incoming("c")] == [("a", "t", "in")]
    assert knowledge.history("a")[0].changed == ("links",)
    assert knowledge.note("a").metadata.links == (
        ExplicitLink("requires-reading", "b"),
        ExplicitLink("requires-reading", "c#t"),
    )
    assert knowledge.note("a@1").metadata.links == ()


def test_links_are_added_set_and_removed_for_one_relation_at_a_time(knowledge: Knowledge) -> None:
    for slug in "abcd":
        knowledge.put(slug, "")
    knowledge.link("a", "b", relation="blocks")
    knowledge.link("a", "b", "c")
    knowledge.link("a", "d", mode="set")
    assert {(link.relation, link.note) for link in knowledge.outgoing("a")} == {
        ("blocks", "b"),
        ("relates", "d"),
    }
    knowledge.link("a", "d", "c", mode="remove")
    knowledge.link("a", relation="blocks", mode="set")
    assert knowledge.outgoing("a") == ()


def test_the_same_links_again_are_no_revision(knowledge: Knowledge) -> None:
    for slug in "abc":
        knowledge.put(slug, "")
    knowledge.link("a", "b", "c")
    knowledge.rename("b", "z")
    for targets, mode in (
        (("b",), "add"),
        (("z", "c", "z"), "set"),
        (("c",), "add"),
        (("a0",), "remove"),
        ((), "add"),
    ):
        saved = knowledge.link("a", *targets, mode=mode)
        assert (saved.outcome, saved.revision) == ("unchanged", 2), targets


def test_links_set_on_purpose_survive_changes_of_text_names_and_metadata(knowledge: Knowledge) -> None:
    knowledge.put("a", "one [[c]]")
    knowledge.put("b", "")
    knowledge.link("a", "b", relation="continues")
    knowledge.rewrite("a", "two")
    knowledge.put("a", status="active")
    knowledge.rename("b", "b2")
    knowledge.rename("a", "a2")
    assert [(link.note, link.relation) for link in knowledge.outgoing("a2")] == [("b2", "continues")]
    assert [(link.note, link.relation) for link in knowledge.incoming("b2")] == [("a2", "continues")]


def test_a_link_on_purpose_and_a_mention_of_one_note_are_two_links(knowledge: Knowledge) -> None:
    knowledge.put("b", "")
    knowledge.put("a", "[[b]]")
    knowledge.link("a", "b", relation="supersedes")
    assert [link.relation for link in knowledge.outgoing("a")] == ["supersedes", "mentions"]
    assert [link.relation for link in knowledge.incoming("b")] == ["supersedes", "mentions"]


def test_what_a_text_embeds_is_a_link_of_that_relation(knowledge: Knowledge) -> None:
    knowledge.put("target", "# Target\n\n## Part\n")
    knowledge.put("source", "![[target#part]] as [[target]] says, not ![[map.png]] nor ![x](target.png)\n")
    mentioned = Link("target", None, "mentions", "out", True, "Target")
    embedded = Link("target", "part", "embeds", "out", True, "Target")
    assert knowledge.outgoing("source") == (embedded, mentioned)
    assert {link.relation for link in knowledge.incoming("target")} == {"mentions", "embeds"}
    knowledge.rename("target", "aim")
    assert {(link.note, link.relation) for link in knowledge.outgoing("source")} == {
        ("aim", "embeds"),
        ("aim", "mentions"),
    }
    with pytest.raises(Invalid, match=r"write !\[\[slug\]\] there"):
        knowledge.link("source", "aim", relation="embeds")
    knowledge.rewrite("source", "nothing of it\n")
    assert knowledge.outgoing("source") == ()


def test_links_that_cannot_be_are_refused(knowledge: Knowledge) -> None:
    knowledge.put("a", "")
    knowledge.put("gone", "")
    knowledge.delete("gone")
    for targets, relation, error in (
        (("nowhere",), "relates", NotFound),
        (("a",), "relates", Invalid),
        (("a",), "mentions", Invalid),
        (("b",), "", Invalid),
        (("b", ""), "relates", (Invalid, NotFound)),
        (("gone",), "relates", Deleted),
    ):
        with pytest.raises(error):
            knowledge.link("a", *targets, relation=relation)
    assert knowledge.note("a").revision == 1
    with pytest.raises(NotFound):
        knowledge.link("a", "Not A Slug", allow_missing=True)


def test_a_restored_revision_has_its_links_again_as_they_were_set_and_only_once(knowledge: Knowledge) -> None:
    knowledge.put("a", "[[c]]")
    knowledge.put("b", "")
    knowledge.link("a", "b", relation="blocks")
    knowledge.link("a", relation="blocks", mode="set")
    knowledge.rename("b", "b2")
    saved = knowledge.restore("a@2")
    assert (saved.outcome, saved.revision) == ("updated", 4)
    assert knowledge.outgoing("a")[0] == Link("b2", None, "blocks", "out", True, "B")
    assert knowledge.note("a").metadata.links == (ExplicitLink("blocks", "b"),)
    assert knowledge.restore("a@2").outcome == "unchanged"
    assert knowledge.note("a@2").metadata.links == (ExplicitLink("blocks", "b"),)


def test_fifty_thousand_links_are_kept_in_one_note(knowledge: Knowledge) -> None:
    knowledge.put("target", "")
    saved = knowledge.put("hub", "".join(f"[[n{number}]] " for number in range(50_000)) + "[[target]]")
    assert len(saved.dangling) == 50_000
    assert [link.note for link in knowledge.incoming("target")] == ["hub"]
    knowledge.put("n49999", "")
    assert [link.note for link in knowledge.incoming("n49999")] == ["hub"]


def test_of_more_links_than_a_note_may_have_the_first_are_kept_and_the_writer_is_told(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_links, "MOST_OF_TEXT", 3)
    knowledge.put("n1", "")
    saved = knowledge.put("hub", "[[n1]] [[n2]] [[n1]] [[n1#a]] [[n3]] [[n4]]")
    assert [dangling.ref for dangling in saved.dangling] == ["n2"]
    assert saved.warnings == (LinksLeftOut("hub", 3, 2),)
    assert [link.note for link in knowledge.outgoing("hub")] == ["n1", "n2", "n1"]
    knowledge.put("n3", "")
    assert knowledge.incoming("n3") == ()
    assert knowledge.note("hub").markdown.endswith("[[n4]]"), "the text stays as it was written"
    assert verify(knowledge.store).whole
    monkeypatch.undo()
    knowledge.put("all", "[[n1]] [[n2]] [[n3]] [[n4]]")
    monkeypatch.setattr(text_links, "MOST_OF_TEXT", 3)
    assert not [one for one in verify(knowledge.store).findings if one.note == "all"], "a former version kept all"
