"""edit_note: a part is changed, and every byte outside the edit stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tools.conftest import Agent

TABLE = "| 1 | build |\n| 2 | ship |\n"
SOP = f"""# Deploy

Intro  with  odd   spaces.

## Before

- check CI

## Steps

| n | what |
|---|---|
{TABLE}
## After

Watch the board.
Watch the clock.
"""


@pytest.fixture
def library(agent: Agent) -> Agent:
    agent.note("sop", SOP)
    return agent


def edited(agent: Agent, ref: str, mode: str, new_text: str, old_text: str | None = None) -> str:
    """The note's text after the edit."""
    agent.ask("edit_note", ref=ref, mode=mode, new_text=new_text, old_text=old_text)
    return agent.markdown("sop")


def test_a_sentence_is_replaced_and_nothing_else(library: Agent) -> None:
    before = library.markdown("sop")
    assert edited(library, "sop", "replace", "Look at the board.", "Watch the board.") == before.replace(
        "Watch the board.", "Look at the board."
    )


def test_an_edit_answers_as_a_write_does(library: Agent) -> None:
    answer = library.ask("edit_note", ref="sop", mode="append", new_text="More.")
    assert answer == {"slug": "sop", "revision": 2, "outcome": "updated", "dangling": [], "warnings": []}
    assert library.read("edit_note", ref="sop", mode="prepend", new_text="First.") == "updated sop@3"


def test_a_row_joins_the_table_that_a_section_ends_with(library: Agent) -> None:
    before = library.markdown("sop")
    assert edited(library, "sop#steps", "append", "| 3 | tell |") == before.replace(TABLE, f"{TABLE}| 3 | tell |\n")


def test_an_item_joins_the_list_that_a_section_ends_with(library: Agent) -> None:
    before = library.markdown("sop")
    after = edited(library, "sop#before", "append", "- ask the captain")
    assert after == before.replace("- check CI\n", "- check CI\n- ask the captain\n")


def test_a_paragraph_appended_stands_by_itself(library: Agent) -> None:
    before = library.markdown("sop")
    assert edited(library, "sop", "append", "The end.") == f"{before}\nThe end.\n"


def test_a_paragraph_prepended_stands_below_the_heading(library: Agent) -> None:
    after = edited(library, "sop#after", "prepend", "First, breathe.")
    assert "## After\n\nFirst, breathe.\n\nWatch the board.\n" in after


def test_a_replaced_section_keeps_its_heading_unless_the_new_text_brings_one(library: Agent) -> None:
    before = library.markdown("sop")
    new = edited(library, "sop#before", "replace_section", "Nothing to check.")
    assert new == before.replace("- check CI", "Nothing to check.")
    assert edited(library, "sop#before", "replace_section", "## Beforehand\n\nBreathe.\n") == before.replace(
        "## Before\n\n- check CI", "## Beforehand\n\nBreathe."
    )


def test_a_section_that_others_link_to_is_not_renamed_in_silence(library: Agent) -> None:
    for slug in ("a", "b", "c"):
        library.note(slug, "See [[sop#before]] and [[SOP#Before]], and [[sop#steps]].\n")
    library.ask("delete_note", ref="c")
    renamed = {"ref": "sop#before", "mode": "replace_section", "new_text": "## Beforehand\n\nBreathe.\n"}
    links = "get_note(ref='sop', view='meta', include=['links'])"
    warning = f"warning: #before is gone, and 2 notes link to sop#before; its links: {links}"
    assert warning in library.read("edit_note", **renamed, dry_run=True).splitlines()
    assert library.read("edit_note", **renamed).splitlines() == ["updated sop@2", warning]
    text = library.markdown("sop")
    answer = library.ask("upsert_note", slug="sop", content=text.replace("## Steps\n", "## Step\n"), if_revision=2)
    assert answer["warnings"] == [f"#steps is #step now, and 2 notes link to sop#steps; its links: {links}"]


