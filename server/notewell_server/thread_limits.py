"""Threads for calls behind the SDK and HTTP."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from notewell_server.writers import WRITERS, writes

A = TypeVar("A")

_WRITERS = CapacityLimiter(WRITERS)


async def on_thread(tool: str, function: Callable[..., A], *arguments: object) -> A:
    """Run a call of the tool on a thread. Its patience counts from now on, the wait for a thread included."""
    from notewell_store.patience import call_begins  # which a session's start need not wait for

    limiter = _WRITERS if writes(tool) else None  # None is anyio's own limit
    with call_begins():
        return await anyio.to_thread.run_sync(function, *arguments, limiter=limiter)
