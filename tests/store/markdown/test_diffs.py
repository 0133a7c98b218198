import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notewell_store.markdown.diffs import blame, lines_of, opcodes, unified_diff

lines = st.sampled_from(
    ["a\n", "b\n", "c\n", "\n", "a\r\n", "a\r", "-a\n", "+b\n", "@@\n", "\\ x\n", "\u2028", "é\x0c\n"]
)
texts = st.lists(lines, max_size=30).map("".join)


def applied(diff: str, old: str) -> str:
    """What `patch` makes of `old`; it fails where the diff does not fit."""
    before, after = lines_of(old), list[str]()
    body = diff.split("\n")[2:-1]
    at = 0
    for number, line in enumerate(body):
        whole = line[1:] if body[number + 1 : number + 2] == [NO_NEWLINE] else line[1:] + "\n"
        if line.startswith("@@ "):
            start, _, length = line.split()[1][1:].partition(",")
            begin = int(start) - (length != "0")
            after += before[at:begin]
            at = begin
        elif line[0] in " -":
            assert before[at] == whole
            at += 1
        if line[0] in " +":
            after.append(whole)
    return "".join(after + before[at:])


NO_NEWLINE = "\\ No newline at end of file"


def numbered(count: int, changed: dict[int, str] | None = None) -> str:
    return "".join((changed or {}).get(number, f"line {number}\n") for number in range(count))


def test_a_change_is_shown_with_three_lines_round_it() -> None:
    diff = unified_diff(numbered(20), numbered(20, {10: "new\n"}), "a@1", "a@2")
    assert diff == (
        "--- a@1\n+++ a@2\n@@ -8,7 +8,7 @@\n line 7\n line 8\n line 9\n-line 10\n+new\n line 11\n line 12\n line 13\n"
    )


def test_changes_far_from_each_other_are_shown_apart_and_near_ones_together() -> None:
    far = unified_diff(numbered(40), numbered(40, {5: "x\n", 13: "y\n"}), "a", "b")
    near = unified_diff(numbered(40), numbered(40, {5: "x\n", 12: "y\n"}), "a", "b")
    assert (far.count("@@ -"), near.count("@@ -")) == (2, 1)


def test_equal_texts_have_no_diff() -> None:
    assert unified_diff("", "", "a", "b") == unified_diff("x\r\ny", "x\r\ny", "a", "b") == ""


def test_a_missing_line_end_at_the_end_is_told() -> None:
    assert unified_diff("x\ny", "x\ny\n", "a", "b") == f"--- a\n+++ b\n@@ -1,2 +1,2 @@\n x\n-y\n{NO_NEWLINE}\n+y\n"


def test_a_changed_line_end_is_a_change() -> None:
    assert unified_diff("x\r\ny\r\n", "x\ny\r\n", "a", "b") == "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-x\r\n+x\n y\r\n"


def test_a_text_that_begins_or_ends_to_be_is_shown_whole() -> None:
    assert unified_diff("", "x\ny\n", "a", "b") == "--- a\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n"
    assert unified_diff("x\n", "", "a", "b") == "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n"


def test_a_long_diff_is_cut_at_a_line_and_says_how_much_is_left() -> None:
    whole = unified_diff("", numbered(100), "a", "b")
    cut = unified_diff("", numbered(100), "a", "b", max_chars=120)
    shown, _, rest = cut.rpartition("…")
    assert whole.startswith(shown) and len(shown) <= 120
    assert rest == f" {whole.count(chr(10)) - shown.count(chr(10))} more lines of diff\n"
    assert unified_diff("", numbered(100), "a", "b", max_chars=len(whole)) == whole


@settings(deadline=None)
@given(texts | st.text(max_size=100), texts | st.text(max_size=100))
def test_a_diff_turns_the_old_text_into_the_new(old: str, new: str) -> None:
    diff = unified_diff(old, new, "a", "b")
    assert (diff == "") == (old == new)
    assert applied(diff, old) == new


def scrambled(count: int, kinds: int, seed: int) -> str:
    chance = random.Random(seed)
    return "".join(f"{chance.randrange(kinds)}\n" for _ in range(count))


