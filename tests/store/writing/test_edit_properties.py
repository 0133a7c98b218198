"""What holds for every edit of every text: the bytes outside of it stay as they are."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from notewell_store import Edit, StoreError
from notewell_store.markdown.sections import parse_sections
from notewell_store.safe_text import seen
from notewell_store.writing.edits import edited_text

LINES = [
    "# A",
    "## B",
    "### C",
    "text",
    "other  ",
    "- item",
    "1. one",
    "| x |",
    "|---|",
    "> quote",
    "```",
    "    code",
]
LINES += ["", "", "\t", "é日", "===", "---", "<div>", "<!-- x", "-->", "\ufeff", "- ", "\u2028"]
TEXTS = st.builds(
    lambda lines, end, last: end.join(lines) + last,
    st.lists(st.sampled_from(LINES), max_size=12),
    st.sampled_from(["\n", "\n", "\r\n", "\r"]),
    st.sampled_from(["", "\n", "\r\n", "\n\n"]),
)
ADDITIONS = TEXTS.filter(lambda text: bool(text.strip()))


def shared(one: str, other: str) -> int:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count


def without_blanks(text: str) -> str:
    return "".join(text.split())


def is_insertion(before: str, after: str) -> bool:
    """Whether `after` is `before` with one stretch put in somewhere."""
    return len(after) >= len(before) and shared(before, after) + shared(before[::-1], after[::-1]) >= len(before)


def anchors(text: str) -> list[str | None]:
    return [None, *(section.anchor for section in parse_sections(text))]


@settings(deadline=None, max_examples=500)
@given(TEXTS, ADDITIONS, st.sampled_from(["append", "prepend"]), st.randoms(use_true_random=False))
def test_an_addition_only_inserts(text: str, added: str, mode: Any, rng: Any) -> None:
    result = edited_text("a", text, Edit(mode, added, None, rng.choice(anchors(text))))
    assert is_insertion(text, result)
    assert without_blanks(added) in without_blanks(result)
    assert len(without_blanks(result)) == len(without_blanks(text)) + len(without_blanks(added))


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.sampled_from(["append", "prepend"]), st.sampled_from(["", "\n", " \r\n\n"]))
def test_an_addition_of_nothing_changes_nothing(text: str, mode: Any, nothing: str) -> None:
    assert edited_text("a", text, Edit(mode, nothing)) == text


@settings(deadline=None, max_examples=500)
@given(TEXTS, TEXTS, st.randoms(use_true_random=False))
def test_replacing_a_section_leaves_what_stands_before_and_after(text: str, new: str, rng: Any) -> None:
    sections = parse_sections(text)
    assume(sections)
    section = rng.choice(sections)
    result = edited_text("a", text, Edit("replace_section", new, None, section.anchor))
    assert result.startswith(text[: section.start])
    assert result.endswith(text[section.end :])
    assert without_blanks(new) in without_blanks(result)


@settings(deadline=None, max_examples=500)
@given(TEXTS, st.text("ab\né", min_size=1, max_size=8), st.data())
def test_a_replacement_changes_what_was_named_and_nothing_else(text: str, new: str, data: st.DataObject) -> None:
    assume(text)
    start = data.draw(st.integers(0, len(text) - 1))
    old = text[start : start + data.draw(st.integers(1, 12))]
    try:
        result = edited_text("a", text, Edit("replace", new, old))
    except StoreError:
        assert text.count(old) > 1 or text.find(old, text.find(old) + 1) >= 0
    else:
        wanted = new.replace("\n", "\r\n") if "\r\n" in text and "\n" not in old else new
        assert result == text[:start] + wanted + text[start + len(old) :]


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.text("ab \n", max_size=20))
@example("# A\n\ufeff\n# B", "\n\n\n")
@example("# A\r\n\ufeff", "a ")
def test_what_is_not_there_raises_and_names_a_passage_that_is(text: str, old: str) -> None:
    for there in (text, seen(text)):  # what a reader sees is there too
        assume(old not in there and old.replace("\n", "\r\n") not in there)
    try:
        edited_text("a", text, Edit("replace", "x", old))
    except StoreError as error:
        if nearest := getattr(error, "nearest", None):
            lines, passage = (each.replace("\r\n", "\n").split("\n") for each in (text, nearest[1]))
            assert passage[0] in lines[nearest[0] - 1]
    else:
        raise AssertionError("replaced what is not there")
