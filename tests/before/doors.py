"""Calls made through the real doors, by names that every version keeps: `open_store`, `call_tool`, the command
`notewell`, HTTP and MCP."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from anyio.from_thread import start_blocking_portal
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp.types import Implementation
from tests.before.plain import json_lines, lines_of, plain
from tests.server.conftest import has_ended

from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.before.asked import Asked

NOTEWELL = Path(sys.executable).with_name("notewell")
ACTOR = "recorder"
PATIENCE = 60.0  # seconds that any answer is waited for

TOKENS = {"admin": ("--scope", "admin"), "reader": (), "narrow": ("--scope", "write", "--project", "web")}
UNKNOWN = f"nwl_{'0' * 12}_{'0' * 64}"
"""A token of the right shape that nobody made."""

UNTOLD = {"date", "content-length", "x-request-id"}
OF_EVERY_ANSWER = re.compile(r"x-|server$|content-security-|referrer-|cross-origin-|permissions-|strict-")
"""Headers that are shown once, not with each answer."""

CURSOR = re.compile(r'next: cursor=(\S+)|"next_cursor": ?"([^"]+)"')


def environment(database: Path) -> dict[str, str]:
    """Ours without the settings of a Notewell of the user's own, and with a home in the folder of the store."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NOTEWELL_", "XDG_"))}
    fixed = {"NOTEWELL_DB": str(database), "NOTEWELL_ACTOR": ACTOR, "HOME": str(database.parent), "COLUMNS": "80"}
    return kept | fixed


class Run:
    """One run of the calls on one store, in a folder of its own. What a door needs is opened when it is first used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.database = self.folder / "store.db"
        self._cursors: dict[str, str] = {}
        self._stack = ExitStack()
        self._door: str | None = None
        self._ask: Callable[[dict[str, Any]], str] = lambda _: ""

    def close(self) -> None:
        self._stack.close()

    def answer(self, asked: Asked) -> list[str]:
        """Make the call; its answer as plain lines."""
        for path, text in asked.files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text, encoding="utf-8")
        if asked.door != self._door:
            self._stack.close()
            doors = {"tool": self._tools, "http": self._http, "command": self._commands, "mcp": self._mcp}
            self._ask = self._stack.enter_context(doors[asked.door]())
            self._door = asked.door
        said = self._ask(self._filled(asked.sent))
        cursor = CURSOR.search(said)
        if cursor:
            self._cursors[asked.name] = cursor[1] or cursor[2]
        return plain(said, str(self.folder)).split("\n")

    def _filled(self, sent: Any) -> Any:
        """What is sent, with the cursors and the folder of this run."""
        if isinstance(sent, dict):
            return {name: self._filled(value) for name, value in sent.items()}
        if isinstance(sent, list):
            return [self._filled(value) for value in sent]
        if isinstance(sent, str):
            named = re.sub(r"<cursor of (.*?)>", lambda match: self._cursors[match[1]], sent)
            return named.replace("<folder>", str(self.folder))
        return sent

    @contextmanager
    def _tools(self) -> Iterator[Callable[[dict[str, Any]], str]]:
        store = open_store(self.database)

        def ask(sent: dict[str, Any]) -> str:
            try:
                answer = call_tool(lambda: Call(store, ACTOR, sent.get("home")), sent["tool"], sent["arguments"])
            except Exception as error:
                # By its name, because the module that it stands in may be another by and by.
                assert type(error).__name__ == "ToolError", error
                return "\n".join([f"refused, {getattr(error, 'kind', '')}:", *lines_of(str(error))])
            return "\n".join(lines_of(answer.shown))

        try:
            yield ask
        finally:
            store.close()

    def _run(self, words: list[str], given: str | None = None) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [NOTEWELL, *words],
            env=environment(self.database),
            cwd=self.folder,
            stdin=subprocess.DEVNULL if given is None else None,
            input=None if given is None else given.encode(),
            capture_output=True,
            timeout=PATIENCE,
        )

    @contextmanager
    def _commands(self) -> Iterator[Callable[[dict[str, Any]], str]]:
        def ask(sent: dict[str, Any]) -> str:
            words = sent["command"][1:]
            done = self._run(words, sent.get("given"))
            lines = [f"exit status {done.returncode}"]
            for name, data in (("standard output", done.stdout), ("standard error", done.stderr)):
                lines += [f"{name}:", *lines_of(data.decode())] if data else []
            if words[0] == "export":
                lines += _exported(self.folder / words[1])
            return "\n".join(lines)

        yield ask

    @contextmanager
    def _http(self) -> Iterator[Callable[[dict[str, Any]], str]]:
        with served(environment(self.database)) as port:
            made = {name: self._run(["token", "create", name, *options]) for name, options in TOKENS.items()}
            tokens = {name: done.stdout.decode().split()[0] for name, done in made.items()} | {"unknown": UNKNOWN}
            yield lambda sent: requested(port, tokens, sent)

    @contextmanager
    def _mcp(self) -> Iterator[Callable[[dict[str, Any]], str]]:
        parameters = StdioServerParameters(command=str(NOTEWELL), env=environment(self.database))
        who = Implementation(name="recording-client", version="1")
        client = Client(parameters, client_info=who)
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(client) as connected:

            async def bounded(sent: dict[str, Any]) -> Any:
                with anyio.fail_after(PATIENCE):
                    return await getattr(connected, sent["method"])(**sent["arguments"])

            def ask(sent: dict[str, Any]) -> str:
                try:
                    answer = portal.call(bounded, sent)
                except MCPError as error:
                    return "\n".join([f"error {error.error.code}:", error.error.message, *json_lines(error.error.data)])
                return "\n".join(json_lines(answer.model_dump(by_alias=True, exclude_none=True, mode="json")))

            yield ask


@contextmanager
def served(environment: dict[str, str]) -> Iterator[int]:
    """A server of REST on a port of this machine, which does not count how often it is asked."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    server = subprocess.Popen(
        [NOTEWELL, "serve", "--http", "--port", str(port)],
        env=environment | {"NOTEWELL_ANONYMOUS_RATE": "100000", "NOTEWELL_WRITE_RATE": "100000"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_health(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _await_health(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", "/healthz")
            assert connection.getresponse().status == 200
            return
        except (ConnectionError, HTTPException):
            assert not has_ended(server)
            assert time.monotonic() < deadline
        finally:
            connection.close()


def requested(port: int, tokens: dict[str, str], sent: dict[str, Any]) -> str:
    method, _, path = sent["request"].partition(" ")
    headers = dict(sent.get("headers", {}))
    if "token" in sent:
        headers["Authorization"] = f"Bearer {tokens[sent['token']]}"
    body = sent.get("body")
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
        body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        told = sorted((name.lower(), value) for name, value in answer.getheaders())
    finally:
        connection.close()
    shown = [f"{name}: {value}" for name, value in told if name not in UNTOLD]
    shown = shown if "every header" in sent else [line for line in shown if not OF_EVERY_ANSWER.match(line)]
    return "\n".join([f"status {answer.status}", *shown, "", *lines_of(text)])


def _exported(folder: Path) -> list[str]:
    """The files of an export, their front matter in full and the size of what stands below it."""
    lines = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        text = file.read_text(encoding="utf-8")
        head, _, body = text.removeprefix("---\n").partition("\n---\n") if text.startswith("---\n") else ("", "", text)
        lines += [f"file {file.relative_to(folder)}:", *head.splitlines(), f"and a text of {len(body)} characters"]
    return lines
