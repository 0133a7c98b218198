"""Work that is done in the background: no caller waits for it, and where it is not done nothing is lost."""

import threading
from collections.abc import Callable
from time import monotonic

from notewell_store.contract import CLOSING_PATIENCE

REST = 0.1  # seconds without news after which the work begins
LONGEST = 2.0  # seconds after which it begins all the same


class InBackground:
    """Gathers the numbers of notes, and gives them to `work` once a moment has passed without new ones.

    The thread that does so lives only as long as there is work.
    """

    def __init__(self, work: Callable[[frozenset[int]], None]) -> None:
        self._work = work
        self._news = threading.Condition()
        self._waiting: set[int] = set()
        self._worker: threading.Thread | None = None

    def add(self, note_id: int) -> None:
        with self._news:
            self._waiting.add(note_id)
            self._news.notify()
            if self._worker is None:
                self._worker = threading.Thread(target=self._run, name="background", daemon=True)
                self._worker.start()

    def finish(self) -> None:
        """Do now what waits."""
        with self._news:
            batch, self._waiting = frozenset(self._waiting), set()
            worker = self._worker
            self._news.notify()
        if batch:
            self._work(batch)
        if worker is not None:
            worker.join(CLOSING_PATIENCE)

    def _run(self) -> None:
        try:
            while batch := self._next():
                self._work(batch)
        except BaseException:
            with self._news:
                self._worker = None  # the next note has another begin
            raise

    def _next(self) -> frozenset[int]:
        """What there is to do once the news have stopped; nothing ends the worker."""
        latest = monotonic() + LONGEST
        with self._news:
            while self._waiting and self._news.wait(max(0.0, min(REST, latest - monotonic()))):
                pass
            batch, self._waiting = frozenset(self._waiting), set()
            if not batch:
                self._worker = None
            return batch
