"""The quick door and the SDK's say the same, byte for byte but for the times, whatever a client sends."""

from __future__ import annotations

import os
import re
import select
import signal
import threading
from typing import TYPE_CHECKING

import pytest
from tests.server.stdio.stdio_scripts import SCRIPTS

from notewell_server.mcp.stdio import go_on
from notewell_server.session import Left, Session
from notewell_server.settings import Settings
from notewell_server.stdio.door import Door

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.server.stdio.stdio_scripts import Line

PATIENCE = 30.0
TIMES = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d{3}Z)?")


def by_the_sdk(session: Session, source: int, sink: int) -> None:
    go_on(session, source, sink, Left([], b"", lambda: False))


def by_the_quick_door(session: Session, source: int, sink: int) -> None:
    left = Door(session, source, sink).serve()
    if left is not None:
        go_on(session, source, sink, left)


class Scripted(threading.Thread):
    """A client that sends the lines of a script, each once the one before is answered."""

    def __init__(self, script: tuple[Line, ...], sink: int, source: int) -> None:
        super().__init__(daemon=True)
        self._script, self._sink, self._source = script, sink, source
        self.said = b""

    def run(self) -> None:
        for sent, is_answered in self._script:
            for begin in range(0, len(sent), select.PIPE_BUF):
                os.write(self._sink, sent[begin : begin + select.PIPE_BUF])
            expected = self.said.count(b"\n") + is_answered
            while self.said.count(b"\n") < expected and self._read(PATIENCE):
                pass
        os.close(self._sink)
        while self._read(PATIENCE):
            pass
        os.close(self._source)

    def _read(self, patience: float) -> bytes:
        ready, _, _ = select.select([self._source], [], [], patience)
        chunk = os.read(self._source, 1 << 16) if ready else b""
        self.said += chunk
        return chunk


def answers(serve: Callable[[Session, int, int], None], script: tuple[Line, ...], database: Path) -> list[bytes]:
    """What the script is answered on a store of its own, line by line, without the times."""
    source, to_server = os.pipe()
    from_server, sink = os.pipe()
    client = Scripted(script, to_server, from_server)
    session = Session(Settings(str(database), None, None))
    client.start()
    try:
        serve(session, source, sink)
    finally:
        session.close()
        os.close(source)
        os.close(sink)
        client.join(PATIENCE)
    return TIMES.sub(b"TIME", client.said).splitlines(keepends=True)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("name", SCRIPTS)
def test_both_doors_answer_in_the_same_bytes(name: str, tmp_path: Path) -> None:
    script = SCRIPTS[name]
    quick = answers(by_the_quick_door, script, tmp_path / "quick.db")
    assert quick == answers(by_the_sdk, script, tmp_path / "sdk.db")
    assert len(quick) == sum(is_answered for _, is_answered in script)
