"""That a request was meant for us, and comes from a page that may send it: exact checks of Host and Origin.

Against DNS rebinding a page of another site must not reach us under its own name, however much that looks like
ours; against forged requests a page of another origin must not send any.
"""

from collections.abc import Collection
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.authorities import LOOPBACK_NAMES, Authority, read_authority
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.refusal import Refusal

USUAL_PORTS = {"http": 80, "https": 443}
METHODS = "GET, HEAD, POST, PUT, DELETE"
REQUEST_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
    "Mcp-Method, Mcp-Name, Mcp-Protocol-Version, Mcp-Session-Id"
)
ANSWER_HEADERS = "ETag, Link, Location, Mcp-Session-Id, Retry-After, WWW-Authenticate, X-Request-Id"
REMEMBERED = 600  # seconds for which a browser need not ask again


class HostsAndOrigins:
    """Refuses foreign hosts (421) and origins (403); lets the pages of allowed origins read answers (CORS).

    Never with credentials: a browser sends no cookies here, and a page has to hold a token of its own. `of_no_origin`
    are paths that a frame without an origin may load.
    """

    def __init__(self, app: ASGIApp, settings: GuardSettings, of_no_origin: Collection[str] = ()) -> None:
        self._app = app
        self._of_no_origin = of_no_origin
        self._hosts = settings.hosts
        self._origins = settings.origins
        self._is_tls = settings.behind_tls_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        named = _values(scope, b"host")
        if len(named) != 1:
            refusal = Refusal(HTTPStatus.BAD_REQUEST, "send exactly one Host header")
            return await refusal(scope, receive, send)
        host = read_authority(named[0])
        if host is None or not self._is_ours(host, scope):
            refusal = Refusal(
                HTTPStatus.MISDIRECTED_REQUEST, "this host is not served here: see NOTEWELL_ALLOWED_HOSTS"
            )
            return await refusal(scope, receive, send)
        origins = _values(scope, b"origin")
        if origins == ["null"] and scope["path"] in self._of_no_origin and scope["method"] == "GET":
            return await self._app(scope, receive, send)
        if origins and not (len(origins) == 1 and self._may_send(origins[0], host, scope)):
            refusal = Refusal(HTTPStatus.FORBIDDEN, "pages of this origin may not call: see NOTEWELL_ALLOWED_ORIGINS")
            return await refusal(scope, receive, send)
        if origins and origins[0].lower() in self._origins:
            return await self._answer_across_origins(origins[0], scope, receive, send)
        return await self._app(scope, receive, send)

    def _is_ours(self, host: Authority, scope: Scope) -> bool:
        name, port = host
        port = port or self._usual_port(scope)
        if any(name == ours and port == (at or self._usual_port(scope)) for ours, at in self._hosts):
            return True
        bound = (scope.get("server") or (None, None))[1]
        return name in LOOPBACK_NAMES and port == (bound or USUAL_PORTS["http"])

    def _may_send(self, origin: str, host: Authority, scope: Scope) -> bool:
        scheme, _, rest = origin.lower().partition("://")
        if origin.lower() in self._origins:
            return True
        sender = read_authority(rest)
        if sender is None or scheme != self._scheme(scope):
            return False
        return (sender[0], sender[1] or USUAL_PORTS[scheme]) == (host[0], host[1] or USUAL_PORTS[scheme])

    def _scheme(self, scope: Scope) -> str:
        return "https" if self._is_tls else str(scope["scheme"])

    def _usual_port(self, scope: Scope) -> int:
        return USUAL_PORTS.get(self._scheme(scope), USUAL_PORTS["http"])

    async def _answer_across_origins(self, origin: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS" and _values(scope, b"access-control-request-method"):
            return await _preflight(origin)(scope, receive, send)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = ANSWER_HEADERS
            await send(message)

        return await self._app(scope, receive, sending)


def _preflight(origin: str) -> Response:
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": str(REMEMBERED),
        "Vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
    }
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
