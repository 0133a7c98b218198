"""What the tests of the doors share: the installed command, talked to by the official client and by hand."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, Implementation, TextContent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

T = TypeVar("T")

NOTEWELL = Path(sys.executable).with_name("notewell")
PATIENCE = 30.0
"""Seconds that any answer is waited for: far more than it takes, so that a busy machine fails no test."""


def heed_interrupts() -> None:
    """For a process that is to be interrupted: what a shell starts in its background ignores that, and what is started
    by it too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


LOOK = 0.01


def has_ended(process: subprocess.Popen[Any]) -> bool:
    """Whether it has, or does so within the moment between two looks at what it is to do: one that looks on and on
    takes the processor from the process it waits for."""
    try:
        process.wait(LOOK)
    except subprocess.TimeoutExpired:
        return False
    return True


def environment(database: Path, added: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without the settings of a Notewell of the user's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NOTEWELL_")}
    return {**kept, "NOTEWELL_DB": str(database), **(added or {})}


class Session:
    """The official client over real stdio, for tests that do not await; every call is bounded."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self._portal = portal
        self.client = client

    def do(self, question: Callable[[Client], Awaitable[T]]) -> T:
        """Whatever else the client can ask."""
        return self._portal.call(self._bounded, question)

    async def _bounded(self, question: Callable[[Client], Awaitable[T]]) -> T:
        with anyio.fail_after(PATIENCE):
            return await question(self.client)

    def call(self, tool: str, /, **arguments: Any) -> CallToolResult:
        result: CallToolResult = self._portal.call(self._call, tool, arguments)
        return result

    async def _call(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        with anyio.fail_after(PATIENCE):
            return await self.client.call_tool(tool, arguments)

    def ask(self, tool: str, /, **arguments: Any) -> Any:
        """The answer as JSON."""
        return json.loads(self.read(tool, **arguments, format="json"))

    def read(self, tool: str, /, **arguments: Any) -> str:
        """The answer as text."""
        result = self.call(tool, **arguments)
        assert not result.is_error, text_of(result)
        return text_of(result)

    def refusal(self, tool: str, /, **arguments: Any) -> str:
        result = self.call(tool, **arguments)
        assert result.is_error, text_of(result)
        return text_of(result)

    def tools(self) -> list[dict[str, Any]]:
        """The tools as they come over the wire."""
        listed = self._portal.call(self._tools)
        tools: list[dict[str, Any]] = listed["tools"]
        return tools

    async def _tools(self) -> dict[str, Any]:
        with anyio.fail_after(PATIENCE):
            listed = await self.client.list_tools()
        return listed.model_dump(by_alias=True, exclude_none=True, mode="json")


def text_of(result: CallToolResult) -> str:
    """The text that a model reads, which is all there is."""
    assert result.structured_content is None
    (part,) = result.content
    assert isinstance(part, TextContent)
    return part.text


@contextmanager
def open_session(
    database: Path,
    added: Mapping[str, str] | None = None,
    *,
    mode: Any = "auto",
    client: str = "pytest",
    folder: Path | None = None,
    roots: Any = None,
) -> Iterator[Session]:
    """A server process of its own, in a folder, and the official client that talks to it, and answers for its roots."""
    server = StdioServerParameters(command=str(NOTEWELL), env=environment(database, added), cwd=folder)
    who = Implementation(name=client, version="1")
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(
            Client(server, mode=mode, client_info=who, list_roots_callback=roots)
        ) as connected,
    ):
        yield Session(portal, connected)


class Pipe:
    """A server process, talked to by hand: lines in, lines out, every wait bounded."""

    def __init__(self, database: Path) -> None:
        self.process = subprocess.Popen(
            [NOTEWELL, "serve"],
            env=environment(database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        self._received = b""
        self._last = 0

    def send(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)

    def request(self, method: str, /, **params: Any) -> int:
        """Send a request without waiting for its answer."""
        self._last += 1
        message = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": params}
        self.send(json.dumps(message).encode() + b"\n")
        return self._last

    def call(self, tool: str, /, **arguments: Any) -> int:
        return self.request("tools/call", name=tool, arguments=arguments)

    def shake_hands(self) -> dict[str, Any]:
        client = {"name": "by-hand", "version": "1"}
        self.request("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
        answer = self.answer()
        self.send(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        return answer

    def answer(self) -> dict[str, Any]:
        """The next message that the server sends."""
        line = self.line(PATIENCE)
        assert line is not None, "no answer"
        message: dict[str, Any] = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        return message

    def line(self, patience: float) -> bytes | None:
        """The next line, or None if none comes in that time."""
        assert self.process.stdout
        while b"\n" not in self._received:
            ready, _, _ = select.select([self.process.stdout], [], [], patience)
            if not ready:
                return None
            chunk = os.read(self.process.stdout.fileno(), 1 << 16)
            assert chunk, f"the server ended: {self.process.stderr and self.process.stderr.read()!r}"
            self._received += chunk
        line, _, self._received = self._received.partition(b"\n")
        return line

    def end(self, patience: float = PATIENCE) -> tuple[int, list[dict[str, Any]], str]:
        """Close its input and wait for the process: its exit code, messages not yet read, its complaints."""
        said, complained = self.process.communicate(timeout=patience)
        messages = [json.loads(line) for line in (self._received + said).splitlines()]
        return self.process.returncode, messages, complained.decode()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        self.process.wait(PATIENCE)


class Pipes:
    """Servers talked to by hand; none outlives its test."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self._open: list[Pipe] = []

    def open(self, *, greeted: bool = True) -> Pipe:
        pipe = Pipe(self.database)
        self._open.append(pipe)
        if greeted:
            pipe.shake_hands()
        return pipe

    def close(self) -> None:
        for pipe in self._open:
            pipe.close()


@pytest.fixture
def pipes(database: Path) -> Iterator[Pipes]:
    opened = Pipes(database)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipe]:
    """One server for the tests of a module that leave it as they found it."""
    opened = Pipes(tmp_path_factory.mktemp("shared") / "notewell.db")
    yield opened.open()
    opened.close()


