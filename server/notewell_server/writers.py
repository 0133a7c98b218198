"""Calls that write wait for one another: they have threads of their own, so that reading goes on."""

WRITERS = 16
"""Threads of them."""


def writes(tool: str) -> bool:
    from notewell_tools.catalogue import CATALOGUE  # which a session's start need not wait for

    known = CATALOGUE.get(tool)
    return known is not None and not known.hints.reads_only
