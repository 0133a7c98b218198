"""The public keys of an identity provider: a JSON Web Key Set from a file or a URL, kept for a while."""

import logging
import threading
import time
from typing import Any

import jwt

from notewell_server.http.access.key_places import fetch_keys
from notewell_store.access.tokens import Refused

FRESH = 600.0  # seconds for which a set is used without a look at where it came from
PAUSE = 30.0  # seconds between two looks at the least, however many unknown keys are named
STALE = 86_400.0  # seconds for which a set is used while its provider cannot be reached
PATIENCE = 5.0  # seconds that the provider has for all of its answer, and that one token may wait for it
GLANCE = 0.5  # seconds that other tokens wait for it: most providers have answered by then
NEVER = float("-inf")

_log = logging.getLogger(__name__)


class KeySet:
    """The keys at `place`, fetched when first needed, on a thread beside. Safe to share between threads.

    A look is waited for by the one token that made it necessary, and no longer than its deadline. Whoever comes
    meanwhile is answered by what is known: a key that fits, or that there is none. Who need not hold a thread for that
    asks for the patience first, and waits a moment more.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._turn = threading.Lock()  # never held while anything is read or waited for
        self._keys: list[dict[str, Any]] = []
        self._fetched = self._tried = NEVER
        self.is_fetching = False

    def find(self, kid: object, algorithm: str) -> jwt.PyJWK | None:
        """The key of that id that can check such a signature, or, without an id, the only one that can.

        A set that lacks it is fetched anew, which is how keys are changed: a new key is known PAUSE seconds after it
        was published at the latest. Raises Refused while there are no keys.
        """
        self._renew()
        found = self._fitting(kid, algorithm)
        if found is None:
            self._fetch(PATIENCE)
            found = self._fitting(kid, algorithm)
        if self._age() > STALE:
            raise Refused("the keys that tokens are checked with cannot be had at present")
        return found

    def patience(self, kid: object, algorithm: str) -> float:
        """How many seconds it is worth to wait while is_fetching, before find; 0 where the key is known, or was looked
        for lately. Begins the look, and waits for nothing itself."""
        if self._fitting(kid, algorithm) is not None:
            return 0.0
        if self._begin() is not None:
            return PATIENCE
        return GLANCE if self.is_fetching else 0.0

    def _age(self) -> float:
        return time.monotonic() - self._fetched

    def _renew(self) -> None:
        """Look again in good time, behind the requests. Only where nobody asked for long, and the provider answered
        when it was asked last, one token waits a moment: its key may have been withdrawn."""
        if self._fetched == NEVER or self._age() <= FRESH / 2:
            return
        answered_last = self._fetched >= self._tried
        self._fetch(GLANCE if answered_last and self._age() > FRESH else 0)

    def _fitting(self, kid: object, algorithm: str) -> jwt.PyJWK | None:
        fitting = [key for key in self._keys if (kid is None or key.get("kid") == kid) and _fits(key, algorithm)]
        if len(fitting) != 1:
            return None
        try:
            return jwt.PyJWK(fitting[0], algorithm)
        except jwt.PyJWTError:  # a key of another kind than the algorithm's
            return None

    def _fetch(self, patience: float) -> None:
        """Begin a look, unless one is under way or was just made, and wait for it so long."""
        done = self._begin()
        if done is not None:
            done.wait(patience)

    def _begin(self) -> threading.Event | None:
        """What is set when the look is done; None where there is none to begin."""
        with self._turn:
            if self.is_fetching or time.monotonic() - self._tried < PAUSE:
                return None
            self.is_fetching, self._tried = True, time.monotonic()
        done = threading.Event()
        threading.Thread(target=self._look, args=(done,), name="keys", daemon=True).start()
        return done

    def _look(self, done: threading.Event) -> None:
        """What was there before stays if the place gives no keys."""
        try:
            keys = fetch_keys(self._place, PATIENCE)
            if keys is None:
                _log.warning("%s gave no keys within %g s", self._place, PATIENCE)
            else:
                self._keys, self._fetched = keys, time.monotonic()
        finally:
            self.is_fetching = False
            done.set()


KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


def _fits(key: dict[str, Any], algorithm: str) -> bool:
    """Whether the key is one for this algorithm: never one that signs and checks alike (`oct`)."""
    return (
        key.get("kty") == KINDS.get(algorithm[:2])
        and key.get("alg", algorithm) == algorithm
        and key.get("use", "sig") == "sig"
    )
