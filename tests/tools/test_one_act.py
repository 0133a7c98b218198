"""One call for one act: what took several calls is one change, of all that it concerns or of nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from notewell_tools.errors import ToolError

if TYPE_CHECKING:
    from tests.tools.conftest import Agent

HEAD = "# Guide\n\nIntro.\n\n"
DEEP = "### Deep\n\nd\n\n"
ONE = f"## One\n\n- a\n- b\n\n{DEEP}"
TWO = "## Two\n\nsame same\n"
TEXT = f"{HEAD}{ONE}{TWO}"


@pytest.fixture
def guide(agent: Agent) -> Agent:
    agent.note("guide", TEXT)
    agent.note("other", "# Other\n\nText.\n\n## One\n\no\n\n## Last\n\nl\n")
    return agent


def text(agent: Agent, slug: str) -> str:
    return str(agent.ask("get_note", ref=slug)["markdown"])


def newest(agent: Agent) -> int:
    return int(agent.ask("revisions", limit=1)["revisions"][0]["seq"])


@pytest.mark.parametrize(
    ("edit", "wanted"),
    [
        ({"ref": "guide#one", "mode": "delete_section"}, "# Guide\n\nIntro.\n\n## Two\n\nsame same\n"),
        ({"ref": "guide#two", "mode": "delete_section"}, TEXT[: TEXT.index("\n## Two")]),
        (
            {"ref": "guide#two", "mode": "insert_before", "new_text": "## New\n\nn\n"},
            TEXT.replace("## Two", "## New\n\nn\n\n## Two"),
        ),
        (
            {"ref": "guide#one", "mode": "insert_after", "new_text": "## New\n\nn\n"},
            TEXT.replace("## Two", "## New\n\nn\n\n## Two"),
        ),
        (
            {"ref": "guide", "mode": "insert_after", "old_text": "- a", "new_text": "- x"},
            TEXT.replace("- a\n", "- a\n- x\n"),
        ),
        (
            {"ref": "guide", "mode": "insert_before", "old_text": "- a", "new_text": "- x"},
            TEXT.replace("- a\n", "- x\n- a\n"),
        ),
        (
            {"ref": "guide", "mode": "insert_before", "old_text": "Intro", "new_text": "First."},
            TEXT.replace("Intro.", "First.\n\nIntro."),
        ),
        (
            {"ref": "guide", "mode": "replace_all", "old_text": "same", "new_text": "other"},
            TEXT.replace("same", "other"),
        ),
        ({"ref": "guide#one", "mode": "move", "to": "guide"}, f"{HEAD}{TWO}\n{ONE[:-1]}"),
        ({"ref": "guide#deep", "mode": "move", "to": "guide#two"}, TEXT.replace(DEEP, "") + f"\n{DEEP[:-1]}"),
    ],
)
def test_an_edit_leaves_the_text_that_is_meant(guide: Agent, edit: dict[str, Any], wanted: str) -> None:
    guide.ask("edit_note", **edit)
    assert text(guide, "guide") == wanted


def test_the_answer_to_replace_all_counts_and_reads_the_section_alone(guide: Agent) -> None:
    assert guide.ask("edit_note", ref="guide#two", mode="replace_all", old_text="same", new_text="x")["replaced"] == 2


def test_a_section_moves_to_another_note_in_one_change_and_its_new_anchor_is_told(guide: Agent) -> None:
    answer = guide.ask("edit_note", ref="guide#one", mode="move", to="other#one")
    assert answer["others"] == [{"slug": "other", "revision": 2, "outcome": "updated", "anchor": "one-1"}]
    assert text(guide, "guide") == "# Guide\n\nIntro.\n\n## Two\n\nsame same\n"
    assert text(guide, "other").endswith("## One\n\no\n\n## One\n\n- a\n- b\n\n### Deep\n\nd\n\n## Last\n\nl\n")


def test_an_edit_without_what_its_mode_needs_says_what_to_send(guide: Agent) -> None:
    assert "needs a place: send to='slug#anchor'" in guide.refusal("edit_note", ref="guide#one", mode="move")
    assert "to is for mode='move'" in guide.refusal("edit_note", ref="guide", mode="append", new_text="x", to="other")
    assert "takes no new_text" in guide.refusal("edit_note", ref="guide#one", mode="delete_section", new_text="x")
    assert "needs a section" in guide.refusal("edit_note", ref="guide", mode="delete_section")
    assert "old_text or a section" in guide.refusal("edit_note", ref="guide", mode="insert_after", new_text="x")


def test_a_section_is_not_moved_into_itself(guide: Agent) -> None:
    assert "stands in it" in guide.refusal("edit_note", ref="guide#one", mode="move", to="guide#deep")


def test_a_move_that_the_target_cannot_take_leaves_both_notes(guide: Agent) -> None:
    guide.note("full", "# Full\n\n" + "x" * 999_980)
    before = newest(guide)
    with pytest.raises(ToolError, match="at most"):
        guide.ask("edit_note", ref="guide#one", mode="move", to="full")
    assert newest(guide) == before


def test_notes_are_updated_together_with_a_revision_each(guide: Agent) -> None:
    answer = guide.ask("update_notes", refs="guide, other, guide", status="active", add_tags="x", parent="none")
    assert answer["notes"] == [
        {"slug": "guide", "revision": 2, "outcome": "updated"},
        {"slug": "other", "revision": 2, "outcome": "updated"},
    ]
    assert guide.ask("list_notes", tags="x,active")["total"] == 2
    again = guide.ask("update_notes", refs=["guide"], status="active")
    assert again["notes"] == [{"slug": "guide", "revision": 2, "outcome": "unchanged"}]


def test_notes_that_are_updated_together_are_told_in_a_line(guide: Agent) -> None:
    assert guide.read("update_notes", refs="guide", status="active") == "updated 1 note: guide@2"
    both = guide.read("update_notes", refs="guide,other", status="active")
    assert both == "unchanged 1 note: guide@2\nupdated 1 note: other@2"
    assert guide.read("update_notes", refs="guide,other", status="done") == "updated 2 notes: guide@3, other@3"


def test_where_one_note_cannot_be_updated_none_is(guide: Agent) -> None:
    before = newest(guide)
    assert "below it" in guide.refusal("update_notes", refs="other,guide", parent="guide")
    assert "no note 'nowhere'" in guide.refusal("update_notes", refs="other,nowhere", status="done")
    assert newest(guide) == before


def test_a_dry_run_shows_what_would_change_of_each_and_writes_nothing(guide: Agent) -> None:
    before = newest(guide)
    answer = guide.ask("update_notes", refs="guide,other", status="done", dry_run=True)
    assert answer["diff"] == "guide@1\n- status: \n+ status: done\nother@1\n- status: \n+ status: done\n"
    assert newest(guide) == before


def test_the_same_update_by_its_key_is_answered_again(guide: Agent) -> None:
    sent: dict[str, Any] = {"refs": ["guide", "other"], "status": "done", "idempotency_key": "k"}
    first, at = guide.ask("update_notes", **sent), newest(guide)
    guide.ask("update_notes", refs="other", status="draft")
    assert guide.ask("update_notes", **sent) == first
    assert newest(guide) == at + 1


def test_a_note_that_supersedes_another_says_so_at_both_in_one_change(guide: Agent) -> None:
    answer = guide.ask("upsert_note", slug="newer", content="# Newer\n", supersedes=["guide"])
    assert answer["others"] == [{"slug": "guide", "revision": 2, "outcome": "updated"}]
    assert guide.ask("get_note", ref="guide", view="meta")["status"] == "superseded"
    (link,) = guide.ask("get_note", ref="newer", view="meta", include=["links"])["links"]
    assert (link["target"], link["relation"]) == ("guide", "supersedes")
    assert guide.ask("upsert_note", slug="newer", supersedes=["guide"])["outcome"] == "unchanged"


def test_a_note_that_would_supersede_what_is_not_there_is_not_written(guide: Agent) -> None:
    assert "nowhere" in guide.refusal("upsert_note", slug="newer", content="# N\n", supersedes=["guide", "nowhere"])
    assert guide.ask("list_notes")["total"] == 2
    assert guide.ask("get_note", ref="guide", view="meta")["status"] is None


def test_a_place_in_the_same_note_is_the_one_that_its_anchor_named_before_the_move(agent: Agent) -> None:
    agent.note("twins", "# T\n\n## Same\n\n1\n\n## Same\n\n2\n\n## End\n\ne\n")
    agent.ask("edit_note", ref="twins#same", mode="move", to="twins#same-1")
    assert text(agent, "twins") == "# T\n\n## Same\n\n2\n\n## Same\n\n1\n\n## End\n\ne\n"


def test_a_section_that_grew_since_it_was_read_is_not_deleted_unseen(agent: Agent) -> None:
    agent.note("page", "# Page\n\n## Old\n\nold\n\n## Kept\n\nkept\n\n## Rest\n\nrest\n")
    agent.ask("edit_note", ref="page#old", mode="append", new_text="more\n")
    agent.refusal("edit_note", ref="page#old", mode="delete_section", if_revision=1)
    assert "more" in agent.markdown("page")
    agent.ask("edit_note", ref="page#rest", mode="delete_section", if_revision=1)
    assert "more" in agent.markdown("page")
    assert "rest" not in agent.markdown("page")
