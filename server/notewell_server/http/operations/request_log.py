"""A line for each request: who asked what kind of thing, how it ended, how long it took."""

import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.rate_limit import TokenBuckets, network_of
from notewell_server.http.operations.logs import tell
from notewell_server.http.operations.summed import Summed

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
LINES = 600
"""Lines a minute for each address from which nobody known asks for nothing that is read: beyond, and for what is
refused for its number, there is one line a minute that sums them."""
CALLER = "notewell.caller"
"""Where in a request's scope its handler leaves the caller's name."""

Count = Callable[[str, str, int], None]


class RequestLog:
    """Logs each request by the template of its path, so that no slug and no query is in the log, and counts it.

    Each has an id, its caller's own if that is a plain word, which the answer carries too.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute], count: Count | None = None) -> None:
        self._app = app
        self._routes = [(route.path_regex, route.path) for route in routes if isinstance(route, Route)]
        self._count = count
        self._lines = TokenBuckets(LINES)
        self._summed: Summed[str] = Summed(_tell_sums)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return self._summed.tell()  # the process ends
        began = time.perf_counter()
        identity = _identity(scope)
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identity.encode())]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._tell(scope, identity, status, time.perf_counter() - began)

    def _tell(self, scope: Scope, identity: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        served = scope.get("route")  # Starlette's, where it came so far
        route = served.path if served is not None else self._template(scope["path"])
        if self._count is not None:
            self._count(method, route, status)
        client = network_of(scope)
        if CALLER not in scope and (status == HTTPStatus.TOO_MANY_REQUESTS or self._lines.take(client)):
            self._summed.add(client)
            return
        tell(
            "request",
            id=identity,
            method=method,
            route=route,
            status=status,  # 0: the caller was gone before there was one
            ms=round(seconds * 1000, 1),
            **_named(scope),
        )

    def _template(self, path: str) -> str:
        """The first that fits; nothing of a path that is not served."""
        return next((template for pattern, template in self._routes if pattern.match(path)), "-")


def _tell_sums(counts: Mapping[str | None, int]) -> None:
    for client, count in counts.items():
        tell("requests summed", client=client or "others", count=count)


def _named(scope: Scope) -> dict[str, str]:
    """Who called, as far as that is known."""
    facts = {"caller": scope.get(CALLER), "client": (scope.get("client") or (None,))[0]}
    return {name: value for name, value in facts.items() if value is not None}


def _identity(scope: Scope) -> str:
    sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    return sent if _ID.fullmatch(sent) else f"{random.getrandbits(64):016x}"
