"""Answers to readers without a token or with one of ours, kept for as long as nobody changes the store.

Before one is given again, the store is asked whether any process has committed anything, or revoked a token, since
before it was made: a question of microseconds (see Store.version). So what is answered is what would be read now, and
only who sends the very same credentials gets it, while these last.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.access.identity import Caller
from notewell_store.clock import now
from notewell_store.contract import Version

MOST_BYTES = 16_000_000  # of all answers together
LARGEST = 500_000  # bytes of one
HEAD = 1_000  # bytes that headers, keys and all are counted as
OTHERWISE = {b"if-none-match", b"content-length", b"transfer-encoding"}
"""Headers whose requests are answered anew: by what is known, or because a body is to be looked at."""
READ = "notewell.read"
"""Where a request's scope keeps its Reading, if what was read is so until somebody commits."""

AGAIN = "notewell.again"
"""Where it keeps what has that recorded once more, for when the answer is given again: see Backend."""

Key = tuple[bytes, bytes, bytes, bool]


class Reading(NamedTuple):
    """What was asked, as figures and the audit log name it, and by whom."""

    what: str
    note: str | None
    caller: Caller
    again: Callable[[], None] | None = None
    """Keeps in the record of reads that it was read once more."""

    @property
    def may_be_kept(self) -> bool:
        """A provider takes its keys back whenever it likes, and the store does not hear of it."""
        return self.caller.means != "jwt"

    @property
    def has_ended(self) -> bool:
        return self.caller.until is not None and self.caller.until <= now()


@dataclass(slots=True)
class CachedResponse:
    reading: Reading
    route: Route
    start: Message
    body: Message

    @property
    def size(self) -> int:
        return HEAD + len(self.body["body"])


class ResponseCache:
    """Stands before the handlers and before what limits how many are served at once. `version` tells the store's at
    this moment, or None where that cannot be told; `record_kept` hears of each reading that takes place no more."""

    def __init__(
        self, app: ASGIApp, version: Callable[[], Version | None], record_kept: Callable[[Scope, Reading], None]
    ) -> None:
        self._app = app
        self._ask_version = version
        self._is_asked = False
        self._answer: Version | None = None
        self._record_kept = record_kept
        self._cached: OrderedDict[Key, CachedResponse] = OrderedDict()
        self._size = 0
        self._version: Version | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        now = None if key is None else self._version_now()
        if key is None or now is None:
            return await self._app(scope, receive, send)
        if now != self._version:
            self._cached.clear()
            self._size, self._version = 0, now
        cached = self._cached.get(key)
        if cached is None or cached.reading.has_ended:
            return await self._app(scope, receive, self._caching(key, now, scope, send))
        self._cached.move_to_end(key)
        self._record_kept(scope, cached.reading)
        scope["route"] = cached.route
        await send(_start(cached.start))
        return await send(cached.body)

    def _version_now(self) -> Version | None:
        """Asked once for all requests that the loop has taken in by now: they are answered before it forgets."""
        if not self._is_asked:
            self._is_asked, self._answer = True, self._ask_version()
            asyncio.get_running_loop().call_soon(self._forget)
        return self._answer

    def _forget(self) -> None:
        self._is_asked = False

    def _caching(self, key: Key, asked: Version, scope: Scope, send: Send) -> Send:
        """Passes an answer on, and keeps it if it is a reading's and comes in one piece."""
        start: Message | None = None

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = _start(message) if message["status"] == 200 else None
            elif start is not None:
                reading: Reading | None = scope.get(READ)
                if reading is not None and reading.may_be_kept and not message.get("more_body"):
                    self._add(key, asked, CachedResponse(reading, scope["route"], start, message))
                start = None
            await send(message)

        return sending

    def _add(self, key: Key, asked: Version, cached: CachedResponse) -> None:
        """Unless the store was changed while it was made: it may be of before."""
        if asked != self._version or cached.size > LARGEST:
            return
        if key in self._cached:
            self._size -= self._cached.pop(key).size
        self._cached[key] = cached
        self._size += cached.size
        while self._size > MOST_BYTES:
            self._size -= self._cached.popitem(last=False)[1].size


def _start(message: Message) -> Message:
    """With a list of its own, since the guards add their headers to the one they get."""
    return {"type": message["type"], "status": message["status"], "headers": list(message["headers"])}


def _key(scope: Scope) -> Key | None:
    """What the answer depends on; None where that is more than what is asked for."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    packed, credentials = False, b""
    for name, value in scope["headers"]:
        if name in OTHERWISE:
            return None
        packed = packed or (name == b"accept-encoding" and b"gzip" in value)
        if name == b"authorization":
            credentials += hashlib.sha256(value).digest()
    return credentials, scope["raw_path"], scope["query_string"], packed
