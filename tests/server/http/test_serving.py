"""The processes that serve: how they end, and several of them on one file."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import environment
from tests.server.http.conftest import PATIENCE, Answer, Site, wait_for

from notewell_store import open_store
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.integrity.figures import figures

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
RATES = {"NOTEWELL_ANONYMOUS_RATE": "100000", "NOTEWELL_LOG": "json"}


class Door(Site):
    """A site whose processes are of their own."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], said: Path) -> None:
        super().__init__(port)
        self.process = process
        self._said = said

    def put(self, slug: str) -> Answer:
        return self.ask(f"/notes/{slug}", "PUT", b"text\n")

    def end(self) -> tuple[int, list[str]]:
        """How it ended, and what it said."""
        return self.process.wait(PATIENCE), self._said.read_text().splitlines()


@contextmanager
def door(database: Path, workers: int) -> Iterator[Door]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = (
        "import os\nfrom notewell_server.http.guards.settings import read_guard_settings as read\n"
        "from notewell_server.http.operations.serving import listen, serve\n"
        "if __name__ == '__main__':\n"
        "    settings = read(os.environ)\n"
        f"    sockets = listen('127.0.0.1', {port}, settings=settings, has_credentials=False)\n"
        f"    serve('tests.server.http.small_door:make', sockets, {workers}, settings=settings)\n"
    )
    script = database.with_name("serve.py")
    script.write_text(program)
    added = RATES | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    said = database.with_name("stderr")  # a file, since a pipe that nobody reads stops whoever writes to it
    with said.open("wb") as stderr:
        process = subprocess.Popen([sys.executable, str(script)], env=environment(database, added), stderr=stderr)
    try:
        running = Door(port, process, said)
        wait_for(running, process)
        yield running
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_until_told(running: Door, figure: str) -> None:
    """A request is counted once its answer is sent, which the other worker may be asked before."""
    deadline = time.monotonic() + PATIENCE
    while figure not in running.ask("/metrics").body.decode():
        assert time.monotonic() < deadline, figure


@pytest.mark.parametrize("workers", [1, 2])
def test_a_write_that_is_under_way_when_the_end_is_asked_for_is_answered(tmp_path: Path, workers: int) -> None:
    database = tmp_path / "notewell.db"
    open_store(database).close()
    answers: list[Answer] = []
    with door(database, workers) as running, running.connected() as stream:
        stream.sendall(f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n\r\n".encode())
        while b"data: first" not in stream.recv(4096):
            pass
        with hold_lock(lock_file_of(database), PATIENCE):
            writing = threading.Thread(target=lambda: answers.append(running.put("late")))
            writing.start()
            wait_until_begun(running, "late")
            running.process.send_signal(signal.SIGTERM)
            wait_until_refused(running)
            assert answers == []
        writing.join(PATIENCE)
        while stream.recv(4096):  # until it is closed
            pass
        code, said = running.end()
    assert [answer.status for answer in answers] == [200]
    assert code in (0, -signal.SIGTERM)
    assert not [line for line in said if json.loads(line)["level"] == "error"], said
    store = open_store(database)
    assert figures(store).notes == 1
    store.close()


def wait_until_begun(running: Door, slug: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while slug not in json.loads(running.ask("/worker").body)["begun"]:
        assert time.monotonic() < deadline


def wait_until_refused(running: Door) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            running.ask("/healthz")
        except OSError:
            return
    raise AssertionError("it goes on taking requests")


def test_several_workers_write_one_file_and_count_together(tmp_path: Path) -> None:
    database = tmp_path / "notewell.db"
    with door(database, 2) as running:
        assert len(workers_of(running)) == 2
        threads = [
            threading.Thread(target=lambda start=start: [running.put(f"n-{start}-{n}") for n in range(10)])
            for start in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        wait_until_told(running, 'notewell_requests_total{method="PUT",route="/notes/{slug}",status="200"} 40.0')
        assert "notewell_notes 40.0" in running.ask("/metrics").body.decode()
        assert running.ask("/metrics", X_Forwarded_For="192.0.2.1").status == 403
        assert json.loads(running.ask("/readyz").body)["status"] == "ready"


def workers_of(running: Door) -> set[int]:
    """The processes that answer, once both have been seen: the kernel deals connections out as it likes."""
    found: set[int] = set()
    deadline = time.monotonic() + PATIENCE
    while len(found) < 2 and time.monotonic() < deadline:
        found.add(json.loads(running.ask("/worker").body)["process"])
    return found
