"""Threads for calls: those that write wait for one another, and have some of their own, so that reading goes on."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

A = TypeVar("A")

_WRITERS = CapacityLimiter(16)


async def on_thread(tool: str, function: Callable[..., A], *arguments: object) -> A:
    """Run a call of the tool on a thread. Its patience counts from now on, the wait for a thread included."""
    from notewell_store.patience import call_begins  # which a session's start need not wait for

    with call_begins():
        return await anyio.to_thread.run_sync(function, *arguments, limiter=_limit_for(tool))


def _limit_for(tool: str) -> CapacityLimiter | None:
    """What a call of the tool waits for; None is anyio's own limit."""
    from notewell_tools.catalogue import CATALOGUE

    known = CATALOGUE.get(tool)
    return None if known is None or known.hints.reads_only else _WRITERS
