"""Who knocks and what is asked: every request of the HTTP door goes through here to the catalogue."""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread
from starlette.requests import Request
from starlette.types import ASGIApp, Scope

from notewell_server.http.access.identity import ANONYMOUS, Caller, identify
from notewell_server.http.access.jwts import JwtVerifier
from notewell_server.http.access.settings import read_jwt_settings
from notewell_server.http.api.problems import UNUSABLE, Problem
from notewell_server.http.guards.rate_limit import BY_TOOL, KNOWN, WRITES
from notewell_server.http.guards.response_cache import READ, KeptAnswers
from notewell_server.http.operations.audit_log import AuditLog, note_named
from notewell_server.http.operations.operated import HAS_PROMETHEUS
from notewell_server.http.operations.request_log import CALLER
from notewell_server.settings import Settings
from notewell_server.thread_limits import lane
from notewell_store import Store, StoreError, open_store
from notewell_store.access.tokens import Refused
from notewell_store.contract import Version
from notewell_tools.admission import admitted
from notewell_tools.catalogue import CATALOGUE, Answer, call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError, worded

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Door:
    """What one process keeps: the store, opened when it is first needed, whom it lets in, and the audit log."""

    def __init__(self, settings: Settings) -> None:
        jwts = read_jwt_settings(os.environ)
        self._settings = settings
        self.verifier = JwtVerifier(jwts) if jwts else None
        self._audit = AuditLog(Path(settings.database))
        self._opening = threading.Lock()
        self._store: Store | None = None

    def store(self) -> Store:
        """The whole store. Raises StoreError."""
        with self._opening:
            if self._store is None:
                self._store = open_store(self._settings.database)
        return self._store

    def public_store(self) -> Store:
        """The store as anybody may see it."""
        return self.store().seen_by(ANONYMOUS.rights.visibility)

    def keeping(self, app: ASGIApp) -> ASGIApp:
        """The app behind answers that were kept."""
        return KeptAnswers(app, self._version, self._read_again)

    def _version(self) -> Version | None:
        """The store's, once it is open: see Store.version."""
        return None if self._store is None else self._store.version()

    def _read_again(self, scope: Scope, tool: str) -> None:
        """A reading without a token counts, though its answer was kept and no tool took any time."""
        scope[CALLER] = ANONYMOUS.actor
        if HAS_PROMETHEUS:
            from notewell_server.http.operations.metrics import count_call

            count_call(tool, "rest", "ok")

    def close(self) -> None:
        self._audit.close()
        if self._store is not None:
            self._store.close()

    def caller(self, scope: Scope) -> Caller:
        """Who sends the request. Raises Refused, and remembers that in the audit log."""
        if KNOWN in scope:
            return scope[KNOWN]  # type: ignore[no-any-return]
        header = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), None)
        try:
            caller = ANONYMOUS if header is None else identify(self.store(), self.verifier, header)
        except Refused as refused:
            self._tell(scope, ANONYMOUS, f"{scope['method']} {scope['path']}", None, f"refused: {refused.reason}")
            raise
        scope[KNOWN], scope[CALLER] = caller, caller.actor
        return caller

    def call_for(self, scope: Scope) -> Call:
        caller = self.caller(scope)
        return Call(self.store(), caller.actor, self._settings.project, caller.rights)

    def run(self, scope: Scope, tool: str, arguments: dict[str, Any]) -> Answer:
        """Call a tool for who sends the request. Raises ToolError, Refused."""
        known = CATALOGUE.get(tool)
        reads = known is not None and known.hints.reads_only
        if not reads:
            _count_write(scope)
        named = tool if known else "unknown"
        return self._done(
            scope, named, note_named(arguments), reads, lambda: call_tool(lambda: self.call_for(scope), tool, arguments)
        )

    def look(self, scope: Scope, what: str, ref: str | None, question: Callable[[Call], T]) -> T:
        """As run, for what is read without a tool."""
        return self._done(scope, what, ref, True, lambda: question(self.call_for(scope)))

    def _done(self, scope: Scope, what: str, note: str | None, reads: bool, work: Callable[[], T]) -> T:
        """Do it, counted and timed; what is not a reading by nobody in particular stands in the audit log."""
        caller = self.caller(scope)
        outcome = "failed"
        try:
            with _counted(what, "mcp" if scope["path"] == BY_TOOL else "rest"):
                found = _worded(work)
            outcome = "ok"
            if reads and caller is ANONYMOUS:
                scope[READ] = what
        except ToolError as error:
            outcome = error.kind
            if error.kind == "unusable":  # it names files of this machine
                _log.error("%s: %s", what, error.message)
                raise ToolError(UNUSABLE, "unusable") from error
            raise
        finally:
            if outcome != "ok" or not reads or caller is not ANONYMOUS:
                self._tell(scope, caller, what, note, outcome)
        return found

    def begin_writing(self, scope: Scope, tool: str, note: str | None) -> None:
        """Raise ToolError where the caller may not write at all: before anything is looked at or said of the note."""
        caller = self.caller(scope)
        try:
            admitted(CATALOGUE[tool], caller.rights, {})
        except ToolError as error:
            self._tell(scope, caller, tool, note, error.kind)
            raise

    async def writing(self, request: Request, tool: str, note: str | None) -> None:
        """See begin_writing."""
        await anyio.to_thread.run_sync(self.begin_writing, request.scope, tool, note)

    async def refuse(self, request: Request, tool: str, note: str, problem: Problem) -> Problem:
        """The problem, remembered in the audit log as what came of an attempt to write."""
        tell = self._tell
        outcome = f"refused: {problem.answer.status_code}"
        await anyio.to_thread.run_sync(tell, request.scope, self.caller(request.scope), tool, note, outcome)
        return problem

    async def ask(self, request: Request, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A tool's data. Raises as run."""
        run = anyio.to_thread.run_sync
        return (await run(self.run, request.scope, tool, arguments, limiter=lane(tool))).data

    async def read(self, request: Request, what: str, ref: str | None, question: Callable[[Call], T]) -> T:
        return await anyio.to_thread.run_sync(self.look, request.scope, what, ref, question)

    def _tell(self, scope: Scope, caller: Caller, what: str, note: str | None, outcome: str) -> None:
        client = (scope.get("client") or (None,))[0]
        self._audit.record(actor=caller.actor, means=caller.means, what=what, note=note, outcome=outcome, client=client)


def _worded(work: Callable[[], T]) -> T:
    try:
        return work()
    except StoreError as error:
        raise worded(error, writing=False) from error


def _counted(what: str, door: str) -> AbstractContextManager[None]:
    if not HAS_PROMETHEUS:
        return nullcontext()
    from notewell_server.http.operations.metrics import counted

    return counted(what, door, lambda error: error.kind if isinstance(error, ToolError) else "failed")


def _count_write(scope: Scope) -> None:
    """Of a request that does not say by its method that it writes. Raises ToolError where there were too many."""
    wait = scope[WRITES]() if scope["path"] == BY_TOOL and WRITES in scope else 0
    if wait:
        raise ToolError(f"too many writes: send the same call again in {wait:.0f} s. Nothing was written.", "busy")
