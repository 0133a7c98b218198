"""Vectors kept small: a byte for each number, with a scale; and a bit for each, by which many are looked through.

A number is the int8 that is nearest to it, times the scale of its vector. That costs a cosine some thousandths. The
signs alone, as one large integer, say roughly how near two vectors are: by how many bits differ.
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from operator import mul
from typing import NamedTuple

from notewell_store.meaning.embedder import Vector

SIGNS = 384
"""Numbers of a vector whose signs are kept. Of models with more the first ones say the most, or as much as others."""

_LARGEST = 127  # of an int8, on both sides
_SCALE = struct.Struct("<f")
_SIGN_OF = bytes(b"1"[0] if byte < 128 else b"0"[0] for byte in range(256))  # of an int8, as a digit


class Nearest(NamedTuple):
    """Of a passage the piece that is nearest to a question, by its number, and how near it is."""

    cosine: float
    piece: int


def packed(vectors: Sequence[Vector]) -> bytes:
    """Vectors of one space, one behind the other: a float32 (little-endian) that is the scale, then an int8 for each
    number."""
    return b"".join(map(_packed, vectors))


def _packed(vector: Vector) -> bytes:
    scale = max(map(abs, vector), default=0.0) / _LARGEST
    numbers = array("b", (round(number / scale) for number in vector)) if scale else bytes(len(vector))
    return _SCALE.pack(scale) + bytes(numbers)


def nearest(vectors: bytes, query: Sequence[float]) -> Nearest | None:
    """Which of the packed vectors is nearest to that of a query; None where there are none of that length. An array
    makes its numbers each time they are read: a query that is compared with many is better a tuple."""
    if not vectors or len(vectors) % (_SCALE.size + len(query)):
        return None
    cosines = [scale * sum(map(mul, numbers, query)) for scale, numbers in _unpacked(vectors, len(query))]
    best = max(range(len(cosines)), key=cosines.__getitem__)
    return Nearest(cosines[best], best)


def _unpacked(vectors: bytes, dimensions: int) -> Iterator[tuple[float, "array[int]"]]:
    for start in range(0, len(vectors), _SCALE.size + dimensions):
        numbers = start + _SCALE.size
        (scale,) = _SCALE.unpack_from(vectors, start)
        yield scale, array("b", vectors[numbers : numbers + dimensions])


def signatures(vectors: bytes, dimensions: int) -> bytes:
    """The signs of packed vectors, one behind the other, each in width_of(dimensions) bytes."""
    width = width_of(dimensions)
    starts = range(_SCALE.size, len(vectors), _SCALE.size + dimensions)
    return b"".join(_signs(vectors[start : start + min(SIGNS, dimensions)]).to_bytes(width, "big") for start in starts)


def width_of(dimensions: int) -> int:
    """The bytes of one signature."""
    return (min(SIGNS, dimensions) + 7) // 8


def signs_of(vector: Vector) -> int:
    """The signs of a query's vector, to be compared with signatures."""
    return _signs(_packed(vector)[_SCALE.size :][:SIGNS])


def _signs(numbers: bytes) -> int:
    return int(numbers.translate(_SIGN_OF), 2)
