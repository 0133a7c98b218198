"""The loop of the quick door: reads lines, answers those that it understands, and leaves all else to the SDK."""

import json
import os
import select
import signal
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from notewell_server.offering import BOARDS, offered
from notewell_server.pipes import LONGEST_LINE, divert, end_soon
from notewell_server.session import Client, Left, Session, begin_session
from notewell_server.settings import Settings
from notewell_server.stdio import PREPARED
from notewell_server.stdio.behind import sdk_door
from notewell_server.stdio.messages import (
    ASKED_FOR_ROOTS,
    CLIENT,
    HANDSHAKE,
    MODERN,
    Era,
    Json,
    era_of,
    is_known,
    is_notice,
    read,
    roots_in,
    written,
)
from notewell_server.stdio.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable

    from notewell_server.stdio.calls import Calls

REST = 0.1
"""Seconds between the answered list of tools and the imports for a first call: a client that lists more, or eight that
start at once, come first."""

CACHEABLE = frozenset({"resources/list", "resources/read"})
CACHING = ("cacheScope", "ttlMs")


def serve(settings: Settings | None = None) -> None:
    """Serve until the client closes our input, goes away, or the process is told to stop (SIGTERM, SIGINT)."""
    session = begin_session(settings)
    source, sink = divert(0, os.open(os.devnull, os.O_RDONLY)), divert(1, 2)
    try:
        left = Door(session, source, sink).serve()
        if left is not None:
            sdk_door().go_on(session, source, sink, left)
    finally:
        session.close()


class Request:
    """A call in flight. The client may take it back, and is then not answered."""

    def __init__(self, identity: str | int) -> None:
        self.id = identity
        self.is_cancelled = False