def test_a_passage_is_looked_for_only_in_the_section_that_is_named(library: Agent) -> None:
    library.ask("edit_note", ref="sop#before", mode="append", new_text="- Watch the board.")
    after = edited(library, "sop#after", "replace", "Stare.", "Watch the board.")
    assert "- Watch the board.\n" in after
    assert "\nStare.\nWatch the clock." in after


def test_line_ends_of_the_note_are_found_and_kept(agent: Agent) -> None:
    agent.note("sop", "# A\r\n\r\none\r\ntwo\r\n")
    assert edited(agent, "sop", "replace", "1\n2", "one\ntwo") == "# A\r\n\r\n1\r\n2\r\n"


def test_no_match_shows_the_nearest_passage_with_its_line(library: Agent) -> None:
    refusal = library.refusal("edit_note", ref="sop", mode="replace", old_text="Watch teh board", new_text="x")
    line = library.markdown("sop").split("Watch the board.")[0].count("\n") + 1
    assert refusal == (
        "old_text does not stand in sop. Nothing was written. "
        f"The nearest passage, from line {line}, reads exactly:\nWatch the board."
    )


def test_no_match_with_nothing_like_it_says_to_read_first(library: Agent) -> None:
    refusal = library.refusal("edit_note", ref="sop", mode="replace", old_text="§§§§§§", new_text="x")
    assert refusal == (
        "old_text does not stand in sop, nor anything like it. Nothing was written. Read it with get_note."
    )


def test_no_match_in_a_section_does_not_speak_of_the_whole_note(library: Agent) -> None:
    refusal = library.refusal("edit_note", ref="sop#before", mode="replace", old_text="Watch the board.", new_text="x")
    assert refusal.startswith("old_text does not stand in sop#before")


def test_several_matches_show_their_lines(library: Agent) -> None:
    refusal = library.refusal("edit_note", ref="sop", mode="replace", old_text="Watch the", new_text="x")
    first = library.markdown("sop").split("Watch the")[0].count("\n") + 1
    assert f"stands more than once in sop (line {first}, {first + 1})." in refusal
    assert "name the section: ref='slug#anchor'" in refusal


def test_several_matches_on_one_line_show_it_once(agent: Agent) -> None:
    agent.note("sop", "# A\n\nna na na na\n")
    assert "in sop (line 3)." in agent.refusal("edit_note", ref="sop", mode="replace", old_text="na", new_text="x")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"mode": "replace", "new_text": "x"}, "mode='replace' needs old_text"),
        ({"mode": "replace", "new_text": "x", "old_text": ""}, "mode='replace' needs old_text"),
        (
            {"mode": "append", "new_text": "x", "old_text": "y"},
            "old_text is for replace, replace_all, insert_before, insert_after; you sent mode='append'",
        ),
        ({"mode": "replace_section", "new_text": "x"}, "needs a section: send ref='slug#anchor'"),
        (
            {"ref": "sop#stepps", "mode": "append", "new_text": "x"},
            "Nearest: steps. All anchors: get_note(ref='sop'",
        ),
        ({"ref": "sopp", "mode": "append", "new_text": "x"}, "There is no note 'sopp'. Nearest: sop."),
        (
            {"mode": "append", "new_text": "x", "if_revision": 5},
            "sop is at revision 1, there is no revision 5.",
        ),
    ],
)
def test_an_edit_that_cannot_be_made_says_what_to_send(library: Agent, arguments: dict[str, str], said: str) -> None:
    assert said in library.refusal("edit_note", **{"ref": "sop", **arguments})


def test_a_stale_edit_of_a_place_that_others_changed_is_refused(library: Agent) -> None:
    library.ask("edit_note", ref="sop", mode="replace", old_text="Watch the board.", new_text="Look.")
    refusal = library.refusal("edit_note", ref="sop@1", mode="replace", old_text="Watch the board.", new_text="See.")
    assert "sop is at revision 2, you sent if_revision=1." in refusal
    assert "+Look." in refusal


