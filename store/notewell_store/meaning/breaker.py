"""Whoever does not answer is let rest, for longer each time, and nobody waits for him meanwhile."""

from collections.abc import Callable, Sequence
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeVar

from notewell_store.meaning.embedder import Late, NoVector, Space, Unreachable, Vector

if TYPE_CHECKING:
    from notewell_store.meaning.embedder import Embedder

FIRST_REST = 5.0  # seconds
LONGEST_REST = 300.0
WARMING = 60.0  # seconds that a model may take to be loaded
WARM_UP = "warm-up"
"""What is sent to let it be loaded: nothing that anybody has written."""

T = TypeVar("T")


class Breaker:
    """An embedder that answers at once with Unreachable while the one behind it rests. A failure begins a rest, twice
    as long as the one before; one success ends it, and forgets those before.

    Who was late may have been loading its model, and an Ollama stops that when its client hangs up: so it is asked once
    more behind the answers, with patience for it.
    """

    def __init__(self, behind: "Embedder", clock: Callable[[], float] = monotonic) -> None:
        self._behind = behind
        self._clock = clock
        self._lock = Lock()
        self._rest = 0.0
        self._rests_until = 0.0
        self._why = ""
        self._is_tried = False
        """Somebody asks after a rest: one is enough."""
        self._is_warming = False

    @property
    def name(self) -> str:
        return self._behind.name

    @property
    def is_remote(self) -> bool:
        return self._behind.is_remote

    @property
    def sends(self) -> Literal["all", "public"]:
        return self._behind.sends

    def space(self, patience: float) -> Space:
        """It may be known from before: that it can be told does not end a rest."""
        return self._asked(lambda: self._behind.space(patience), proves=False)

    def passages(self, texts: Sequence[str], patience: float) -> "list[Vector | None]":
        return self._asked(lambda: self._behind.passages(texts, patience))

    def query(self, text: str, patience: float) -> Vector:
        return self._asked(lambda: self._behind.query(text, patience))

    def _asked(self, ask: Callable[[], T], *, proves: bool = True) -> T:
        is_trial = self._must_not_rest()
        try:
            answer = ask()
        except NoVector:
            self._succeeds()
            raise
        except Unreachable as error:
            self._fails(error, is_trial)
            raise type(error)(self._said()) from error
        finally:
            if is_trial:
                self._is_tried = False
        if proves:
            self._succeeds()
        return answer

    def _must_not_rest(self) -> bool:
        """Whether this call is the one that tries again after a rest. Raises Unreachable where it may not be asked."""
        with self._lock:
            if not self._rest:
                return False
            if self._is_tried or self._clock() < self._rests_until:
                raise Unreachable(self._said())
            self._is_tried = True
            return True

    def _said(self) -> str:
        left = self._rests_until - self._clock()
        return f"{self._why} (asked again in {max(1, round(left))} s)"

    def _fails(self, error: Unreachable, is_trial: bool) -> None:
        """Of calls that fail together the first begins the rest."""
        with self._lock:
            if self._rest and not is_trial:
                return
            self._why = error.why
            self._rest = min(self._rest * 2, LONGEST_REST) if self._rest else FIRST_REST
            self._rests_until = self._clock() + self._rest
            warms = isinstance(error, Late) and not self._is_warming
            self._is_warming |= warms
        if warms:
            Thread(target=self._warm, name="warming", daemon=True).start()

    def _warm(self) -> None:
        try:
            self._behind.passages([WARM_UP], WARMING)
        except Unreachable:
            return
        else:
            self._succeeds()
        finally:
            self._is_warming = False

    def _succeeds(self) -> None:
        with self._lock:
            self._rest = 0.0
