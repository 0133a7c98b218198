"""What strangers learn of a server whose store fails: nothing of its machine, nor the words of an error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import anyio
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, PromptReference
from tests.server.http.conftest import PATIENCE, Door, opened_door

from notewell_server.mcp.server import make_server
from notewell_store import Busy, Unusable
from notewell_tools.errors import FAULT, UNUSABLE, ToolError, to_stranger, to_tool_error
from read_only import modes
from refusals import mounted
from servers import OBEYING_MODES
from shims import Missing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from notewell_server.mcp.resources import Context
    from notewell_store import Store
    from notewell_tools.catalogue import Answer
    from notewell_tools.definition import Call

PATHS = (
    "/notes",
    "/notes?q=word",
    "/notes?as_of=" + "1" * 5_000,
    "/notes/a",
    "/notes/a@1",
    "/notes/a/links",
    "/notes/a/revisions",
    "/notes/a/revisions/1",
    "/tags",
    "/projects",
    "/changes",
    "/brief",
    "/events?since=0",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/nowhere",
)
NOTE = {"type": "ref/resource", "uri": "note://{slug}"}
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tools/list", {}),
    *(
        ("tools/call", {"name": name, "arguments": arguments})
        for name, arguments in (
            ("get_note", {"ref": "a"}),
            ("get_note", {"ref": "a", "as_of": "1" * 5_000}),
            ("list_notes", {}),
            ("search_notes", {"query": "word"}),
            ("revisions", {"ref": "a"}),
            ("tags", {}),
            ("projects", {}),
            ("brief", {}),
            ("check_refs", {"text": "[[a]]"}),
            ("upsert_note", {"slug": "b", "content": "x"}),
        )
    ),
    ("resources/list", {}),
    ("resources/templates/list", {}),
    ("resources/read", {"uri": "note://a"}),
    ("resources/read", {"uri": "brief://none"}),
    ("resources/subscribe", {"uri": "note://a"}),
    ("prompts/list", {}),
    ("prompts/get", {"name": "capture", "arguments": {"learning": "word"}}),
    ("prompts/get", {"name": "plan", "arguments": {}}),
    ("completion/complete", {"ref": NOTE, "argument": {"name": "slug", "value": "a"}}),
    ("completion/complete", {"ref": NOTE, "argument": {"name": "project", "value": "a"}}),
    ("subscriptions/listen", {"notifications": {"resourceSubscriptions": ["note://a"]}}),
)


def answers(door: Door) -> dict[str, str]:
    """What a stranger is answered at every path and by every method of MCP, in both versions of the protocol."""
    told = {path: said(door, path, "GET") for path in PATHS}
    told |= {f"PUT {path}": said(door, path, "PUT", {"content": "x"}) for path in PATHS[:4]}
    for version, asked_then in (("2026-07-28", ASKED), ("2025-11-25", ASKED[10:14])):
        for number, (method, params) in enumerate(asked_then):
            meta = {
                "io.modelcontextprotocol/protocolVersion": version,
                "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            }
            message = {"jsonrpc": "2.0", "id": number, "method": method, "params": {**params, "_meta": meta}}
            name = str(params.get("name") or params.get("uri") or "")
            asked = {"MCP_Protocol_Version": version, "Mcp_Method": method, **({"Mcp_Name": name} if name else {})}
            accepted = {"Accept": "application/json, text/event-stream"}
            told[f"{version} {number} {method}"] = said(door, "/mcp", "POST", message, **accepted, **asked)
    return told


def said(door: Door, path: str, method: str, body: Any = None, **headers: str) -> str:
    """All that comes, of a stream its first piece."""
    sent = None if body is None else json.dumps(body).encode()
    kind = {} if sent is None else {"Content-Type": "application/json", "Content-Length": str(len(sent))}
    named = {"Host": f"127.0.0.1:{door.port}", "Via": "1.1 proxy", "Connection": "close", **kind}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    with door.connected() as connection:
        connection.settimeout(PATIENCE)
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + (sent or b""))
        came = b""
        with contextlib.suppress(TimeoutError):
            while more := connection.recv(65536):
                came += more
                if b"text/event-stream" in came and b"\r\n\r\n" in came and b"data:" in came.replace(b"data: \n", b""):
                    break
                if b"retry:" in came:
                    break
    return came.decode()


def answers_of_writes(door: Door) -> dict[str, str]:
    """What who may write is told, who knows as little of the machine."""
    known = {"Authorization": f"Bearer {door.token}"}
    told = {f"{method} {path}": said(door, path, method, body, **known) for method, path, body in WRITES}
    for name, arguments in TOOLS_THAT_WRITE:
        message = {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": name, "arguments": arguments},
        }
        accepted = {"Accept": "application/json, text/event-stream", "MCP_Protocol_Version": "2025-11-25"}
        told[name] = said(door, "/mcp", "POST", message, **accepted, **known)
    return told


WRITES: tuple[tuple[str, str, Any], ...] = (
    ("PUT", "/notes/new", {"content": "x" * 400_000}),
    ("POST", "/notes", {"slug": "new", "content": "x" * 400_000}),
    ("PUT", "/notes/a/links", {"targets": ["a"]}),
    ("POST", "/projects", {"slug": "p", "name": "P"}),
    ("DELETE", "/notes/a", None),
)
TOOLS_THAT_WRITE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("upsert_note", {"slug": "more", "content": "x" * 400_000}),
    ("edit_note", {"ref": "a", "mode": "append", "new_text": "x" * 400_000}),
    ("link_notes", {"source": "a", "targets": ["a"]}),
    ("restore_note", {"ref": "a@1"}),
    ("projects", {"slug": "q", "name": "Q"}),
    ("delete_note", {"ref": "a"}),
)


@contextlib.contextmanager
def taken_away(database: Path) -> Iterator[None]:
    database.rename(database.with_name("away.db"))
    yield


@contextlib.contextmanager
def overwritten(database: Path) -> Iterator[None]:
    database.write_bytes(b"no database " * 10_000)
    yield


def with_modes(of_folder: int, of_files: int) -> Callable[[Path], AbstractContextManager[None]]:
    return lambda database: modes(database.parent, of_folder, of_files)


@contextlib.contextmanager
def full(database: Path) -> Iterator[None]:
    """Not a byte is left on its disk."""
    filler = database.with_name("filler")
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4_096)):
            pass
    yield
    filler.unlink()


def laid(ending: str) -> Callable[[Path], AbstractContextManager[None]]:
    """Pipes in the place of what stands beside it."""

    @contextlib.contextmanager
    def failing(database: Path) -> Iterator[None]:
        beside = database.with_name(database.name + ending)
        beside.unlink(missing_ok=True)
        os.mkfifo(beside)
        yield
        beside.unlink()

    return failing


FAILING: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "taken away": taken_away,
    "overwritten": overwritten,
    "files may not be read": with_modes(0o700, 0o000),
    "files may not be written": with_modes(0o700, 0o444),
    "a folder that may not be written": with_modes(0o555, 0o444),
    "a folder that may not be entered": with_modes(0o000, 0o000),
    "a full disk": full,
    "a pipe as the lock": laid(".gate"),
    "a pipe as the record of tokens": laid(".tokens"),
}
UNREADABLE = {"taken away", "overwritten", "a folder that may not be entered"}


@pytest.mark.skipif(sys.platform != "linux", reason="rights are taken from root, and disks mounted, as on Linux")
@pytest.mark.parametrize("kind", FAILING)
def test_strangers_learn_nothing_of_the_machine_whatever_fails(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "a-folder-of-ours"
    folder.mkdir()
    database = folder / "kept.db"
    with contextlib.ExitStack() as stack:
        if kind == "a full disk":
            mount_or_skip(stack, folder)
        door = stack.enter_context(opened_door(database, command=OBEYING_MODES))
        door.data("PUT", "/notes/a", {"content": "x"})
        with FAILING[kind](database):
            told = answers(door) | answers_of_writes(door)
    words = ("a-folder-of-ours", "kept.db", "Errno", "sqlite", "Traceback", "Exceeds the limit", str(tmp_path))
    assert {asked: answer for asked, answer in told.items() if any(word in answer for word in words)} == {}
    assert {
        asked: answer for asked, answer in told.items() if answer.startswith("HTTP/1.1 500") or FAULT in answer
    } == {}
    assert kind not in UNREADABLE or UNUSABLE in told["/notes"]
    if kind != "files may not be read":  # open connections still write them
        assert not told["PUT /notes/new"].startswith("HTTP/1.1 2"), told["PUT /notes/new"]


def mount_or_skip(stack: contextlib.ExitStack, folder: Path) -> None:
    try:
        stack.enter_context(mounted(folder))
    except Missing as missing:
        pytest.skip(str(missing))


class Failing:
    """A door on which everything fails in a way that nobody foresaw."""

    def call_for(self, context: Context) -> Call:
        self._failed()

    def run(self, context: Context, name: str, arguments: dict[str, Any]) -> Answer:
        self._failed()

    def begin_stream(self, context: Any) -> None:
        self._failed()

    def refusal(self, error: ToolError, what: str) -> ToolError:
        return error

    def followed(self) -> Store:
        self._failed()

    def _failed(self) -> NoReturn:
        raise OSError(5, "Input/output error", "/srv/kept.db")


QUESTIONS: tuple[Callable[[Client], Awaitable[Any]], ...] = (
    lambda client: client.call_tool("get_note", {"ref": "a"}),
    lambda client: client.list_resources(),
    lambda client: client.read_resource("note://a"),
    lambda client: client.get_prompt("plan", {}),
    lambda client: client.complete(PromptReference(name="plan"), {"name": "project", "value": "a"}),
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_error_that_nobody_foresaw_is_told_without_its_words(
    question: Callable[[Client], Awaitable[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    async def refused() -> MCPError:
        with anyio.fail_after(PATIENCE):
            async with Client(make_server(Failing())) as client:
                with pytest.raises(MCPError) as raised:
                    await question(client)
        return raised.value

    error = anyio.run(refused)
    assert (error.code, error.message) == (INTERNAL_ERROR, FAULT)
    assert "kept.db" in caplog.text  # where whoever keeps the store finds it


def test_a_stranger_who_has_to_wait_learns_for_what_but_not_of_which_file() -> None:
    told = to_stranger(to_tool_error(Busy("another process held /srv/kept.db.gate for 30 s")))
    assert told.message == "another call or program holds the store. Nothing was written. Send the same call again."
    assert told.kind == "busy"


def test_what_tells_a_stranger_nothing_of_the_machine_is_told_as_it_is() -> None:
    error = ToolError("too many writes: send the same call again in 3 s. Nothing was written.", "busy")
    assert to_stranger(error) is error
    assert "kept.db" not in to_stranger(to_tool_error(Unusable("/srv/kept.db is gone: put it back"))).message