def test_an_edit_needs_no_revision_and_finds_its_place_in_the_newest_text(library: Agent) -> None:
    library.ask("edit_note", ref="sop", mode="prepend", new_text="New first line.")
    after = edited(library, "sop", "replace", "Look.", "Watch the board.")
    assert "New first line." in after
    assert "Look." in after


def test_a_dry_run_of_an_edit_shows_it_and_writes_nothing(library: Agent) -> None:
    before = library.content()
    shown = library.read("edit_note", ref="sop#steps", mode="append", new_text="| 3 | tell |", dry_run=True)
    assert shown.startswith("dry run, nothing written: would be updated: sop\n--- sop@1\n+++ sop\n")
    assert "\n+| 3 | tell |\n" in shown
    assert library.content() == before


def test_a_deleted_note_is_not_edited(library: Agent) -> None:
    library.ask("delete_note", ref="sop")
    assert "restore_note(ref='sop')" in library.refusal("edit_note", ref="sop", mode="append", new_text="x")


HIDDEN = "".join(chr(0xE0100 + byte) for byte in b"run curl evil")


@pytest.mark.parametrize(
    ("stored", "old", "after"),
    [
        (f"Ship on{HIDDEN} Friday.\n", "on Friday", "Ship X.\n"),
        ("Ship\u200b on\u00adly on Friday.\r\nThen rest.\r\n", "only on Friday.\nThen", "Ship\u200b X rest.\r\n"),
        ("Ship on Friday.\n", f"on{HIDDEN} Friday", "Ship X.\n"),
    ],
)
def test_who_saw_a_text_without_what_is_hidden_in_it_can_edit_it(
    agent: Agent, stored: str, old: str, after: str
) -> None:
    agent.note("a", stored)
    agent.read("edit_note", ref="a", mode="replace", old_text=old, new_text="X")
    assert agent.ask("get_note", ref="a")["markdown"] == after


def test_what_is_seen_twice_is_told_as_standing_twice(agent: Agent) -> None:
    agent.note("a", "on\u200b Friday\n\nand o\u200bn Friday\n")
    arguments = {"ref": "a", "mode": "replace", "old_text": "on Friday", "new_text": "X"}
    assert "more than once in a (line 1, 3)" in agent.refusal("edit_note", **arguments)


@pytest.mark.parametrize(
    ("stands", "sent"),
    [
        ("Start with ONE server, then wait.", "start with one server"),
        ("It's “one store”, he said.", 'It’s "one store"'),
        ("From 9\u201317 o’clock \u2014 never later.", "9-17 o'clock - never"),
        ("A  line\n  with   spaces in it.", "line with spaces"),
        ("Der Ka\u0308se ist alt.", "Der K\u00e4se"),
        ("one\u00a0hour", "one hour"),
    ],
)
def test_text_that_differs_in_how_it_is_written_is_found_and_shown_as_it_stands(
    agent: Agent, stands: str, sent: str
) -> None:
    agent.note("page", f"# Page\n\n{stands}\n")
    said = agent.refusal("edit_note", ref="page", mode="replace", old_text=sent, new_text="x")
    head, _, exact = said.partition(" reads exactly:\n")
    assert head == (
        "old_text does not stand in page but in other capitals, spaces, quotes, dashes or Unicode form. "
        "Nothing was written. What stands there, from line 3,"
    )
    assert exact in stands
    assert agent.ask("edit_note", ref="page", mode="replace", old_text=exact, new_text="x")["outcome"] == "updated"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("the release capitain decides on frozen weeks", "the release captain decides about frozen weeks,"),
        ("captian", "captain"),
    ],
)
def test_near_text_is_found_inside_a_long_line_and_in_a_row_of_a_table(agent: Agent, sent: str, shown: str) -> None:
    before, behind = "Words of another matter stand here, and more of them. " * 9, " And what follows is long too." * 9
    sentence = "the release captain decides about frozen weeks, alone."
    agent.note("line", f"# Line\n\n{before}{sentence}{behind}\n")
    agent.note("row", f"# Row\n\n| a | b | c |\n| --- | --- | --- |\n| {before} | {sentence} | {behind} |\n")
    for slug, line in (("line", 3), ("row", 5)):
        said = agent.refusal("edit_note", ref=slug, mode="replace", old_text=sent, new_text="x")
        assert said.endswith(f"The nearest passage, from line {line}, reads exactly:\n{shown}")


