"""How fast this machine is. Bounds in seconds are those of the machine on which they were set; a slower has more."""

from __future__ import annotations

import re
import time
import zlib
from functools import cache

REFERENCE = 0.024
"""Seconds of the processor that the calculation takes on the machine on which the bounds were set."""
SLOWEST = 3.0
"""On a machine that is slower still the bounds say nothing."""


@cache
def slowness() -> float:
    """How many times as long as on the reference a fixed calculation takes here; never less than 1."""
    least = min(_seconds() for _ in range(5))
    return min(SLOWEST, max(1.0, least / REFERENCE))


def _seconds() -> float:
    """Of the processor for what a server does all day: patterns, words, sorting, packing."""
    before = time.thread_time()
    text = "".join(f"- [word {number % 97}](page-{number}.md) and more\n" for number in range(20_000))
    sorted(match[1].title() for match in re.finditer(r"\[(word \d+)\]\(([^)]*)\)", text))
    zlib.compress(text.encode())
    return time.thread_time() - before
