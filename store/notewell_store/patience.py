"""How long a call waits: all that it waits for counts together, from the moment it began."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

_began: ContextVar[float | None] = ContextVar("began", default=None)


@contextmanager
def call_begins() -> Iterator[None]:
    """In the block, and on threads that are given its context, patience counts from now on."""
    token = _began.set(monotonic())
    try:
        yield
    finally:
        _began.reset(token)


def deadline(patience: float) -> float:
    """The moment at which somebody who waits for so many seconds waits no more; without a call he begins now."""
    began = _began.get()
    return (monotonic() if began is None else began) + patience


def seconds_until(moment: float) -> float:
    return max(0.0, moment - monotonic())
