"""Reading no more of a text than has changed: what is told then is what reading all of it tells."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from notewell_store.markdown.links import MARKS, find_links
from notewell_store.markdown.sections import parse_sections
from notewell_store.markdown.text_change import TextChange, lines_with, text_change

PAGE = "# A\n\nabove\n\n## B\n\nof b\n\n## C\n\nof c [[x]]\n"
LINES = ["# A\n", "## B\n", "## B\n", " ## C\n", "### D {#id}\n", "# T ##\n", "#\n", "#no\n", "\t# tab\n"]
LINES += ["Foo\n===\n", "bar\n---\n", "text\n", "\n", "\n\n", "- item\n", "  # in item\n", "1. one\n", "> quote\n"]
LINES += ["> # q\n", "    code\n", "```\n", "~~~\n", "``` a\n", "<!-- c\n", "-->\n", "<div>\n", "<pre>\n", "</pre>\n"]
LINES += ["%%\n", "%% x %%\n", "| a | b |\n", "| - | - |\n", "[[link]] x\n", "[t](other.md)\n", "[r]: some-page.md\n"]
LINES += ["see note://x#y\n", "`code [[x]]`\n", "[^1]: foot\n", "---\n", "+++\n", "{\n", "}\n", "key: v\n"]
PARTS = ["#", "a", " ", "\r\n", "\r", "[[a", "]]", "`", "\ufeff"]
TEXTS = st.lists(st.sampled_from(LINES + PARTS), max_size=25).map("".join)
PIECES = st.lists(st.sampled_from(LINES + PARTS), max_size=4).map("".join)


def changed(before: str, after: str) -> TextChange | None:
    return text_change(before, after, parse_sections(before))


@settings(deadline=None, max_examples=3_000)
@given(st.sampled_from(["", "# T\n\n", "# T\n## U\n"]), TEXTS, PIECES, st.data())
def test_the_sections_are_those_of_the_whole_text_read_anew(
    beginning: str, text: str, piece: str, data: st.DataObject
) -> None:
    before = beginning + text
    start = data.draw(st.integers(0, len(before)))
    end = data.draw(st.integers(start, min(len(before), start + 30)))
    after = before[:start] + piece + before[end:]
    change = changed(before, after)
    event(f"told: {change is not None}")
    if change is None:
        return
    assert change.sections == parse_sections(after)
    assert find_links(after, lines_with(MARKS, after, change.sections)) == find_links(after)
    for number, (was, own) in enumerate(zip(parse_sections(before), change.sections, strict=True)):
        if number < change.first:
            assert own[3:6] == was[3:6]
        elif number >= change.end:
            assert own[3:6] == tuple(place + change.shift for place in was[3:6])
        else:
            continue
        assert after[own.start : own.own_end] == before[was.start : was.own_end]


def test_only_the_section_counts_as_changed_in_which_the_change_lies() -> None:
    change = changed(PAGE, PAGE.replace("of b\n", "of b\nmore\n"))
    assert change is not None
    assert (change.first, change.end, change.shift) == (1, 2, len("more\n"))


def test_a_line_behind_the_last_section_is_of_that_section() -> None:
    change = changed(PAGE, PAGE + "more\n")
    assert change is not None
    assert (change.first, change.end) == (2, 3)


@pytest.mark.parametrize(
    "after",
    [
        PAGE.replace("## C", "## New\n\n## C"),
        PAGE.replace("## C", "### C"),
        PAGE.replace("## C\n", "## Other\n"),
        PAGE.replace("## C\n\n", ""),
        PAGE.replace("of b\n", "```\n"),
        PAGE.replace("of b\n", "<!-- of b\n"),
        PAGE.replace("of b", "of b %%"),
        PAGE + "\nFoo\n===\n",
        "above\n" + PAGE,
    ],
    ids=["new", "deeper", "renamed", "gone", "fence", "html", "comment", "underlined", "above the first"],
)
def test_a_text_is_read_anew_where_its_headings_may_be_others(after: str) -> None:
    assert changed(PAGE, after) is None


def test_a_text_is_read_anew_where_what_comes_makes_its_beginning_front_matter() -> None:
    before = "---\nkey: v\n# A\n\nx\n"
    assert parse_sections(before)
    assert changed(before, f"{before}---\n") is None


@pytest.mark.parametrize(
    "damage",
    [{"start": 3}, {"own_end": 1_000}, {"end": 3}, {"body_start": 1_000}],
    ids=lambda damage: next(iter(damage)),
)
def test_a_text_is_read_anew_where_the_rows_of_its_sections_are_damaged(damage: dict[str, Any]) -> None:
    sections = parse_sections(PAGE)
    damaged = (*sections[:2], sections[2]._replace(**damage))
    assert text_change(PAGE, PAGE.replace("of b\n", "of b\nmore\n"), damaged) is None
    assert text_change(PAGE, PAGE.replace("of b\n", "of b\nmore\n"), sections[:2]) is None
