"""The audit log: who did what when, and with what outcome; refused attempts too.

Lines of JSON in a folder beside the store, a file for each day, readable by their owner only. Each line is one write
at the end of a file that is open for nothing else, so that several processes can share it and no line is changed.
It holds no text of notes and no credentials.
"""

import json
import logging
import re
import threading
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

from notewell_server.day_files import DayFiles

KEEP_DAYS = 90
LARGEST_FILE = 32_000_000
MOST_BYTES = 2_000_000_000
LONGEST = 200  # characters of each value: a line stays below what a file system appends in one piece
LONGEST_WRITTEN = 300  # the same with its escapes, of which one character may need twelve
LOOKED_THROUGH = 4_000_000  # bytes of the newest lines
BY_TOKEN = b'"means": "token"'
NAMES = ("ref", "slug", "source", "note", "refs")
"""The arguments that say which note a tool is about, or which notes: those of definition, which a hook imports not."""
TOKEN = re.compile(r"nwl_\w+")  # one that was sent in the wrong place, such as a path

_log = logging.getLogger(__name__)


class AuditLog:
    """The log of one store. Safe to share between threads, and between processes that make their own."""

    def __init__(self, database: Path, keep_days: int = KEEP_DAYS) -> None:
        self.folder = database.with_name(f"{database.name}.audit")
        self._turn = threading.Lock()
        self._files = DayFiles(self.folder, keep_days, LARGEST_FILE, MOST_BYTES)

    def record(
        self,
        *,
        actor: str,
        means: str,
        what: str,
        note: str | None = None,
        outcome: str,
        client: str | None = None,
        count: int | None = None,
    ) -> None:
        """Add a line. `means` says how the actor is known (see identity.Caller), `what` is a tool or a method and path,
        `outcome` is `ok` or why not, `client` the address, `count` for how many such calls the line stands.

        A log that cannot be written stops nobody: that is told on the program's own log.
        """
        at = datetime.now(UTC)
        said = {"actor": actor, "means": means, "what": what, "note": note, "outcome": outcome, "client": client}
        kept: dict[str, Any] = {name: _bounded(value) for name, value in said.items() if value is not None}
        if count is not None:
            kept["count"] = count
        stamp = at.isoformat(timespec="milliseconds").removesuffix("+00:00")
        line = json.dumps({"at": f"{stamp}Z"} | kept) + "\n"  # ASCII, so that no value can forge a line
        try:
            with self._turn:
                self._files.append(at.date(), line.encode())
        except OSError as error:
            _log.error("the audit log %s cannot be written: %s", self.folder, error.strerror)

    def last_uses(self) -> dict[str, str]:
        """When each token was used last, by its name, as far as the newest lines tell."""
        found: dict[str, str] = {}
        for line in self._files.newest(LOOKED_THROUGH):
            if BY_TOKEN in line:
                try:
                    told = json.loads(line)
                    found.setdefault(told["actor"], told["at"])
                except (ValueError, KeyError, TypeError):  # cut off where the machine was
                    continue
        return found

    def close(self) -> None:
        with self._turn:
            self._files.close()


def _bounded(value: str) -> str:
    text = TOKEN.sub("nwl_…", value)[:LONGEST]
    while len(encode_basestring_ascii(text)) > LONGEST_WRITTEN:
        text = text[: len(text) * 3 // 4]
    return text


def note_named(arguments: dict[str, Any]) -> str | None:
    """The note that a tool's arguments name, or the first of several, as they were named."""
    named = (arguments.get(name) for name in NAMES)
    lists = (name[:LONGEST] if isinstance(name, list) else [name] for name in named if name)
    return next((",".join(map(str, each)) for each in lists if all(isinstance(one, str | int) for one in each)), None)
