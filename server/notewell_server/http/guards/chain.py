"""All that stands before the HTTP door's handlers, in its order."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from notewell_server.http.guards.body_limit import BodyLimit
from notewell_server.http.guards.concurrency_limit import ConcurrencyLimit
from notewell_server.http.guards.hosts_and_origins import HostsAndOrigins
from notewell_server.http.guards.rate_limit import RateLimit
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
) -> ASGIApp:
    """The app behind its guards. `routes` are its own, by whose templates requests are logged and counted; `probes`
    are paths that are answered whatever host is named and however many requests there are; `cached` puts before the app
    what may answer instead of it, at no cost worth a place among these."""
    app = BodyLimit(app, settings.max_body, settings.body_seconds)
    app = ConcurrencyLimit(app, settings)
    app = cached(app) if cached else app
    app = RateLimit(app, settings)
    app = HostsAndOrigins(app, settings)
    app = _Probes(app, probes)
    app = SecurityHeaders(app, is_tls=settings.behind_tls_proxy)
    app = RequestLog(app, [*routes, *(Route(path, _nothing) for path in probes)], count)
    # What proxies say is taken first, so that every guard sees the client's own address.
    return ProxyHeadersMiddleware(app, list(settings.proxies)) if settings.proxies else app  # type: ignore[return-value, arg-type]


class _Probes:
    def __init__(self, app: ASGIApp, probes: Mapping[str, Endpoint]) -> None:
        self._app = app
        self._probes = probes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        probe = self._probes.get(scope["path"]) if scope["type"] == "http" else None
        if probe is None:
            return await self._app(scope, receive, send)
        if scope["method"] not in ("GET", "HEAD"):
            return await _ONLY_READ(scope, receive, send)
        return await (await probe(Request(scope, receive)))(scope, receive, send)


_ONLY_READ = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "this path can only be read", {"Allow": "GET, HEAD"})


async def _nothing(request: Request) -> Response:
    raise NotImplementedError  # only the path of its route is used
