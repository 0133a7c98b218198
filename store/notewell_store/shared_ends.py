"""How much two texts have in common at their beginnings and at their ends.

It is found by halving, since slices are compared at the speed of memcmp.
"""

from typing import AnyStr


def shared_ends(one: AnyStr, other: AnyStr) -> tuple[int, int]:
    """How many leading characters or bytes are equal, and how many of the others at the end."""
    head = _shared_beginning(one, other)
    return head, _shared_end(one[head:], other[head:])


def _shared_beginning(one: AnyStr, other: AnyStr) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shared_end(one: AnyStr, other: AnyStr) -> int:
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
