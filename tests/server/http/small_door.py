"""A small HTTP door over a real store, for tests of the processes that serve one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from notewell_server.http.guards.concurrency_limit import begin_stream
from notewell_server.http.guards.settings import read_guard_settings
from notewell_server.http.operations.logs import set_up_logs
from notewell_server.http.operations.operated import operated
from notewell_store import Store, open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call


def make() -> ASGIApp:
    """PUT writes a note, GET `/worker` names the process and the writes that it began, GET `/stream` never ends."""
    settings = read_guard_settings(os.environ)
    set_up_logs(settings.log)
    opened: list[Store] = []
    begun: list[str] = []

    def store() -> Store:
        if not opened:
            opened.append(open_store(Path(os.environ["NOTEWELL_DB"])))
        return opened[0]

    async def put(request: Request) -> Response:
        arguments = {"slug": request.path_params["slug"], "content": (await request.body()).decode()}
        begun.append(arguments["slug"])
        answer = await anyio.to_thread.run_sync(
            lambda: call_tool(lambda: Call(store(), "tester"), "upsert_note", arguments).shown
        )
        return PlainTextResponse(answer)

    async def worker(request: Request) -> Response:
        return JSONResponse({"process": os.getpid(), "begun": begun})

    async def stream(request: Request) -> Response:
        begin_stream(request.scope, "anybody")

        async def events() -> AsyncIterator[str]:
            yield "data: first\n\n"
            await anyio.sleep_forever()

        return StreamingResponse(events(), media_type="text/event-stream")

    routes = [Route("/notes/{slug}", put, methods=["PUT"]), Route("/worker", worker), Route("/stream", stream)]
    return operated(Starlette(routes=routes), settings, store, None)
