"""The client's pipe: standard input and output as the SDK's read and write stream, one message a line."""

import json
import os
import select
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import anyio
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp.types import (
    INVALID_REQUEST,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

from notewell_server.pipes import LONGEST_LINE

ITS_ID = ", with an id that is a string or a whole number where it asks for an answer"

LOOK_SECONDS = 0.2
"""Seconds between two looks whether a client that sends no more still takes answers."""


class ClientPipe:
    """The client's pipe as the SDK's read and write stream.

    The SDK's `stdio_server` takes three turns through worker threads for each call, and the thread that waits
    in `readline` cannot be interrupted. Here the event loop waits for both ends, what was asked is answered
    before the stream ends, and a line is written whole or not at all.
    """

    def __init__(
        self,
        source: int,
        sink: int,
        on_gone: Callable[[], None],
        received: bytes = b"",
        unsaid: RequestId | None = None,
    ) -> None:
        """`on_gone` is called once nobody takes our answers any more. `received` comes before what is read; the first
        answer under the id `unsaid` is kept from the client, who has it already."""
        self._source, self._sink, self._on_gone = source, sink, on_gone
        self._received = bytearray(received)
        self._unsaid = unsaid
        self._reading = anyio.CancelScope()
        self._stopped = False
        self._unanswered: Counter[RequestId | None] = Counter()  # a client may use one id for several
        self._settled = anyio.Event()
        self._writing = anyio.Lock(fast_acquire=True)
        self._room = select.poll()
        self._room.register(sink, select.POLLOUT)

    def stop(self) -> None:
        """Read no more: what is in flight is finished, then the stream ends."""
        self._stopped = True
        self._reading.cancel()

    async def receive(self) -> SessionMessage | Exception:
        while line := await self._line():
            try:
                message = _read(line)
            except (ValueError, RecursionError):
                await self._refuse(line)
                continue
            if not isinstance(message, JSONRPCRequest):
                return SessionMessage(message)
            return SessionMessage(message, self._expect_answer(message.id))
        while self._unanswered:
            if self._is_gone():
                self._on_gone()
            self._settled = anyio.Event()
            with anyio.move_on_after(LOOK_SECONDS):
                await self._settled.wait()
        raise anyio.EndOfStream

    async def send(self, item: SessionMessage, /) -> None:
        message = item.message
        if self._unsaid is not None and isinstance(message, JSONRPCResponse) and message.id == self._unsaid:
            self._unsaid = None
            self._settle(message.id)
            return
        line = _written(message)
        try:
            async with self._writing:
                with anyio.CancelScope(shield=True):
                    await self._write(memoryview(line))
        except OSError as error:
            self.stop()
            self._on_gone()
            raise anyio.BrokenResourceError from error
        finally:
            if isinstance(message, JSONRPCResponse | JSONRPCError):
                self._settle(message.id)

    async def aclose(self) -> None:
        self.stop()

    async def _line(self) -> bytes:
        """The next line, or nothing once no more will come."""
        searched = 0
        while (end := self._received.find(b"\n", searched) + 1) == 0:
            searched = len(self._received)
            if searched > LONGEST_LINE:
                self._received[1:] = b""  # what is left of the line cannot be read, and is refused at its end
                searched = 1
            if not (chunk := await self._read()):
                end = len(self._received)
                break
            self._received += chunk
        if self._stopped:
            return b""
        line = bytes(self._received[:end])
        del self._received[:end]
        return line

    async def _read(self) -> bytes:
        with anyio.CancelScope() as self._reading:
            if not self._stopped:
                with suppress(PermissionError):  # a file cannot be waited for, and never makes us wait
                    await anyio.wait_readable(self._source)
                return os.read(self._source, 1 << 16)
        return b""

    def _is_gone(self) -> bool:
        """Whether the other end of the sink was closed."""
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in self._room.poll(0))

    async def _write(self, rest: memoryview) -> None:
        while rest:
            if not self._room.poll(0):
                await anyio.wait_writable(self._sink)
            rest = rest[os.write(self._sink, rest[: select.PIPE_BUF]) :]  # this much never blocks the loop

    def _expect_answer(self, request: RequestId) -> ServerMessageMetadata:
        async def settle() -> None:
            self._settle(request)

        self._unanswered[request] += 1
        return ServerMessageMetadata(on_request_unanswered=settle)

    def _settle(self, request: RequestId | None) -> None:
        self._unanswered[request] -= 1
        if self._unanswered[request] <= 0:
            del self._unanswered[request]
        self._settled.set()

    async def _refuse(self, line: bytes) -> None:
        words = f"Not a JSON-RPC message in UTF-8 on one line of at most {LONGEST_LINE:,} bytes{ITS_ID}"
        error = ErrorData(code=INVALID_REQUEST, message=words)
        request = _id_in(line)
        self._unanswered[request] += 1
        with suppress(anyio.BrokenResourceError):
            await self.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=request, error=error)))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _read(line: bytes) -> JSONRPCMessage:
    """The message on a line. Raises ValueError and RecursionError."""
    try:
        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError:
        # Halves of surrogate pairs are JSON, though no text: the tool that gets them can say so.
        message = jsonrpc_message_adapter.validate_python(json.loads(line), by_name=False)
    if isinstance(message, JSONRPCNotification) and is_request_without_id(line):
        raise ValueError("no id of a request")
    return message


def _written(message: JSONRPCMessage) -> bytes:
    try:
        return message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n"
    except ValueError:  # what was sent comes back, half of a surrogate pair among it
        return json.dumps(message.model_dump(by_alias=True, exclude_unset=True)).encode() + b"\n"


def is_request_without_id(line: bytes) -> bool:
    """Whether a message asks for an answer under an id that is none, such as 1.5 or null. The SDK takes it for a
    notification, and the client would wait for ever."""
    try:
        sent = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(sent, dict) and "method" in sent and "id" in sent and not _is_id(sent["id"])


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _id_in(line: bytes) -> RequestId | None:
    """The id of a request that is not well formed otherwise, so that the client does not wait for ever."""
    try:
        identity = json.loads(line)["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return identity if _is_id(identity) else None
