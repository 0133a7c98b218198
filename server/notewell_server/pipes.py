"""What both doors on standard input and output do with the process's own pipes and its end."""

import os
import signal

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of a message. A note of 1 MB has at most six, if all its characters are sent as escapes."""

PATIENCE = 1.5
"""Seconds that calls in flight get to finish once the process is told to stop, or its client is gone."""


def divert(fd: int, elsewhere: int) -> int:
    """Keep what `fd` is for ourselves, so that a stray `print` or a child cannot touch the protocol."""
    private = os.dup(fd)
    os.dup2(elsewhere, fd)
    return private


def end_soon() -> None:
    """Let the kernel end whatever still hangs after a while: a write is whole or absent whenever that is."""
    if not signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
