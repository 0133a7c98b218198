"""What a person may settle: the look, and, for administrators, the tokens by which programs and people come in."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notewell_server.http.calls import Calls
from notewell_server.pages.access.callers import PageCallers
from notewell_server.pages.asking import asked
from notewell_server.pages.forms import fields_of
from notewell_server.pages.showing import NOT_KEPT, THEMES, Pages, View
from notewell_store.access import tokens
from notewell_store.access.rights import SCOPES, Rights, Scope
from notewell_store.access.tokens import Token
from notewell_store.clock import of_second
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError

LASTS = (("7", "a week"), ("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "until it is revoked"))
"""Days, as the form sends them."""
USUAL = {"name": "", "scope": "read", "project": "", "lasts": "90"}
DAY = 86_400  # seconds


class Admitting:
    """`last_uses` tells when the tokens of these names were used last, as far as that is known."""

    def __init__(
        self, pages: Pages, calls: Calls, callers: PageCallers, last_uses: Callable[[], dict[str, str]]
    ) -> None:
        self._pages = pages
        self._calls = calls
        self._callers = callers
        self._last_uses = last_uses

    def routes(self) -> list[Route]:
        return [
            Route("/settings", self.settings, methods=["GET"]),
            Route("/settings/tokens", self.make, methods=["POST"]),
            Route("/settings/tokens/{id}/revoke", self.revoke, methods=["POST"]),
        ]

    async def settings(self, request: Request) -> Response:
        return await self._settings(request, "", USUAL, HTTPStatus.OK)

    async def _settings(self, request: Request, said: str, typed: dict[str, str], status: HTTPStatus) -> Response:
        def ask(call: Call) -> View:
            facts = {"themes": THEMES, "said": said, "typed": typed, "may_admit": call.rights.allow("admin")}
            return View("settings.html", facts | self._of_tokens(call, request), status)

        return await self._pages.anew(request, "settings", ask)

    def _of_tokens(self, call: Call, request: Request) -> dict[str, Any]:
        if not call.rights.allow("admin"):
            return {}
        own = self._callers.token_of(request.scope)
        shown = list(_shown(call, own, self._last_uses()))
        return {
            "valid": [one for one in shown if one.token.state == "valid"],
            "ended": [one for one in shown if one.token.state != "valid"],
            "scopes": SCOPES,
            "lasts": LASTS,
            "projects": [call.rights.project] if call.rights.project else _projects(call),
            "of_all": call.rights.project is None,
        }

    async def make(self, request: Request) -> Response:
        """Shows the token, this once: it stands in no address, and nobody keeps the page."""
        sent = await fields_of(request)
        typed = {name: sent.get(name, "").strip() for name in USUAL}
        try:
            text, token = await self._calls.act(request, "create_token", typed["name"], partial(_made, typed))
        except ToolError as error:
            if error.kind not in ("invalid", "not-found"):
                raise
            return await self._settings(request, error.message, typed, HTTPStatus.UNPROCESSABLE_ENTITY)
        return await self._pages.show(request, View("token_made.html", {"text": text, "token": token}), NOT_KEPT)

    async def revoke(self, request: Request) -> Response:
        identity = request.path_params["id"]
        own = self._callers.token_of(request.scope)
        await self._calls.act(request, "revoke_token", identity, partial(_revoked, identity))
        onwards = "/sign-in" if identity == own else "/settings"
        return RedirectResponse(onwards, HTTPStatus.SEE_OTHER, NOT_KEPT)


class Shown(NamedTuple):
    """`used_at` is None where it is not known; `is_own` that of the session which looks."""

    token: Token
    used_at: str | None
    is_own: bool


def _shown(call: Call, own: str | None, uses: dict[str, str]) -> Iterator[Shown]:
    """Those that the caller could make, the newest first. A name may have been another token's before."""
    with call.whole.reading() as db:
        found = tokens.list_tokens(db)
    for token in reversed(found):
        if call.rights.cover(token.rights):
            used_at = uses.get(token.name)
            is_its_own = used_at is not None and used_at >= token.created_at
            yield Shown(token, used_at if is_its_own else None, token.id == own)


def _projects(call: Call) -> list[str]:
    return [project["slug"] for project in asked(call, "projects")["projects"]]


def _made(typed: dict[str, str], call: Call) -> tuple[str, Token]:
    """Raises ToolError, StoreError."""
    scope: Scope | None = next((scope for scope in SCOPES if scope == typed["scope"]), None)
    if scope is None or typed["lasts"] not in dict(LASTS):
        raise ToolError("Choose what the token allows, and for how long.", "invalid")
    project = typed["project"] or None
    if not call.rights.cover(Rights(scope, project)):
        raise ToolError(f"You may make tokens of {call.rights.project} only.", "invalid")
    expires_at = of_second(time.time() + int(typed["lasts"]) * DAY) if typed["lasts"] else None
    return tokens.create(call.whole, typed["name"], scope, call.actor, project, expires_at)


def _revoked(identity: str, call: Call) -> Token:
    """Raises ToolError, StoreError. Whoever may not see a token is told the same as if there were none."""
    with call.whole.reading() as db:
        found = [token for token in tokens.list_tokens(db) if token.id == identity and call.rights.cover(token.rights)]
    if not found:
        raise ToolError("There is no such token: the settings show which there are.", "not-found")
    return tokens.revoke(call.whole, identity)
