"""MCP over streamable HTTP at `/mcp`: the server of the stdio door, without a standing session."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import anyio.to_thread
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_REQUEST, ErrorData, JSONRPCError
from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from notewell_server.http.access.identity import protected_resource
from notewell_server.http.api.problems import metadata_url, of_refused, told
from notewell_server.http.backend import CLIENT, Backend
from notewell_server.http.calls import Calls
from notewell_server.http.guards.body_limit import replaying
from notewell_server.http.refusal import Problem
from notewell_server.mcp.client_pipe import ITS_ID, is_request_without_id
from notewell_server.mcp.resources import Context
from notewell_server.mcp.server import client_of, make_server
from notewell_store import Store
from notewell_store.access.tokens import Refused
from notewell_tools.catalogue import Answer
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError

METHODS = ["GET", "POST", "DELETE"]
AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call] # a stop waits for answers


class McpEndpoint:
    """Host and Origin are checked before it, by the guards of the whole app."""

    def __init__(self, calls: Calls, backend: Backend) -> None:
        self._calls = calls
        self._backend = backend
        self._manager = StreamableHTTPSessionManager(
            make_server(self, connected=False, tools=backend.tools), stateless=True
        )

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/mcp", self, methods=METHODS),
            Route("/.well-known/oauth-protected-resource", self.metadata),
            Route("/.well-known/oauth-protected-resource/mcp", self.metadata),
        ]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await anyio.to_thread.run_sync(self._calls.identify, scope)
        except Refused as refused:
            return await of_refused(Request(scope), refused)(scope, receive, send)
        if scope["method"] == "GET":
            self._calls.begin_stream(scope)
        if scope["method"] == "POST":
            body = await Request(scope, receive).body()
            if is_request_without_id(body):
                return await _without_id()(scope, receive, send)
            receive = replaying(body, receive)
        return await self._manager.asgi_app(scope, receive, send)

    async def metadata(self, request: Request) -> Response:
        resource = metadata_url(request).replace("/.well-known/oauth-protected-resource", "")
        return JSONResponse(protected_resource(resource, os.environ.get("NOTEWELL_JWT_ISSUER") or None))

    def call_for(self, context: Context) -> Call:
        return self._backend.call_for(_scope(context))

    def run(self, context: Context, name: str, arguments: dict[str, Any]) -> Answer:
        return self._calls.run(_scope(context), name, arguments)

    def begin_stream(self, context: Context) -> None:
        try:
            self._calls.begin_stream(_scope(context))
        except Problem as problem:
            raise MCPError(INTERNAL_ERROR, str(problem)) from problem

    def refusal(self, error: ToolError, what: str) -> ToolError:
        return told(error, what)

    def followed(self) -> Store:
        """What anybody may see: who listens is not asked again with each change."""
        return self._backend.public_store()


def _without_id() -> Response:
    error = ErrorData(code=INVALID_REQUEST, message=f"Not a JSON-RPC message{ITS_ID}")
    answer = JSONRPCError(jsonrpc="2.0", id=None, error=error)
    return Response(answer.model_dump_json(exclude_unset=True), HTTPStatus.BAD_REQUEST, media_type="application/json")


def _scope(context: Context) -> Scope:
    request = context.request
    assert isinstance(request, Request)
    client = client_of(context)
    if client:
        request.scope[CLIENT] = client.words
    return request.scope