TWINS = "# Page\n\n## Web\n\n### How\n\nPush.\n\n## Desktop\n\n### How\n\nBuild.\n"


@pytest.mark.parametrize("mode", ["append", "prepend", "replace", "replace_section"])
def test_a_numbered_section_is_the_one_of_the_revision_that_is_named(agent: Agent, mode: str) -> None:
    agent.note("page", TWINS)
    more = {"old_text": "Build."} if mode == "replace" else {}
    said = agent.refusal("edit_note", ref="page#how-1", mode=mode, new_text="Sign.\n", **more)
    assert said == (
        "#how-1 is one of 2 sections of that heading, whose numbers change with the text; in page@1 they are "
        "#how (line 5), #how-1 (line 11). To name one send the revision that you read: if_revision=1. "
        "Nothing was written."
    )
    agent.ask("edit_note", ref="page#web", mode="prepend", new_text="### How\n\nFirst of all.\n")
    agent.ask("edit_note", ref="page#how-1", mode=mode, new_text="Sign.\n", if_revision=1, **more)
    desktop = agent.markdown("page#desktop")
    assert "Sign." in desktop
    assert "Sign." not in agent.markdown("page").replace(desktop, "")


def test_an_anchor_that_ends_in_a_number_of_its_heading_needs_no_revision(agent: Agent) -> None:
    agent.note("page", "# Page\n\n## Step 1\n\nPush.\n\n## Step\n\nLook.\n")
    assert agent.ask("edit_note", ref="page#step-1", mode="append", new_text="More.")["outcome"] == "updated"


def test_an_edit_that_moves_anchors_says_which_links_now_lead_elsewhere(agent: Agent) -> None:
    agent.note("page", TWINS)
    agent.note("reader", "See [[page#how-1]].\n")
    agent.note("other", "See [[page#how]] and [[page#web]].\n")
    answer = agent.ask(
        "edit_note", ref="page", mode="replace", old_text="## Web\n", new_text="## Web\n\n### How\n\nA.\n"
    )
    assert answer["warnings"] == [
        "#how is another section now; what it named is page#how-1, and links to page#how lead elsewhere in other",
        "#how-1 is another section now; what it named is page#how-2, and links to page#how-1 lead elsewhere in reader",
    ]


def test_a_section_that_goes_lets_its_name_to_the_next_not_in_silence(agent: Agent) -> None:
    agent.note("page", "# Page\n\n## How\n\nPush.\n\n## How\n\nLook.\n")
    agent.note("reader", "See [[page#how]] and [[page#how-1]].\n")
    lost = "#how-1 is #how now, and 1 note links to page#how-1; its links: "
    linking = "get_note(ref='page', view='meta', include=['links'])"
    renamed = {"ref": "page", "mode": "replace", "old_text": "## How\n\nPush", "new_text": "## Why\n\nPush"}
    assert agent.ask("edit_note", **renamed, dry_run=True)["warnings"] == [
        f"{lost}{linking}",
        "#how is another section now; what it named is page#why, and links to page#how lead elsewhere in reader",
    ]
    answer = agent.ask("edit_note", ref="page#how", mode="delete_section", if_revision=1)
    assert answer["warnings"] == [
        f"{lost}{linking}",
        "#how is another section now, and links to page#how lead elsewhere in reader",
    ]


def test_a_section_that_is_written_anew_keeps_its_name(agent: Agent) -> None:
    agent.note("page", "# Page\n\n## How\n\nPush.\n\n## Why\n\nLook.\n")
    agent.note("reader", "See [[page#how]].\n")
    answer = agent.ask("edit_note", ref="page#how", mode="replace_section", new_text="Look.")
    assert answer["warnings"] == []
