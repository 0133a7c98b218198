"""What an endpoint answered, as vectors: looked at number by number, for it may be anything."""

import base64
import math
import sys
from array import array
from collections.abc import Sequence

from notewell_store.meaning.embedder import Vector

MOST_DIMENSIONS = 8_192
MOST_OF_A_NUMBER = 25  # bytes of JSON


class Answered(Exception):
    """There is an answer, of another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Unfit(Exception):
    """It is not what vectors of these texts look like."""


def vectors_of(rows: object, texts: int, dimensions: int | None) -> "list[Vector | None]":
    """A vector of length one for each text: of so many dimensions where they are known, of the same in any case. None
    for one that has no direction, or is none: a number of it is not finite. Raises Unfit."""
    if not isinstance(rows, list):
        raise Unfit("what is no list of vectors")
    if len(rows) != texts:
        raise Unfit(f"{len(rows)} vectors, not {texts}")
    made = [_numbers(row) for row in rows]
    expected = dimensions or len(made[0])
    for numbers in made:
        if len(numbers) != expected or not 0 < expected <= MOST_DIMENSIONS:
            raise Unfit(f"vectors of {len(numbers)} numbers, not {expected}")
    return [_of_length_one(numbers) for numbers in made]


def _numbers(row: object) -> Sequence[float]:
    """They may come as a list, or in base64 as floats of four bytes, the lowest first."""
    try:
        if isinstance(row, str):
            return _decoded(row)
        if isinstance(row, list) and all(type(number) in (float, int) for number in row):
            return [float(number) for number in row]
    except (ValueError, OverflowError):
        pass
    raise Unfit("what is no vector")


def _decoded(row: str) -> "array[float]":
    numbers = array("f", base64.b64decode(row, validate=True))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _of_length_one(numbers: Sequence[float]) -> "Vector | None":
    largest = max(map(abs, numbers))  # of any size: what is squared is at most one
    if not all(map(math.isfinite, numbers)) or not largest:
        return None
    length = math.sqrt(math.fsum((number / largest) ** 2 for number in numbers))
    return array("f", [number / largest / length for number in numbers])
