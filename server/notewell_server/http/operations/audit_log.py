"""The audit log: who did what when, and with what outcome; refused attempts too.

Lines of JSON in a folder beside the store, a file for each day, readable by their owner only. Each line is one write
at the end of a file that is open for nothing else, so that several processes can share it and no line is changed.
It holds no text of notes and no credentials.
"""

import json
import logging
import os
import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

KEEP_DAYS = 90
LONGEST = 200  # characters of each value: a line stays below what a file system appends in one piece
NAMES = ("ref", "slug", "source")  # the arguments that say which note a tool is about
TOKEN = re.compile(r"nwl_\w+")  # one that was sent in the wrong place, such as a path
DAY_FILE = re.compile(r"\d{4}-\d{2}-\d{2}\.jsonl")

_log = logging.getLogger(__name__)


class AuditLog:
    """The log of one store. Safe to share between threads, and between processes that make their own."""

    def __init__(self, database: Path, keep_days: int = KEEP_DAYS) -> None:
        self.folder = database.with_name(f"{database.name}.audit")
        self._keep_days = keep_days
        self._turn = threading.Lock()
        self._day = ""
        self._file: int | None = None

    def record(
        self,
        *,
        actor: str,
        means: str,
        what: str,
        note: str | None = None,
        outcome: str,
        client: str | None = None,
    ) -> None:
        """Add a line. `means` says how the actor is known (see identity.Caller), `what` is a tool or a method and path,
        `outcome` is `ok` or why not, `client` the address.

        A log that cannot be written stops nobody: that is told on the program's own log.
        """
        at = datetime.now(UTC)
        said = {"actor": actor, "means": means, "what": what, "note": note, "outcome": outcome, "client": client}
        kept = {name: TOKEN.sub("nwl_…", value)[:LONGEST] for name, value in said.items() if value is not None}
        stamp = at.isoformat(timespec="milliseconds").removesuffix("+00:00")
        line = json.dumps({"at": f"{stamp}Z"} | kept) + "\n"  # ASCII, so that no value can forge a line
        try:
            with self._turn:
                os.write(self._today(at), line.encode())
        except OSError as error:
            _log.error("the audit log %s cannot be written: %s", self.folder, error.strerror)

    def close(self) -> None:
        with self._turn:
            if self._file is not None:
                os.close(self._file)
            self._file, self._day = None, ""

    def _today(self, at: datetime) -> int:
        """The day's file; when a day begins, files that are older than they are kept go."""
        day = at.date().isoformat()
        if self._file is None or day != self._day:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            opened = os.open(self.folder / f"{day}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            if self._file is not None:
                os.close(self._file)
            self._file, self._day = opened, day
            self._forget_before((at - timedelta(days=self._keep_days)).date().isoformat())
        return self._file

    def _forget_before(self, day: str) -> None:
        for path in self.folder.iterdir():
            if DAY_FILE.fullmatch(path.name) and path.stem < day:
                path.unlink(missing_ok=True)


def note_named(arguments: dict[str, Any]) -> str | None:
    """The note that a tool's arguments name, as it was named."""
    named = (arguments.get(name) for name in NAMES)
    return next((str(name) for name in named if name and isinstance(name, str | int)), None)
