"""The app of the pages, alone or beside the API's."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from notewell_server.http.access.identity import Caller
from notewell_server.http.app import SMALLEST_COMPRESSED, made_api
from notewell_server.http.backend import Backend
from notewell_server.http.calls import Calls
from notewell_server.http.guards.chain import guarded
from notewell_server.http.guards.security_headers import SecurityHeaders
from notewell_server.http.guards.settings import GuardSettings, read_guard_settings
from notewell_server.http.operations.call_records import DOOR, CallRecords
from notewell_server.http.operations.logs import set_up_logs
from notewell_server.http.operations.probes import healthz
from notewell_server.http.operations.serving import end_with_parent
from notewell_server.pages.access.callers import PageCallers
from notewell_server.pages.access.forgery import OwnPagesOnly
from notewell_server.pages.access.proxy import NamedByProxy
from notewell_server.pages.access.sessions import Sessions
from notewell_server.pages.admitting import Admitting
from notewell_server.pages.boards import Boards
from notewell_server.pages.diagrams import Diagrams
from notewell_server.pages.doors import Doors
from notewell_server.pages.editing import Editing
from notewell_server.pages.faults import handlers
from notewell_server.pages.finding import Finding
from notewell_server.pages.following import Following
from notewell_server.pages.history import History
from notewell_server.pages.operating import Operating
from notewell_server.pages.overseeing import Overseeing
from notewell_server.pages.picturing import Picturing
from notewell_server.pages.reading import Reading
from notewell_server.pages.reads import Reads
from notewell_server.pages.refusing import AsPages
from notewell_server.pages.running import Runner, tasks
from notewell_server.pages.settings import PageSettings, read_page_settings
from notewell_server.pages.showing import Pages
from notewell_server.pages.signing_in import SigningIn
from notewell_server.pages.static_files import OF_FRAMES, StaticFiles
from notewell_server.pages.suggesting import Suggesting
from notewell_server.pages.templates import Templates
from notewell_server.runs import Runs
from notewell_server.settings import beside, read_settings
from notewell_tools.definition import Call

COMPRESSION = 4
"""A twentieth more bytes than at 9, in a quarter of the time, which was a fifth of a page's."""


def make() -> ASGIApp:
    """The app of one worker process, by the settings in the environment: pages, and the API where both are served."""
    guards, settings, pages = read_guard_settings(os.environ), read_settings(), read_page_settings(os.environ)
    set_up_logs(guards.log)
    backend, records = Backend(settings), CallRecords(beside(settings.database))
    if pages.port is None:
        return made_pages(backend, records, guards, pages, is_alone=True)
    api = made_api(backend, records, guards)
    return Doors(api, made_pages(backend, records, guards, pages, is_alone=False), pages)


def made_pages(
    backend: Backend, records: CallRecords, guards: GuardSettings, settings: PageSettings, *, is_alone: bool
) -> ASGIApp:
    """The pages behind their guards: those of the API, but that callers are known otherwise, and that no page of
    another origin may call. Where they are served alone, what they are made from ends with them."""
    sessions = Sessions(beside(backend.database))
    callers = PageCallers(backend.store, sessions, is_tls=guards.behind_tls_proxy)
    calls = Calls(OfPages(backend, callers), records)
    static = StaticFiles()
    templates = Templates(static.address)
    pages = Pages(calls, callers, templates)
    signing_in = SigningIn(pages, callers, sessions, backend.store, records, guards.behind_tls_proxy)
    following = Following(pages, calls, callers, templates, backend.watch)
    runs = Runs(beside(backend.database))
    runner = Runner(backend.database, runs)
    areas = (
        Finding(pages),
        Reading(pages),
        Editing(pages, calls),
        Suggesting(pages, calls),
        History(pages, calls),
        Boards(pages, calls),
        Picturing(pages),
        Diagrams(pages),
        following,
        Overseeing(pages),
        Reads(pages, backend.settings),
        Operating(pages, calls, callers, runs, runner, tuple(tasks(settings.imports, settings.backups))),
        Admitting(pages, calls, callers, records.last_uses),
        signing_in,
        static,
    )

    app = Starlette(
        routes=[route for area in areas for route in area.routes()],
        exception_handlers=handlers(pages),
        middleware=[Middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED, compresslevel=COMPRESSION)],
        lifespan=_lifespan(backend, records, runner, is_alone=is_alone),
    )
    app.router.redirect_slashes = False

    def as_pages(app: ASGIApp) -> ASGIApp:
        return AsPages(app, templates)

    def alone(refusal: ASGIApp) -> ASGIApp:
        return SecurityHeaders(as_pages(refusal), is_tls=guards.behind_tls_proxy)

    behind = guarded(
        OwnPagesOnly(app),
        replace(guards, hosts=settings.hosts, origins=frozenset()),
        routes=app.routes,
        probes={"/healthz": healthz},
        callers=callers,
        count_refused=records.count_refused,
        credentials=callers.credentials,
        of_no_origin=frozenset(map(static.address, OF_FRAMES)),
        worded=as_pages,
    )
    return NamedByProxy(_named(behind), settings, guards.proxies, alone)


def _lifespan(backend: Backend, records: CallRecords, runner: Runner, *, is_alone: bool) -> Lifespan[Starlette]:
    """What goes on while the pages are served, and ends with them."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if is_alone:
            end_with_parent()
        async with anyio.create_task_group() as group:
            group.start_soon(backend.watch.follow)
            yield
            group.cancel_scope.cancel()
        runner.close()
        if is_alone:
            records.close()
            backend.close()

    return lifespan


class OfPages:
    """Who calls, and on what, where pages are asked for."""

    def __init__(self, backend: Backend, callers: PageCallers) -> None:
        self._backend = backend
        self._callers = callers

    def caller(self, scope: Scope) -> Caller:
        return self._callers.of(scope)

    def call_for(self, scope: Scope) -> Call:
        caller = self.caller(scope)
        asked = self._backend.store(), caller.actor, self._backend.project, caller.rights
        return Call(*asked, door="pages", recorder=self._backend.recorder(scope, caller))


def _named(app: ASGIApp) -> ASGIApp:
    """Let figures tell calls of pages from those of the API."""

    async def named(scope: Scope, receive: Receive, send: Send) -> None:
        scope[DOOR] = "pages"
        await app(scope, receive, send)

    return named