def sparse(count: int, seed: int) -> str:
    """Stretches without unique lines between unique lines."""
    return "".join(scrambled(500, 2, seed + number) + f"unique {number}\n" for number in range(count))


def in_chain(count: int, seed: int) -> str:
    """Each unique line lays bare only one more."""
    chance, out = random.Random(seed), list[str]()
    for number in range(count):
        others = [f"{other}\n" for other in range(number + 1, count)]
        chance.shuffle(others)
        out += [*others, f"{number}\n"]
    return "".join(out)


@pytest.mark.parametrize(
    "made",
    [
        lambda: (scrambled(30_000, 2, 1), scrambled(30_000, 2, 2)),
        lambda: (scrambled(30_000, 20_000, 1), scrambled(30_000, 20_000, 2)),
        lambda: (numbered(30_000), numbered(30_000, dict.fromkeys(range(0, 30000, 2), "x\n"))),
        lambda: (numbered(30_000), "".join(reversed(lines_of(numbered(30_000))))),
        lambda: (sparse(100, 0), sparse(100, 1)),
        lambda: (in_chain(150, 1), in_chain(150, 2)),
        lambda: ("a\n" * 30_000, "a\n" * 29_000 + "b\n"),
        lambda: ("a" * 300_000, "a" * 300_000 + "b"),
    ],
    ids=["two kinds", "many kinds", "every other", "reversed", "sparse", "chain", "one kind", "one line"],
)
def test_large_texts_are_compared_truly_without_running_away(made: Callable[[], tuple[str, str]]) -> None:
    old, new = made()
    assert applied(unified_diff(old, new, "a", "b"), old) == new


def test_large_texts_are_compared_finely_when_lines_are_unique() -> None:
    changed = {number: f"changed {number}\n" for number in range(0, 5000, 100)}
    diff = unified_diff(numbered(5000), numbered(5000, changed), "a", "b")
    assert diff.count("\n-") == diff.count("\n+") - 1 == 50


@settings(deadline=None)
@given(texts, texts)
def test_opcodes_cover_both_texts_in_order(old: str, new: str) -> None:
    before, after = lines_of(old), lines_of(new)
    codes = opcodes(before, after)
    for (_, _, b, _, d), (_, a, _, c, _) in pairwise([("", 0, 0, 0, 0), *codes]):
        assert (a, c) == (b, d)
    assert all(before[a:b] == after[c:d] for tag, a, b, c, d in codes if tag == "equal")
    assert [code[2::2] for code in codes][-1:] in ([], [(len(before), len(after))])


def test_each_line_is_owed_to_the_revision_that_brought_it() -> None:
    versions = [(1, "a\nb\nc"), (2, "a\nB\nc"), (4, "new\na\nB\nc\n")]
    assert blame(versions) == [(4, "new\n"), (1, "a\n"), (2, "B\n"), (4, "c\n")]


def test_a_line_that_went_and_came_back_is_owed_to_the_one_that_brought_it_back() -> None:
    assert blame([(1, "a\nb\n"), (2, "a\n"), (3, "a\nb\n")]) == [(1, "a\n"), (3, "b\n")]


def test_no_versions_and_an_empty_text_have_no_lines() -> None:
    assert blame([]) == blame([(1, "a"), (2, "")]) == []


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=8))
def test_the_lines_of_a_blame_are_the_newest_text(versions: list[str]) -> None:
    owed = blame(enumerate(versions, start=1))
    assert "".join(line for _, line in owed) == versions[-1]
    for revision, line in owed:
        assert line in lines_of(versions[revision - 1])


def test_hundreds_of_revisions_of_a_long_page_are_blamed() -> None:
    page = lines_of(numbered(600))
    versions = [(1, "".join(page))]
    for revision in range(2, 502):
        page[revision] = f"changed in {revision}\n"
        versions.append((revision, "".join(page)))
    owed = blame(versions)
    assert owed[501] == (501, "changed in 501\n")
    assert owed[502] == (1, "line 502\n")
