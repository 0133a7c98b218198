"""Three-way merge of texts, on lines."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from notewell_store.markdown.diffs import lines_of, opcodes


class Hunk(NamedTuple):
    """Lines `start` to `end` of the base become `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]


@lru_cache(maxsize=2)  # a draft that is made again behind the gate merges the same texts
def merge(base: str, mine: str, theirs: str) -> str | None:
    """The text with both changes to `base`, or None where they meet.

    Two changes meet when they replace a common line, or when one inserts where the other changes; the same
    change made twice is one. Neighbouring lines, each replaced by one side, do not meet.
    """
    lines = lines_of(base)
    hunks = sorted({*_hunks(lines, mine), *_hunks(lines, theirs)})
    if any(_meet(one, other) for one, other in pairwise(hunks)):
        return None
    merged: list[str] = []
    at = 0
    for hunk in hunks:
        merged += [*lines[at : hunk.start], *hunk.lines]
        at = hunk.end
    return "".join(_rejoined([*merged, *lines[at:]]))


def _hunks(lines: Sequence[str], changed: str) -> list[Hunk]:
    new = lines_of(changed)
    return [Hunk(a, b, tuple(new[c:d])) for tag, a, b, c, d in opcodes(lines, new) if tag != "equal"]


def _meet(one: Hunk, other: Hunk) -> bool:
    """Whether two hunks, in order, overlap; an insertion already meets what it touches."""
    inserts = one.start == one.end or other.start == other.end
    return other.start < one.end or (inserts and other.start == one.end)


def _rejoined(lines: list[str]) -> list[str]:
    """A line without an end that is no longer the last gets one."""
    return [line if line.endswith("\n") else line + "\n" for line in lines[:-1]] + lines[-1:]
