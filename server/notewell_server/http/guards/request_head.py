"""Request lines and headers that are too large, or that a proxy in front may have read differently."""

import re
from collections import Counter
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from notewell_server.http.refusal import Refusal

CLOSE = {"Connection": "close"}
LONGEST_TARGET = 8_192
LARGEST_HEAD = 32_768
"""Bytes of a path with its query, and of all headers."""

ONCE = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"cookie",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"last-event-id",
        b"mcp-method",
        b"mcp-name",
        b"mcp-protocol-version",
        b"mcp-session-id",
        b"transfer-encoding",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-request-id",
    }
)
"""Headers of one value: of two, one may have been checked in front, and the other be taken here. X-Forwarded-For may
come several times, since proxies add lines of their own: all are read as one list, from the right."""

DOUBTFUL = re.compile(rb"(?i)%2f|%5c|\\|/(?:\.|%2e){1,2}(?:/|\Z)")
"""A path that has other parts once somebody has decoded or shortened it."""


class RequestHead:
    """Refuses them, before anybody asks who calls."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refused(scope) if scope["type"] == "http" else None
        return await (refusal or self._app)(scope, receive, send)


def _refused(scope: Scope) -> Refusal | None:
    """uvicorn limits those only that come in several pieces."""
    path = scope.get("raw_path") or b""
    if len(path) + len(scope["query_string"]) > LONGEST_TARGET:
        return Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, f"a path and its query have at most {LONGEST_TARGET:,} bytes")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
        return Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"headers have at most {LARGEST_HEAD:,} bytes")
    wrong = _doubt(path, Counter(name for name, _ in scope["headers"]))
    return Refusal(HTTPStatus.BAD_REQUEST, wrong, CLOSE) if wrong else None


def _doubt(path: bytes, headers: Counter[bytes]) -> str | None:
    """How the request could be read differently."""
    if b"content-length" in headers and b"transfer-encoding" in headers:
        return "send Content-Length or Transfer-Encoding, not both"
    repeated = next((name for name, times in headers.items() if times > 1 and name in ONCE), None)
    if repeated is not None:
        return f"send one {repeated.decode().title()} header"
    if DOUBTFUL.search(path):
        return "a path has no encoded slashes, no backslashes, and no parts . and .."
    return None
