"""Three-way merge of texts, on lines."""

from hypothesis import given, settings
from hypothesis import strategies as st

from notewell_store.markdown.merging import merge

lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\r\n", "\n", "e"]), max_size=12).map("".join)


def test_changes_of_different_lines_are_both_kept() -> None:
    assert merge("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n") == "A\nb\nC\n"


def test_neighbouring_lines_changed_by_two_sides_do_not_meet() -> None:
    base = "- [ ] one\n- [ ] two\n"
    assert merge(base, "- [x] one\n- [ ] two\n", "- [ ] one\n- [x] two\n") == "- [x] one\n- [x] two\n"


def test_two_changes_of_one_line_meet() -> None:
    assert merge("a\nb\nc\n", "a\nB\nc\n", "a\nbb\nc\n") is None


def test_two_insertions_at_one_place_meet() -> None:
    assert merge("a\n", "a\nmine\n", "a\ntheirs\n") is None


def test_an_insertion_meets_the_removal_of_what_it_stands_beside() -> None:
    assert merge("a\nb\n", "a\nnew\nb\n", "b\n") is None


def test_the_same_change_made_twice_is_one() -> None:
    assert merge("a\nb\n", "a\nB\n", "a\nB\n") == "a\nB\n"


def test_a_last_line_without_an_end_gets_one_when_lines_follow() -> None:
    assert merge("a\nb\nc", "A\nb\nc", "a\nb\nc\nd") == "A\nb\nc\nd"


@settings(deadline=None)
@given(lines, lines)
def test_one_side_alone_is_taken_as_it_is(base: str, changed: str) -> None:
    assert merge(base, changed, base) == changed
    assert merge(base, base, changed) == changed
    assert merge(base, changed, changed) == changed


@settings(deadline=None)
@given(lines, lines, lines)
def test_the_order_of_the_sides_does_not_matter(base: str, mine: str, theirs: str) -> None:
    assert merge(base, mine, theirs) == merge(base, theirs, mine)
