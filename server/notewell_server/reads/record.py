"""Keeps what is read: lines of JSON in a folder beside the store, a file for each day, readable by their owner only.

A read waits for a line of this at most once a second. What is read meanwhile is counted, the same by the same hand
once, and written together by whichever comes first: the second's end, a thousand different reads, or the end of the
process. So who reads the same thing over and over makes few lines, and a process that is killed loses a second of them.

Of agents it is kept which one read; people are counted, and not named (see docs/decisions/0087).
"""

import json
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from notewell_server.day_files import DayFiles
from notewell_server.reads import KEEP_DAYS, LARGEST_FILE, LONGEST_QUERY, LONGEST_WHO, MOST_BYTES
from notewell_server.settings import beside
from notewell_store.hands import Kind, hand
from notewell_tools.definition import Call
from notewell_tools.reads import Read, number_of_section

REST = 1.0
"""Seconds between two times of writing."""
MOST_WAITING = 1_000
AT_ONCE = 100
"""Lines of one write: what comes in one piece is not torn by what another process adds."""
WITHHELD = "(it seemed to hold a secret)"


class Reader(NamedTuple):
    """`who` is None of people."""

    kind: Kind
    is_guess: bool
    door: str | None
    who: str | None
    client: str | None


class ReadRecord:
    """The record of one store. Safe to share between threads, and between processes that make their own. Where it
    cannot be written reading goes on, and that is told once on the program's own log."""

    def __init__(self, database: str) -> None:
        self.folder = folder_of(database)
        self._files = DayFiles(self.folder, KEEP_DAYS, LARGEST_FILE, MOST_BYTES)
        self._turn = threading.Lock()
        self._waiting: dict[tuple[Reader, Read], int] = {}
        self._written_at = -REST
        self._is_due = self._failed = False

    def add(self, call: Call, reads: Sequence[Read]) -> None:
        reader = _reader(call.actor, call.door, call.client)
        with self._turn:
            for read in reads:
                key = reader, read
                self._waiting[key] = self._waiting.get(key, 0) + 1
            if self._is_due and len(self._waiting) < MOST_WAITING:
                return
            if self._is_due or time.monotonic() - self._written_at >= REST:
                self._write()
                return
            self._is_due = True
        timer = threading.Timer(REST, self.flush)
        timer.daemon = True
        timer.start()

    def flush(self) -> None:
        """Write what waits."""
        with self._turn:
            self._is_due = False
            self._write()

    def close(self) -> None:
        with self._turn:
            self._write()
            self._files.close()

    def _write(self) -> None:
        if not self._waiting:
            return
        now = datetime.now(UTC)
        at = now.isoformat(timespec="seconds").replace("+00:00", "Z")
        lines = [_line(at, reader, read, count) for (reader, read), count in self._waiting.items()]
        self._waiting.clear()
        self._written_at = time.monotonic()
        try:
            for first in range(0, len(lines), AT_ONCE):
                self._files.append(now.date(), "".join(lines[first : first + AT_ONCE]).encode())
        except OSError as error:
            if not self._failed:
                import logging  # which a command that is well has no use for

                logging.getLogger(__name__).warning(
                    "what is read cannot be kept in %s: %s", self.folder, error.strerror
                )
            self._failed = True


def folder_of(database: str) -> Path:
    """Where the record of a store is."""
    path = beside(database)
    return path.with_name(f"{path.name}.reads")


@lru_cache(maxsize=64)
def _reader(actor: str, door: str | None, client: str | None) -> Reader:
    whose = hand(actor, door)
    is_agent = whose.kind == "agent"
    who, program = (actor[:LONGEST_WHO], client) if is_agent else (None, None)
    return Reader(whose.kind, whose.is_guess, door, who, program)


def _line(at: str, reader: Reader, read: Read, count: int) -> str:
    """ASCII, so that no value can forge a line. What says nothing is left out."""
    query = None if read.query is None else _shown(read.query)
    section = None if read.anchor is None else number_of_section(read.anchor)
    facts: dict[str, Any] = {
        "what": read.what,
        "by": reader.kind,
        "guess": reader.is_guess or None,
        "who": reader.who,
        "door": reader.door,
        "client": reader.client,
        "note": read.note,
        "section": section,
        "query": query,
        "hits": read.hits,
        "project": read.project,
        "count": count if count > 1 else None,
    }
    return json.dumps({"at": at} | {name: value for name, value in facts.items() if value is not None}) + "\n"


def _shown(query: str) -> str:
    from notewell_store.markdown.secrets import find_secrets  # which who reads notes has no use for

    return WITHHELD if find_secrets(query) else " ".join(query.split())[:LONGEST_QUERY]
