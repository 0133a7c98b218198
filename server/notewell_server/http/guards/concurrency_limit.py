"""How many may be served at once: requests, and streams that stay open."""

from collections import Counter
from http import HTTPStatus

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.rate_limit import network_of
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.refusal import Problem, Refusal

PLACE = "notewell.place"
"""Where a request's scope keeps its place."""

ALONE = 8
"""Nobody takes a place among the requests who holds so many times as many as are left: of 256 one address has 227, and
the next one finds places."""

AGAIN = {"Retry-After": "1"}


class ConcurrencyLimit:
    """Refuses with 503 what is too much at once, before anything is done for it. Whatever the answer will be, it is a
    request, until its handler says that it is a stream: see begin_stream."""

    def __init__(self, app: ASGIApp, settings: GuardSettings) -> None:
        self._app = app
        self._requests = _Requests(settings.max_requests)
        self._streams = _Streams(settings.max_streams)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        place = Place(self._requests, self._streams, network_of(scope))
        if not self._requests.take(place.address):
            return await Refusal(HTTPStatus.SERVICE_UNAVAILABLE, _too_many("requests"), AGAIN)(scope, receive, send)
        scope[PLACE] = place
        try:
            await place.answered(self._app, scope, receive, send)
        finally:
            place.give_back()


def begin_stream(scope: Scope, holder: str) -> None:
    """Let the request's answer stay open until somebody ends it: it gives its place among the requests back, and needs
    one among the streams, where each holder has a share. Raises Problem where there is none; then nothing was begun."""
    place: Place | None = scope.get(PLACE)
    if place is not None and not place.becomes_stream(holder):
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, _too_many("streams"), AGAIN)


def _too_many(what: str) -> str:
    return f"too many {what} at once: try again in a moment"


class Place:
    """One request's place, as its answer goes out."""

    def __init__(self, requests: "_Requests", streams: "_Streams", address: str) -> None:
        self._requests = requests
        self._streams = streams
        self._time = anyio.CancelScope()
        self._last: Message | None = None
        self.address = address
        self.is_stream = False

    async def answered(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            self._last = message
            await send(message)

        with self._time:
            await app(scope, receive, sending)
        if self._time.cancelled_caught:
            await self._end(scope, receive, send)

    async def _end(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An end that the client can tell from a cut."""
        if self._last is None:
            await Refusal(HTTPStatus.SERVICE_UNAVAILABLE, _too_many("streams"), AGAIN)(scope, receive, send)
        elif self._last["type"] == "http.response.start" or self._last.get("more_body"):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def becomes_stream(self, holder: str) -> bool:
        if not self._streams.take(self, holder):
            return False
        self._requests.give_back(self.address)
        self.is_stream = True
        return True

    def end(self) -> None:
        """Let another have the place now, whenever the client takes the end of its answer."""
        self._time.cancel()
        self.give_back()

    def give_back(self) -> None:
        if self.is_stream:
            self._streams.give_back(self)
        else:
            self._requests.give_back(self.address)


class _Requests:
    def __init__(self, most: int) -> None:
        self._left = most
        self._held: Counter[str] = Counter()

    def take(self, address: str) -> bool:
        if self._held[address] >= ALONE * self._left:
            return False
        self._left -= 1
        self._held[address] += 1
        return True

    def give_back(self, address: str) -> None:
        self._left += 1
        self._held[address] -= 1
        if not self._held[address]:
            del self._held[address]


class _Streams:
    """Those that are open, the oldest first, each with its holder."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[Place, str] = {}

    def take(self, place: Place, holder: str) -> bool:
        if len(self._open) >= self._most and not self._make_room(holder):
            return False
        self._open[place] = holder
        return True

    def _make_room(self, holder: str) -> bool:
        """Whoever holds most gives one up for a holder who would not have as many: a follower comes again, and goes on
        from where it was."""
        held = Counter(self._open.values())
        greediest, number = held.most_common(1)[0]
        if number <= held[holder] + 1:
            return False
        next(place for place, of in self._open.items() if of == greediest).end()
        return True

    def give_back(self, place: Place) -> None:
        self._open.pop(place, None)
