"""Threads for calls: those that write wait for one another, and have some of their own, so that reading goes on."""

from anyio import CapacityLimiter

_WRITERS = CapacityLimiter(16)


def limit_for(tool: str) -> CapacityLimiter | None:
    """What a call of the tool waits for; None is anyio's own limit."""
    from notewell_tools.catalogue import CATALOGUE  # which a session's start need not wait for

    known = CATALOGUE.get(tool)
    return None if known is None or known.hints.reads_only else _WRITERS
