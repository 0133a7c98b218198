"""What one process answers from: the store, opened when it is first needed, and whom it knows."""

import os
import threading

from starlette.types import Scope

from notewell_server.http.access.callers import Callers
from notewell_server.http.access.identity import ANONYMOUS, Caller
from notewell_server.http.access.jwts import JwtVerifier
from notewell_server.http.access.settings import read_jwt_settings
from notewell_server.http.api.wording import as_requests
from notewell_server.http.guards.rate_limit import BY_TOOL
from notewell_server.http.watch import Watch
from notewell_server.settings import Settings
from notewell_store import Store, open_store
from notewell_store.contract import Version
from notewell_tools.definition import Call


class Backend:
    """Safe to share between threads. All but `version` may read the store, and belongs on a worker thread."""

    def __init__(self, settings: Settings) -> None:
        jwts = read_jwt_settings(os.environ)
        self._settings = settings
        self.tools = settings.tools
        self.verifier = JwtVerifier(jwts) if jwts else None
        self.watch = Watch(self.store)
        self._callers = Callers(self.store, self.verifier)
        self._opening = threading.Lock()
        self._store: Store | None = None

    @property
    def database(self) -> str:
        """The store's address."""
        return self._settings.database

    @property
    def project(self) -> str | None:
        """The project of new notes, unless the caller's rights name another."""
        return self._settings.project

    def store(self) -> Store:
        """The whole store. Raises StoreError."""
        with self._opening:
            if self._store is None:
                self._store = open_store(self._settings.database)
        return self._store

    def public_store(self) -> Store:
        """The store as anybody may see it."""
        return self.store().seen_by(ANONYMOUS.rights.visibility)

    def version(self) -> Version | None:
        """The store's, once it is open: see Store.version."""
        return None if self._store is None else self._store.version()

    def caller(self, scope: Scope) -> Caller:
        """Who sends the request. Raises Refused."""
        return self._callers.of(scope)

    def call_for(self, scope: Scope) -> Call:
        """What the request is answered on, and for whom. Raises Refused, StoreError."""
        caller = self.caller(scope)
        say = str if scope["path"] == BY_TOOL else as_requests
        return Call(self.store(), caller.actor, self.project, caller.rights, say)

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
