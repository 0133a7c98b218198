"""What is said to a server, and heard from it: statements wait here until an answer is asked for, go out in one message
then, and are heard in one go (libpq's pipeline).

The driver opens connections, and turns values into what PostgreSQL reads and back. Its own cursors and pipeline are
not used for the nouns: to say a statement, they take several times as long as the server does to answer it.
"""

import re
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import count, islice
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus, TransactionStatus
from psycopg.waiting import Ready, Wait

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

MARK = re.compile(r"'(?:[^']|'')*'|\?(\d*)")
"""A text in quotes, or a mark with its number."""
MOST_KEPT = 500
"""Statements that the server keeps ready for a connection."""
DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)

Key: TypeAlias = tuple[str, tuple[int, ...], bool]


def numbered(sql: str) -> str:
    """The marks `?` and `?1` as PostgreSQL has them."""
    number = count(1)

    def as_number(mark: re.Match[str]) -> str:
        return mark[0] if mark[1] is None else f"${mark[1] or next(number)}"

    return MARK.sub(as_number, sql)


class Answer:
    """See contract.Cursor. `hear` waits until it is there."""

    def __init__(
        self, hear: Callable[[], None], read: "Callable[[PGresult], list[Any]]", then: "Heard | None" = None
    ) -> None:
        self._hear, self._read, self._then = hear, read, then
        self._result: PGresult | None = None
        self._rows: Iterator[Any] | None = None

    def take(self, result: "PGresult") -> None:
        self._result = result
        must_be_done(result)
        if self._then is not None:
            self._then(self)

    @property
    def rowcount(self) -> int:
        return self._heard().command_tuples or 0

    def fetchone(self) -> Any:
        return next(iter(self), None)

    def fetchmany(self, size: int, /) -> list[Any]:
        return list(islice(self, size))

    def fetchall(self) -> list[Any]:
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        if self._rows is None:
            self._rows = iter(self._read(self._heard()))
        return self._rows

    def _heard(self) -> "PGresult":
        if self._result is None:
            self._hear()
        if self._result is None:
            raise psycopg.InterfaceError("what was asked was never answered")
        must_be_done(self._result)
        return self._result


def must_be_done(result: "PGresult") -> None:
    if result.status not in DONE:
        raise error_from_result(result)


Heard: TypeAlias = Callable[[Answer], None]


class Wire:
    """One connection. Held by one thread at a time."""

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self._driver = driver
        self._line = driver.pgconn
        self._values = Transformer.from_context(driver)
        self._kept: dict[Key, bytes] = {}
        self._number = count(1)
        self._unheard: deque[Callable[[PGresult], None] | None] = deque()
        """What takes each answer that is still to come; None is a mark."""

    def say(
        self, sql: str, parameters: Sequence[Any] = (), *, is_limited: bool = False, then: Heard | None = None
    ) -> Answer:
        """A statement with its values; `then` is called as soon as it is answered, and may refuse what was. The server
        keeps it ready: once for who is limited, to whom the same words mean other tables, and once for all others."""
        self._enter()
        values = self._values.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        key = (sql, self._values.types or (), is_limited)
        name = self._kept.get(key) or self._keep(key)
        self._line.send_query_prepared(name, values, self._values.formats)
        return self._answer(then)

    def command(self, sql: str) -> Answer:
        """One that the server need not keep, such as begin and end a transaction."""
        self._enter()
        self._line.send_query_params(sql.encode(), None)
        return self._answer()

    def _enter(self) -> None:
        if self._line.pipeline_status == PipelineStatus.OFF:
            self._line.enter_pipeline_mode()

    def _answer(self, then: Heard | None = None) -> Answer:
        answer = Answer(self.hear, self._rows, then)
        self._unheard.append(answer.take)
        return answer

    def _keep(self, key: Key) -> bytes:
        if len(self._kept) == MOST_KEPT:
            self._kept.clear()
            self.command("DEALLOCATE ALL")
        name = self._kept[key] = f"s{next(self._number)}".encode()
        self._line.send_prepare(name, numbered(key[0]).encode(), key[1])

        def take(result: "PGresult") -> None:
            if result.status not in DONE:
                self._kept.pop(key, None)
            must_be_done(result)

        self._unheard.append(take)
        return name

    def _rows(self, result: "PGresult") -> list[Any]:
        self._values.set_pgresult(result)
        return self._values.load_rows(0, result.ntuples, tuple)

    def send(self) -> None:
        """Let the server begin with what was said, as far as it goes out at once."""
        self._line.flush()

    def end(self, command: str) -> None:
        """Say the last of a transaction. Nobody waits for it, nor is told what was refused until then."""
        if self.is_unheard:
            self._mark()
        self.command(command)
        self._mark()

    def _mark(self) -> None:
        """All that was said goes out, and no refusal of it keeps what is said from here on from being done."""
        self._line.pipeline_sync()
        self._unheard.append(None)

    def hear(self) -> None:
        """Wait until all is done that was said. Raises the first refusal of it."""
        if not self._unheard:
            return
        is_waited_for = self.is_unheard
        if is_waited_for:
            self._mark()
        refusal = self._driver.wait(self._hearing())
        if refusal is not None and is_waited_for:
            raise refusal

    @property
    def is_unheard(self) -> bool:
        """Whether something was said since the last mark."""
        return bool(self._unheard) and self._unheard[-1] is not None

    def _hearing(self) -> "Generator[Wait, Ready | int, Exception | None]":
        """The answer is the first refusal behind the last mark but one."""
        refusal = last = None
        try:
            while self._line.flush():
                if ((yield Wait.RW) or 0) & Ready.R:
                    self._line.consume_input()  # the server waits until its answers are taken
            while self._unheard:
                result = yield from self._next()
                take = self._unheard.popleft()
                if take is None:
                    last, refusal = refusal, None
                    continue
                try:
                    take(result)
                except Exception as error:
                    refusal = refusal or error
                yield from self._next()  # None, behind each answer
        except psycopg.OperationalError as lost:
            return refusal or lost
        return last

    def _next(self) -> "Generator[Wait, Ready | int, Any]":
        while self._line.is_busy():
            yield Wait.R
            self._line.consume_input()
        result = self._line.get_result()
        if result is None and self._line.status == ConnStatus.BAD:
            raise psycopg.OperationalError("the connection is lost")
        return result

    def leave(self) -> None:
        """Let the driver speak for itself, which knows nothing of this."""
        self.hear()
        if self._line.pipeline_status != PipelineStatus.OFF:
            self._line.exit_pipeline_mode()

    @property
    def is_in_use(self) -> bool:
        """Whether a transaction is open, or what was said is not ended yet."""
        if self._unheard:
            return self.is_unheard
        return self._line.transaction_status != TransactionStatus.IDLE

    def is_there(self) -> bool:
        """Whether the server has not gone since something was last heard, as far as is known here."""
        try:
            for _ in ("its last words", "its end"):
                self._line.consume_input()
        except psycopg.OperationalError:
            return False
        return True
