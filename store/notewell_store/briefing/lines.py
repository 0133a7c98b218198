"""How a note, and a piece of one, stand in a brief: a line of ours with its name, where it comes from and its size."""

from collections.abc import Callable

from notewell_store.briefing.budget import Contents, Entry
from notewell_store.briefing.excerpts import (
    DAMAGED,
    LOOKED_AT,
    cut_lines,
    lead,
    section_about,
    text_of,
    tidy,
    without_title,
)
from notewell_store.briefing.plans import Part as PlanPart
from notewell_store.contract import Snapshot
from notewell_store.errors import NextCall, Say
from notewell_store.markdown import Section
from notewell_store.safe_text import one_line
from notewell_store.tables.checksums import kept_text
from notewell_store.tables.note_rows import Row
from notewell_store.tables.sections import read_sections

LONGEST_TITLE = 120
LONGEST_NAME = 40
LONGEST_CONTENTS = 700
LONGEST_PART = 800
PLAIN = {"active"}
"""Statuses that a line need not tell."""


def note_entry(db: Snapshot, row: Row, *remarks: str, short: Callable[[], str] | None = None) -> Entry:
    """A note, with its lead and its whole text. `short` replaces the lead by a longer text, which may be cut."""
    status = one_line(row.status or "", LONGEST_NAME)
    facts = [
        f"- {row.slug}@{row.revision} · {one_line(row.title, LONGEST_TITLE)}",
        "" if status.lower() in PLAIN else status,
        *remarks,
        f"{size(row.chars)} · {row.updated_at[:10]} {one_line(row.actor, LONGEST_NAME)}",
    ]
    line = " · ".join(fact for fact in facts if fact)
    if short is not None:
        return Entry(line, row, short, lambda: whole_text(db, row), row.chars, cuts=True)
    gist = Gist(db, row)
    return Entry(line, row, gist.text, lambda: whole_text(db, row), row.chars, is_whole=gist.is_whole)


def gist_of(db: Snapshot, row: Row) -> str:
    """What a note says in a line or two; where its text is not what was written, a sentence that says so."""
    gist = Gist(db, row)
    return gist.text() if gist.is_whole() else DAMAGED


class Gist:
    """What a note says in a line or two, of its text as it is kept: of a decision what was decided, else its lead. The
    text is read once, when it is first asked for."""

    def __init__(self, db: Snapshot, row: Row) -> None:
        self._db = db
        self._row = row
        self._kept: tuple[str, Callable[[], bool]] | None = None

    def text(self) -> str:
        return self._read()[0]

    def is_whole(self) -> bool:
        """Whether the text is what was written."""
        return self._read()[1]()

    def _read(self) -> tuple[str, Callable[[], bool]]:
        if self._kept is None:
            begin = self._begin()
            markdown, is_whole = kept_text(self._db, self._row.id)
            self._kept = lead(markdown[begin : begin + LOOKED_AT]), is_whole
        return self._kept

    def _begin(self) -> int:
        if self._row.kind != "decision":
            return 0
        section = section_about(read_sections(self._db, self._row.id), "decision", "decided")
        return section.body_start if section else 0


def part_entry(part: PlanPart) -> Entry:
    """A section of a plan, at first no more of it than leaves room for others."""
    line = f"- {part.ref} · {one_line(part.heading, LONGEST_TITLE)} · {size(len(part.markdown))}"
    short = cut_lines(part.markdown, LONGEST_PART)
    whole = None if short == part.markdown else (lambda: part.markdown)
    return Entry(line, part, lambda: short, whole, len(part.markdown), cuts=True)


def contents_entry(row: Row, sections: tuple[Section, ...], say: Say) -> Entry | None:
    """The anchors of a page's upper sections on one line."""
    inner = sections[1:] if sections and sections[0].level == 1 else sections
    top = min((section.level for section in inner), default=0)
    anchors = [f"#{section.anchor} {size(section.end - section.start)}" for section in inner if section.level == top]
    if not anchors:
        return None
    line = f"- contents of {row.slug}: {anchors[0]}"
    for number, anchor in enumerate(anchors[1:], start=1):
        if len(line) + len(anchor) > LONGEST_CONTENTS:
            line += f" … {len(anchors) - number} more: {say(NextCall('get_note', {'ref': row.slug, 'view': 'toc'}))}"
            break
        line += f", {anchor}"
    return Entry(line, Contents(row.slug, anchors))


def whole_text(db: Snapshot, row: Row) -> str:
    sections = read_sections(db, row.id)
    text = text_of(db, row.id)
    return without_title(text, row.title, sections) if sections else tidy(text)


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def size(chars: int) -> str:
    """A number of characters, short: `840`, `3.4k`."""
    return str(chars) if chars < 1000 else f"{chars / 1000:.1f}k"
