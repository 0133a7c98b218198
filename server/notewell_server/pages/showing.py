"""How a page is made: asked for with the caller's rights, as REST asks, and told by its ETag where it is known."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from notewell_server import VERSION
from notewell_server.http.access.identity import Caller
from notewell_server.http.api.requests import is_known
from notewell_server.http.calls import Calls
from notewell_server.pages.access.callers import PageCallers, cookies_of
from notewell_server.pages.templates import Templates
from notewell_tools.definition import Call
from notewell_tools.note_page import newest_change

Theme = Literal["light", "dark", "auto"]
THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
THEME_COOKIE = "nw-theme"
MINUTES = 5
"""For so long `3 min ago` may be said of the same moment."""
HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Cookie"}
NOT_KEPT = {"Cache-Control": "no-store", "Vary": "Cookie"}


@dataclass(frozen=True, slots=True)
class View:
    """What is shown: a template, and what it is given."""

    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    status: int = HTTPStatus.OK


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, as templates ask."""

    name: str
    means: str
    is_known: bool
    may_write: bool
    may_administer: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What each template knows as `page`, whatever it shows."""

    viewer: Viewer
    theme: Theme
    path: str
    address: str
    """The path with its query."""
    seq: int | None
    """The number of the store's newest change when the page was made, where it was asked."""


class Pages:
    """Makes answers of views. Handlers say what is asked for, in a line or a few, and know nothing of the rest."""

    def __init__(self, calls: Calls, callers: PageCallers, templates: Templates) -> None:
        self._calls = calls
        self._callers = callers
        self._templates = templates

    async def answer(
        self,
        request: Request,
        what: str,
        note: str | None,
        ask: Callable[[Call], View | Response],
        *,
        is_of_store: bool = True,
    ) -> Response:
        """The page that `ask` gives, which counts and is written down as `what` is, about a note if it is about one;
        or that the browser has it already, where all that is shown `is_of_store`. Raises ToolError, StoreError,
        Refused."""

        def made(call: Call) -> Response:
            caller = self._callers.of(request.scope)
            seq = newest_change(call)
            etag = _etag(request, caller, seq)
            headers = HEADERS | ({"ETag": f"W/{etag}"} if is_of_store else {})
            if is_of_store and is_known(request, etag):
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
            view = ask(call)
            return view if isinstance(view, Response) else self._rendered(request, caller, view, headers, seq)

        return await self._calls.read(request, what, note, made)

    async def anew(self, request: Request, what: str, ask: Callable[[Call], View | Response]) -> Response:
        """The same of what changes though the store does not, or is a secret: kept by nobody."""

        def made(call: Call) -> Response:
            view = ask(call)
            if isinstance(view, Response):
                return view
            return self._rendered(request, self._callers.of(request.scope), view, NOT_KEPT)

        return await self._calls.read(request, what, None, made)

    async def show(self, request: Request, view: View, headers: Mapping[str, str] = HEADERS) -> Response:
        """A page that asks nothing of the store but who looks."""

        def made() -> Response:
            return self._rendered(request, self._callers.of(request.scope), view, headers)

        return await run_sync(made)

    def _rendered(
        self, request: Request, caller: Caller, view: View, headers: Mapping[str, str], seq: int | None = None
    ) -> Response:
        html = self._templates.render(view.template, {"page": _frame(request, caller, seq), **view.facts})
        is_kept = view.status == HTTPStatus.OK
        sent = headers if is_kept else {name: value for name, value in headers.items() if name != "ETag"}
        return Response(html.encode("utf-8", "replace"), view.status, dict(sent), "text/html; charset=utf-8")


def theme_of(request: Request) -> Theme:
    chosen = cookies_of(request.scope).get(THEME_COOKIE)
    return next((theme for theme in THEMES if theme == chosen), "auto")


def _frame(request: Request, caller: Caller, seq: int | None) -> Frame:
    viewer = Viewer(
        caller.actor,
        caller.means,
        is_known=caller.means != "anonymous",
        may_write=caller.rights.allow("write"),
        may_administer=caller.rights.allow("admin") and caller.rights.project is None,
    )
    return Frame(viewer, theme_of(request), request.scope["path"], _address(request), seq)


def _address(request: Request) -> str:
    """As it was asked for; to make a URL of it first would take longer than all else that an ETag needs."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _etag(request: Request, caller: Caller, seq: int) -> str:
    """Of all that a page depends on: the store's changes, who looks, in which theme, and how long ago things are."""
    minutes = int(datetime.now(UTC).timestamp()) // (60 * MINUTES)
    viewer = (caller.means, caller.actor, caller.rights.scope, caller.rights.project, theme_of(request))
    known = repr((VERSION, _address(request), seq, minutes, viewer)).encode()
    return f'"{hashlib.sha256(known).hexdigest()[:24]}"'
