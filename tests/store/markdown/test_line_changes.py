"""A change as lines beside lines, with the words that changed in them."""

from __future__ import annotations

import random

import pytest

from notewell_store.markdown.diffs import Allowance, count_lines
from notewell_store.markdown.line_changes import MOST_LINES, LineChanges, Row, line_changes
from notewell_store.markdown.words import likeness_of, paired, words_of


def rows(changes: LineChanges) -> list[Row]:
    return [row for part in changes.parts for row in part.rows]


def marked(row: Row) -> tuple[str, str]:
    """Both sides, what changed between brackets."""
    sides = ["".join(f"[{piece.text}]" if piece.is_changed else piece.text for piece in side) for side in row[3:]]
    return sides[0], sides[1]


def test_words_are_marked_within_a_line_that_changed() -> None:
    (row,) = rows(line_changes("the quick brown fox\n", "the slow brown fox\n"))
    assert (row.kind, row.old, row.new) == ("changed", 1, 1)
    assert marked(row) == ("the [quick] brown fox", "the [slow] brown fox")


def test_what_only_a_space_lies_between_is_one_change() -> None:
    (row,) = rows(line_changes("say one two to all here\n", "say six ten to all here\n"))
    assert marked(row) == ("say [one two] to all here", "say [six ten] to all here")


def test_lines_that_share_little_are_not_told_as_one_another() -> None:
    found = rows(line_changes("first we look at the logs\n", "restart every machine\nfirst we look at all logs\n"))
    assert [(row.kind, row.old, row.new) for row in found] == [("added", None, 1), ("changed", 1, 2)]
    assert marked(found[1]) == ("first we look at [the] logs", "first we look at [all] logs")


def test_signs_of_scripts_without_spaces_are_words_of_their_own() -> None:
    (row,) = rows(line_changes("部署之前先停止服务\n", "部署之后先停止服务\n"))
    assert marked(row) == ("部署之[前]先停止服务", "部署之[后]先停止服务")


def test_three_lines_stand_round_each_place_and_what_is_left_out_is_counted() -> None:
    old = [f"line {number}\n" for number in range(40)]
    new = [*old]
    new[10], new[30] = "other\n", "another\n"
    changes = line_changes("".join(old), "".join(new))
    assert [(part.place, len(part.rows), part.left_out) for part in changes.parts] == [
        (None, 0, 7),
        (None, 3, 0),
        (1, 2, 0),
        (None, 3, 13),
        (None, 3, 0),
        (2, 2, 0),
        (None, 3, 6),
    ]
    assert (changes.places, changes.added, changes.removed) == (2, 2, 2)
    whole = line_changes("".join(old), "".join(new), whole=True)
    assert len(rows(whole)) == 42
    assert sum(part.left_out for part in whole.parts) == 0


@pytest.mark.parametrize("seed", range(20))
def test_both_texts_can_be_read_off_a_whole_comparison(seed: int) -> None:
    choice = random.Random(seed)
    words = ["one", "two", "three four", "", "  five", "ein Satz, der steht", "- x"]
    old = [choice.choice(words) for _ in range(choice.randrange(30))]
    new = [line if choice.random() < 0.7 else choice.choice(words) for line in old if choice.random() < 0.9]
    changes = line_changes("".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new), whole=True)
    found = rows(changes)
    sides = [["".join(piece.text for piece in side) for side in (row.before, row.after)] for row in found]
    assert [side[0] for side, row in zip(sides, found, strict=True) if row.old] == old
    assert [side[1] for side, row in zip(sides, found, strict=True) if row.new] == new
    assert [row.old for row in found if row.old] == list(range(1, len(old) + 1))
    assert (changes.added, changes.removed) == count_lines(
        "".join(f"{x}\n" for x in old), "".join(f"{x}\n" for x in new)
    )


def test_what_is_too_long_to_be_told_of_is_counted() -> None:
    changes = line_changes("", "".join(f"{number}\n" for number in range(MOST_LINES + 5)))
    assert len(rows(changes)) == MOST_LINES
    assert changes.untold == 5


def test_where_too_much_would_have_to_be_looked_at_none_is_the_fellow_of_another() -> None:
    one = ["the same words"]
    assert list(paired(one, one, likeness_of, Allowance(1))) == [(0, 0)]
    assert list(paired(one, one, likeness_of, Allowance(0))) == [(0, None), (None, 0)]
    many = "".join(f"{number} of so many\n" for number in range(1_000))
    found = rows(line_changes(many, many.replace("of so", "of as")))
    assert {row.kind for row in found} == {"removed", "added"}


def test_words_together_are_the_text() -> None:
    text = "Ein Satz — mit &amp; und 日本語, \t `code`\n"
    assert "".join(words_of(text)) == text
    assert {"&amp;", "日", "Satz"} <= set(words_of(text))
