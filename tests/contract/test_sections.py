"""Sections of stored notes: found by their anchors, whatever was written before and after."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING

import pytest

from notewell_store import Invalid, NotFound, Store
from notewell_store.integrity.verify import verify
from notewell_store.markdown import Section
from notewell_store.markdown.sections import parse_sections, pick_section, toc
from notewell_store.models import TocEntry
from notewell_store.tables.sections import read_sections

if TYPE_CHECKING:
    from tests.conftest import Knowledge

PLAN = """\
# Plan X

Intro.

## Vision

See far.

### Far

Very.

## Risks

```sh
# not a heading
```

## Vision

Again.
"""


def sections_of(knowledge: Knowledge, slug: str) -> tuple[Section, ...]:
    with knowledge.store.reading() as db:
        return read_sections(db, knowledge.id_of(slug))


def text_of(knowledge: Knowledge, slug: str, anchor: str) -> str:
    section = pick_section(sections_of(knowledge, slug), anchor, slug)
    return knowledge.note(slug).markdown[section.start : section.end]


def test_a_section_holds_its_heading_and_its_subsections_byte_for_byte(knowledge: Knowledge) -> None:
    knowledge.put("plan-x", PLAN)
    assert text_of(knowledge, "plan-x", "vision") == "## Vision\n\nSee far.\n\n### Far\n\nVery.\n\n"
    assert text_of(knowledge, "plan-x", "vision-1") == "## Vision\n\nAgain.\n"
    assert text_of(knowledge, "plan-x", "plan-x") == PLAN


def test_an_anchor_is_found_whatever_its_case_and_with_a_leading_hash(knowledge: Knowledge) -> None:
    knowledge.put("plan-x", PLAN)
    for anchor in ("Vision", "#vision", " VISION "):
        assert text_of(knowledge, "plan-x", anchor).startswith("## Vision\n\nSee")


def test_the_contents_name_every_heading_with_its_level_and_size(knowledge: Knowledge) -> None:
    knowledge.put("plan-x", PLAN)
    assert toc(sections_of(knowledge, "plan-x"))[:3] == (
        TocEntry("plan-x", "Plan X", 1, len(PLAN)),
        TocEntry("vision", "Vision", 2, 37),
        TocEntry("far", "Far", 3, 16),
    )
    assert [entry.anchor for entry in toc(sections_of(knowledge, "plan-x"))][3:] == ["risks", "vision-1"]


NESTED = "# Guide\n\n## Linux\n\n### Set up\n\napt\n\n## Mac\n\n### Set up\n\nbrew\n"


@pytest.mark.parametrize("anchor", ["Mac#Set up", "mac#set-up", "Guide#Mac#Set up", "set-up-1"])
def test_of_nested_headings_the_last_is_found_within_the_others(knowledge: Knowledge, anchor: str) -> None:
    knowledge.put("guide", NESTED)
    assert text_of(knowledge, "guide", anchor) == "### Set up\n\nbrew\n"


def test_a_heading_that_is_not_within_the_others_is_none(knowledge: Knowledge) -> None:
    knowledge.put("guide", NESTED)
    with pytest.raises(NotFound):
        text_of(knowledge, "guide", "Set up#Mac")


def test_an_unknown_anchor_names_the_nearest_and_the_note(knowledge: Knowledge) -> None:
    knowledge.put("plan-x", PLAN)
    with pytest.raises(NotFound) as raised:
        text_of(knowledge, "plan-x", "visoin")
    assert (raised.value.kind, raised.value.within) == ("section", "plan-x")
    assert raised.value.nearest[0] == "vision"
    with pytest.raises(NotFound) as raised:
        text_of(knowledge, "plan-x", "zzz")
    assert "risks" in raised.value.nearest


def test_sections_follow_every_change_of_the_text(knowledge: Knowledge) -> None:
    knowledge.put("a", "# One\n")
    knowledge.rewrite("a", "")
    assert sections_of(knowledge, "a") == ()
    knowledge.rewrite("a", "# Two\n\ntext\n## Three\n")
    assert [section.anchor for section in sections_of(knowledge, "a")] == ["two", "three"]
    knowledge.edit("a", "replace", "Four", "Three")
    assert [section.anchor for section in sections_of(knowledge, "a")] == ["two", "four"]
    knowledge.restore("a@1")
    assert [section.anchor for section in sections_of(knowledge, "a")] == ["one"]
    knowledge.delete("a")
    knowledge.restore("a")
    assert [section.anchor for section in sections_of(knowledge, "a")] == ["one"]


def test_a_note_of_ten_thousand_headings_is_kept_and_each_of_them_found(knowledge: Knowledge) -> None:
    text = "".join(f"## Heading {number}\n\n{number}\n\n" for number in range(5000)) + "# Same\n" * 5000
    knowledge.put("long", text)
    sections = sections_of(knowledge, "long")
    assert len(sections) == 10_000
    assert len({section.anchor for section in sections}) == 10_000
    assert text_of(knowledge, "long", "heading-4321") == "## Heading 4321\n\n4321\n\n"
    assert text_of(knowledge, "long", "same-4999") == "# Same\n"
    assert knowledge.edit("long#heading-17", "append", "added").outcome == "updated"
    assert text_of(knowledge, "long", "heading-17") == "## Heading 17\n\n17\n\nadded\n\n"


def test_sections_of_notes_with_windows_line_ends_and_a_byte_order_mark_are_exact(
    knowledge: Knowledge,
) -> None:
    knowledge.put("a", "\ufeff# One\r\n\r\ntext\r\n\r\n## Two\r\n\r\nmore")
    assert text_of(knowledge, "a", "two") == "## Two\r\n\r\nmore"
    assert text_of(knowledge, "a", "one").endswith("# One\r\n\r\ntext\r\n\r\n## Two\r\n\r\nmore")


def test_sections_are_those_of_the_note_asked_about(knowledge: Knowledge, store: Store) -> None:
    knowledge.put("a", "# A\n")
    knowledge.put("b", "# B\n\n## B2\n")
    with store.reading() as db:
        assert [section.anchor for section in read_sections(db, knowledge.id_of("a"))] == ["a"]
        assert read_sections(db, 999) == ()


def test_sections_that_an_edit_moves_renames_adds_or_takes_are_those_of_the_text(knowledge: Knowledge) -> None:
    parts = [f"## Part {number}\n\nText {number}.\n\n" for number in range(6)]
    texts = [
        ["# Page\n\n", *parts],
        ["# Page\n\nLonger.\n\n", *parts],
        ["# Page\n\n", *parts, "## Last\n"],
        ["# Page\n\n", *parts[:3], "## Between\n\n", *parts[3:]],
        ["# Page\n\n", parts[0], *parts[2:]],
        ["# Page\n\n", *(part.replace("## Part 4", "### Part 4") for part in parts)],
        ["No heading.\n"],
        ["# Page\n\n", *parts],
    ]
    knowledge.put("page", "".join(texts[-1]))
    for text in texts:
        knowledge.rewrite("page", "".join(text))
        with knowledge.store.reading() as db:
            assert read_sections(db, knowledge.id_of("page")) == parse_sections("".join(text))


LINES = ["", "more", "- an item", "see [[b#x]]", "[[c]] and [a](note://a)", "```\ncode\n```", "## New", "camelCase"]
MODES = ["append", "append", "prepend", "replace_section"]
PAGE = "# A\n\nfirst [[b]]\n\n## One\n\none\n\n## Two\n\ntwo [[c]]\n\n## One\n\nfurther\n\n## Last\n\nlast\n"


def new_text(dice: Random) -> str:
    return "\n\n".join(dice.choices(LINES, k=2))


@pytest.mark.parametrize("further", ["", "long " * 4_000], ids=["short", "long"])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_kept_of_an_edited_note_is_what_its_text_says(knowledge: Knowledge, seed: int, further: str) -> None:
    """However little of the text was read anew for an edit."""
    dice = Random(seed)
    knowledge.put("b", "# X\n")
    knowledge.put("a", PAGE.replace("further", further))
    for _ in range(8):
        anchor = dice.choice([section.anchor for section in sections_of(knowledge, "a")])
        with suppress(NotFound, Invalid):
            knowledge.edit(
                f"a#{anchor}", dice.choice(["append", "append", "prepend", "replace_section"]), new_text(dice)
            )
        assert sections_of(knowledge, "a") == parse_sections(knowledge.note("a").markdown)
        assert verify(knowledge.store).whole