class Door:
    """One client's. Its era is what the first request is of."""

    def __init__(self, session: Session, source: int, sink: int) -> None:
        self._session = session
        self._source = source
        self._sink = Sink(sink)
        self._prepared: dict[str, Any] = json.loads(PREPARED.read_bytes())
        for era in (HANDSHAKE, MODERN):
            listed = self._prepared[era]["tools/list"]
            listed["tools"] = offered(listed["tools"], session.tools)
        self._era: Era | None = None
        self._opening: list[Json] = []
        self._received = bytearray()
        self._client: Client | None = None
        self._tells_roots = self._is_asked = False
        self._ended = self._finishing = self._told = self._is_listed = False
        self._calls: Calls | None = None
        self._in_flight: list[Request] = []
        self._changing = threading.Lock()
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._waker, False)

    def serve(self) -> Left | None:
        """Returns what is left for the SDK to serve, or nothing at the end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)  # a signal may come just before the poll begins
        while not self._told:
            line = self._next_line()
            if line is None and self._ended:
                break
            if line is None:
                self._wait()
            elif not self._takes(line):
                self._finish()
                return Left(self._opening, line + bytes(self._received), lambda: self._told)
        self._finish()
        return None

    def _stop(self, *_: object) -> None:
        end_soon()
        self._told = True
        self._wake()

    def _next_line(self) -> bytes | None:
        """The next line that has come, also one that the end of the input ends, or that is too long to be one."""
        end = self._received.find(b"\n") + 1
        if not end and (self._ended or len(self._received) > LONGEST_LINE):
            end = len(self._received)
        line = bytes(self._received[:end])
        del self._received[:end]
        return line or None

    def _wait(self) -> None:
        """Until something has come, or there is room for an answer; without either for a while, for the imports."""
        ready = self._poll(REST if self._is_listed else None)
        if not ready:
            self._is_listed = False
            threading.Thread(target=self._warm_up, daemon=True).start()
        if self._source in ready:
            chunk = os.read(self._source, 1 << 16)
            self._received += chunk
            self._ended = not chunk

    def _warm_up(self) -> None:
        from notewell_server.stdio import calls  # noqa: F401

        names = [tool["name"] for tool in self._prepared[HANDSHAKE]["tools/list"]["tools"]]
        self._session.warm_up(sorted(names, key=BOARDS.__contains__))  # what few call comes last

    def _finish(self) -> None:
        """Answer what is in flight."""
        self._finishing = True
        while self._in_flight or self._sink.is_waiting:
            self._poll(None)

    def _poll(self, seconds: float | None) -> dict[int, int]:
        """Wait until something can be done: which of our ends are ready, and how."""
        ends = select.poll()
        ends.register(self._woken, select.POLLIN)
        if not self._finishing:
            ends.register(self._source, select.POLLIN)
        if (self._finishing or self._sink.is_waiting) and not self._sink.is_gone:
            ends.register(self._sink.fileno(), select.POLLOUT if self._sink.is_waiting else 0)  # or that it is gone
        ready = dict(ends.poll(None if seconds is None else seconds * 1_000))
        if self._woken in ready:
            os.read(self._woken, 1 << 10)
        if state := ready.get(self._sink.fileno(), 0):
            self._sink.is_gone |= bool(state & (select.POLLERR | select.POLLHUP))
            self._sink.flush()
        if self._sink.is_gone and not self._told:
            self._stop()
        return ready

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # it has been woken many times already
            os.write(self._waker, b"\0")

    def _takes(self, line: bytes) -> bool:
        """Answer a line, unless it is one for the SDK."""
        message = read(line)
        if message is None:
            return self._is_asked and self._takes_roots(line)
        method, params = message["method"], message["params"]
        if "id" not in message:
            return self._heeds(message, method, params)
        era = era_of(params)
        opens = self._era is None and (era == MODERN or method == "initialize")
        continues = self._era == era and method != "initialize"
        if not (opens or continues) or not is_known(era, method, params):
            return False
        if opens:
            self._open(era, message)
        self._answer(message["id"], method, params)
        return True

    def _heeds(self, message: Json, method: str, params: Json) -> bool:
        if not is_notice(self._era, method, params):
            return False
        if method == "notifications/initialized":
            self._opening.append(message)
            if self._tells_roots and not self._session.project.is_named:
                self._is_asked = True
                self._sink.send(written(ASKED_FOR_ROOTS))
        else:
            self._cancel(str(params["requestId"]))
        return True

    def _takes_roots(self, line: bytes) -> bool:
        """The folders that the client works in, which it tells when it is asked."""
        roots = roots_in(line)
        if roots is not None:
            self._is_asked = False
            del self._opening[1:]  # at which the SDK would ask again
            self._session.project.take_roots(roots)
        return roots is not None

    def _cancel(self, identity: str) -> None:
        with self._changing:
            for request in reversed(self._in_flight):
                if str(request.id) == identity:
                    request.is_cancelled = True
                    return

    def _open(self, era: Era, message: Json) -> None:
        self._era = era
        if era == HANDSHAKE:
            self._client = _client(message["params"]["clientInfo"])
            self._tells_roots = "roots" in message["params"]["capabilities"]
            self._opening.append(message)
        else:  # any request opens that era; this one asks nothing of the store
            meta = {"_meta": message["params"]["_meta"]}
            self._opening.append({"jsonrpc": "2.0", "id": 0, "method": "server/discover", "params": meta})

    def _answer(self, identity: str | int, method: str, params: Json) -> None:
        assert self._era
        prepared = self._prepared[self._era].get(method)
        if prepared is None:
            self._call(identity, method, params)
            return
        if method == "initialize" and params["protocolVersion"] in self._prepared["versions"]:
            prepared["protocolVersion"] = params["protocolVersion"]
        self._sink.send(written({"jsonrpc": "2.0", "id": identity, "result": prepared}))
        self._is_listed = self._is_listed or method == "tools/list"

    def _call(self, identity: str | int, method: str, params: Json) -> None:
        if self._calls is None:
            from notewell_server.stdio.calls import Calls  # which the list of tools need not wait for

            self._calls = Calls(self._session)
            self._is_listed = False
        request = Request(identity)
        with self._changing:
            self._in_flight.append(request)
        client = self._client if self._era == HANDSHAKE else _client(params["_meta"].get(CLIENT))
        self._calls.begin(method, params, client, partial(self._run, request, method))

    def _run(self, request: Request, method: str, answer: "Callable[[], Json]") -> None:
        """On a worker thread."""
        line = b"" if request.is_cancelled else written(self._enveloped(request.id, method, answer()))
        if not request.is_cancelled:
            self._sink.send(line)
        with self._changing:
            self._in_flight.remove(request)  # only now: nobody goes on, or ends, before the answer is with the sink
        if self._finishing or self._sink.is_waiting or self._sink.is_gone:
            self._wake()

    def _enveloped(self, identity: str | int, method: str, answer: Json) -> Json:
        """With what the later era says of each result."""
        if self._era == MODERN and "result" in answer:
            of_all = self._prepared[MODERN]["tools/list"]
            added = {name: of_all[name] for name in ("resultType", *(CACHING if method in CACHEABLE else ()))}
            answer = {"result": dict(sorted((answer["result"] | added).items())) | {"_meta": of_all["_meta"]}}
        return {"jsonrpc": "2.0", "id": identity, **answer}


def _client(told: Json | None) -> Client | None:
    return Client(told["name"], told["version"]) if told else None
