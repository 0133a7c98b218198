"""Positions between two cards, and of those that have to make room."""

from __future__ import annotations

import pytest

from notewell_store.boards.cards import STEP, between, places


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, None, STEP),
        (None, 3_000, 2_000),
        (None, 0, -STEP),
        (3_000, None, 4_000),
        (1_000, 2_000, 1_500),
        (1_000, 1_002, 1_001),
        (1_000, 1_001, None),
        (1_000, 1_000, None),
    ],
)
def test_a_position_between_two_is_the_middle_where_there_is_room(
    before: int | None, after: int | None, expected: int | None
) -> None:
    assert between(before, after) == expected


@pytest.mark.parametrize(
    ("order", "at", "expected"),
    [
        ([None], 0, {0: 1_000}),
        ([1_000, 9, 2_000], 1, {1: 1_500}),
        ([9, 1_000, 2_000], 0, {0: 0}),
        ([1_000, 2_000, 9], 2, {2: 3_000}),
        ([1_000, 9, None, None], 1, {1: 2_000}),
        ([9, None, None], 0, {0: 1_000}),
    ],
)
def test_where_there_is_room_one_card_is_written(order: list[int | None], at: int, expected: dict[int, int]) -> None:
    assert places(order, at) == expected


def test_cards_before_it_that_have_no_place_get_one() -> None:
    assert places([5_000, None, None, 9, None], 3) == {1: 6_000, 2: 7_000, 3: 8_000}


def test_as_many_make_room_behind_it_as_have_to() -> None:
    assert places([1_000, 9, 1_001, 1_500, 4_000, 4_001], 1) == {1: 2_000, 2: 3_000, 3: 4_000, 4: 5_000, 5: 6_000}
    assert places([1_000, 9, 1_001, 3_500, 4_000], 1) == {1: 2_000, 2: 3_000}


def test_cards_with_one_position_stay_in_their_order() -> None:
    order: list[int | None] = [0, 0, 7, 0, 0]
    written = places(order, 2)
    then = [written.get(index, position) for index, position in enumerate(order)]
    assert then == [0, 0, 1_000, 2_000, 3_000]
