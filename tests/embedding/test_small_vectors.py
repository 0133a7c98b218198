"""The vectors that tests are made with mean something."""

from __future__ import annotations

import pytest
from tests.embedding.small_vectors import GROUPS, small_vector


def nearness(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(small_vector(one), small_vector(other), strict=True))


def test_words_that_mean_the_same_are_near_without_a_letter_in_common() -> None:
    assert nearness("how do we fire somebody", "Offboarding: the last day") > 0.3
    assert nearness("how do we fire somebody", "Backups of the database every night") < 0.1


def test_other_endings_and_small_mistakes_stay_near() -> None:
    assert nearness("deployed", "deploying") > 0.99
    assert nearness("kubernetes", "kubernets") > nearness("kubernetes", "grapefruit") + 0.1


@pytest.mark.parametrize("dimensions", [8, 32, 384, 1024])
def test_each_is_of_length_one_and_of_the_dimensions_asked_for(dimensions: int) -> None:
    for text in ("", "the", "!!!", "Größe", "\ud800", "word " * 500):
        vector = small_vector(text, dimensions)
        assert len(vector) == dimensions
        assert sum(number * number for number in vector) == pytest.approx(1)


def test_they_are_the_same_in_every_process() -> None:
    found = {place: round(number, 4) for place, number in enumerate(small_vector("fire", 64)) if number}
    assert found == {4: -0.3536, 5: -0.3536, 12: 0.3536, 13: 0.3536, 24: 0.3536, 35: -0.3536, 36: 0.3536, 46: 0.3536}


def test_groups_are_apart() -> None:
    for one in GROUPS:
        for other in GROUPS:
            if one is not other:
                assert nearness(one.split()[0], other.split()[0]) < 0.6
