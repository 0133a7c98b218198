"""HTTP/1.1 of uvicorn, with an end to what never ends: slow headers, answers nobody takes, streams at shutdown.

uvicorn has a time-out only for idle connections behind a request; one that sends a byte a minute it would wait for.
"""

import asyncio
from collections import Counter
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from notewell_server.http.guards.concurrency_limit import PLACE, Place
from notewell_server.http.guards.rate_limit import network_of
from notewell_server.http.operations.strict_lines import StrictLines

HEADER_SECONDS = 10.0
TAKING_SECONDS = 30.0
CONNECTIONS = 800  # of each worker; most systems let a process have 1,024 files open


class DeadlineProtocol(H11Protocol):
    """Closes a connection whose request is not complete but for its body HEADER_SECONDS after it began to come (or
    the connection was made), and one that does not take what it was sent for TAKING_SECONDS. Where there are more than
    CONNECTIONS, one of the address that has most goes: that has said nothing for longest, of those that wait for no
    answer."""

    _heard = 0.0
    _headers: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    def __init__(self, *settings: Any, **more: Any) -> None:
        super().__init__(*settings, **more)
        self.conn._receive_buffer = StrictLines()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # whatever is left to send, TAKING_SECONDS begin
        self._heard = self.loop.time()
        self._headers = self.loop.call_later(HEADER_SECONDS, transport.abort)
        if len(self.connections) > CONNECTIONS:
            self._make_room()

    def _make_room(self) -> None:
        ours = (one for one in self.connections if isinstance(one, DeadlineProtocol))
        holders = {one: network_of({"client": one.client}) for one in ours if one._is_between_requests()}
        held = Counter(holders.values())  # this one's at least
        quietest = min(holders, key=lambda one: (-held[holders[one]], one._heard))
        self.connections.discard(quietest)  # at once, for several may come before it is lost
        quietest.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        super().data_received(data)
        if self._headers is None and self._is_between_requests() and not self.transport.is_closing():
            self._headers = self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    def handle_events(self) -> None:
        super().handle_events()
        if self._headers is not None and not self._is_between_requests():
            self._headers.cancel()
            self._headers = None

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def pause_writing(self) -> None:
        super().pause_writing()
        self._taking = self.loop.call_later(TAKING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop(self._taking)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop(self._headers)
        self._stop(self._taking)

    def shutdown(self) -> None:
        """Requests are answered before the process ends; a stream of events has no end, so it is closed."""
        super().shutdown()
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            place: Place | None = cycle.scope.get(PLACE)
            if place is not None and place.is_stream:
                self.transport.close() if self._takes() else self.transport.abort()

    def _takes(self) -> bool:
        """Whether the client has taken all that it was sent."""
        return not self.transport.get_write_buffer_size()

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
