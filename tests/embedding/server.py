"""A small server that speaks Ollama's API and OpenAI's, makes real small vectors, and misbehaves on demand.

Ollama's as in its docs/api.md and server/routes.go (EmbedHandler), OpenAI's as in its reference of `/v1/embeddings`.
"""

from __future__ import annotations

import base64
import json
import socket
import threading
from array import array
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tests.embedding.small_vectors import small_vector

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

MODEL = "all-minilm:latest"
DIGEST = "1b226e2802dbb772b5fc32a58f103ca1804ef7501331012de126ab22f67475ef"
LARGEST = 20_000_000  # bytes of a request
LONGEST = 30.0  # seconds that a step waits at most

Vectors = list[list[float]]


class Asked(NamedTuple):
    """A request, as it came."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def texts(self) -> list[str]:
        sent = self.body["input"]
        return [sent] if isinstance(sent, str) else sent


@dataclass(frozen=True)
class Step:
    """What is done with one request. By itself: it is answered as it should be."""

    status: int = 200
    error: str = ""
    change: Callable[[Vectors], Vectors] = lambda vectors: vectors
    delay: float = 0.0
    """Seconds before the answer; a server that is stopped waits no more."""
    is_held: bool = False
    """Answer only once `release` is called."""
    is_dropped: bool = False
    """Hang up without an answer."""
    raw: bytes | None = None
    """These bytes, head and all, and the end of the connection."""
    drip: float = 0.0
    """Seconds between the bytes of `raw`."""


def later(seconds: float) -> Step:
    return Step(delay=seconds)


def refused(status: int, error: str = "no") -> Step:
    return Step(status, error)


MISSING = refused(404, f'model "{MODEL}" not found, try pulling it first')
DROPPED = Step(is_dropped=True)
HELD = Step(is_held=True)
NOT_A_NUMBER = Step(change=lambda vectors: [[float("nan")] * len(vector) for vector in vectors])
TOO_FEW = Step(change=lambda vectors: vectors[:-1])


def other_dimensions(count: int) -> Step:
    return Step(change=lambda vectors: [[1.0] * count for _ in vectors])


@dataclass
class EmbeddingServer:
    """Listens on loopback while it is entered. What is asked of it is in `asked`; `next` are steps for the requests for
    vectors to come, `next_tags` for those for the list of models."""

    dimensions: int = 384
    models: dict[str, str] = field(default_factory=lambda: {MODEL: DIGEST})
    """Names and digests."""
    key: str = ""
    """Where it is set, requests without it are answered with 401."""
    bad: tuple[str, ...] = ()
    """A batch that holds one of these words fails, as with Ollama."""
    remote: tuple[str, ...] = ()
    """Models that Ollama passes on to its cloud, though their names do not say so."""
    tls: ssl.SSLContext | None = None
    next: deque[Step] = field(default_factory=deque)
    next_tags: deque[Step] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    """How many were made so far."""

    def __enter__(self) -> Self:
        self._stopping = threading.Event()
        self._released = threading.Event()
        self._holding = threading.Event()
        self._server = _Listening(self)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._released.set()
        self._server.shutdown()
        self._thread.join(LONGEST)
        self._server.hang_up()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address of Ollama's API; OpenAI's has `/v1` behind it."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def embedded(self) -> list[str]:
        """All texts that came for vectors, in their order."""
        return [text for asked in list(self.asked) if "input" in asked.body for text in asked.texts]

    def hang_up(self) -> None:
        """On all that are connected."""
        self._server.hang_up()

    def release(self) -> None:
        """Let the held requests, and those to come, be answered."""
        self._released.set()

    def wait(self, step: Step) -> None:
        if step.delay:
            self._stopping.wait(min(step.delay, LONGEST))
        if step.is_held:
            self._holding.set()
            self._released.wait(LONGEST)

    def is_holding(self, seconds: float) -> bool:
        """Whether a request is, or was, held back within so many seconds."""
        return self._holding.wait(seconds)

    def is_stopping(self, seconds: float) -> bool:
        """Whether it is stopped within so many seconds."""
        return self._stopping.wait(seconds)


class _Listening(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 500

    def __init__(self, owner: EmbeddingServer) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        self.owner.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """On who keeps a connection open."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up on it is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = LONGEST  # seconds for which a connection is kept open for another request
    server: _Listening

    def log_message(self, format: str, *values: Any) -> None:  # noqa: A002 - its name in the base class
        """Nothing is printed."""

    def do_GET(self) -> None:
        owner = self.server.owner
        owner.asked.append(Asked(self.path, {}, self._headers()))
        step = owner.next_tags.popleft() if owner.next_tags else Step()
        if self.path != "/api/tags":
            self._answer(404, {"error": "not found"})
        elif self._goes_on(step):
            listed = [_listed(name, digest, name in owner.remote) for name, digest in owner.models.items()]
            self._answer(200, {"models": listed})

    def do_POST(self) -> None:
        owner = self.server.owner
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(min(length, LARGEST)))
        owner.asked.append(Asked(self.path, body, self._headers()))
        step = owner.next.popleft() if owner.next else Step()
        say = {"/api/embed": _as_ollama, "/v1/embeddings": _as_openai}.get(self.path)
        if say is None:
            self._answer(404, {"error": "not found"})
        elif self._goes_on(step) and self._is_right(body):
            self._answer(200, say(body, step.change(self._vectors(body))))

    def _goes_on(self, step: Step) -> bool:
        """Whether the request is still to be answered as it should be."""
        self.server.owner.wait(step)
        if step.is_dropped or step.raw is not None:
            self._send_raw(step.raw or b"", step.drip)
            return False
        if step.status != 200:
            self._refuse(step.status, step.error)
            return False
        return True

    def _send_raw(self, text: bytes, pause: float) -> None:
        self.close_connection = True
        if not pause:
            self.wfile.write(text)
            return
        for at in range(len(text)):
            self.wfile.write(text[at : at + 1])
            if self.server.owner.is_stopping(pause):
                return

    def _is_right(self, body: dict[str, Any]) -> bool:
        owner = self.server.owner
        texts = Asked("", body, {}).texts
        if owner.key and self.headers.get("Authorization") != f"Bearer {owner.key}":
            self._refuse(401, "invalid api key")
        elif body["model"] not in owner.models and f"{body['model']}:latest" not in owner.models:
            self._refuse(404, f'model "{body["model"]}" not found, try pulling it first')
        elif any(word in text for text in texts for word in owner.bad):
            self._refuse(400, "embedding contains NaN or Inf values")
        elif self.path.startswith("/v1") and ("" in texts or len(texts) > 2048):
            self._refuse(400, "'$.input' is invalid")
        else:
            return True
        return False

    def _vectors(self, body: dict[str, Any]) -> Vectors:
        dimensions = min(body.get("dimensions") or self.server.owner.dimensions, self.server.owner.dimensions)
        return [small_vector(text, dimensions) for text in Asked("", body, {}).texts]

    def _headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _refuse(self, status: int, error: str) -> None:
        self._answer(status, {"error": error if self.path.startswith("/api") else {"message": error}})

    def _answer(self, status: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _listed(name: str, digest: str, is_remote: bool) -> dict[str, Any]:
    details = {"format": "gguf", "family": "bert", "parameter_size": "23M", "quantization_level": "F16"}
    remote = {"remote_model": name, "remote_host": "https://ollama.com:443"} if is_remote else {}
    return {"name": name, "model": name, "size": 45_960_996, "digest": digest, "details": details, **remote}


def _as_ollama(body: dict[str, Any], vectors: Vectors) -> dict[str, Any]:
    return {"model": body["model"], "embeddings": vectors, "total_duration": 14_143_917, "prompt_eval_count": 8}


def _as_openai(body: dict[str, Any], vectors: Vectors) -> dict[str, Any]:
    is_base64 = body.get("encoding_format") == "base64"
    said = [base64.b64encode(array("f", vector).tobytes()).decode() if is_base64 else vector for vector in vectors]
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(said)]
    return {"object": "list", "data": data, "model": body["model"], "usage": {"prompt_tokens": 8, "total_tokens": 8}}
