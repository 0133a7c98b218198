"""The public keys of an identity provider: a JSON Web Key Set from a file or a URL, kept for a while."""

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import jwt

from notewell_store.access.tokens import Refused

FRESH = 600.0  # seconds for which a set is used without a look at where it came from
PAUSE = 30.0  # seconds between two looks at the least, however many unknown keys are named
STALE = 86_400.0  # seconds for which a set is used while its provider cannot be reached
PATIENCE = 5.0  # seconds that the provider has to answer
LARGEST = 1_000_000  # bytes


class KeySet:
    """The keys at `place`, fetched when first needed. Safe to share between threads."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._turn = threading.Lock()
        self._keys: list[dict[str, Any]] = []
        self._fetched = self._tried = float("-inf")

    def find(self, kid: object, algorithm: str) -> jwt.PyJWK | None:
        """The key of that id that can check such a signature, or, without an id, the only one that can.

        A set that lacks it is fetched anew, which is how keys are changed. Raises Refused while there is none.
        """
        with self._turn:
            if time.monotonic() - self._fetched > FRESH:
                self._fetch()
            found = self._fitting(kid, algorithm)
            if found is None:
                self._fetch()
                found = self._fitting(kid, algorithm)
            if time.monotonic() - self._fetched > STALE:
                raise Refused("the keys that tokens are checked with cannot be had at present")
            return found

    def _fitting(self, kid: object, algorithm: str) -> jwt.PyJWK | None:
        fitting = [key for key in self._keys if (kid is None or key.get("kid") == kid) and _fits(key, algorithm)]
        if len(fitting) != 1:
            return None
        try:
            return jwt.PyJWK(fitting[0], algorithm)
        except jwt.PyJWTError:  # a key of another kind than the algorithm's
            return None

    def _fetch(self) -> None:
        """Look at the place, unless that was just done; what was there before stays if it gives no keys."""
        if time.monotonic() - self._tried < PAUSE:
            return
        self._tried = time.monotonic()
        try:
            keys = json.loads(_read(self._place))["keys"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return
        if isinstance(keys, list):
            self._keys = [key for key in keys if isinstance(key, dict)]
            self._fetched = time.monotonic()


KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    """Whether the key is one for this algorithm: never one that signs and checks alike (`oct`)."""
    return (
        key.get("kty") == KINDS.get(algorithm[:2])
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
    )


def _read(place: str) -> bytes:
    if not is_url(place):
        return Path(place).read_bytes()[:LARGEST]
    request = urllib.request.Request(place, headers={"Accept": "application/json"})  # noqa: S310 - see is_safe
    with _OPENER.open(request, timeout=PATIENCE) as answer:
        return bytes(answer.read(LARGEST))


def is_url(place: str) -> bool:
    return "://" in place


def is_safe(place: str) -> bool:
    """Whether keys from there are the provider's: a file, `https`, or this very machine."""
    parts = urllib.parse.urlsplit(place)
    near = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    return not is_url(place) or parts.scheme == "https" or (parts.scheme == "http" and near)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keys come from the place that was named, or not at all."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
