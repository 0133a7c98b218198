"""The SDK's door on standard input and output: behind the quick one, and on its own where that cannot stand."""

import json
import os
import secrets
import signal
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server

from notewell_server.mcp.client_pipe import ClientPipe
from notewell_server.mcp.server import ask_for_roots, client_of, make_server
from notewell_server.pipes import divert, end_soon
from notewell_server.session import Left, Session, begin_session
from notewell_server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from notewell_server.mcp.resources import Context
    from notewell_store import Store
    from notewell_tools.catalogue import Answer
    from notewell_tools.definition import Call
    from notewell_tools.errors import ToolError


def serve(settings: Settings | None = None) -> None:
    """Serve until the client closes our input, goes away, or the process is told to stop (SIGTERM, SIGINT)."""
    session = begin_session(settings)
    try:
        if sys.platform == "win32":  # its pipes cannot be waited for without a thread
            anyio.run(_serve_with_threads, _server(session))
        else:
            connect = partial(ClientPipe, divert(0, os.open(os.devnull, os.O_RDONLY)), divert(1, 2), end_soon)
            anyio.run(_serve, _server(session), connect, lambda: False)
    finally:
        session.close()


def go_on(session: Session, source: int, sink: int, left: Left) -> None:
    """Serve what the quick door has left. The opening is read again under an id that no client has."""
    unsaid = secrets.token_hex(16)
    opening = [message | {"id": unsaid} if "id" in message else message for message in left.opening]
    received = b"".join(json.dumps(message).encode() + b"\n" for message in opening) + left.received
    connect = partial(ClientPipe, source, sink, end_soon, received, unsaid)
    anyio.run(_serve, _server(session), connect, left.is_told)


def _server(session: Session) -> Server[Any]:
    server = make_server(Handler(session), tools=session.tools)
    if not session.project.is_named:
        ask_for_roots(server, session.project.take_roots)
    return server


class Handler:
    """Answers calls on the session's store."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def call_for(self, context: "Context") -> "Call":
        return self._session.call_by(client_of(context))

    def run(self, context: "Context", name: str, arguments: dict[str, Any]) -> "Answer":
        from notewell_tools.catalogue import call_tool  # 40 ms, which the answer to initialize need not wait for

        return call_tool(lambda: self.call_for(context), name, arguments)

    def begin_stream(self, context: "Context") -> None:
        """One client has one pipe."""

    def refusal(self, error: "ToolError", what: str) -> "ToolError":
        """In full: whoever is served here may open the file."""
        return error

    def followed(self) -> "Store":
        """The store. Raises StoreError."""
        return self._session.store()


async def _serve_with_threads(server: Server[Any]) -> None:
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())


async def _serve(server: Server[Any], connect: "Callable[[], ClientPipe]", is_told: "Callable[[], bool]") -> None:
    client = connect()
    async with anyio.create_task_group() as tasks:
        await tasks.start(_stop_when_told, client)
        if is_told():
            client.stop()
        await server.run(client, client, server.create_initialization_options())
        tasks.cancel_scope.cancel()


async def _stop_when_told(client: ClientPipe, *, task_status: anyio.abc.TaskStatus[None]) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        await anext(signals)
        end_soon()
        client.stop()
        await anyio.sleep_forever()
