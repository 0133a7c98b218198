"""What the record of reads tells: how often which note was read and by whom, and what was searched for in vain.

A record may be cut short, damaged or gone at any time: a line that is none of ours counts for nothing.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import nlargest
from pathlib import Path
from typing import Any, NamedTuple

from notewell_server.day_files import day_files_in
from notewell_server.reads import LARGEST_FILE, LONGEST_QUERY, LONGEST_WHO
from notewell_store.hands import Kind
from notewell_store.regular import regular_bytes

LARGEST_READ = 2 * LARGEST_FILE
State = tuple[int, int, int]
LONGEST_KEPT = 4 * LONGEST_WHO
MOST_VAIN = 2_000
"""Searches in vain that are kept of one file: who searches for different things without end fills no memory."""
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Last(NamedTuple):
    """Who read last, and when; `who` is '' of people."""

    at: str
    kind: Kind
    is_guess: bool
    who: str


@dataclass(slots=True)
class Times:
    """How often, by agents and by people; `guessed` are those of which for some only a name tells that they were."""

    last: Last
    agents: int = 0
    people: int = 0
    guessed: set[Kind] = field(default_factory=set)

    @property
    def total(self) -> int:
        return self.agents + self.people

    def add(self, last: Last, count: int) -> None:
        if last.kind == "agent":
            self.agents += count
        else:
            self.people += count
        if last.is_guess:
            self.guessed.add(last.kind)
        self.last = max(self.last, last)

    def take(self, other: "Times") -> None:
        self.agents += other.agents
        self.people += other.people
        self.guessed |= other.guessed
        self.last = max(self.last, other.last)


@dataclass(slots=True)
class Vain:
    """Searches that found nothing, with the same words. `query` is what was sent last."""

    query: str
    projects: set[str]
    times: Times

    @property
    def rank(self) -> tuple[int, Last]:
        """The higher, the sooner it is told: by how often it was sent, then by when it was last."""
        return self.times.total, self.times.last

    def take(self, other: "Vain") -> None:
        self.query = other.query if other.times.last >= self.times.last else self.query
        self.projects |= other.projects
        self.times.take(other.times)


@dataclass(slots=True)
class Sums:
    """`begins` is the first moment of which anything is kept, None where nothing is."""

    begins: str | None = None
    notes: dict[int, Times] = field(default_factory=dict)
    sections: dict[int, Counter[int]] = field(default_factory=dict)
    """By number_of_section."""
    vain: dict[str, Vain] = field(default_factory=dict)
    reads: int = 0
    searches: int = 0
    briefs: int = 0

    def take(self, other: "Sums") -> None:
        """Add what another file tells."""
        for note, times in other.notes.items():
            self.notes.setdefault(note, Times(times.last)).take(times)
        for note, sections in other.sections.items():
            self.sections.setdefault(note, Counter()).update(sections)
        for words, vain in other.vain.items():
            self.vain.setdefault(words, Vain(vain.query, set(), Times(vain.times.last))).take(vain)
        self.reads += other.reads
        self.searches += other.searches
        self.briefs += other.briefs


class ReadBack:
    """What the record of one store tells. A full one takes most of a second to read, and but for today's file it stays
    as it is: so each file is read once for as long as it does not change. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[State, Sums]] = {}

    def since(self, day: date) -> Sums:
        """What was read since the beginning of that day, as far as it is kept."""
        sums, told = Sums(), self._files()
        for name, (_, of_file) in told.items():
            sums.begins = sums.begins or of_file.begins
            if name >= day.isoformat():
                sums.take(of_file)
        self._known = told
        return sums

    def _files(self) -> dict[str, tuple[State, Sums]]:
        try:
            files = day_files_in(self._folder)
        except OSError:
            return {}
        return {file.name: self._of_file(file.name) for file in files}

    def _of_file(self, name: str) -> tuple[State, Sums]:
        try:
            facts = (self._folder / name).stat()
            state = facts.st_ino, facts.st_size, facts.st_mtime_ns
            known = self._known.get(name)
            return known if known and known[0] == state else (state, _read(self._folder / name))
        except OSError:
            return (0, 0, 0), Sums()


def _read(file: Path) -> Sums:
    """Raises OSError."""
    sums = Sums()
    for line in _lines(regular_bytes(file, LARGEST_READ)):
        sums.begins = sums.begins or line["at"]
        _count(sums, line)
    if len(sums.vain) > MOST_VAIN:
        sums.vain = dict(nlargest(MOST_VAIN, sums.vain.items(), key=lambda each: each[1].rank))
    return sums


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    for text in data.splitlines():
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(line, dict) and _is_time(line.get("at")) and line.get("by") in ("agent", "person"):
            yield line


def _is_time(value: object) -> bool:
    if not (isinstance(value, str) and _TIME.fullmatch(value)):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:  # such as the 31st of November
        return False
    return True


def _count(sums: Sums, line: dict[str, Any]) -> None:
    count = _number(line.get("count")) or 1
    last = Last(line["at"], line["by"], bool(line.get("guess")), _text(line.get("who"), LONGEST_WHO))
    match line.get("what"):
        case "note" if note := _number(line.get("note")):
            sums.reads += count
            sums.notes.setdefault(note, Times(last)).add(last, count)
            if section := _number(line.get("section")):
                sums.sections.setdefault(note, Counter())[section] += count
        case "search":
            sums.searches += count
            if line.get("hits") == 0 and (query := _text(line.get("query"), LONGEST_QUERY)):
                _count_vain(sums, query, _text(line.get("project"), LONGEST_KEPT), last, count)
        case "brief":
            sums.briefs += count


def _count_vain(sums: Sums, query: str, project: str, last: Last, count: int) -> None:
    times = Times(last)
    times.add(last, count)
    sums.vain.setdefault(query.casefold(), Vain(query, set(), Times(last))).take(Vain(query, {project}, times))


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53 else 0


def _text(value: object, longest: int) -> str:
    """As a page can show it: JSON may bring half a character, which nothing can encode."""
    return value[:longest].encode("utf-8", "replace").decode() if isinstance(value, str) else ""