@pytest.fixture
def pipe(pipes: Pipes) -> Pipe:
    """A server that has shaken hands."""
    return pipes.open()


class CommandLine:
    """The installed command on one store."""

    def __init__(self, database: Path) -> None:
        self.database = database

    def run(
        self,
        *words: str,
        given: bytes | None = None,
        added: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run it to its end; `given` is what is piped into it, without it there is no standard input."""
        return subprocess.run(
            [NOTEWELL, *words],
            env=environment(self.database, added),
            stdin=subprocess.DEVNULL if given is None else None,
            input=given,
            capture_output=True,
            timeout=PATIENCE,
        )

    def read(self, *words: str, **options: Any) -> str:
        """What a command that succeeds prints."""
        done = self.run(*words, **options)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode()

    def ask(self, *words: str, **options: Any) -> Any:
        return json.loads(self.read(*words, "--json", **options))

    def refusal(self, *words: str, **options: Any) -> str:
        """What a command that is refused says, on standard error only."""
        done = self.run(*words, **options)
        assert (done.returncode, done.stdout) == (1, b"")
        return done.stderr.decode().removeprefix("Error: ").removesuffix("\n")


@pytest.fixture
def command(database: Path) -> CommandLine:
    return CommandLine(database)


@pytest.fixture(scope="session")
def open_command() -> Callable[[Path], CommandLine]:
    return CommandLine


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One server for the tests of a module that mind only their own notes."""
    with open_session(tmp_path_factory.mktemp("session") / "notewell.db") as opened:
        yield opened


@pytest.fixture(scope="session")
def connect() -> Callable[..., AbstractContextManager[Session]]:
    """`connect(database, …)`: a server process of its own, and the official client that talks to it."""
    return open_session
