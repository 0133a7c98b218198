"""The parts of a brief, and fitting them into its budget: each gets a fair share, and what one leaves over goes to the
others.

An entry can be shown as a line, with a short text, or with its whole text. Within its share a part first names all
it has, then says something of each, then quotes what still fits whole.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from notewell_store.briefing.excerpts import DAMAGED, cut_lines
from notewell_store.briefing.plans import Part as Section
from notewell_store.errors import NextCall
from notewell_store.safe_text import quoted
from notewell_store.tables.changes import Changed
from notewell_store.tables.note_rows import Row
from notewell_store.tables.project_rows import CountedProject

LEAST_ROOM = 40
"""Characters below which no text of a note is looked for."""
LEAST_TEXT = 120
"""Characters below which a text that is cut says too little to be shown."""


class Contents(NamedTuple):
    """The anchors of a note's upper sections, each with its size."""

    slug: str
    anchors: list[str]


class OpenSteps(NamedTuple):
    """How many steps of a plan are not done."""

    slug: str
    steps: int


class Names(NamedTuple):
    """Notes that are only named: those that do not hold yet, or the plans before the one before."""

    what: Literal["waiting", "earlier"]
    slugs: list[str]


Facts = Row | Section | Changed | CountedProject | Contents | OpenSteps | Names
"""What an entry tells, as data."""


class PartFacts(NamedTuple):
    """What is shown of a part. `total` counts what there is, `more` says that it is not all that there is; `rest` is
    the call that shows all."""

    name: str
    total: int
    more: bool
    entries: list[Facts]
    rest: NextCall


class Entry(NamedTuple):
    """One line of a part. `short` and `whole` give its texts when asked; `chars` is about the length of the whole.

    `cuts` says that the short text may be cut to what fits; `is_whole` whether it is of what was written, where that
    is not known yet: it takes longer than to read it, and is asked of what fits.
    """

    line: str
    facts: Facts
    short: Callable[[], str] | None = None
    whole: Callable[[], str] | None = None
    chars: int = 0
    cuts: bool = False
    is_whole: Callable[[], bool] | None = None


class Part(NamedTuple):
    """A heading and its entries, most useful first. `total` counts what there is, `more` says that it is not all
    that there is; `rest` is the call that shows all."""

    name: str
    heading: str
    entries: Sequence[Entry]
    weight: int
    total: int
    rest: NextCall
    more: bool = False


class Shown:
    """What is shown of a part so far: the pieces of text, one for each entry in order, and how much each tells."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.pieces: list[str] = []
        self.details: list[int] = []

    def take(self, room: int, detail: int) -> int:
        """Show what fits into the room at this detail (0 line, 1 short, 2 whole). Returns what it took."""
        left = self._name(room) if detail == 0 else room
        for number in range(len(self.pieces) if detail else 0):
            before = len(self.pieces[number])
            self._tell(number, left, detail)
            left -= len(self.pieces[number]) - before
        return room - left

    def facts(self) -> PartFacts:
        part = self.part
        entries = [entry.facts for entry, _ in zip(part.entries, self.pieces, strict=False)]
        return PartFacts(part.name, part.total, part.more, entries, part.rest)

    def text(self) -> str:
        return f"\n## {self.part.heading}\n{''.join(self.pieces)}" if self.pieces else ""

    def _name(self, room: int) -> int:
        """Add lines, and answer what room is left."""
        left = room - (0 if self.pieces else len(self.part.heading) + 5)
        for entry in self.part.entries[len(self.pieces) :]:
            piece = f"{entry.line}\n"
            if len(piece) > left:
                break
            self.pieces.append(piece)
            self.details.append(0)
            left -= len(piece)
        return left if self.pieces else room

    def _tell(self, number: int, room: int, detail: int) -> None:
        entry = self.part.entries[number]
        if self.details[number] >= detail or (room < LEAST_ROOM and detail == 1):
            return
        room += len(self.pieces[number])
        text, is_cut = "", False
        if detail == 1 and entry.short:
            whole = entry.short()
            text = _that_fits(whole, room - len(entry.line) - 1) if entry.cuts else whole
            is_cut = text != whole
        elif detail == 2 and entry.whole and entry.chars <= room:
            text = entry.whole()
        piece = f"{entry.line}\n{quoted(text)}"
        if detail == 1 and entry.is_whole and text and len(piece) <= room and not entry.is_whole():
            piece = f"{entry.line}\n{quoted(DAMAGED)}"
        if text and len(piece) <= room:
            self.pieces[number], self.details[number] = piece, 0 if is_cut else detail


def _that_fits(text: str, room: int) -> str:
    """The text, or its first lines, so that it fits with its marks."""
    for _ in range(4):
        over = len(quoted(text)) - room
        if over <= 0:
            return text
        if len(text) - over < LEAST_TEXT:
            break
        text = cut_lines(text, len(text) - over)
    return ""


def fit(parts: Sequence[Part], room: int) -> list[Shown]:
    """Show of the parts what fits into so many characters."""
    shown = [Shown(part) for part in parts if part.entries]
    weights = sum(one.part.weight for one in shown) or 1
    left = room
    for one in shown:
        share = room * one.part.weight // weights
        for detail in range(3):
            taken = one.take(share, detail)
            share -= taken
            left -= taken
    for detail in range(3):
        for one in sorted(shown, key=lambda one: -one.part.weight):
            left -= one.take(left, detail)
    return shown


def untold(shown: Sequence[Shown]) -> int:
    """How many of the notes that are named are not shown whole."""
    return sum(
        1
        for one in shown
        for entry, detail in zip(one.part.entries, one.details, strict=False)
        if entry.whole and detail < 2 and entry.chars
    )
