"""Coming in and going, and what a person has chosen for the browser."""

from collections.abc import Callable
from http import HTTPStatus

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from notewell_server.http.access.identity import Caller
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.pages.access.callers import PageCallers, session_cookie
from notewell_server.pages.access.sessions import LASTS, Sessions
from notewell_server.pages.forms import fields_of
from notewell_server.pages.showing import THEME_COOKIE, THEMES, Pages, View
from notewell_store import Store
from notewell_store.access import tokens
from notewell_store.access.tokens import Refused

A_YEAR = 31_536_000  # seconds
HOME = "/"


class SigningIn:
    """`is_tls`: callers come by TLS, whoever ends it, so cookies may be bound to it."""

    def __init__(
        self,
        pages: Pages,
        callers: PageCallers,
        sessions: Sessions,
        store: Callable[[], Store],
        records: CallRecords,
        is_tls: bool,
    ) -> None:
        self._pages = pages
        self._callers = callers
        self._sessions = sessions
        self._store = store
        self._records = records
        self._is_tls = is_tls

    def routes(self) -> list[Route]:
        return [
            Route("/sign-in", self.form, methods=["GET"]),
            Route("/sign-in", self.enter, methods=["POST"]),
            Route("/sign-out", self.leave, methods=["POST"]),
            Route("/settings", self.choose, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        once = request.query_params.get("once")
        if once is None:
            return await self._pages.show(request, _form(request.query_params.get("next", HOME)))
        secret = await run_sync(self._sessions.accept, once)
        if secret is None:
            said = "This link was used already, or is older than a minute. `notewell open` makes another."
            return await self._pages.show(request, _form(HOME, said))
        return self._entered(request, secret, HOME)

    async def enter(self, request: Request) -> Response:
        fields = await fields_of(request)
        onwards = fields.get("next", HOME)
        try:
            secret = await run_sync(self._session_for, request.scope, fields.get("token", "").strip())
        except Refused as refused:
            self._records.refuse(request.scope, "sign-in", refused)
            return await self._pages.show(request, _form(onwards, f"{refused.reason.capitalize()}."))
        return self._entered(request, secret, onwards)

    def _session_for(self, scope: Scope, text: str) -> str:
        with self._store().reading() as db:
            token = tokens.admit(db, text)
        self._records.admit(scope, "sign-in", Caller(token.rights, token.name, "token", token.expires_at))
        return self._sessions.begin(token.name, token.id)

    def _entered(self, request: Request, secret: str, onwards: str) -> Response:
        answer = _sent_on(onwards)
        self._set(answer, session_cookie(request.scope, is_tls=self._is_tls), secret, int(LASTS.total_seconds()))
        return answer

    async def leave(self, request: Request) -> Response:
        await run_sync(self._sessions.end, self._callers.secret(request.scope))
        answer = _sent_on("/sign-in")
        answer.headers["Clear-Site-Data"] = '"cache"'
        self._set(answer, session_cookie(request.scope, is_tls=self._is_tls), "", 0)
        return answer

    async def choose(self, request: Request) -> Response:
        chosen = (await fields_of(request)).get("theme")
        answer = _sent_on("/settings")
        if chosen in THEMES:
            self._set(answer, THEME_COOKIE, chosen, A_YEAR)
        return answer

    def _set(self, answer: Response, name: str, value: str, seconds: int) -> None:
        answer.set_cookie(name, value, seconds, path="/", secure=self._is_tls, httponly=True, samesite="lax")


def _form(onwards: str, said: str = "") -> View:
    status = HTTPStatus.FORBIDDEN if said else HTTPStatus.OK
    return View("sign_in.html", {"next": onwards, "said": said}, status)


def _sent_on(path: str) -> Response:
    """To a page of ours, and of nobody else."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return RedirectResponse(path if is_ours else HOME, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
