"""Three-way merge of texts, on lines."""

from hypothesis import given, settings
from hypothesis import strategies as st

from notewell_store.markdown.merging import BETWEEN, MINE, THEIRS, has_marks, marked, merge, regions, settled

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


NAMES = ("mine", "theirs")


def test_where_two_changes_meet_both_stand_between_marked_lines() -> None:
    both = marked("a\nb\nc\n", "A\nB\nc\n", "a\nbb\nC\n", NAMES)
    assert both == "<<<<<<< mine\nA\nB\nc\n=======\na\nbb\nC\n>>>>>>> theirs\n"
    assert marked("a\nb\nc\nd\n", "A\nb\nc\n", "a\nb\nc\nD\n", NAMES) == (
        "A\nb\nc\n<<<<<<< mine\n=======\nD\n>>>>>>> theirs\n"
    )


def test_a_last_line_without_an_end_gets_one_before_a_mark() -> None:
    assert marked("a", "b", "c", NAMES) == "<<<<<<< mine\nb\n=======\nc\n>>>>>>> theirs\n"


@settings(deadline=None)
@given(lines, lines, lines)
def test_nothing_of_either_side_is_lost_between_the_marks(base: str, mine: str, theirs: str) -> None:
    both = marked(base, mine, theirs, NAMES)
    merged = merge(base, mine, theirs)
    assert has_marks(both) == (merged is None)
    if merged is not None:
        assert both == merged
    for side, text in ((0, mine), (2, theirs)):
        kept = set(_side(both, side))
        assert {line.removesuffix("\n") for line in text.split("\n")} - {""} <= kept | set(_side(base, side))


def _side(both: str, side: int) -> list[str]:
    """The lines of one side, and those that are not in dispute."""
    shown, at = [], 1
    for line in both.split("\n"):
        if line.startswith((MINE, BETWEEN, THEIRS)):
            at = {MINE: 0, BETWEEN: 2, THEIRS: 1}[line[:7]]
        elif at in (1, side):
            shown.append(line)
    return shown


def test_regions_tell_what_each_side_did_and_where_two_changes_meet() -> None:
    found = regions("a\n-\nb\n-\nc\n-\nd\n", "A\n-\nb\n-\nC\n-\nD\n", "a\n-\nB\n-\nC\n-\ndd\n")
    kinds = [(region.kind, "".join(region.base)) for region in found if region.kind != "same"]
    assert kinds == [("mine", "a\n"), ("theirs", "b\n"), ("alike", "c\n"), ("both", "d\n")]
    assert (found[-1].mine, found[-1].theirs) == (("D\n",), ("dd\n",))
    assert settled(found, ["neither\n"]) == "A\n-\nB\n-\nC\n-\nneither\n"


@settings(deadline=None)
@given(lines, lines, lines)
def test_regions_hold_each_of_the_three_texts_whole(base: str, mine: str, theirs: str) -> None:
    found = regions(base, mine, theirs)
    assert "".join(line for region in found for line in region.base) == base
    assert "".join(line for region in found for line in region.mine) == mine
    assert "".join(line for region in found for line in region.theirs) == theirs
