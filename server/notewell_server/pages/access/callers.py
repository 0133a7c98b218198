"""Who reads a page: known by the session of a cookie, or by a trusted proxy; else nobody in particular."""

from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.types import Scope

from notewell_server.http.access.callers import know
from notewell_server.http.access.identity import ANONYMOUS, Caller
from notewell_server.http.guards.rate_limit import KNOWN
from notewell_server.pages.access.proxy import NAMED
from notewell_server.pages.access.sessions import Session, Sessions
from notewell_store import Store, StoreError
from notewell_store.access import tokens
from notewell_store.access.rights import OWNER, for_present_project
from notewell_store.access.tokens import Refused

COOKIES = "notewell.cookies"
"""Where a request's scope keeps its cookies once they were read."""


def cookies_of(scope: Scope) -> dict[str, str]:
    cookies: dict[str, str] | None = scope.get(COOKIES)
    if cookies is None:
        cookies = scope[COOKIES] = _read_cookies(scope)
    return cookies


def _read_cookies(scope: Scope) -> dict[str, str]:
    sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"), "")
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(sent).items()}
    except CookieError:
        return {}


def session_cookie(scope: Scope, *, is_tls: bool) -> str:
    """Its name. Cookies know no ports, so that two stores on this machine need two."""
    return "__Host-nw" if is_tls else f"nw-{(scope.get('server') or (None, 0))[1]}"


class PageCallers:
    """Safe to share between threads. A cookie that is no session's makes nobody of its bearer, and is no fault."""

    def __init__(self, store: Callable[[], Store], sessions: Sessions, *, is_tls: bool) -> None:
        self._store = store
        self._sessions = sessions
        self._is_tls = is_tls

    def of(self, scope: Scope) -> Caller:
        """Reads the store, and belongs on a worker thread. Raises StoreError."""
        known: Caller | None = scope.get(KNOWN) or self._named(scope) or self._of_session(scope)
        if known is None:
            return ANONYMOUS
        know(scope, known)
        return known

    def credentials(self, scope: Scope) -> bytes | None:
        """What is counted as one caller's, before it is known whose it is."""
        named: Caller | None = scope.get(NAMED)
        if named is not None:
            return f"proxy:{named.actor}".encode()
        return self.secret(scope).encode() or None

    def secret(self, scope: Scope) -> str:
        """The session's that the request shows; '' without one."""
        return cookies_of(scope).get(session_cookie(scope, is_tls=self._is_tls), "")

    def token_of(self, scope: Scope) -> str | None:
        """The id of the token by which the request's session was begun."""
        secret = self.secret(scope)
        session = self._sessions.of(secret) if secret and NAMED not in scope else None
        return session.token if session else None

    def _named(self, scope: Scope) -> Caller | None:
        named: Caller | None = scope.get(NAMED)
        if named is None:
            return None
        return Caller(for_present_project(self._store(), named.rights), named.actor, "proxy")

    def _of_session(self, scope: Scope) -> Caller | None:
        secret = self.secret(scope)
        session = self._sessions.of(secret) if secret else None
        return self._caller(session) if session else None

    def _caller(self, session: Session) -> Caller | None:
        if session.token is None:
            return Caller(OWNER, session.actor, "session", session.until)
        try:
            with self._store().reading() as db:
                token = tokens.token_of(db, session.token)
        except Refused:
            return None
        return Caller(token.rights, token.name, "session", session.until)

    # What the guard of rates asks: see rate_limit.Callers.

    is_fetching = False

    def look_up(self, scope: Scope) -> None:
        try:
            self.of(scope)
        except StoreError:
            return

    def is_token(self, text: str) -> bool | None:
        return None

    def patience(self, text: str) -> float:
        return 0.0
