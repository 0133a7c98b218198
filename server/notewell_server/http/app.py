"""The HTTP door: REST and MCP on one port, made from the catalogue."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from notewell_server.http.api.events import Events
from notewell_server.http.api.listings import Listings
from notewell_server.http.api.mcp import McpEndpoint
from notewell_server.http.api.notes import Notes
from notewell_server.http.api.openapi import described
from notewell_server.http.api.problems import HANDLERS
from notewell_server.http.api.responses import json_response
from notewell_server.http.api.routes import routed
from notewell_server.http.backend import Backend
from notewell_server.http.calls import Calls
from notewell_server.http.guards.response_cache import ResponseCache
from notewell_server.http.guards.settings import GuardSettings, read_guard_settings
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.http.operations.logs import set_up_logs
from notewell_server.http.operations.operated import operated
from notewell_server.http.operations.serving import end_with_parent
from notewell_server.settings import beside, read_settings

SMALLEST_COMPRESSED = 1_000  # bytes

MAKE = "notewell_server.http.app:make"
"""What a server is told to serve."""


def make() -> ASGIApp:
    """The app of one worker process, by the settings in the environment."""
    guards, settings = read_guard_settings(os.environ), read_settings()
    set_up_logs(guards.log)
    return made_api(Backend(settings), CallRecords(beside(settings.database)), guards)


def made_api(backend: Backend, records: CallRecords, guards: GuardSettings) -> ASGIApp:
    """The door behind its guards."""

    def cached(app: ASGIApp) -> ASGIApp:
        return ResponseCache(app, backend.version, records.record_kept)

    return operated(make_app(backend, records), guards, backend.store, backend.verifier, cached, records)


def make_app(backend: Backend, records: CallRecords) -> Starlette:
    """The handlers, without the guards that stand before them."""
    calls = Calls(backend, records)
    mcp, events = McpEndpoint(calls, backend), Events(calls, backend.store, backend.watch)

    async def openapi(request: Request) -> Response:
        return json_response(described())

    handlers = {**Listings(calls).handlers(), **Notes(calls).handlers(), **events.handlers(), "openapi": openapi}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        end_with_parent()
        async with mcp.running(), anyio.create_task_group() as tasks:
            tasks.start_soon(backend.watch.follow)
            yield
            tasks.cancel_scope.cancel()
        records.close()
        backend.close()

    app = Starlette(
        routes=[*routed(handlers), *mcp.routes()],
        exception_handlers=HANDLERS,
        middleware=[Middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED)],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # one path has one name
    return app
