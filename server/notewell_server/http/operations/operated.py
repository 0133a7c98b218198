"""The HTTP door as it is operated: behind its guards, with probes, figures and logs."""

from collections.abc import Callable
from http import HTTPStatus
from importlib.util import find_spec
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

from notewell_server.http.access.callers import Callers
from notewell_server.http.access.jwts import JwtVerifier
from notewell_server.http.access.operator_access import operator_access
from notewell_server.http.api.problems import of_refused
from notewell_server.http.guards.chain import Endpoint, guarded
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.probes import Readiness, healthz
from notewell_server.http.operations.request_log import Count
from notewell_server.http.refusal import Refusal
from notewell_store import Store
from notewell_store.access.tokens import Refused


class Refusals(Protocol):
    """Who keeps account of refusals: see CallRecords."""

    def refuse(self, scope: Scope, what: str, refused: Refused) -> None: ...

    def count_refused(self, scope: Scope) -> None: ...


HAS_PROMETHEUS = find_spec("prometheus_client") is not None


def operated(
    app: Starlette,
    settings: GuardSettings,
    store: Callable[[], Store],
    verifier: JwtVerifier | None,
    cached: Callable[[ASGIApp], ASGIApp] | None = None,
    refusals: Refusals | None = None,
) -> ASGIApp:
    """The app behind its guards, with `/healthz`, `/readyz` and `/metrics`.

    `store()` opens the store when it is first needed, on a worker thread; `verifier` is the one by which JWTs are
    taken, if any are; for `cached` see guarded. `refusals` hears of what is refused before a handler sees it.
    """
    callers = Callers(store, verifier)
    may_see = operator_access(settings, callers, refusals.refuse if refusals else None)
    app.router.routes.append(Route("/metrics", _figures(store, may_see)))
    probes: dict[str, Endpoint] = {"/healthz": healthz, "/readyz": Readiness(store, may_see)}
    return guarded(
        app,
        settings,
        routes=app.routes,
        probes=probes,
        count=_counting(),
        cached=cached,
        callers=callers,
        count_refused=refusals.count_refused if refusals else None,
    )


def _counting() -> Count | None:
    if not HAS_PROMETHEUS:
        return None
    from notewell_server.http.operations.metrics import count_request

    return count_request


def _figures(store: Callable[[], Store], may_see: Callable[[Request], bool]) -> Callable[[Request], Response]:
    def metrics(request: Request) -> Response:
        try:
            is_allowed = may_see(request)
        except Refused as refused:
            return of_refused(request, refused)
        if not is_allowed:
            detail = "figures are for callers on this machine, and for tokens with the scope admin"
            return Refusal(HTTPStatus.FORBIDDEN, detail)
        if not HAS_PROMETHEUS:
            return Refusal(HTTPStatus.NOT_IMPLEMENTED, "figures need `pip install notewell[http]`")
        from notewell_server.http.operations.metrics import MEDIA_TYPE, shown

        return Response(shown(store), headers={"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"})

    return metrics
