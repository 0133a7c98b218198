"""Times as the store keeps them: UTC, ISO 8601, milliseconds, `Z`; such strings sort as times do. And how long a call
has been waiting, whatever it has waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic

from notewell_store.errors import Invalid

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
    """The moment at which somebody who waits for so many seconds waits no more: the call may have begun before."""
    began = _began.get()
    return (monotonic() if began is None else began) + patience


def seconds_until(moment: float) -> float:
    return max(0.0, moment - monotonic())


def now() -> str:
    return _written(datetime.now(UTC))


def parse_time(text: str, argument: str) -> str:
    """Any ISO 8601 date or time in the store's form; without a zone it is UTC. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return _written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):  # the zone may lead out of the years that there are
        raise Invalid(
            f"{argument}={text[:80]!r} is no time: send 2026-11-21 or 2026-11-21T09:30:00Z", argument
        ) from None


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
