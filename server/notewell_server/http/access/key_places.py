"""Where a key set is read from: a file, or a URL whose whole answer has one deadline."""

import http.client
import json
import socket
import threading
import time
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from notewell_store.regular import regular_bytes

LARGEST = 1_000_000  # bytes of a set
MOST_KEYS = 500


def fetch_keys(place: str, seconds: float) -> list[dict[str, Any]] | None:
    """The keys that are there; None where that is no set of keys, or cannot be read within so many seconds."""
    try:
        keys = json.loads(_read(place, seconds))["keys"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, http.client.HTTPException):
        return None
    return [key for key in keys if isinstance(key, dict)][:MOST_KEYS] if isinstance(keys, list) else None


def _read(place: str, seconds: float) -> bytes:
    """What an answer has beyond LARGEST is cut off: it is no JSON then, and so no set."""
    if not is_url(place):
        return regular_bytes(Path(place), LARGEST)
    request = urllib.request.Request(place, headers={"Accept": "application/json"})  # noqa: S310 - see is_safe
    deadline = _Deadline(seconds)
    opener = urllib.request.build_opener(_NoRedirect, _Http(deadline), _Https(deadline))
    with deadline, opener.open(request, timeout=seconds) as answer:
        return bytes(answer.read(LARGEST))


def is_url(place: str) -> bool:
    return "://" in place


def is_safe(place: str) -> bool:
    """Whether keys from there are the provider's: a file, `https`, or this very machine."""
    parts = urllib.parse.urlsplit(place)
    near = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return not is_url(place) or parts.scheme == "https" or (parts.scheme == "http" and near)


class _Deadline:
    """While it is entered: cuts the connection off when the time is over, however that is spent. The library's own
    time-out begins anew with each byte that comes."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._connection: socket.socket | None = None

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, connection: socket.socket) -> None:
        """Raises TimeoutError where it took all the time to connect."""
        self._connection = connection
        if time.monotonic() >= self._end:
            raise TimeoutError

    def _cut(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)  # under TLS too, whose state stays as it is


class _Http(urllib.request.HTTPHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_watched(http.client.HTTPConnection, self._deadline), request)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, deadline: _Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_watched(http.client.HTTPSConnection, self._deadline), request)


def _watched(kind: type[http.client.HTTPConnection], deadline: _Deadline) -> type[http.client.HTTPConnection]:
    class Watched(kind):  # type: ignore[misc, valid-type]
        def connect(self) -> None:
            super().connect()
            deadline.watch(self.sock)

    return Watched


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keys come from the place that was named, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None
