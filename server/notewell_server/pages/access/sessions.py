"""Sessions of browsers, and links that begin one: kept in a folder beside the store, readable by its owner only.

A file stands for each, named by the SHA-256 of a secret that only the browser has, so that all workers know it, it
outlives them, no backup holds it, and to end it is to remove a file.
"""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from notewell_store.clock import now, of_second
from notewell_store.regular import make_own, must_be_own

LASTS = timedelta(hours=12)
LINK_LASTS = timedelta(seconds=60)
SECRET = 32  # bytes
MOST = 100
"""Sessions at once of one bearer, who ends the oldest of these by signing in once more, and nobody else's."""


@dataclass(frozen=True, slots=True)
class Session:
    """`token` is the id of the token by which it was begun; None where its bearer is the store's owner, called `actor`.
    `until` is when it ends."""

    actor: str
    until: str
    token: str | None = None


class Sessions:
    """Those of one store. Safe to share between threads and processes. All but `of` may raise OSError."""

    def __init__(self, database: Path) -> None:
        self._folder = database.with_name(f"{database.name}.sessions")

    def begin(self, actor: str, token: str | None = None) -> str:
        """The secret of a new session, for the browser's cookie."""
        return self._add("session", Session(actor, _after(LASTS), token))

    def of(self, secret: str) -> Session | None:
        """None where it is ended, or never was."""
        return self._read(self._place("session", secret))

    def end(self, secret: str) -> None:
        self._place("session", secret).unlink(missing_ok=True)

    def offer(self, actor: str) -> str:
        """The secret of a link by which the store's owner comes in: once, and soon."""
        return self._add("once", Session(actor, _after(LINK_LASTS)))

    def accept(self, secret: str) -> str | None:
        """Begin the session of such a link: its secret, or None where the link does not hold (any more)."""
        place = self._place("once", secret)
        offered = self._read(place)
        try:
            place.unlink()  # of two who come with it, one finds it
        except FileNotFoundError:
            return None
        return self.begin(offered.actor) if offered else None

    def _add(self, kind: str, session: Session) -> str:
        secret = secrets.token_urlsafe(SECRET)
        make_own(self._folder)
        self._sweep(session)
        place = self._place(kind, secret)
        written = place.with_suffix(".part")  # another process must not find it empty, and take it for ended
        try:
            written.touch(mode=0o600, exist_ok=False)
            written.write_text(json.dumps(asdict(session)), encoding="utf-8")
            written.replace(place)
        except OSError:
            written.unlink(missing_ok=True)
            raise
        return secret

    def _sweep(self, beginning: Session) -> None:
        """Remove what has ended, and the oldest of too many of the same bearer."""
        others: list[tuple[str, Path]] = []
        for place in self._folder.glob("*.json"):
            session = self._read(place)
            if session is None:
                place.unlink(missing_ok=True)
            elif (session.token, session.actor) == (beginning.token, beginning.actor):
                others.append((session.until, place))
        for _, place in sorted(others)[: max(0, len(others) - MOST + 1)]:
            place.unlink(missing_ok=True)

    def _place(self, kind: str, secret: str) -> Path:
        return self._folder / f"{kind}-{hashlib.sha256(secret.encode(errors='replace')).hexdigest()}.json"

    @staticmethod
    def _read(place: Path) -> Session | None:
        try:
            must_be_own(place.parent)
            session = Session(**json.loads(place.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        return session if session.until > now() else None


def _after(time: timedelta) -> str:
    return of_second((datetime.now(UTC) + time).timestamp())
