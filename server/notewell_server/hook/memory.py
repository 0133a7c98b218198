"""What hooks remember from one process to the next: small files of JSON, readable by their owner only.

They stand in `$XDG_STATE_HOME/notewell/` (else `~/.local/state/notewell/`), in a folder for each subject, and are an
aid: where one cannot be read or written, something is told twice or not at all, and nothing fails.
"""

import json
import os
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from notewell_store.regular import regular_bytes

KEPT = 14 * 86_400  # seconds for which a session is remembered
LARGEST = 1_000_000  # bytes
MOST_TOLD = 300  # things that a session was told, the newest


def recall(subject: str, *names: str) -> dict[str, Any]:
    """What was kept under these names; empty where nothing was, or of others whose names have the same number."""
    try:
        kept = json.loads(regular_bytes(_file_of(subject, names), LARGEST))
        return dict(kept["kept"]) if kept["names"] == list(names) else {}
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return {}


def remember(subject: str, *names: str, kept: dict[str, Any]) -> None:
    """Keep it. Another process may write at once: either is right."""
    with suppress(OSError, ValueError, RuntimeError):  # the last: nobody knows the user's home
        file = _file_of(subject, names)
        for own in reversed(file.parents[:3]):
            own.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(json.dumps({"names": names, "kept": kept}), encoding="utf-8")
        part.replace(file)


class SessionMemory:
    """What one session was told, and the newest change of the store when it began."""

    def __init__(self, session: str, database: str) -> None:
        self._names = session, database
        self._kept = recall("sessions", *self._names)

    @property
    def began_at(self) -> int | None:
        seq = self._kept.get("seq")
        return seq if isinstance(seq, int) else None

    def begin(self, seq: int) -> None:
        """Where it has not begun yet; a session that is resumed or compacted goes on."""
        if self.began_at is None:
            _forget_old("sessions")
            self._keep(seq=seq)

    def was_told(self, what: str) -> bool:
        return what in self._told()

    def tell(self, *what: str) -> None:
        self._keep(told=[*self._told(), *what][-MOST_TOLD:])

    def _told(self) -> list[str]:
        told = self._kept.get("told")
        return told if isinstance(told, list) else []

    def _keep(self, **kept: Any) -> None:
        self._kept |= kept
        remember("sessions", *self._names, kept=self._kept)


def _forget_old(subject: str) -> None:
    with suppress(OSError, RuntimeError):
        for file in folder_of(subject).iterdir():
            if file.stat().st_mtime < time.time() - KEPT:
                file.unlink()


def _file_of(subject: str, names: tuple[str, ...]) -> Path:
    number = zlib.crc32("\n".join(names).encode(errors="surrogatepass"))
    return folder_of(subject) / f"{number:08x}.json"


def folder_of(subject: str) -> Path:
    """Where what is kept of a subject from one process to the next stands."""
    state = os.environ.get("XDG_STATE_HOME")
    base = Path(state) if state else Path.home() / ".local" / "state"
    return base / "notewell" / subject
