"""How a request becomes a call: of a tool, of a question without one, or of a tool that writes under a condition."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeVar

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import Scope

from notewell_server.http.access.callers import forget_caller
from notewell_server.http.access.identity import ANONYMOUS, Caller
from notewell_server.http.api.problems import told
from notewell_server.http.api.requests import arguments_of
from notewell_server.http.api.routes import Operation
from notewell_server.http.guards.concurrency_limit import begin_stream
from notewell_server.http.guards.rate_limit import BY_TOOL, WRITES, network_of
from notewell_server.http.guards.response_cache import AGAIN, READ, Reading
from notewell_server.http.operations.audit_log import note_named
from notewell_server.http.operations.call_records import CallRecord, CallRecords, caller_of
from notewell_server.thread_limits import on_thread
from notewell_store import StoreError
from notewell_store.access.tokens import Refused
from notewell_store.clock import is_before_now
from notewell_tools.admission import check_admin, check_always, check_scope
from notewell_tools.catalogue import CATALOGUE, Answer, call_tool
from notewell_tools.definition import Call, Json, Tool
from notewell_tools.errors import ToolError, to_tool_error

T = TypeVar("T")

Condition = Callable[[Call, Request, Json], AbstractContextManager[Json]]
"""What must hold before a write. In the block stand the arguments with which it may be made; raises Problem, before
the block or for what went wrong in it."""


def _stays(arguments: Json, answer: Answer) -> bool:
    """Whether what was read is so until somebody commits: a time before now is another one later, and an embedder that
    did not answer may."""
    is_of_now = any(isinstance(value, str) and is_before_now(value) for value in arguments.values())
    return not is_of_now and "meaning_not_asked" not in answer.data


class Asked(Protocol):
    """Who knows callers, and what their calls are answered on: see Backend."""

    def caller(self, scope: Scope) -> Caller: ...

    def call_for(self, scope: Scope) -> Call: ...


class Calls:
    """Each call is counted once and has one line of the audit log: see CallRecords."""

    def __init__(self, backend: Asked, records: CallRecords) -> None:
        CATALOGUE.load()
        self._backend = backend
        self._records = records

    def identify(self, scope: Scope) -> None:
        """Know who sends a request before it is known what is asked. Raises Refused."""
        try:
            self._backend.caller(scope)
        except Refused as refused:
            self._records.refuse(scope, f"{scope['method']} {scope['path']}", refused)
            raise

    def begin_stream(self, scope: Scope) -> None:
        """Let the answer to who is known to send a request stay open: each caller has a share, those who are not known
        by their address. Raises Problem."""
        caller = caller_of(scope)
        begin_stream(scope, network_of(scope) if caller is ANONYMOUS else f"{caller.means} {caller.actor}")

    def run(self, scope: Scope, name: str, arguments: Json) -> Answer:
        """Call a tool for who sends the request. Raises ToolError, Refused."""
        tool = CATALOGUE.get(name)
        reads = tool is not None and tool.hints.reads_only
        if not reads:
            self._count_write(scope, name if tool else "unknown")
        with self._recorded(scope, name if tool else "unknown", note_named(arguments), reads=reads):
            caller = self._backend.caller(scope)  # before anything is said of the arguments
            if tool:
                check_always(tool, caller.rights)
            answer = call_tool(lambda: self._backend.call_for(scope), name, arguments)
        if reads and _stays(arguments, answer):
            scope[READ] = Reading(name, note_named(arguments), caller, scope.get(AGAIN))
        return answer

    async def ask(self, request: Request, tool: str, arguments: Json) -> Mapping[str, Any]:
        """A tool's data. Raises as run."""
        return (await on_thread(tool, self.run, request.scope, tool, arguments)).data

    async def read(self, request: Request, what: str, note: str | None, question: Callable[[Call], T]) -> T:
        """The same for what is read without a tool."""
        return await run_sync(self._read, request.scope, what, note, question)

    def _read(self, scope: Scope, what: str, note: str | None, question: Callable[[Call], T]) -> T:
        with self._recorded(scope, what, note, reads=True):
            answer = question(self._backend.call_for(scope))
        scope[READ] = Reading(what, note, self._backend.caller(scope), scope.get(AGAIN))
        return answer

    async def act(self, request: Request, what: str, subject: str, act: Callable[[Call], T]) -> T:
        """The same for what is done without a tool, which is for administrators alone."""
        return await on_thread(what, self._act, request.scope, what, subject, act)

    def _act(self, scope: Scope, what: str, subject: str, act: Callable[[Call], T]) -> T:
        with self._recorded(scope, what, subject, reads=False):
            call = self._backend.call_for(scope)
            check_admin(call.rights)
            return act(call)

    async def read_on(self, request: Request, what: str, question: Callable[[Call], T]) -> T:
        """A part more of an answer that was begun by read, and is recorded; a token that was revoked meanwhile holds no
        longer, and that is recorded too."""
        return await run_sync(self._read_on, request.scope, what, question)

    def _read_on(self, scope: Scope, what: str, question: Callable[[Call], T]) -> T:
        forget_caller(scope)
        try:
            with _wording(what):
                return question(self._backend.call_for(scope))
        except Refused as refused:
            self._records.refuse(scope, what, refused)
            raise

    async def write(
        self,
        request: Request,
        operation: Operation,
        *,
        complete: Callable[[Json], Json] = dict,
        condition: Condition,
    ) -> Mapping[str, Any]:
        """A writing tool's data: rights first, then the body, then the condition, then the write.

        `complete` makes the tool's arguments from what was sent. Raises ToolError, Refused, and Problem for a body or
        a condition.
        """
        body = await request.body()
        return await on_thread(operation.asks, self._write, request, operation, body, complete, condition)

    def _write(
        self,
        request: Request,
        operation: Operation,
        body: bytes,
        complete: Callable[[Json], Json],
        condition: Condition,
    ) -> Mapping[str, Any]:
        tool = CATALOGUE[operation.asks]
        named = note_named(operation.arguments_in(request.path_params))
        with self._recorded(request.scope, tool.name, named, reads=False) as record:
            call = self._backend.call_for(request.scope)
            _check_may_write(tool, call)
            arguments = complete(arguments_of(request, operation, body))
            record.note = note_named(arguments)
            tool.read(arguments)  # what is wrong with them is told before any condition (RFC 9110, 13.2.1)
            with condition(call, request, arguments) as met:
                return call_tool(lambda: call, tool.name, met).data

    def _count_write(self, scope: Scope, what: str) -> None:
        """Of a request that does not say by its method that it writes. Raises ToolError where there were too many."""
        wait = scope[WRITES]() if scope["path"] == BY_TOOL and WRITES in scope else 0
        if wait:
            self._records.refuse_for_rate(scope, what)
            raise ToolError(f"too many writes: send the same call again in {wait:.0f} s. Nothing was written.", "busy")

    @contextmanager
    def _recorded(self, scope: Scope, what: str, note: str | None, *, reads: bool) -> Iterator[CallRecord]:
        """A call: recorded, with the store's errors in words that name no file of this machine."""
        with self._records.recording(scope, what, note, reads=reads) as record, _wording(what):
            yield record


@contextmanager
def _wording(what: str) -> Iterator[None]:
    try:
        try:
            yield
        except StoreError as error:
            raise to_tool_error(error, writing=False) from error
    except ToolError as error:
        raise told(error, what) from error.__cause__


def _check_may_write(tool: Tool, call: Call) -> None:
    """Raise ToolError where the caller may not make the call that needs most, which names all arguments: before
    anything is looked at, or said of what there is."""
    check_scope(tool, call.rights, dict.fromkeys(tool.takes, ""))
