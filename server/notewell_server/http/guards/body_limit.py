"""Requests that are too large, too slow, or of no certain length."""

import re
from collections import Counter
from http import HTTPStatus

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.rate_limit import network_of
from notewell_server.http.guards.request_head import CLOSE
from notewell_server.http.refusal import Refusal

MOST_VALUES = 50_000
"""Lists, objects and names of fields in a body, all together: each costs a hundred times its bytes once it is read, and
no call needs so many. Mere words and numbers are counted where they are read."""
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_MARKS = (b"[", b"{", b":")

MOST_WAITING = 100
"""Bodies that one address may be sending at once: slow ones hold places that others need."""

_TOO_MANY_BODIES = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE, "too many bodies at once from this address: try again soon", {"Retry-After": "1"}
)


_TOO_MANY_VALUES = Refusal(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    f"a body holds at most {MOST_VALUES:,} lists, objects and names: send several requests",
)


class BodyLimit:
    """Takes a body in whole before the handler begins, so that a slow one holds up no worker, and what is too large
    (413) or too slow (408) never gets there. A length that is announced is not believed: what comes is counted."""

    def __init__(self, app: ASGIApp, most: int, seconds: float) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds
        self._waiting: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if not _has_body(scope):  # which a handler reads all the same, when the caller may be gone: it was sent whole
            return await self._app(scope, replaying(b"", receive), send)
        client = network_of(scope)
        if self._waiting[client] >= MOST_WAITING:
            return await _TOO_MANY_BODIES(scope, receive, send)
        self._waiting[client] += 1
        try:
            body = await self._body(scope, receive, send)
        finally:
            self._waiting[client] -= 1
            if not self._waiting[client]:
                del self._waiting[client]
        if body is None:
            return None
        if _has_too_many_values(body):
            return await _TOO_MANY_VALUES(scope, receive, send)
        return await self._app(scope, replaying(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive, send: Send) -> bytes | None:
        """All of it; None where it was refused, or the caller has gone."""
        if _announced(scope) > self._most:
            await self._too_large()(scope, receive, send)
            return None
        body = bytearray()
        with anyio.move_on_after(self._seconds) as patience:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if len(body) > self._most:
                    await self._too_large()(scope, receive, send)
                    return None
                if not message.get("more_body", False):
                    break
        if patience.cancelled_caught:
            slow = Refusal(HTTPStatus.REQUEST_TIMEOUT, f"the body took longer than {self._seconds:g} s", CLOSE)
            await slow(scope, receive, send)
            return None
        return bytes(body)

    def _too_large(self) -> Refusal:
        """The connection stays: closing it now would lose the answer to a caller who is still sending."""
        detail = f"a request holds at most {self._most:,} bytes: see NOTEWELL_MAX_BODY"
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


def _announced(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


def _has_too_many_values(body: bytes) -> bool:
    """By their marks, without those that stand in texts."""
    if sum(map(body.count, _MARKS)) <= MOST_VALUES:
        return False
    return sum(map(_STRING.sub(b"", body).count, _MARKS)) > MOST_VALUES


def replaying(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read once more, and then what comes after it."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return messages.pop() if messages else await receive()

    return receiving
