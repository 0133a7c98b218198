"""Edits of a part of a text: each mode, on texts as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from notewell_store import Edit, Invalid, NoMatch, NotFound
from notewell_store.errors import Near
from notewell_store.writing.edits import edited_text


def edited(text: str, mode: Any, new: str, old: str | None = None, anchor: str | None = None) -> str:
    return edited_text("a", text, Edit(mode, new, old, anchor))


PAGE = """\
# Page

Intro.

## Steps

1. One
2. Two

### Detail

Fine print.

## Table

| a | b |
|---|---|
| 1 | 2 |

## End

Last words"""


def test_a_replacement_changes_exactly_the_text_that_stands_once() -> None:
    assert edited("one two three", "replace", "2", "two") == "one 2 three"
    assert edited("one two three", "replace", "", " two") == "one three"
    assert edited("a\n\n- x\n", "replace", "- x\n- y", "- x") == "a\n\n- x\n- y\n"
    assert edited("x", "replace", "\\1 \\g<0> $1", "x") == "\\1 \\g<0> $1"
    assert edited("a.c abc", "replace", "!", "a.c") == "! abc"


def test_a_text_that_stands_several_times_is_refused_with_its_lines() -> None:
    with pytest.raises(NoMatch) as raised:
        edited("x\ny\nx\n\nx x", "replace", "z", "x")
    assert (raised.value.slug, raised.value.lines, raised.value.nearest) == ("a", (1, 3, 5, 5), None)
    with pytest.raises(NoMatch) as raised:
        edited("aaa", "replace", "b", "aa")
    assert raised.value.lines == (1, 1)
    with pytest.raises(NoMatch) as raised:
        edited("x\n" * 10_000, "replace", "z", "x")
    assert raised.value.lines == tuple(range(1, 11))


@pytest.mark.parametrize(
    ("text", "old", "nearest"),
    [
        ("one\nPush the green button.\nthree\n", "Push the red button.", Near(2, "Push the green button.")),
        ("one\ntwo words\nthree words\nfour\n", "two words\nthree wordz", Near(2, "two words\nthree words")),
        (
            "a\u2028b\x0cc\x85\nPush the green button.\n",
            "Push the red button.",
            Near(2, "Push the green button."),
        ),
        ("one\r\nPush the green button.\r\n", "Push the red button.", Near(2, "Push the green button.")),
        ("Indented:\n    key: value\n", "key:  value", Near(2, "key: value", is_alike=True)),
        ("nothing alike\n", "zebra crossing", None),
        ("", "zebra", None),
        ("one\n", "\n\n \n", None),
    ],
)
def test_a_text_that_stands_nowhere_is_refused_with_the_nearest_passage(
    text: str, old: str, nearest: Near | None
) -> None:
    with pytest.raises(NoMatch) as raised:
        edited(text, "replace", "x", old)
    assert raised.value.lines == ()
    assert raised.value.nearest == nearest


def test_the_nearest_passage_of_a_section_has_its_line_in_the_whole_note() -> None:
    with pytest.raises(NoMatch) as raised:
        edited(PAGE, "replace", "x", "Fine prints!", "steps")
    assert raised.value.nearest == Near(12, "Fine print.")


def test_the_nearest_passage_of_a_huge_note_is_found_soon() -> None:
    text = "".join(f"some words of a line with the number {n} and more {n * 7}\n" for n in range(15_000))
    with pytest.raises(NoMatch) as raised:
        edited(text, "replace", "x", "some wards of a line with the number 77 and more 539\n")
    assert raised.value.nearest == Near(78, "some words of a line with the number 77 and more 539")


def test_a_replacement_in_a_section_looks_nowhere_else() -> None:
    text = "# A\n\nword\n\n# B\n\nword\n"
    assert edited(text, "replace", "changed", "word", "b") == "# A\n\nword\n\n# B\n\nchanged\n"
    with pytest.raises(NoMatch):
        edited(text, "replace", "x", "A", "b")
    with pytest.raises(NotFound):
        edited(text, "replace", "x", "word", "c")


@pytest.mark.parametrize("old", [None, ""])
def test_a_replacement_of_nothing_is_refused(old: str | None) -> None:
    with pytest.raises(Invalid) as raised:
        edited("text", "replace", "x", old)
    assert raised.value.argument == "old_text"


def test_edits_of_a_note_with_windows_line_ends_keep_to_them() -> None:
    text = "# A\r\n\r\none\r\ntwo\r\n\r\n## B\r\n\r\nthree\r\n"
    assert edited(text, "replace", "1\n2", "one\ntwo") == text.replace("one\r\ntwo", "1\r\n2")
    assert edited(text, "replace", "1\nmore", "one") == text.replace("one", "1\r\nmore")
    assert edited(text, "append", "x\ny\n") == text[:-2] + "\r\n\r\nx\r\ny\r\n"
    assert edited(text, "append", "x", anchor="a") == text.replace("two\r\n", "two\r\n\r\nx\r\n")
    assert edited(text, "replace_section", "x\ny", anchor="b") == text.replace("three", "x\r\ny")
    assert edited(text, "prepend", "x") == text.replace("\r\none", "\r\nx\r\n\r\none")


def test_a_text_of_mixed_line_ends_is_matched_as_it_is() -> None:
    assert edited("a\r\nb\nc\n", "replace", "x\ny", "b\nc") == "a\r\nx\ny\n"


@pytest.mark.parametrize(
    ("text", "added", "result"),
    [
        ("", "x", "x"),
        ("", "x\n", "x\n"),
        ("one", "two", "one\n\ntwo"),
        ("one\n", "two", "one\n\ntwo\n"),
        ("one\n", "two\n", "one\n\ntwo\n"),
        ("one\n\n\n", "two", "one\n\ntwo\n\n\n"),
        ("one\n", "\ntwo", "one\ntwo\n"),
        ("- a\n", "- b", "- a\n- b\n"),
        ("- a\n- b", "- c", "- a\n- b\n- c"),
        ("* a\n", "* b\n* c\n", "* a\n* b\n* c\n"),
        ("1. a\n", "2. b", "1. a\n2. b\n"),
        ("- [ ] a\n", "- [x] b", "- [ ] a\n- [x] b\n"),
        ("- a\n  - deep\n", "- b", "- a\n  - deep\n- b\n"),
        ("- a\n", "text", "- a\n\ntext\n"),
        ("text\n", "- a", "text\n\n- a\n"),
        ("| a |\n|---|\n| 1 |\n", "| 2 |", "| a |\n|---|\n| 1 |\n| 2 |\n"),
        ("| a |\n|---|\n| 1 |", "| 2 |", "| a |\n|---|\n| 1 |\n| 2 |"),
        ("| a |\n|---|\n", "text", "| a |\n|---|\n\ntext\n"),
        ("> a\n", "> b", "> a\n> b\n"),
        ("```\ncode\n```\n", "text", "```\ncode\n```\n\ntext\n"),
        ("**bold** words\n", "**more**", "**bold** words\n\n**more**\n"),
        ("one\n", "# Heading\n\ntext", "one\n\n# Heading\n\ntext\n"),
        ("\n\n", "x", "x\n\n"),
        ("one", "", "one"),
        ("one\n", "\n\n", "one\n"),
    ],
)
def test_an_addition_at_the_end_is_a_block_of_its_own_or_goes_on_with_the_list_or_table(
    text: str, added: str, result: str
) -> None:
    assert edited(text, "append", added) == result


@pytest.mark.parametrize(
    ("anchor", "added", "before", "after"),
    [
        ("steps", "3. Three", "2. Two\n", "2. Two\n3. Three\n"),
        ("steps", "Text.", "2. Two\n", "2. Two\n\nText.\n"),
        ("table", "| 3 | 4 |", "| 1 | 2 |\n", "| 1 | 2 |\n| 3 | 4 |\n"),
        ("end", "More.", "Last words", "Last words\n\nMore."),
        ("page", "More.", "Intro.\n", "Intro.\n\nMore.\n"),
        ("detail", "Finer.\n\n", "Fine print.\n", "Fine print.\n\nFiner.\n"),
    ],
)
def test_an_addition_to_a_section_goes_before_its_subsections(anchor: str, added: str, before: str, after: str) -> None:
    assert edited(PAGE, "append", added, anchor=anchor) == PAGE.replace(before, after)


def test_an_addition_to_an_empty_section_stands_alone() -> None:
    assert edited("# A\n## B\n", "append", "x", anchor="a") == "# A\n\nx\n## B\n"
    assert edited("# A", "append", "x", anchor="a") == "# A\n\nx"
    assert edited("# A\n\n\n# B\n", "append", "x", anchor="a") == "# A\n\nx\n\n\n# B\n"


@pytest.mark.parametrize(
    ("text", "added", "result"),
    [
        ("", "x", "x"),
        ("one\n", "zero", "zero\n\none\n"),
        ("one\n", "zero\n", "zero\n\none\n"),
        ("- b\n", "- a", "- a\n- b\n"),
        ("===\n", "zero", "zero\n\n===\n"),
        ("# T\n\none\n", "zero", "# T\n\nzero\n\none\n"),
        ("# T\n", "zero", "# T\n\nzero\n"),
        ("# T", "zero", "# T\n\nzero\n"),
        ("# T\none\n", "zero", "# T\n\nzero\n\none\n"),
        ("# T\n\n- b\n", "- a", "# T\n\n- a\n- b\n"),
        ("T\n===\n\none\n", "zero", "T\n===\n\nzero\n\none\n"),
        ("\n\n# T\n\none\n", "zero", "\n\n# T\n\nzero\n\none\n"),
        ("intro\n\n# T\n", "zero", "zero\n\nintro\n\n# T\n"),
        ("\ufeffone\n", "zero", "\ufeffzero\n\none\n"),
        ("\ufeff# T\n\none\n", "zero", "\ufeff# T\n\nzero\n\none\n"),
        ("---\ntitle: x\n---\none\n", "zero", "---\ntitle: x\n---\nzero\n\none\n"),
        ("---\ntitle: x\n---\n\n# T\n\none\n", "zero", "---\ntitle: x\n---\n\n# T\n\nzero\n\none\n"),
        ("---\ntitle: x\n---", "zero", "---\ntitle: x\n---\nzero"),
        ("one\n", "", "one\n"),
    ],
)
def test_an_addition_at_the_beginning_goes_below_the_title_and_above_all_else(
    text: str, added: str, result: str
) -> None:
    assert edited(text, "prepend", added) == result


def test_an_addition_at_the_beginning_of_a_section_goes_below_its_heading() -> None:
    assert edited(PAGE, "prepend", "0. Zero", anchor="steps") == PAGE.replace("1. One", "0. Zero\n1. One")
    assert edited(PAGE, "prepend", "Text.", anchor="end") == PAGE.replace("Last", "Text.\n\nLast")
    assert edited("# A\n## B\n", "prepend", "x", anchor="a") == "# A\n\nx\n\n## B\n"


@pytest.mark.parametrize(
    ("anchor", "new", "before", "after"),
    [
        ("steps", "All new.", PAGE[PAGE.index("1. One") : PAGE.index("\n\n## Table")], "All new."),
        ("detail", "Large print.\n", "Fine print.", "Large print."),
        ("detail", "### Other\n\nText.", "### Detail\n\nFine print.", "### Other\n\nText."),
        ("end", "First words", "Last words", "First words\n"),
        ("table", "\nNo table.\n\n\n", "| a | b |\n|---|---|\n| 1 | 2 |", "No table."),
        ("detail", "# not\n# one", "### Detail\n\nFine print.", "# not\n# one"),
        ("detail", "```\n# code\n```", "Fine print.", "```\n# code\n```"),
    ],
)
def test_a_section_is_replaced_below_its_heading_or_with_it_when_the_new_text_has_one(
    anchor: str, new: str, before: str, after: str
) -> None:
    assert PAGE.count(before) == 1
    assert edited(PAGE, "replace_section", new, anchor=anchor) == PAGE.replace(before, after)


def test_a_section_can_be_emptied_and_filled_again() -> None:
    text = "# A\n\nold\n\n# B\n"
    emptied = edited(text, "replace_section", "", anchor="a")
    assert "old" not in emptied and emptied.endswith("# B\n") and emptied.startswith("# A\n")
    assert edited(emptied, "replace_section", "new", anchor="a").split() == ["#", "A", "new", "#", "B"]
    assert edited("# A", "replace_section", "new", anchor="a") == "# A\nnew\n"
    assert edited("# A\n# B\n", "replace_section", "new", anchor="a") == "# A\nnew\n# B\n"


@pytest.mark.parametrize("anchor", [None, "nowhere"])
def test_a_section_must_be_named_and_be_there(anchor: str | None) -> None:
    with pytest.raises((Invalid, NotFound)) as raised:
        edited(PAGE, "replace_section", "x", anchor=anchor)
    if isinstance(raised.value, NotFound):
        assert raised.value.nearest


TABLE_AND_PROSE = "# T\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\nA word about it.\n\n## Next\n"


def test_a_row_joins_the_last_table_of_its_section_though_prose_follows_it() -> None:
    edited = edited_text("t", TABLE_AND_PROSE, Edit("append", "| 3 | 4 |", None, "t"))
    assert edited == TABLE_AND_PROSE.replace("| 1 | 2 |\n", "| 1 | 2 |\n| 3 | 4 |\n")


def test_a_table_of_its_own_is_added_at_the_end() -> None:
    edited = edited_text("t", TABLE_AND_PROSE, Edit("append", "| x |\n| --- |\n| y |", None, "t"))
    assert "A word about it.\n\n| x |\n| --- |\n| y |\n\n## Next\n" in edited
