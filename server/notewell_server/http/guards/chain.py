"""All that stands before the HTTP door's handlers, in its order."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from notewell_server.http.guards.body_limit import BodyLimit
from notewell_server.http.guards.concurrency_limit import ConcurrencyLimit
from notewell_server.http.guards.hosts_and_origins import HostsAndOrigins
from notewell_server.http.guards.rate_limit import Callers, RateLimit, by_header
from notewell_server.http.guards.request_head import RequestHead
from notewell_server.http.guards.security_headers import SecurityHeaders
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.request_log import Count, RequestLog
from notewell_server.http.refusal import Refusal

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(
    app: ASGIApp,
    settings: GuardSettings,
    *,
    routes: Iterable[BaseRoute],
    probes: Mapping[str, Endpoint],
    count: Count | None = None,
    cached: Callable[[ASGIApp], ASGIApp] | None = None,
    callers: Callers | None = None,
    count_refused: Callable[[Scope], None] | None = None,
    credentials: Callable[[Scope], bytes | None] = by_header,
    of_no_origin: Collection[str] = (),
    worded: Callable[[ASGIApp], ASGIApp] | None = None,
) -> ASGIApp:
    """The app behind its guards. `routes` are its own, by whose templates requests are logged and counted; `probes`
    are paths that are answered whatever host is named and however many requests there are, unless with credentials;
    `cached` puts before the app what may answer instead of it, at no cost worth a place among these. `callers` knows
    credentials, which are what `credentials` finds in a request; `count_refused` hears of each request that is refused
    for its number; `of_no_origin` are paths that a frame without an origin may load; `worded` puts round the guards
    what says their refusals otherwise."""
    app = BodyLimit(app, settings.max_body, settings.body_seconds)
    app = ConcurrencyLimit(app, settings)
    app = cached(app) if cached else app
    app = limit = RateLimit(app, settings, callers, count_refused, credentials)
    app = HostsAndOrigins(app, settings, of_no_origin)
    app = _Probes(app, probes, limit)
    app = RequestHead(app)
    app = worded(app) if worded else app
    app = SecurityHeaders(app, is_tls=settings.behind_tls_proxy)
    app = RequestLog(app, [*routes, *(Route(path, _nothing) for path in probes)], count)
    # What proxies say is taken first, so that every guard sees the client's own address.
    return ProxyHeadersMiddleware(app, list(settings.proxies)) if settings.proxies else app  # type: ignore[return-value, arg-type]


class _Probes:
    """Guessing credentials here is as slow as elsewhere."""

    def __init__(self, app: ASGIApp, probes: Mapping[str, Endpoint], limit: RateLimit) -> None:
        self._app = app
        self._probes = probes
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        probe = self._probes.get(scope["path"]) if scope["type"] == "http" else None
        if probe is None:
            return await self._app(scope, receive, send)
        if scope["method"] not in ("GET", "HEAD"):
            return await _ONLY_READ(scope, receive, send)
        if any(name == b"authorization" for name, _ in scope["headers"]):
            return await self._limit.limited(_answering(probe), scope, receive, send)
        return await _answering(probe)(scope, receive, send)


def _answering(probe: Endpoint) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await (await probe(Request(scope, receive)))(scope, receive, send)

    return answer


_ONLY_READ = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "this path can only be read", {"Allow": "GET, HEAD"})


async def _nothing(request: Request) -> Response:
    raise NotImplementedError  # only the path of its route is used
