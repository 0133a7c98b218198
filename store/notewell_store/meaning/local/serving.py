"""The process that holds a local model, and answers whoever of its user asks over a socket. It ends when nobody has for
a while.

It speaks OpenAI's `/embeddings` over HTTP, with the `input_type` (query or passage) that others know as well, and tells
which model it is.
"""

import base64
import json
import os
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from threading import BoundedSemaphore, Condition
from time import monotonic
from typing import Any

from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.endpoint import Kind
from notewell_store.meaning.local.files import ModelFiles
from notewell_store.meaning.local.meeting import Meeting
from notewell_store.meaning.local.model import Model

IDLE = 900.0  # seconds without a request, after which it ends
LARGEST = 2_000_000  # bytes of a request
MOST_TEXTS = 256
MOST_AT_ONCE = 128  # connections; further ones wait to be accepted
SILENCE = 10.0  # seconds that a client may keep silent


def serve(
    files: ModelFiles, meeting: Meeting, lock: int, *, idle: float = IDLE, ready: Callable[[], object] = lambda: None
) -> None:
    """Load the model and serve until nobody has asked for `idle` seconds. `lock` is held, and the one of `meeting`.
    `ready` is called once it listens. Raises Unreachable where the model cannot be loaded, OSError where it can have no
    socket; `meeting` then tells why."""
    meeting.say_who(lock)
    meeting.why.unlink(missing_ok=True)
    try:
        model = Model(files)
        meeting.socket.unlink(missing_ok=True)  # of one that was killed
        server = _Serving(meeting.socket, model)
    except (Unreachable, OSError) as error:
        meeting.tell(error.why if isinstance(error, Unreachable) else f"it has no socket: {error.strerror}")
        raise
    try:
        ready()
        server.serve_until_idle(idle)
    finally:
        meeting.socket.unlink(missing_ok=True)
        server.answer_who_came_last()
        server.server_close()


class Turns:
    """One text at a time has the processor, and queries go before passages, for somebody waits for them."""

    def __init__(self) -> None:
        self.queries_wait = 0
        self._free = Condition()
        self._is_taken = False

    @contextmanager
    def turn(self, kind: Kind) -> Iterator[None]:
        is_query = kind == "query"
        with self._free:
            self.queries_wait += is_query
            while self._is_taken or (self.queries_wait and not is_query):
                self._free.wait()
            self.queries_wait -= is_query
            self._is_taken = True
        try:
            yield
        finally:
            with self._free:
                self._is_taken = False
                self._free.notify_all()


class _Serving(ThreadingMixIn, UnixStreamServer):
    daemon_threads = False
    request_queue_size = 1024

    def __init__(self, socket: Path, model: Model) -> None:
        self.model = model
        self.turns = Turns()
        self.last = monotonic()
        self._places = BoundedSemaphore(MOST_AT_ONCE)
        self._is_empty = False
        super().__init__(str(socket), _Handler)

    def server_bind(self) -> None:
        former = os.umask(0o177)  # its folder is nobody else's anyhow
        try:
            super().server_bind()
        finally:
            os.umask(former)

    def serve_until_idle(self, idle: float) -> None:
        while (left := self.last + idle - monotonic()) > 0:
            self.timeout = left
            self.handle_request()

    def answer_who_came_last(self) -> None:
        """Those who connected before the socket was taken away."""
        self.timeout = 0
        self._is_empty = False
        while not self._is_empty:
            self.handle_request()

    def handle_timeout(self) -> None:
        self._is_empty = True

    def process_request(self, request: Any, client_address: Any) -> None:
        self._places.acquire()
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread
            self._places.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.last = monotonic()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news, and there is nobody to tell it."""


class _Wrong(Exception):
    """Of a request; the status is the answer."""


class _Handler(BaseHTTPRequestHandler):
    timeout = SILENCE
    server: _Serving

    def log_message(self, format: str, *values: Any) -> None:  # noqa: A002 - its name in the base class
        """Nothing is written down of what is asked."""

    def do_GET(self) -> None:
        if self.path == "/identity":
            self._answer(200, {"identity": self.server.model.identity})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        self.server.last = monotonic()
        try:
            texts, kind = self._asked()
        except _Wrong as error:
            self._answer(error.args[0], {})
            return
        try:
            rows = [self._vector(text, kind) for text in texts]
        except Exception:  # of the model, which raises what it likes
            self._answer(500, {})
            return
        self._answer(200, {"data": [{"index": index, "embedding": row} for index, row in enumerate(rows)]})

    def _asked(self) -> tuple[list[str], Kind]:
        length = self.headers.get("Content-Length") or ""
        if self.path != "/embeddings":
            raise _Wrong(404)
        if not length.isdecimal() or int(length) > LARGEST:
            raise _Wrong(413)
        try:
            body = json.loads(self.rfile.read(int(length)))
            texts, kind = body["input"], body["input_type"]
        except (ValueError, LookupError, TypeError, RecursionError):
            raise _Wrong(400) from None
        if not isinstance(texts, list) or len(texts) > MOST_TEXTS or not all(isinstance(text, str) for text in texts):
            raise _Wrong(400)
        if kind not in ("query", "passage"):
            raise _Wrong(400)
        return texts, kind

    def _vector(self, text: str, kind: Kind) -> str:
        with self.server.turns.turn(kind):
            numbers = self.server.model.numbers(text, kind)
        return base64.b64encode(array("f", numbers).tobytes()).decode()

    def _answer(self, status: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
