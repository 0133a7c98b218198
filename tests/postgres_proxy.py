"""A network between a program and its PostgreSQL server that can be slow, and can fail at a chosen message."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from pathlib import Path

Cut = Literal["before it arrives", "before it is answered"]
AT_ONCE = 65_536
EARLY = 0.0001  # seconds: who is to be woken up at a moment wakes up so much later


class Network:
    """Listens on a port of loopback, and passes all on to the server in `folder`, `delay` seconds late each way."""

    def __init__(self, folder: Path, delay: float = 0.0) -> None:
        self.delay = delay
        self.cuts = 0
        self.is_down = False
        """Where nobody is let through any more."""
        self._server = str(folder / ".s.PGSQL.5432")
        self._after = b""
        self._cut: tuple[bytes, Cut] | None = None
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    def address(self, database: str, user: str = "notewell") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def cut_at(self, words: bytes, when: Cut, after: bytes = b"") -> None:
        """End the connection on which the program says these words next, or next `after` others; once."""
        self._after, self._cut = after, (words, when)

    def _accept(self) -> None:
        while True:
            try:
                program, _ = self._door.accept()
            except OSError:
                return
            if self.is_down:
                program.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            program.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends += [program, server]
            threading.Thread(target=self._carry, args=(program, server), daemon=True).start()

    def _carry(self, program: socket.socket, server: socket.socket) -> None:
        """What is said later does not wait for what was said before to arrive: both are under way. One thread does it
        all: to wake up another takes as long as a short way."""
        to = {program: server, server: program}
        under_way: deque[tuple[float, bytes, socket.socket]] = deque()
        is_answered = is_open = True
        with suppress(OSError, ValueError):  # the latter where an end was closed while it was waited for
            while is_open or under_way:
                patience = max(0.0, under_way[0][0] - time.perf_counter() - EARLY) if under_way else None
                for end in select.select(to if is_open else (), (), (), patience)[0]:
                    said = end.recv(AT_ONCE)
                    when = self._meets(said) if end is program else None
                    is_open = is_open and bool(said) and when != "before it arrives" and (is_answered or end is program)
                    is_answered = is_answered and when != "before it is answered"
                    if is_open:
                        under_way.append((time.perf_counter() + self.delay, said, to[end]))
                while under_way and under_way[0][0] <= time.perf_counter():
                    _, said, there = under_way.popleft()
                    there.sendall(said)
        _end(program, server)

    def _meets(self, said: bytes) -> Cut | None:
        if self._after:
            self._after = b"" if self._after in said else self._after
        elif self._cut is not None and self._cut[0] in said:
            (_, when), self._cut = self._cut, None
            self.cuts += 1
            return when
        return None

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        _end(*self._ends)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
