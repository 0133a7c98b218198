"""How many may be served at once: requests, and streams that stay open."""

from http import HTTPStatus

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.refusal import Refusal

STREAM = "notewell.stream"
"""Set in a request's scope once its answer is a stream of events, which ends only when somebody ends it."""


class ConcurrencyLimit:
    """Refuses with 503 what is too much at once. A stream of events gives its place among the requests back, and
    needs one among the streams."""

    def __init__(self, app: ASGIApp, settings: GuardSettings) -> None:
        self._app = app
        self._requests_left = settings.max_requests
        self._streams_left = settings.max_streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if not self._requests_left:
            return await _full("requests")(scope, receive, send)
        place = _Place(self, scope, receive, send)
        self._requests_left -= 1
        try:
            with place.time:
                await self._app(scope, receive, place.send)
        finally:
            self.give_back(scope)

    def give_back(self, scope: Scope) -> None:
        if scope.get(STREAM):
            self._streams_left += 1
        else:
            self._requests_left += 1

    def becomes_stream(self, scope: Scope) -> bool:
        """Whether there is a place among the streams; then the request has it."""
        if not self._streams_left:
            return False
        self._streams_left -= 1
        self._requests_left += 1
        scope[STREAM] = True
        return True


class _Place:
    """One request's place, as its answer goes out."""

    def __init__(self, limit: ConcurrencyLimit, scope: Scope, receive: Receive, send: Send) -> None:
        self._limit = limit
        self._scope = scope
        self._receive = receive
        self._send = send
        self.time = anyio.CancelScope()

    async def send(self, message: Message) -> None:
        is_stream = message["type"] == "http.response.start" and _is_stream(message) and self._scope["method"] != "HEAD"
        if is_stream and not self._limit.becomes_stream(self._scope):
            await _full("streams")(self._scope, self._receive, self._send)
            self.time.cancel()
        else:
            await self._send(message)


def _is_stream(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in message["headers"]
    )


def _full(what: str) -> Refusal:
    detail = f"too many {what} at once: try again in a moment"
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": "1"})
