"""Runs: what was done to a store as a whole, by whom, and how it ended. Imports, backups and verifications.

Each is a file of lines of JSON in a folder beside the store, readable by its owner only. The command itself writes it,
whichever door began it, so that a nightly backup is known as well as one that was started by hand. Whoever writes a
run holds the lock on its file, by which one that goes on is told from one that was cut off.
"""

import json
import os
import re
import secrets
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from notewell_store.clock import now
from notewell_store.findings import State
from notewell_store.regular import make_own, must_be_own, open_regular, regular_bytes

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, is_shared: bool, waits: bool) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if waits else msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int, *, is_shared: bool, waits: bool) -> None:
        """Raises OSError where it is held otherwise."""
        kind = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
        fcntl.flock(descriptor, kind if waits else kind | fcntl.LOCK_NB)


What = Literal["import", "backup", "verify"]
KINDS: tuple[What, ...] = get_args(What)

RUN = "NOTEWELL_RUN"
"""The variable by which a command learns that its run was begun for it."""
KEPT = 50
"""Runs of each kind; the oldest go."""
LARGEST = 100_000  # bytes of a run's lines; how it ended is written all the same
LONGEST_LINE = 500  # characters
LONGEST_END = 4_000
PAUSE = 1.0  # seconds between two lines that tell how far it is
_NAME = re.compile(r"\d{8}T\d{12}Z-(import|backup|verify)-[0-9a-f]{8}")
_ENDING = ".jsonl"
_TURN = "turn"


class Line(NamedTuple):
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """`of` is what was imported, or where a backup was to go. `state` is how it ended; None where it did not, and then
    it goes on, or was cut off. `done` and `total` are how far it was last."""

    id: str
    what: What
    of: str
    by: str
    began_at: str
    ended_at: str | None = None
    state: State | None = None
    said: str = ""
    is_going_on: bool = False
    lines: tuple[Line, ...] = ()
    done: int = 0
    total: int = 0


class RunWriter:
    """Writes the file of one run. What cannot be written is not, and nothing fails for it. `descriptor` is None where
    there is no file to write."""

    def __init__(self, identity: str, descriptor: int | None) -> None:
        self.id = identity
        self._descriptor = descriptor
        self._size = 0
        self._told = (0.0, -1, -1)
        self._has_ended = False

    def say(self, text: str) -> None:
        self._add({"line": text[:LONGEST_LINE]})

    def progress(self, done: int, total: int) -> None:
        """Told once a second at most, when a hundredth more is done."""
        at, percent = time.monotonic(), 100 * done // max(1, total)
        before, last, of = self._told
        if total != of or done == total or (at - before >= PAUSE and percent != last):
            self._told = at, percent, total
            self._add({"done": done, "total": total})

    def end(self, state: State, said: str) -> None:
        """What is said first counts."""
        if not self._has_ended:
            self._has_ended = True
            self.write({"state": state, "said": said[:LONGEST_END]})

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def _add(self, facts: dict[str, Any]) -> None:
        if self._size < LARGEST:
            self._size += self.write(facts)

    def write(self, facts: dict[str, Any]) -> int:
        """A line, with the time; how many bytes it took."""
        if self._descriptor is None:
            return 0
        with suppress(OSError):
            return os.write(self._descriptor, json.dumps({"at": now(), **facts}).encode() + b"\n")
        return 0


class Runs:
    """Those of one store. Safe to share between threads and processes."""

    def __init__(self, database: Path) -> None:
        self._folder = database.with_name(f"{database.name}.runs")

    def begin(self, what: What, of: str, by: str) -> RunWriter:
        """A run that goes on until its writer is closed. Raises OSError; also for a verification where no runs are kept
        yet, for beside a backup that is looked through nothing is to be laid."""
        if what == "verify":
            must_be_own(self._folder)
        else:
            make_own(self._folder)
        for name in self._names(what)[KEPT - 1 :]:
            self._place(name).unlink(missing_ok=True)
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
        run = self._opened(f"{stamp}-{what}-{secrets.token_hex(4)}", os.O_CREAT | os.O_EXCL)
        run.write({"what": what, "of": of[:LONGEST_LINE], "by": by[:LONGEST_LINE]})
        return run

    def resumed(self, identity: str) -> RunWriter:
        """The writer of a run that another process began, and whose lock that holds. Raises OSError."""
        if not _NAME.fullmatch(identity):
            raise FileNotFoundError(identity)
        return RunWriter(identity, open_regular(self._place(identity), os.O_WRONLY | os.O_APPEND))

    def take_turn(self) -> int | None:
        """A descriptor by whose closing the turn is given back; None where another process has it. Raises OSError."""
        make_own(self._folder)
        turn = open_regular(self._folder / _TURN, os.O_RDWR | os.O_CREAT)
        try:
            _lock(turn, is_shared=False, waits=False)
        except OSError:
            os.close(turn)
            return None
        return turn

    def newest(self, number: int, what: What | None = None) -> list[Run]:
        """The newest first, without their lines."""
        found = (self.read(name) for name in self._names(what)[:number])
        return [replace(run, lines=()) for run in found if run is not None]

    def read(self, identity: str) -> Run | None:
        """None where there is none of that name."""
        if not _NAME.fullmatch(identity):
            return None
        try:
            must_be_own(self._folder)
            kept = regular_bytes(self._place(identity), 2 * LARGEST)
        except OSError:
            return None
        facts = [line for line in map(_facts, kept.splitlines()) if line is not None]
        try:
            run = _run(identity, facts)
        except (LookupError, TypeError, ValueError):  # it was cut off before its first line, or is damaged
            return None
        return run if run.state else replace(run, is_going_on=self._is_held(identity))

    def _names(self, what: What | None) -> list[str]:
        """The newest first."""
        try:
            must_be_own(self._folder)
            stems = [place.stem for place in self._folder.iterdir() if place.suffix == _ENDING]
        except OSError:
            return []
        named = [match for match in map(_NAME.fullmatch, stems) if match]
        return sorted((match[0] for match in named if what in (None, match[1])), reverse=True)

    def _place(self, identity: str) -> Path:
        return self._folder / f"{identity}{_ENDING}"

    def _opened(self, identity: str, flags: int) -> RunWriter:
        descriptor = open_regular(self._place(identity), os.O_WRONLY | os.O_APPEND | flags)
        _lock(descriptor, is_shared=False, waits=True)
        return RunWriter(identity, descriptor)

    def _is_held(self, identity: str) -> bool:
        try:
            descriptor = open_regular(self._place(identity), os.O_RDWR)
        except OSError:
            return False
        try:
            _lock(descriptor, is_shared=True, waits=False)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False


def _facts(line: bytes) -> dict[str, Any] | None:
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) and isinstance(facts.get("at"), str) else None


def _run(identity: str, facts: list[dict[str, Any]]) -> Run:
    """Raises LookupError, TypeError, ValueError for lines that are none of a run."""
    head, ends = facts[0], [one for one in facts if "state" in one]
    end = ends[0] if ends else {}
    steps = [one for one in facts if "total" in one]
    done, total = (steps[-1]["done"], steps[-1]["total"]) if steps else (0, 0)
    return Run(
        identity,
        head["what"],
        head["of"],
        head["by"],
        head["at"],
        end.get("at"),
        end.get("state"),
        end.get("said", ""),
        lines=tuple(Line(one["at"], _words(one)) for one in facts if "line" in one or "total" in one),
        done=done,
        total=total,
    )


def _words(facts: dict[str, Any]) -> str:
    return f"{facts['done']:,} of {facts['total']:,}" if "total" in facts else str(facts["line"])
