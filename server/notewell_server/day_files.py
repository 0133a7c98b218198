"""Files of lines, one for each day and more where it grows large, of which the oldest go."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from notewell_store.regular import make_own, must_be_own, open_regular

DAYS_AT_ONCE = 2
"""Days too old that go when a day begins. There is one as time passes; many are there when a clock went wrong, and most
of them will still be there when that is noticed."""

NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.(\d{1,6}))?\.jsonl")


class DayFile(NamedTuple):
    """In the order in which they were begun."""

    day: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.day}.jsonl" if self.number == 1 else f"{self.day}.{self.number}.jsonl"


def day_files_in(folder: Path) -> list[DayFile]:
    """Those that are there, in their order. Raises OSError."""
    must_be_own(folder)
    named = [NAME.fullmatch(path.name) for path in folder.iterdir()]
    return sorted(DayFile(match[1], int(match[2] or 1)) for match in named if match)


class DayFiles:
    """Those of one folder, which several processes may share. To be used by one thread at a time. `largest` are the
    bytes of one file, `most` those of all: what is kept never takes more of a disk."""

    def __init__(self, folder: Path, keep_days: int, largest: int, most: int) -> None:
        self._folder = folder
        self._keep = timedelta(days=keep_days)
        self._largest = largest
        self._most = most
        self._current: DayFile | None = None
        self._file = -1

    def append(self, day: date, line: bytes) -> None:
        """In one piece. Raises OSError."""
        if not self._goes_on(day):
            self._open(day)
        os.write(self._file, line)

    def newest(self, most: int) -> Iterator[bytes]:
        """The lines, the newest first, up to so many bytes of them. What others write meanwhile may be left out."""
        try:
            files = self._all()
        except OSError:
            return
        for file in reversed(files):
            with suppress(OSError), os.fdopen(open_regular(self._folder / file.name, os.O_RDONLY), "rb") as opened:
                size = os.fstat(opened.fileno()).st_size
                opened.seek(max(0, size - most))
                lines = opened.read(most).splitlines()
                yield from reversed(lines[1:] if size > most else lines)
                most -= size
            if most <= 0:
                return

    def _goes_on(self, day: date) -> bool:
        """Whether the file that is open takes more of that day; not one that somebody removed."""
        if self._current is None or self._current.day != day.isoformat():
            return False
        facts = os.fstat(self._file)
        return facts.st_size < self._largest and facts.st_nlink > 0

    def close(self) -> None:
        if self._current is not None:
            os.close(self._file)
        self._current = None

    def _open(self, day: date) -> None:
        """The newest file of the day, or one more where that is full; where it begins, old ones go."""
        make_own(self._folder)
        wanted = self._to_write(day.isoformat())
        path = self._folder / wanted.name
        is_new = not path.exists()
        opened = open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.close()
        self._current, self._file = wanted, opened
        if is_new:
            self._forget(day, wanted)

    def _to_write(self, day: str) -> DayFile:
        newest = max((file for file in self._all() if file.day == day), default=DayFile(day, 1))
        path = self._folder / newest.name
        is_full = path.exists() and path.stat().st_size >= self._largest
        return DayFile(day, newest.number + 1) if is_full else newest

    def _all(self) -> list[DayFile]:
        return day_files_in(self._folder)

    def _forget(self, day: date, current: DayFile) -> None:
        others = [file for file in self._all() if file != current]
        aged = self._days_too_old(day, [file.day for file in others if file.day != current.day])
        left = [file for file in others if file.day not in aged]
        for file in others:
            if file.day in aged:
                self._remove(file)
        self._make_room(left)

    def _days_too_old(self, day: date, days: list[str]) -> set[str]:
        """Counted from the newest day before, not from this one alone: what this clock says may be wrong."""
        if not days:
            return set()
        try:
            newest = min(day, date.fromisoformat(max(days)))
            last = (newest - self._keep).isoformat()
        except (ValueError, OverflowError):  # no day of any calendar
            return set()
        return set(sorted({one for one in days if one < last})[:DAYS_AT_ONCE])

    def _make_room(self, files: list[DayFile]) -> None:
        """For one more file within what all may take."""
        sizes = {file: self._size(file) for file in files}
        too_much = sum(sizes.values()) + self._largest - self._most
        for file in files:
            if too_much <= 0:
                break
            self._remove(file)
            too_much -= sizes[file]

    def _size(self, file: DayFile) -> int:
        try:
            return (self._folder / file.name).stat().st_size
        except FileNotFoundError:  # another process had the same thought
            return 0

    def _remove(self, file: DayFile) -> None:
        (self._folder / file.name).unlink(missing_ok=True)
