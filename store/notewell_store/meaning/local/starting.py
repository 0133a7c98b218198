"""How the process that serves a local model is reached, and started where there is none: one, though many ask at once.

The lock that says that somebody serves is taken by who starts him, and inherited by who is started, so that it is
never free between the two. It goes with a process that is killed.
"""

import os
import subprocess
import sys
import time
from contextlib import suppress
from socket import AF_UNIX, SOCK_STREAM, socket

from notewell_store.meaning.embedder import Late, Unreachable
from notewell_store.meaning.local.files import ModelFiles, model_files
from notewell_store.meaning.local.meeting import Meeting, meeting_of

PAUSE = 0.02  # seconds between two looks whether it listens
STARTS = 30.0  # seconds that the start of a process takes at most, which goes on by itself then


class Reaching:
    """`connect` is how a Line reaches the process that serves what `onnx:` names."""

    def __init__(self, named: str) -> None:
        self._named = named

    def connect(self, until: float) -> socket:
        """Raises OSError, and Unreachable with the reason why it cannot be started."""
        files = model_files(self._named)  # as it is now: a model that was replaced is served by another process
        meeting = meeting_of(files)
        has_started = False
        while time.monotonic() < until:
            if connection := _connected(meeting, until):
                return connection
            lock = meeting.try_lock()
            if lock is not None:
                if has_started:
                    os.close(lock)
                    raise Unreachable(f"onnx:{self._named} cannot be served: {meeting.told() or 'its process ended'}")
                _start(files, lock)
                has_started = True
            time.sleep(PAUSE)
        raise Late(f"onnx:{self._named} is being started")


def _connected(meeting: Meeting, until: float) -> socket | None:
    connection = socket(AF_UNIX, SOCK_STREAM)
    try:
        if meeting.is_ours():
            connection.settimeout(max(until - time.monotonic(), 0.001))
            connection.connect(str(meeting.socket))
            return connection
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    except BaseException:
        connection.close()
        raise
    connection.close()
    raise Unreachable(f"{meeting.socket} is not a socket of this user, so nothing is sent there")


def _start(files: ModelFiles, lock: int) -> None:
    """Start a process that is nobody's child: it outlives this one, and has none of its streams. It has the lock."""
    words = [sys.executable, "-P", "-m", "notewell_store.meaning.local", str(files.folder), str(lock)]
    nothing = subprocess.DEVNULL
    try:
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603 - this very interpreter
                words,
                stdin=nothing,
                stdout=nothing,
                stderr=nothing,
                pass_fds=[lock],
                start_new_session=True,
                cwd="/",
                timeout=STARTS,
                check=False,
            )
    finally:
        os.close(lock)
