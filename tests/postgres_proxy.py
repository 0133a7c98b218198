"""A network between a program and its PostgreSQL server that can be slow, and can fail at a chosen message."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
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
        self._cut: tuple[bytes, Cut] | None = None
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    def address(self, database: str, user: str = "notewell") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def cut_at(self, words: bytes, when: Cut) -> None:
        """End the connection on which the program says these words next; once."""
        self._cut = (words, when)

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
            for passing, ends in ((self._ask, (program, server)), (self._answer, (server, program))):
                threading.Thread(target=passing, args=(*ends, answers), daemon=True).start()

    def _ask(self, program: socket.socket, server: socket.socket, answers: threading.Event) -> None:
        with suppress(OSError):
            while said := program.recv(AT_ONCE):
                when = self._meets(said)
                if when == "before it arrives":
                    break
                if when == "before it is answered":
                    answers.clear()
                time.sleep(self.delay)
                server.sendall(said)
        _end(program, server)

    def _answer(self, server: socket.socket, program: socket.socket, answers: threading.Event) -> None:
        with suppress(OSError):
            while (said := server.recv(AT_ONCE)) and answers.is_set():
                time.sleep(self.delay)
                program.sendall(said)
        _end(program, server)

    def _meets(self, said: bytes) -> Cut | None:
        if self._cut is None or self._cut[0] not in said:
            return None
        (_, when), self._cut = self._cut, None
        self.cuts += 1
        return when

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
