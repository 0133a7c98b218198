"""Reading what a source names, a file or an address, for a caller who is at the machine itself.

Addresses are https, or http of this machine; none leads on to another, whatever it answers; the next part of a list is
fetched from the same place only. A token goes to the host that it is named for. All of it is bounded in bytes and in
time, and no error quotes what was read.
"""

import http.client
import ipaddress
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from notewell_store.errors import Invalid
from notewell_store.regular import regular_bytes

LARGEST = 10_000_000  # bytes of all parts
LONGEST = 30.0  # seconds for all parts
SILENCE = 10.0  # seconds without a byte
MOST_PARTS = 50
_PLAIN = re.compile(r"[\x21-\x7e]{1,2000}")
_NEXT = re.compile(r"<([^<>]+)>\s*;[^,<]*\brel=\"?next\"?")


def read_parts(source: str, tokens: str) -> list[bytes]:
    """The parts of a list that the source holds. `tokens` are `host=token`, with spaces between. Raises Invalid."""
    if "://" in source:
        return list(_fetched(source, tokens))
    try:
        return [regular_bytes(Path(source).expanduser(), LARGEST)]
    except (OSError, ValueError, RuntimeError):
        raise Invalid(
            f"source: there is no file of that name that can be read, of at most {LARGEST:,} bytes", "source"
        ) from None


class _Answer(NamedTuple):
    body: bytes
    next: str | None


def _fetched(address: str, tokens: str) -> Iterator[bytes]:
    place = _place(address)
    end = time.monotonic() + LONGEST
    left = LARGEST
    for _ in range(MOST_PARTS):
        answer = _get(place, _token(place, tokens), end, left)
        left -= len(answer.body)
        yield answer.body
        if answer.next is None:
            return
        after = _place(urljoin(place.geturl(), answer.next))
        if _origin(after) != _origin(place):
            raise Invalid("the list goes on at another host, which is not asked: name each part yourself", "source")
        place = after
    raise Invalid(f"the list has more than {MOST_PARTS} parts: ask for more in each, as by limit=50", "source")


def _place(address: str) -> SplitResult:
    """The address in its parts. Raises Invalid for one that is not asked."""
    try:
        place = urlsplit(address)
        host, port = place.hostname or "", place.port
    except ValueError:
        host, port = "", 0
    if not _PLAIN.fullmatch(address) or not host or port == 0 or place.username is not None:
        raise Invalid("source is no address of the form https://host/path", "source")
    if place.scheme != "https" and not (place.scheme == "http" and _is_this_machine(host)):
        raise Invalid("source: an address begins with https://; http is for this machine alone", "source")
    return place


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(place: SplitResult) -> tuple[str, str | None, int]:
    return place.scheme, place.hostname, place.port or (443 if place.scheme == "https" else 80)


def _token(place: SplitResult, tokens: str) -> str | None:
    """The token that is named for the host, with its port where that is said."""
    named = {host.lower(): token for host, _, token in (pair.partition("=") for pair in tokens.split())}
    host = place.hostname or ""  # in small letters, however it was written
    return named.get(f"{host}:{_origin(place)[2]}") or named.get(host)


def _get(place: SplitResult, token: str | None, end: float, most: int) -> _Answer:
    """One request, without redirects or proxies. A watch closes it when the time is over, however slowly it drips."""
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    left = end - time.monotonic()
    if left <= 0:
        raise Invalid(_LATE, "source")
    connection = kind(place.hostname or "", place.port, timeout=min(SILENCE, left))
    watch = threading.Timer(left, _close, [connection])
    watch.daemon = True
    watch.start()
    try:
        path = f"{place.path or '/'}{f'?{place.query}' if place.query else ''}"
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "notewell"}
        connection.request("GET", path, headers=headers | ({"Authorization": f"Bearer {token}"} if token else {}))
        with connection.getresponse() as response:
            return _read(response, most, end)
    except (OSError, http.client.HTTPException, ValueError):
        raise Invalid(
            _LATE if time.monotonic() >= end else "the address does not answer as one of a forge's API", "source"
        ) from None
    finally:
        watch.cancel()
        connection.close()


def _read(response: http.client.HTTPResponse, most: int, end: float) -> _Answer:
    if response.status != 200:
        raise Invalid(_refused(response.status), "source")
    body = response.read(most + 1)
    if len(body) > most:
        raise Invalid(f"the answer is larger than the {LARGEST:,} bytes that are read", "source")
    if response.length or time.monotonic() >= end:
        raise Invalid(_LATE if time.monotonic() >= end else "the answer broke off", "source")
    found = _NEXT.search(response.getheader("Link") or "")
    return _Answer(body, found[1] if found else None)


_LATE = f"the address did not answer in {LONGEST:.0f} seconds"


def _refused(status: int) -> str:
    if 300 <= status < 400:
        return "the address leads to another, which is not asked: name that one"
    why = ": a token for its host goes into NOTEWELL_ISSUES_TOKEN" if status in (401, 403, 404) else ""
    return f"the address answers {status}{why}"


def _close(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
