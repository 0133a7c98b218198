"""A network between a program and its PostgreSQL server that can be slow, and can fail at a chosen message."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Cut = Literal["before it arrives", "before it is answered"]
AT_ONCE = 65_536


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
            answers = threading.Event()
            answers.set()
            self._pass_on(self._asked(program, answers), server, program)
            self._pass_on(self._answered(server, answers), program, server)

    def _pass_on(self, said: Iterator[bytes], to: socket.socket, other: socket.socket) -> None:
        """What is said later does not wait for what was said before to arrive: both are under way."""
        under_way: SimpleQueue[tuple[float, bytes]] = SimpleQueue()

        def take() -> None:
            with suppress(OSError):
                for data in said:
                    under_way.put((time.perf_counter() + self.delay, data))
            under_way.put((0.0, b""))

        def give() -> None:
            with suppress(OSError):
                while (arrival := under_way.get())[1]:
                    time.sleep(max(0.0, arrival[0] - time.perf_counter()))
                    to.sendall(arrival[1])
            _end(to, other)

        for part in (take, give):
            threading.Thread(target=part, daemon=True).start()

    def _asked(self, program: socket.socket, answers: threading.Event) -> Iterator[bytes]:
        while said := program.recv(AT_ONCE):
            when = self._meets(said)
            if when == "before it arrives":
                return
            if when == "before it is answered":
                answers.clear()
            yield said

    def _answered(self, server: socket.socket, answers: threading.Event) -> Iterator[bytes]:
        while (said := server.recv(AT_ONCE)) and answers.is_set():
            yield said

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
