"""Ids of blocks, as Obsidian has them: `^id` behind a paragraph, an item or a heading, or alone behind any block."""

import re
from collections.abc import Iterator, Sequence

from notewell_store.errors import NotFound

from . import Section
from .blocks import Kind, Line, scan
from .sections import parse_sections

BLOCK_ID = re.compile(r"(?:\A|(?<=\s))\^([A-Za-z0-9-]{1,100})\Z")
"""At the end of a text without white space behind it."""

_BEARING = frozenset({Kind.TEXT, Kind.TABLE, Kind.HEADING})


def block_ids(markdown: str) -> Iterator[str]:
    """The ids of a text's blocks, with `^`, as they are written."""
    return (f"^{name}" for line in scan(markdown) if (name := _id_of(markdown, line))) if "^" in markdown else iter(())


def _id_of(markdown: str, line: Line) -> str | None:
    if line.kind not in _BEARING:
        return None
    written = markdown[line.content : line.stop].rstrip()
    found = BLOCK_ID.search(written, max(0, written.rfind("^")))
    return found[1] if found else None


def pick_block(markdown: str, anchor: str, slug: str) -> Section:
    """The block of that id, an item with the items below it; its heading is the one that it stands under. Of a heading
    its section. Raises NotFound."""
    wanted = anchor.lstrip("^").lower()
    lines = list(scan(markdown))
    named = (at for at, line in enumerate(lines) if (_id_of(markdown, line) or "").lower() == wanted)
    at = next(named, None)
    if at is None:
        from notewell_store.nearest import closest  # only a refusal needs it

        raise NotFound("section", anchor, closest(f"^{wanted}", list(block_ids(markdown))[:2000]), within=slug)
    first, last = _extent(markdown, lines, at)
    start, end = lines[first].start, lines[last].end
    under = next((s for s in reversed(parse_sections(markdown)) if s.start <= start), None)
    if under and under.start == lines[at].start:
        return under
    heading, level = (under.heading, under.level) if under else ("", 0)
    return Section(f"^{_id_of(markdown, lines[at])}", heading, level, start, start, end, end)


def _extent(markdown: str, lines: Sequence[Line], at: int) -> tuple[int, int]:
    """The first and the last line of the block whose id stands on line `at`."""
    first = at
    while first > 0 and not (lines[first].first or lines[first].markers):
        first -= 1
    if markdown[lines[first].content : lines[at].stop].startswith("^") and not lines[first].markers:
        return _before(lines, first) or (first, at)
    last, nest = at, lines[at].nest
    for number in range(at + 1, len(lines)):
        if lines[number].kind is not Kind.BLANK:
            if not nest or lines[number].nest == nest or not lines[number].nest.startswith(nest):
                break
            last = number
    return first, last


def _before(lines: Sequence[Line], at: int) -> tuple[int, int] | None:
    """The lines up to the blank one before them, of whatever stands before line `at`."""
    last = at - 1
    while last >= 0 and lines[last].kind is Kind.BLANK:
        last -= 1
    first = last
    while first > 0 and lines[first - 1].kind is not Kind.BLANK:
        first -= 1
    return (first, last) if last >= 0 else None
