"""What is kept of each call: one count, and one line of the audit log, however it ended."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from starlette.types import Scope

from notewell_server.http.access.callers import know
from notewell_server.http.access.identity import ANONYMOUS, Caller
from notewell_server.http.guards.rate_limit import BY_TOOL, KNOWN, network_of
from notewell_server.http.guards.response_cache import Reading
from notewell_server.http.operations.audit_log import AuditLog
from notewell_server.http.operations.operated import HAS_PROMETHEUS
from notewell_server.http.operations.summed import LineBudget, Summed
from notewell_server.http.refusal import Problem
from notewell_store.access.tokens import Refused
from notewell_tools.errors import ToolError

DOOR = "notewell.door"
"""Where a request's scope keeps the name of a door that its path does not tell."""

CONFLICTS = {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED}


@dataclass(slots=True)
class CallRecord:
    """`note` may be told once it is known which one is meant."""

    note: str | None


class Summary(NamedTuple):
    """What the calls that have no line of their own have in common."""

    actor: str
    means: str
    what: str
    client: str | None


class CallRecords:
    """Safe to share between threads."""

    def __init__(self, database: Path) -> None:
        self._audit = AuditLog(database)
        self._strangers = LineBudget(each=(60, 20), together=(1_000, 2))
        self._readers = LineBudget(each=(5_000, 20), together=(20_000, 20))
        self._summed: Summed[Summary] = Summed(self._write_sums)

    @contextmanager
    def recording(self, scope: Scope, what: str, note: str | None, *, reads: bool) -> Iterator[CallRecord]:
        """Count and time what the block does, and write its line: of all but what nobody in particular has read."""
        record, outcome = CallRecord(note), "failed"
        try:
            with _counted(what, _door(scope)):
                yield record
            outcome = "ok"
        except Exception as error:
            outcome = _outcome(error)
            raise
        finally:
            caller = caller_of(scope)
            if outcome != "ok" or not reads or caller is not ANONYMOUS:
                self._write(scope, caller, what, record.note, outcome, reads=reads)

    def refuse(self, scope: Scope, what: str, refused: Refused) -> None:
        """Write the line of credentials that were refused before anybody could know which call they came with."""
        self._write(scope, ANONYMOUS, what, None, _outcome(refused), reads=True)

    def admit(self, scope: Scope, what: str, caller: Caller) -> None:
        """Write the line of credentials that were taken for more than this request."""
        self._write(scope, caller, what, None, "ok", reads=False)

    def count_refused(self, scope: Scope) -> None:
        """Of a request that is refused for its number, before it is looked at."""
        self._summed.add(_summary(scope, caller_of(scope), "refused"))

    def refuse_for_rate(self, scope: Scope, what: str) -> None:
        """Of a call of a tool that is not made, for its caller has made too many."""
        self.count_refused(scope)
        _count(what, scope, "busy")

    def record_kept(self, scope: Scope, reading: Reading) -> None:
        """A reading whose answer was kept counts and is written down as any other, but that no tool took any time."""
        know(scope, reading.caller)
        _count(reading.what, scope, "ok")
        if reading.again is not None:
            reading.again()
        if reading.caller is not ANONYMOUS:
            self._write(scope, reading.caller, reading.what, reading.note, "ok", reads=True)

    def last_uses(self) -> dict[str, str]:
        """See AuditLog."""
        return self._audit.last_uses()

    def close(self) -> None:
        self._summed.tell()
        self._audit.close()

    def _write(self, scope: Scope, caller: Caller, what: str, note: str | None, outcome: str, *, reads: bool) -> None:
        """Its line, or one more in the sum of those who have many: a flood neither fills the disk nor makes the lines
        of writes go. A known caller's writes are limited in their rate."""
        summary = _summary(scope, caller, "refused" if caller is ANONYMOUS else "read")
        budget = self._strangers if caller is ANONYMOUS else self._readers if reads else None
        if budget is not None and not budget.allows(f"{summary.actor} {summary.client}"):
            self._summed.add(summary)
            return
        client = (scope.get("client") or (None,))[0]
        self._audit.record(actor=caller.actor, means=caller.means, what=what, note=note, outcome=outcome, client=client)

    def _write_sums(self, counts: Mapping[Summary | None, int]) -> None:
        for summary, count in counts.items():
            actor, means, what, client = summary or Summary("others", "several", "several", None)
            self._audit.record(actor=actor, means=means, what=what, outcome="summed", client=client, count=count)


def _summary(scope: Scope, caller: Caller, what: str) -> Summary:
    """By network where nobody is known, else by who it is, wherever that one calls from."""
    return Summary(caller.actor, caller.means, what, network_of(scope) if caller is ANONYMOUS else None)


def caller_of(scope: Scope) -> Caller:
    """Who is known to send the request by now."""
    caller: Caller = scope.get(KNOWN, ANONYMOUS)
    return caller


def _outcome(error: Exception) -> str:
    """As the audit log tells it."""
    match error:
        case ToolError():
            return error.kind
        case Problem():
            return f"refused: {error.answer.status_code}"
        case Refused():
            return f"refused: {error.reason}"
        case _:
            return "failed"


def _kind(error: BaseException) -> str:
    """As figures tell it: of few values, the same for all doors."""
    match error:
        case ToolError():
            return error.kind
        case Problem():
            return "conflict" if error.answer.status_code in CONFLICTS else "invalid"
        case Refused():
            return "unauthorized"
        case _:
            return "failed"


def _door(scope: Scope) -> str:
    return str(scope.get(DOOR) or ("mcp" if scope["path"] == BY_TOOL else "rest"))


def _count(what: str, scope: Scope, outcome: str) -> None:
    """A call that took no time."""
    if HAS_PROMETHEUS:
        from notewell_server.http.operations.metrics import count_call

        count_call(what, _door(scope), outcome)


def _counted(what: str, door: str) -> AbstractContextManager[None]:
    if not HAS_PROMETHEUS:
        return nullcontext()
    from notewell_server.http.operations.metrics import counted

    return counted(what, door, _kind)
