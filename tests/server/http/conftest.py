"""What the tests of the guards share: a small app behind them, on a real server, asked byte by byte."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import uvicorn
from anyio.from_thread import start_blocking_portal
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.server.conftest import NOTEWELL, Session, environment, has_ended

from notewell_server.http.api.problems import of_problem
from notewell_server.http.guards.chain import guarded
from notewell_server.http.guards.concurrency_limit import begin_stream
from notewell_server.http.guards.rate_limit import KNOWN, network_of
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.probes import healthz
from notewell_server.http.operations.protocol import DeadlineProtocol
from notewell_server.http.refusal import Problem
from notewell_store import open_store
from notewell_store.access import tokens

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp

PATIENCE = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json"
        found: dict[str, Any] = json.loads(self.body)
        assert found["status"] == self.status
        return found


def read_answer(connection: socket.socket, method: str = "GET") -> Answer:
    with closing(HTTPResponse(connection, method=method)) as response:
        response.begin()
        headers: dict[str, str] = {}
        for name, value in response.getheaders():
            name = name.lower()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return Answer(response.status, headers, response.read())


class Site:
    """A server at a port of this machine; `app` is what runs there, where that is known."""

    def __init__(self, port: int, app: App | None = None) -> None:
        self.port = port
        self.app = app

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            yield connection

    def send(self, data: bytes, method: str = "GET") -> Answer:
        """Send these very bytes, and read one answer."""
        with self.connected() as connection:
            connection.sendall(data)
            return read_answer(connection, method)

    def ask(self, path: str = "/notes/a", method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """A request as a well-behaved client sends it; `Host` unless another is given. `_` in a name is `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"} | named
        if body is not None:
            named["Content-Length"] = str(len(body))
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b""), method)


class App:
    """Stands for the handlers: `held` requests wait until they are let go."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.go = threading.Event()
        self.closed = threading.Semaphore(0)
        self.failed = threading.Semaphore(0)
        self.seen: list[dict[str, Any]] = []
        self.counts: list[tuple[str, str, int]] = []

    def made(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/notes/{slug}", self.note, methods=["GET", "PUT", "POST", "DELETE"]),
                Route("/held", self.held, methods=["GET", "POST"]),
                Route("/stream", self.stream),
                Route("/page", self.page),
                Route("/fails", self.fails),
                Route("/large", self.large),
                Route("/mcp", self.note, methods=["POST"]),
            ],
            exception_handlers={Problem: of_problem},
        )

    def count(self, method: str, route: str, status: int) -> None:
        self.counts.append((method, route, status))

    async def note(self, request: Request) -> Response:
        body = await request.body()
        self.seen.append({"client": request.client and request.client.host, "bytes": len(body)})
        if request.headers.get("authorization") == "Bearer bad":
            return PlainTextResponse("no", 401)
        if "authorization" in request.headers:
            request.scope[KNOWN] = "somebody"
        return JSONResponse({"slug": request.path_params.get("slug"), "bytes": len(body)})

    async def held(self, request: Request) -> Response:
        self.entered.release()
        await anyio.to_thread.run_sync(self.go.wait, PATIENCE)
        return PlainTextResponse("done")

    async def stream(self, request: Request) -> Response:
        begin_stream(request.scope, network_of(request.scope))

        async def events() -> AsyncIterator[str]:
            try:
                yield "data: first\n\n"
                await anyio.sleep_forever()
            finally:
                self.closed.release()

        return StreamingResponse(events(), media_type="text/event-stream")

    async def large(self, request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            try:
                for _ in range(1_000):
                    yield bytes(100_000)
            finally:
                self.failed.release()

        return StreamingResponse(parts())

    async def page(self, request: Request) -> Response:
        return HTMLResponse("<p>x")

    async def fails(self, request: Request) -> Response:
        raise ValueError("the secret text")


@contextmanager
def serving(app: ASGIApp, known: App | None = None) -> Iterator[Site]:
    config = uvicorn.Config(
        app, port=0, http=DeadlineProtocol, log_config=None, proxy_headers=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield Site(listening.getsockname()[1], known)
        finally:
            if known:
                known.go.set()
            server.should_exit = True
            thread.join(PATIENCE)


@contextmanager
def guarded_site(settings: GuardSettings) -> Iterator[Site]:
    known = App()
    app = known.made()
    behind = guarded(app, settings, routes=app.routes, probes={"/healthz": healthz}, count=known.count)
    with serving(behind, known) as site:
        yield site


class Door(Site):
    """The installed command, serving a store over HTTP; JSON in, JSON out."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], database: Path, token: str) -> None:
        super().__init__(port)
        self.process = process
        self.database = database
        self.token = token

    def send_json(self, method: str, path: str, body: Any = None, *, token: str | None = "", **headers: str) -> Answer:
        """With the door's token, another, or (None) without any."""
        given = self.token if token == "" else token
        known = {"Authorization": f"Bearer {given}"} if given else {}
        sent = None if body is None else json.dumps(body).encode()
        kind = {} if sent is None else {"Content_Type": "application/json"}
        return self.ask(path, method, sent, **known, **kind, **headers)

    def data(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = self.send_json(method, path, body, **options)
        assert answer.status in (200, 201), answer.body
        assert answer.headers["content-type"] == "application/json"
        return json.loads(answer.body)

    def mcp(self, method: str, *, token: str | None = "", **params: Any) -> Any:
        """One request of MCP; the answer's `result`."""
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        accepted = {"Accept": "application/json, text/event-stream", "MCP_Protocol_Version": "2025-11-25"}
        answer = self.send_json("POST", "/mcp", message, token=token, **accepted)
        assert answer.status == 200, answer.body
        (line,) = [line for line in answer.body.decode().splitlines() if line.startswith("data: {")]
        return json.loads(line.removeprefix("data: "))["result"]

    def make_token(self, name: str, scope: str, *more: str) -> str:
        return self.run("token", "create", name, "--scope", scope, *more).split()[0]

    def run(self, *words: str) -> str:
        """The command, which is another process, and what it says."""
        command = [str(NOTEWELL), *words]
        done = subprocess.run(command, env=environment(self.database), capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def readings(self) -> tuple[int, int]:
        """Of get_note: how many were answered, and how many of these took a tool's time."""
        figures = dict(
            line.rsplit(" ", 1) for line in self.ask("/metrics").body.decode().splitlines() if line[0] != "#"
        )
        answered = figures.get('notewell_calls_total{door="rest",outcome="ok",tool="get_note"}', "0")
        taken = figures.get('notewell_call_seconds_count{door="rest",tool="get_note"}', "0")
        return int(float(answered)), int(float(taken))


def wait_for(site: Site, process: subprocess.Popen[Any]) -> None:
    """Until it answers."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            assert site.ask("/healthz").status == 200
        except ConnectionError:
            assert not has_ended(process)
            assert time.monotonic() < deadline
        else:
            return


@contextmanager
def opened_door(
    database: Path, workers: int = 1, command: Sequence[str] = (str(NOTEWELL),), **settings: str
) -> Iterator[Door]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    rates = {"NOTEWELL_ANONYMOUS_RATE": "100000", "NOTEWELL_WRITE_RATE": "100000", "NOTEWELL_LOG": "text"}
    process = subprocess.Popen(
        [*command, "serve", "--http", "--port", str(port), "--workers", str(workers)],
        env=environment(database, rates | settings),
        stderr=subprocess.DEVNULL,
    )
    door = Door(port, process, database, "")
    try:
        wait_for(door, process)
        with closing(open_store(database)) as store:
            door.token = tokens.create(store, "tester", "admin", "tester")[0]
        yield door
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def session_at(door: Door) -> Iterator[Session]:
    """The official client at the door's `/mcp`, with its token."""

    @asynccontextmanager
    async def connected() -> AsyncIterator[Client]:
        async with (
            create_mcp_http_client(headers={"Authorization": f"Bearer {door.token}"}) as http,
            Client(streamable_http_client(f"http://127.0.0.1:{door.port}/mcp", http_client=http)) as client,
        ):
            yield client

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(connected()) as client:
        yield Session(portal, client)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """One server for the tests of a module that mind only their own notes."""
    with opened_door(tmp_path_factory.mktemp("door") / "notewell.db") as opened:
        yield opened


@pytest.fixture(scope="module")
def serve() -> Callable[[GuardSettings], AbstractContextManager[Site]]:
    return guarded_site


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """With the usual settings, but that nothing is refused for its number."""
    with guarded_site(GuardSettings(anonymous_rate=100_000, write_rate=100_000, max_body=100_000)) as running:
        yield running
