"""What one process answers from: the store, opened when it is first needed, and whom it knows."""

import os
import threading
from collections.abc import Sequence
from functools import partial

from starlette.types import Scope

from notewell_server.http.access.callers import Callers
from notewell_server.http.access.identity import ANONYMOUS, Caller
from notewell_server.http.access.jwts import JwtVerifier
from notewell_server.http.access.settings import read_jwt_settings
from notewell_server.http.api.wording import as_requests
from notewell_server.http.guards.rate_limit import BY_TOOL
from notewell_server.http.guards.response_cache import AGAIN
from notewell_server.http.watch import Watch
from notewell_server.reads.record import ReadRecord
from notewell_server.settings import Settings, chosen_embedder
from notewell_store import Store, open_store
from notewell_store.contract import Version
from notewell_tools.definition import Call, Recorder
from notewell_tools.reads import Read

CLIENT = "notewell.client"
"""Where a request's scope keeps what the program calls itself that speaks MCP."""


class Backend:
    """Safe to share between threads. All but `version` may read the store, and belongs on a worker thread."""

    def __init__(self, settings: Settings) -> None:
        jwts = read_jwt_settings(os.environ)
        self.settings = settings
        self.tools = settings.tools
        self.verifier = JwtVerifier(jwts) if jwts else None
        self.watch = Watch(self.store)
        self._callers = Callers(self.store, self.verifier)
        self._opening = threading.Lock()
        self._embedder = chosen_embedder()
        self._store: Store | None = None
        self._reads = ReadRecord(settings.database) if settings.reads else None

    @property
    def database(self) -> str:
        """The store's address."""
        return self.settings.database

    @property
    def project(self) -> str | None:
        """The project of new notes, unless the caller's rights name another."""
        return self.settings.project

    def store(self) -> Store:
        """The whole store. Raises StoreError."""
        with self._opening:
            if self._store is None:
                self._store = open_store(self.settings.database, embedder=self._embedder)
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
        asked, recorder = (self.store(), caller.actor, self.project, caller.rights), self.recorder(scope, caller)
        if scope["path"] == BY_TOOL:
            client: str | None = scope.get(CLIENT)
            return Call(*asked, door="mcp", client=client, recorder=recorder)
        return Call(*asked, as_requests, door="rest", recorder=recorder)

    def recorder(self, scope: Scope, caller: Caller) -> Recorder | None:
        """Who keeps what a request reads. What nobody in particular reads is not kept: the public would fill it."""
        return None if self._reads is None or caller is ANONYMOUS else OfRequest(self._reads, scope)

    def close(self) -> None:
        if self._reads is not None:
            self._reads.close()
        if self._store is not None:
            self._store.close()


class OfRequest:
    """Keeps what a request reads, and lets its scope know how to keep that again, should the same answer be given to
    another."""

    def __init__(self, record: ReadRecord, scope: Scope) -> None:
        self._record = record
        self._scope = scope

    def add(self, call: Call, reads: Sequence[Read]) -> None:
        self._record.add(call, reads)
        self._scope[AGAIN] = partial(self._record.add, call, reads)
