"""How often somebody may call: those who are not known by their address, those who write by their credentials."""

import hashlib
import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.refusal import too_many

WRITES = "notewell.writes"
"""In a request's scope, where it comes with credentials: a function that counts one write and gives 0, or the seconds
after which it may be made. For doors whose requests do not say by their method whether they write."""

KNOWN = "notewell.known"
"""Where a request's scope keeps its caller once that is known."""

READING = {"GET", "HEAD", "OPTIONS"}
MOST = 10_000  # callers that are remembered; whoever was not seen for longest goes first
BY_TOOL = "/mcp"  # reading and writing calls alike are POST there: the tool's needs tell them apart


class RateLimit:
    """Refuses with 429 what comes too often. A request whose credentials were not found good, because they are not or
    because it never came to that, counts as a call of nobody known, so that guessing is slow; whoever shows a good one
    is not slowed by others at the same address."""

    def __init__(self, app: ASGIApp, settings: GuardSettings) -> None:
        self._app = app
        self._anonymous = TokenBuckets(settings.anonymous_rate)
        self._writes = TokenBuckets(settings.write_rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        credentials = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        if credentials is None:
            wait = self._anonymous.take(network_of(scope))
            answer = too_many("calls without a token", wait) if wait else self._app
            return await answer(scope, receive, send)
        token = (credentials.split() or [b""])[-1]  # however the header is written, one token has one share
        scope[WRITES] = partial(self._writes.take, hashlib.sha256(token).hexdigest())
        if scope["method"] not in READING and scope["path"] != BY_TOOL:
            wait = scope[WRITES]()
            if wait:
                return await too_many("writes", wait)(scope, receive, send)
        return await self._app(scope, receive, self._counting_unknown(scope, receive, send))

    def _counting_unknown(self, scope: Scope, receive: Receive, send: Send) -> Send:
        instead: list[float] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and KNOWN not in scope:
                wait = self._anonymous.take(network_of(scope))
                if wait:
                    instead.append(wait)
                    await too_many("calls without a good token", wait)(scope, receive, send)
            if not instead:
                await send(message)

        return sending


class TokenBuckets:
    """A bucket for each caller, which holds what may be done in a minute and fills up again steadily.

    In memory, of one process: several workers allow so many each. Safe to share between threads.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = a_minute
        self._a_second = a_minute / 60
        self._clock = clock
        self._turn = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """0 if the caller may, else the seconds after which it may."""
        with self._turn:
            return self._taken(caller, self._clock())

    def _taken(self, caller: str, at: float) -> float:
        level, before = self._levels.pop(caller, (float(self._size), at))
        level = min(self._size, level + (at - before) * self._a_second)
        may = level >= 1
        self._levels[caller] = (level - 1 if may else level, at)
        if len(self._levels) > MOST:
            self._levels.popitem(last=False)
        return 0.0 if may else (1 - level) / self._a_second


def network_of(scope: Scope) -> str:
    """The client's address; of IPv6 the /64, of which one client has all."""
    return _network(str((scope.get("client") or ("", 0))[0]))


@lru_cache(maxsize=1_000)
def _network(client: str) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return client
