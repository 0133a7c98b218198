"""How often somebody may call: those who are not known by their address, those who write by who they are."""

import hashlib
import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Protocol

from anyio import CapacityLimiter, move_on_after, sleep
from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.refusal import Refusal, too_many

WRITES = "notewell.writes"
"""In a request's scope, where it comes with credentials: a function that counts one write and gives 0, or the seconds
after which it may be made. For doors whose requests do not say by their method whether they write."""

KNOWN = "notewell.known"
"""Where a request's scope keeps its caller once that is known."""

SHARE = "notewell.share"
"""Where it keeps whose share of writes is used: the caller's, however the credentials are written and renewed."""

READING = {"GET", "HEAD", "OPTIONS"}
MOST = 10_000  # callers that are remembered; whoever was not seen for longest goes first
BY_TOOL = "/mcp"  # reading and writing calls alike are POST there: the tool's needs tell them apart
TRIES = 30
"""Credentials a minute that are looked at though their address is over its rate: a JWT that is good all the same."""
GLANCE = 0.02  # seconds between two looks at whether keys have come
LOOKING = 8
"""Threads on which callers are looked up for the guard, so that this waits for no call, and no call for this."""


class Callers(Protocol):
    """Who knows credentials. The first two are asked on worker threads."""

    def look_up(self, scope: Scope) -> None:
        """Set KNOWN and SHARE in the scope where the credentials are good."""

    def is_token(self, text: str) -> bool | None:
        """Whether it is a good token, told at no cost; None where only a look can tell."""

    def patience(self, text: str) -> float:
        """How many seconds to wait before a look, while is_fetching what it needs. Told at once."""

    @property
    def is_fetching(self) -> bool: ...


def by_header(scope: Scope) -> bytes | None:
    """The credentials of a program's request."""
    return next((value for name, value in scope["headers"] if name == b"authorization"), None)


class RateLimit:
    """Refuses with 429 what comes too often. A request whose credentials were not found good, because they are not or
    because it never came to that, counts as a call of nobody known, so that guessing is slow; whoever shows a good one
    is not slowed by others at the same address. Credentials that come beyond the rate are not looked at, unless they
    were good before, or are a token that stands in the store."""

    def __init__(
        self,
        app: ASGIApp,
        settings: GuardSettings,
        callers: Callers | None = None,
        count_refused: Callable[[Scope], None] | None = None,
        credentials: Callable[[Scope], bytes | None] = by_header,
    ) -> None:
        self._app = app
        self._callers = callers
        self._count_refused = count_refused
        self._credentials = credentials
        self._anonymous = TokenBuckets(settings.anonymous_rate)
        self._tries = TokenBuckets(TRIES)
        self._writes = TokenBuckets(settings.write_rate)
        self._looking = CapacityLimiter(LOOKING)
        self._good: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        return await self.limited(self._app, scope, receive, send)

    async def limited(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by another app than the one behind, within the same rates."""
        credentials = self._credentials(scope)
        if credentials is None:
            wait = self._anonymous.take(network_of(scope))
            answer = self._refusal(scope, "calls without a token", wait) if wait else app
            return await answer(scope, receive, send)
        token = (credentials.split() or [b""])[-1]
        key = hashlib.sha256(token).hexdigest()
        is_counted, wait = await self._admit(scope, key, token.decode("latin-1"))
        if wait:
            return await self._refusal(scope, "calls without a good token", wait)(scope, receive, send)
        await self._wait_for_keys(key, token.decode("latin-1"))
        scope[WRITES] = partial(self._take_write, scope, key)
        if scope["method"] not in READING and scope["path"] != BY_TOOL and (wait := await self._wait_to_write(scope)):
            return await self._refusal(scope, "writes", wait)(scope, receive, send)
        return await app(scope, receive, self._counting_unknown(scope, receive, send, key, is_counted))

    async def _admit(self, scope: Scope, key: str, token: str) -> tuple[bool, float]:
        """Whether the request was counted as one of nobody known; 0 if its credentials may be looked at, else the
        seconds to wait."""
        if key in self._good:
            return False, 0.0
        wait = self._anonymous.take(network_of(scope))
        return not wait, await self._wait_over_rate(scope, token, wait) if wait else 0.0

    async def _wait_over_rate(self, scope: Scope, token: str, wait: float) -> float:
        """For an address that has to wait so long before it may call without a good token."""
        is_token = None
        if self._callers is not None:
            is_token = await run_sync(self._callers.is_token, token, limiter=self._looking)
        if is_token is None:
            return self._tries.take(network_of(scope))
        return 0.0 if is_token else wait

    async def _wait_for_keys(self, key: str, token: str) -> None:
        """Here, where it takes nobody's thread or place."""
        if self._callers is None or key in self._good:
            return
        with move_on_after(self._callers.patience(token)):
            while self._callers.is_fetching:
                await sleep(GLANCE)

    async def _wait_to_write(self, scope: Scope) -> float:
        """The same for a write, which counts for who is known to make it."""
        if self._callers is not None:
            await run_sync(self._callers.look_up, scope, limiter=self._looking)
        wait: float = scope[WRITES]()
        return wait

    def _take_write(self, scope: Scope, key: str) -> float:
        return self._writes.take(scope.get(SHARE, key))

    def _refusal(self, scope: Scope, what: str, wait: float) -> Refusal:
        if self._count_refused is not None:
            self._count_refused(scope)
        return too_many(what, wait)

    def _counting_unknown(self, scope: Scope, receive: Receive, send: Send, key: str, is_counted: bool) -> Send:
        """The request was counted beforehand as one of nobody known, if `is_counted`: not so if it is somebody."""
        instead: list[float] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                wait = self._settle(scope, key, message["status"], is_counted)
                if wait:
                    instead.append(wait)
                    await self._refusal(scope, "calls without a good token", wait)(scope, receive, send)
            if not instead:
                await send(message)

        return sending

    def _settle(self, scope: Scope, key: str, status: int, is_counted: bool) -> float:
        if KNOWN in scope:
            self._remember(key)
            if is_counted:
                self._anonymous.give_back(network_of(scope))
            return 0.0
        if status == 401:
            self._good.pop(key, None)
        return 0.0 if is_counted else self._anonymous.take(network_of(scope))

    def _remember(self, key: str) -> None:
        self._good[key] = None
        self._good.move_to_end(key)
        if len(self._good) > MOST:
            self._good.popitem(last=False)


class TokenBuckets:
    """A bucket for each caller, which holds what may be done in a minute, or `size`, and fills up again steadily.

    In memory, of one process: several workers allow so many each. Safe to share between threads.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic, *, size: int | None = None) -> None:
        self._size = size or a_minute
        self._a_second = a_minute / 60
        self._clock = clock
        self._turn = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """0 if the caller may, else the seconds after which it may."""
        with self._turn:
            level = self._level(caller)
            wait = self._seconds_to_one(level)
            self._set(caller, level if wait else level - 1)
            return wait

    def give_back(self, caller: str) -> None:
        with self._turn:
            self._set(caller, min(self._size, self._level(caller) + 1))

    def _level(self, caller: str) -> float:
        at = self._clock()
        level, before = self._levels.get(caller, (float(self._size), at))
        return min(self._size, level + (at - before) * self._a_second)

    def _set(self, caller: str, level: float) -> None:
        self._levels[caller] = (level, self._clock())
        self._levels.move_to_end(caller)
        if len(self._levels) > MOST:
            self._levels.popitem(last=False)

    def _seconds_to_one(self, level: float) -> float:
        return 0.0 if level >= 1 else (1 - level) / self._a_second


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
