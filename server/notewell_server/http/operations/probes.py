"""Whether the process is alive, and whether it can serve: for whoever starts, stops and balances it."""

import threading
import time
from collections.abc import Callable
from http import HTTPStatus

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from notewell_server.http.api.problems import of_refused
from notewell_store import Store, StoreError
from notewell_store.access.tokens import Refused
from notewell_store.findings import Check, problem, worst

FRESH = 1.0  # seconds for which an answer stands, so that asking cannot keep the writers waiting
ATTENTIVE = 4
"""Probes that may be under way at once: on threads of their own, since those of the tools may all be taken."""


async def healthz(request: Request) -> Response:
    """That the process answers at all; it looks at nothing."""
    return JSONResponse({"status": "ok"})


class Readiness:
    """200 where everything that was looked at is well enough to serve, else 503. Everybody learns that much;
    `may_see(request)` says who learns what was looked at, and what was found; it raises Refused."""

    def __init__(self, store: Callable[[], Store], may_see: Callable[[Request], bool]) -> None:
        self._store = store
        self._may_see = may_see
        self._turn = threading.Lock()
        self._last: tuple[float, tuple[Check, ...]] = (0.0, ())
        self._threads: anyio.CapacityLimiter | None = None

    async def __call__(self, request: Request) -> Response:
        if self._threads is None:  # which belongs to the loop that is running now
            self._threads = anyio.CapacityLimiter(ATTENTIVE)
        try:
            may_see = await anyio.to_thread.run_sync(self._may_see, request, limiter=self._threads)
        except Refused as refused:
            return of_refused(request, refused)
        checks = await anyio.to_thread.run_sync(self._checks, limiter=self._threads)
        is_ready = worst(checks) != "problem"
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        body: dict[str, object] = {"status": "ready" if is_ready else "not ready"}
        if may_see:
            body["checks"] = [{"name": one.name, "state": one.state, "found": one.found} for one in checks]
        return JSONResponse(body, status, {"Cache-Control": "no-store"} | ({} if is_ready else {"Retry-After": "5"}))

    def _checks(self) -> tuple[Check, ...]:
        with self._turn:
            at, checks = self._last
            if not checks or time.monotonic() - at > FRESH:
                checks = _looked_at(self._store)
                self._last = time.monotonic(), checks
            return checks


def _looked_at(store: Callable[[], Store]) -> tuple[Check, ...]:
    try:
        opened = store()
        return opened.engine.upkeep.readiness(opened)
    except StoreError as error:
        return (problem("database", str(error), ""),)
