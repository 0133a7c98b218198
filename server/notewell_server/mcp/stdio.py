"""The stdio door: MCP on standard input and output, one process for each session."""

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server import Server
from mcp.server.stdio import stdio_server

from notewell_server.mcp.client_pipe import ClientPipe
from notewell_server.mcp.server import client_name, make_server
from notewell_server.settings import Settings, read_settings, system_user

if TYPE_CHECKING:
    from notewell_server.mcp.resources import Context
    from notewell_store import Store
    from notewell_tools.catalogue import Answer
    from notewell_tools.definition import Call
    from notewell_tools.errors import ToolError

PATIENCE = 1.5
"""Seconds that calls in flight get to finish once the process is told to stop, or its client is gone."""


def serve(settings: Settings | None = None) -> None:
    """Serve until the client closes our input, goes away, or the process is told to stop (SIGTERM, SIGINT)."""
    session = Session(settings or read_settings())
    try:
        anyio.run(_serve, make_server(session))
    finally:
        session.close()


class Session:
    """What one server process keeps: the store, opened when the first tool is called, so that the start is fast."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opening = threading.Lock()
        self._store: Store | None = None

    def call_for(self, context: "Context") -> "Call":
        from notewell_tools.definition import Call

        store = self.followed()
        actor = self._settings.actor or client_name(context) or system_user()
        return Call(store, actor, self._settings.project)

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
        from notewell_store import open_store

        with self._opening:
            if self._store is None:
                self._store = open_store(self._settings.database)
        return self._store

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


async def _serve(server: Server[Any]) -> None:
    options = server.create_initialization_options()
    if sys.platform == "win32":  # its pipes cannot be waited for without a thread
        async with stdio_server() as (reader, writer):
            await server.run(reader, writer, options)
        return
    client = ClientPipe(_divert(0, os.open(os.devnull, os.O_RDONLY)), _divert(1, 2), _end_soon)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_when_told, client)
        await server.run(client, client, options)
        tasks.cancel_scope.cancel()


def _divert(fd: int, elsewhere: int) -> int:
    """Keep what `fd` is for ourselves, so that a stray `print` or a child cannot touch the protocol."""
    private = os.dup(fd)
    os.dup2(elsewhere, fd)
    return private


async def _stop_when_told(client: ClientPipe) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        await anext(signals)
        _end_soon()
        client.stop()
        await anyio.sleep_forever()


def _end_soon() -> None:
    """Let the kernel end whatever still hangs after a while: a write is whole or absent whenever that is."""
    if not signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
