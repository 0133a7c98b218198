"""A command on a terminal of its own, as a person has one."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from tests.server.conftest import NOTEWELL, PATIENCE, environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Shown(NamedTuple):
    """How a command ended, and all that its terminal was sent."""

    status: int
    text: str


def on_terminal(
    database: Path,
    *words: str,
    added: Mapping[str, str] | None = None,
    folder: Path | None = None,
    typed: bytes = b"",
    size: tuple[int, int] = (24, 80),
    program: tuple[str, ...] = (str(NOTEWELL),),
) -> Shown:
    """Run it to its end, with `typed` on its terminal of that many lines and columns."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    usual = {
        "TERM": "xterm",
        "NO_COLOR": "",
        "PAGER": "",
        "NOTEWELL_PAGER": "cat",
        "LESS": "",
        "COLUMNS": "",
        "LINES": "",
    }
    process = subprocess.Popen(
        [*program, *words],
        env={name: value for name, value in {**environment(database, usual), **(added or {})}.items() if value},
        stdin=side,
        stdout=side,
        stderr=side,
        cwd=folder,
        start_new_session=True,
    )
    os.close(side)
    os.write(main, typed)
    came, deadline = b"", time.monotonic() + PATIENCE
    with suppress(OSError):  # which is how the end of a terminal reads
        while select.select([main], [], [], max(0, deadline - time.monotonic()))[0] and (more := os.read(main, 65536)):
            came += more
    os.close(main)
    if process.poll() is None and time.monotonic() >= deadline:
        process.kill()
    return Shown(process.wait(PATIENCE), came.decode().replace("\r\n", "\n"))
