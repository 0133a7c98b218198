"""The client's end for what we say: lines written whole, by whichever thread has one, and none that waits."""

import os
import select
import threading


class Sink:
    """What does not fit into the pipe yet is kept, and `flush` goes on with it once there is room."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._kept = bytearray()
        self._writing = threading.Lock()
        self._room = select.poll()
        self._room.register(fd, select.POLLOUT)
        self.is_gone = False
        """Whether nobody takes our answers any more."""

    def fileno(self) -> int:
        return self._fd

    @property
    def is_waiting(self) -> bool:
        return bool(self._kept)

    def send(self, line: bytes) -> None:
        with self._writing:
            self._kept += line
            self._write()

    def flush(self) -> None:
        with self._writing:
            self._write()

    def _write(self) -> None:
        try:
            while self._kept and not self.is_gone and self._room.poll(0):
                del self._kept[: os.write(self._fd, self._kept[: select.PIPE_BUF])]  # this much never waits
        except OSError:
            self.is_gone = True
        if self.is_gone:
            self._kept.clear()
