"""Vectors in a byte for each number, and in a bit."""

from __future__ import annotations

import random
from array import array
from math import sqrt
from typing import TYPE_CHECKING

import pytest

from notewell_store.meaning.quantised import SIGNS, nearest, packed, signatures, signs_of, width_of

if TYPE_CHECKING:
    from notewell_store.meaning.embedder import Vector


def vector(seed: int, dimensions: int = 384) -> Vector:
    dice = random.Random(seed)
    numbers = [dice.gauss(0, 1) for _ in range(dimensions)]
    length = sqrt(sum(number * number for number in numbers))
    return array("f", (number / length for number in numbers))


def cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("dimensions", [8, 100, 384, 1024])
def test_a_cosine_is_kept_to_some_thousandths(dimensions: int) -> None:
    for seed in range(20):
        one, query = vector(seed, dimensions), vector(seed + 1_000, dimensions)
        found = nearest(packed([one]), query)
        assert found is not None
        assert abs(found.cosine - cosine(one, query)) < 0.006


def test_of_several_pieces_the_nearest_counts() -> None:
    pieces = [vector(seed) for seed in range(5)]
    found = nearest(packed(pieces), pieces[3])
    assert found is not None
    assert found.piece == 3
    assert found.cosine == pytest.approx(1.0, abs=0.01)


def test_a_piece_without_a_vector_is_like_nothing() -> None:
    found = nearest(packed([array("f", bytes(4 * 384))]), vector(1))
    assert found is not None
    assert found.cosine == 0.0


@pytest.mark.parametrize("vectors", [b"", b"\0" * 387, packed([vector(1, 100)])])
def test_what_is_of_another_length_is_compared_with_nothing(vectors: bytes) -> None:
    assert nearest(vectors, vector(1)) is None


@pytest.mark.parametrize("dimensions", [8, 12, 384, 1024])
def test_the_signs_of_a_vector_differ_from_its_own_in_no_bit(dimensions: int) -> None:
    pieces = [vector(seed, dimensions) for seed in range(3)]
    width = width_of(dimensions)
    kept = signatures(packed(pieces), dimensions)
    assert len(kept) == 3 * width
    for number, piece in enumerate(pieces):
        assert int.from_bytes(kept[number * width : (number + 1) * width], "big") == signs_of(piece)


def test_the_nearest_by_signs_are_among_the_nearest() -> None:
    many = [vector(seed) for seed in range(500)]
    query = array("f", (a + 0.7 * b for a, b in zip(many[7], vector(9_999), strict=True)))
    asked = signs_of(query)
    by_signs = sorted(range(500), key=lambda number: (signs_of(many[number]) ^ asked).bit_count())
    assert by_signs[0] == 7


def test_signatures_of_large_vectors_are_no_larger() -> None:
    assert width_of(4_096) == width_of(SIGNS) == SIGNS // 8
