"""Token buckets: how often each of many callers may do something."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 10_000  # callers that are remembered; whoever was not seen for longest goes first


class Buckets:
    """A bucket for each caller, which holds what may be done in a minute and fills up again steadily.

    In memory, of one process: several workers allow so many each. Safe to share between threads.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = a_minute
        self._a_second = a_minute / 60
        self._clock = clock
        self._turn = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """0 if the caller may, else the seconds after which it may."""
        with self._turn:
            return self._taken(caller, self._clock())

    def _taken(self, caller: str, at: float) -> float:
        level, before = self._levels.pop(caller, (float(self._size), at))
        level = min(self._size, level + (at - before) * self._a_second)
        may = level >= 1
        self._levels[caller] = (level - 1 if may else level, at)
        if len(self._levels) > MOST:
            self._levels.popitem(last=False)
        return 0.0 if may else (1 - level) / self._a_second
