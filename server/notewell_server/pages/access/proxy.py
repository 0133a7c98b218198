"""People whom a proxy in front has let in, as its headers name them."""

import ipaddress
from collections.abc import Callable, Iterable
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from notewell_server.http.access.identity import Caller
from notewell_server.http.refusal import Refusal
from notewell_server.pages.settings import EVERYBODY, PageSettings
from notewell_store.access.rights import SCOPES, Rights
from notewell_store.names import is_readable, on_one_line

NAMED = "notewell.named"
"""Where a request's scope keeps the caller whom a trusted proxy names."""
LONGEST_NAME = 100
SEPARATORS = str.maketrans("|;", ",,")
"""Of groups: authentik sends `a|b`, Authelia `a,b`."""


class NamedByProxy:
    """Stands before all that believes what proxies say: what counts is who holds the socket. A header that names a
    person and comes from anybody else is refused, not passed over. `worded` is what a refusal is answered through,
    since no guard stands before this."""

    def __init__(
        self, app: ASGIApp, settings: PageSettings, proxies: Iterable[str], worded: Callable[[ASGIApp], ASGIApp]
    ) -> None:
        self._app = app
        self._worded = worded
        self._settings = settings
        self._trusted = [ipaddress.ip_network(proxy) for proxy in proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        refusal = self._refusal(scope)
        return await (self._worded(refusal) if refusal else self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        """None where the request may go on, with the person's name in its scope if it has one."""
        users = _values(scope, self._settings.user_header)
        groups = _values(scope, self._settings.groups_header)
        if not users and not groups:
            return None
        peer = (scope.get("client") or ("",))[0]
        if not self._is_trusted(peer) or len(users) != 1 or len(groups) > 1:
            return Refusal(HTTPStatus.BAD_REQUEST, "who you are is told by a trusted proxy only, once")
        name = users[0].strip()
        if name != on_one_line(name) or not is_readable(name) or len(name) > LONGEST_NAME:
            return Refusal(HTTPStatus.BAD_REQUEST, "the name that the proxy gives you cannot be shown")
        rights = self._rights("".join(groups))
        if rights is None:
            return Refusal(HTTPStatus.FORBIDDEN, "none of your groups allows anything here: see NOTEWELL_PAGES_ROLES")
        scope[NAMED] = Caller(rights, name, "proxy")
        return None

    def _is_trusted(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)

    def _rights(self, groups: str) -> Rights | None:
        """The most that the groups allow: the whole store before a project, then by scope."""
        of_person = {EVERYBODY, *(word.strip() for word in groups.translate(SEPARATORS).split(","))}
        granted = [rights for role, rights in self._settings.roles.items() if role in of_person]
        return max(granted, key=_breadth, default=None)


def _breadth(rights: Rights) -> tuple[bool, int]:
    return rights.project is None, SCOPES.index(rights.scope) if rights.scope else -1


def _values(scope: Scope, name: str | None) -> list[str]:
    if name is None:
        return []
    return [value.decode("utf-8", "replace") for key, value in scope["headers"] if key == name.encode()]
