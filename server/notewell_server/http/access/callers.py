"""Who sends a request: looked up once, and kept in its scope for all who ask."""

from collections.abc import Callable

from starlette.types import Scope

from notewell_server.http.access.identity import ANONYMOUS, LONGEST_HEADER, Caller, identify
from notewell_server.http.access.jwts import JwtVerifier
from notewell_server.http.guards.rate_limit import KNOWN, SHARE
from notewell_server.http.operations.request_log import CALLER
from notewell_store import Store, StoreError
from notewell_store.access import tokens
from notewell_store.access.tokens import Refused
from notewell_store.contract import Version

REFUSED = "notewell.refused"
"""Where a request's scope keeps why its credentials were not taken, once that is known."""


class Callers:
    """Safe to share between threads. But for keys, all of it may read the store, and belongs on a worker thread."""

    def __init__(self, store: Callable[[], Store], verifier: JwtVerifier | None) -> None:
        self._store = store
        self._verifier = verifier
        self._digests: tuple[Version | None, frozenset[bytes]] = (None, frozenset())

    def of(self, scope: Scope) -> Caller:
        """Who sends the request. Raises Refused, StoreError."""
        if KNOWN in scope:
            return scope[KNOWN]  # type: ignore[no-any-return]
        if REFUSED in scope:
            raise scope[REFUSED]
        header = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), None)
        try:
            caller = ANONYMOUS if header is None else identify(self._store(), self._verifier, header)
        except Refused as refused:
            scope[REFUSED] = refused
            raise
        know(scope, caller)
        return caller

    def look_up(self, scope: Scope) -> None:
        """Let the scope say who it is, where that can be told."""
        try:
            self.of(scope)
        except (Refused, StoreError):
            return

    @property
    def is_fetching(self) -> bool:
        """Whether keys of an identity provider are on their way."""
        return self._verifier is not None and self._verifier.is_fetching

    def patience(self, text: str) -> float:
        """How many seconds it is worth to wait for those before these credentials are looked up."""
        if self._verifier is None or tokens.is_token(text) or len(text) > LONGEST_HEADER:
            return 0.0
        return self._verifier.patience(text)

    def is_token(self, text: str) -> bool | None:
        """Whether it is a token of ours that is taken, which costs a look into the store only where somebody has
        committed since the last. None where it looks like none of ours, or the store cannot be asked."""
        if not tokens.is_token(text):
            return None
        try:
            return tokens.digest(text) in self._valid()
        except StoreError:
            return None

    def _valid(self) -> frozenset[bytes]:
        store = self._store()
        version, digests = store.version(), self._digests
        if version is None or version != digests[0]:
            with store.reading() as db:
                digests = self._digests = version, tokens.valid_digests(db)
        return digests[1]


def know(scope: Scope, caller: Caller) -> None:
    """Let the scope say who it is."""
    scope[KNOWN], scope[CALLER] = caller, caller.actor
    scope[SHARE] = f"{caller.means} {caller.actor}"


def forget_caller(scope: Scope) -> None:
    """Let the next who asks look again."""
    for kept in (KNOWN, REFUSED):
        scope.pop(kept, None)
