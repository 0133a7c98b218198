"""What has no line of its own in a log: counted for each who makes it, and told in one line a minute."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from notewell_server.http.guards.rate_limit import TokenBuckets

MINUTE = 60.0  # seconds between two sums
MOST_COUNTED = 1_000
MOST_TOLD = 10
"""Of how many a sum is kept apart, and told apart: of those with the most; the others are summed together."""

Who = TypeVar("Who")


class LineBudget:
    """How many lines one may have, and all together. At first as many as `at_once`, later so many a minute."""

    def __init__(self, each: tuple[int, int], together: tuple[int, int]) -> None:
        self._each = TokenBuckets(each[1], size=each[0])
        self._together = TokenBuckets(together[1], size=together[0])

    def allows(self, who: str) -> bool:
        return not self._each.take(who) and not self._together.take("")


class Summed(Generic[Who]):
    """Safe to share between threads. `tell` gets what was counted since it was told last; None is all others."""

    def __init__(self, tell: Callable[[Mapping[Who | None, int]], None]) -> None:
        self._tell = tell
        self._turn = threading.Lock()
        self._counts: Counter[Who | None] = Counter()
        self._timer: threading.Timer | None = None

    def add(self, who: Who) -> None:
        with self._turn:
            is_kept = who in self._counts or len(self._counts) < MOST_COUNTED
            self._counts[who if is_kept else None] += 1
            if self._timer is None:
                self._timer = threading.Timer(MINUTE, self.tell)
                self._timer.daemon = True
                self._timer.start()

    def tell(self) -> None:
        """Now, and not when the minute is over."""
        with self._turn:
            counts, self._counts = self._counts, Counter()
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if counts:
            self._tell(_few(counts))


def _few(counts: Counter[Who | None]) -> dict[Who | None, int]:
    others = counts.pop(None, 0)
    told: dict[Who | None, int] = dict(counts.most_common(MOST_TOLD))
    others += counts.total() - sum(told.values())
    return told | ({None: others} if others else {})
