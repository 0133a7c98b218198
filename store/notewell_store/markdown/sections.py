"""Sections of a Markdown text: a heading and what stands below it, addressed by an anchor that stays.

Anchors are made as GitHub makes them, so that links written for GitHub hold here too. `blocks` tells what a
heading is. Quoted headings, and those on the same line as a list marker, open no section.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from notewell_store.errors import NotFound
from notewell_store.models import TocEntry

from . import Section
from .blocks import Kind, Line, scan
from .inline import plain_text

MOST_SECTIONS = 10_000
"""Of one text; a heading behind these opens none. Each is a row, and one more that is searched, while others wait."""
MAX_ANCHOR = 200
"""Characters of an anchor, not counting the number that makes it unique."""

_CUSTOM_ID = re.compile(r"\{#([\w.:-]{1,200})\}")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]+")
_LINE_END = re.compile(r"\r\n?|\n")
_LEVEL_ONE = re.compile(
    r"#(?<![^ \r\n\ufeff]#)(?<!    #)(?![^ \t\r\n])|=(?<![^ \r\n\ufeff]=)(?==*+[ \t]*+(?:[\r\n]|\Z))"
)
"""What each heading of level 1 has, and little else."""
_UNNAMED = "section"


class Heading(NamedTuple):
    source: str
    level: int
    start: int
    body_start: int


@lru_cache(maxsize=4)  # a write looks at the same text several times
def parse_sections(markdown: str) -> tuple[Section, ...]:
    """The sections in the order of their headings. Their own ranges follow one another without a gap."""
    return sections_among(scan(markdown), markdown)


def sections_among(lines: Iterable[Line], markdown: str) -> tuple[Section, ...]:
    """The sections of a text that has been scanned already."""
    headings = list(islice(headings_among(lines, markdown), MOST_SECTIONS))
    anchors = _Anchors()
    sections = []
    for heading, own_end, end in zip(headings, *_ends(headings, len(markdown)), strict=True):
        source, custom = without_id(heading.source)
        words = plain_text(source)
        anchor = anchors.unique(custom or anchor_of(words))
        sections.append(Section(anchor, words, heading.level, heading.start, heading.body_start, own_end, end))
    return tuple(sections)


def anchor_of(heading: str) -> str:
    """The anchor of a heading's words, before it is made unique; `section` when nothing is left of them."""
    words = re.sub(r"\s", " ", heading.strip())[: 2 * MAX_ANCHOR].lower()
    kept = _NOT_IN_ANCHORS.sub("", words) if words.isascii() else "".join(filter(_is_kept, words))
    anchor = kept.replace(" ", "-")[:MAX_ANCHOR]
    return anchor if any(map(str.isalnum, anchor)) else _UNNAMED


@lru_cache(maxsize=2)  # a draft that is made again behind the lock finds it here
def title_of(markdown: str) -> str | None:
    """The words of the first heading of level 1, else of the first heading that has any, else None. Looks no further
    than it must."""
    first = None
    for heading in headings_among(scan(markdown), markdown):
        if heading.level > 1 and first is not None:
            continue
        words = plain_text(without_id(heading.source)[0])
        if words and heading.level == 1:
            return words
        first = first or words or None
    return first


def title_of_page(markdown: str) -> str | None:
    """The words of the level-1 heading that is the first block shown, and the only one of its level; else None."""
    marks = list(islice(_LEVEL_ONE.finditer(markdown), 2))  # most pages need no scan beyond their first block
    start = next((line.start for line in _shown(scan(markdown), markdown)), None) if marks else None
    headings = headings_among(scan(markdown), markdown)
    first = next(headings, None) if start is not None else None
    if first is None or first.start != start or first.level > 1:
        return None
    if len(marks) > 1 and any(heading.level == 1 for heading in headings):
        return None
    return plain_text(without_id(first.source)[0]) or None


def _shown(lines: Iterable[Line], markdown: str) -> Iterator[Line]:
    """The lines of blocks that a page shows: neither blank, nor front matter, nor a comment."""
    in_comment = False
    for line in lines:
        if line.kind is Kind.HTML and line.first:
            in_comment = markdown.startswith(("<!--", "%%"), line.content)
        if line.kind not in (Kind.FRONT_MATTER, Kind.BLANK) and not (line.kind is Kind.HTML and in_comment):
            yield line


def _is_kept(char: str) -> bool:
    if char in " -_" or char.isascii():
        return char in " -_" or char.isalnum()
    category = unicodedata.category(char)
    return (category[0] in "LM" and not "\ufe00" <= char <= "\ufe0f") or category in ("Nd", "Nl", "Pc")


class _Anchors:
    """GitHub's way: a repeated anchor gets `-1`, `-2`, …, and no two headings ever share one."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def unique(self, anchor: str) -> str:
        result = anchor
        while result in self.seen:
            self.seen[anchor] += 1
            result = f"{anchor}-{self.seen[anchor]}"
        self.seen[result] = 0
        return result


def heading_source(markdown: str, first: Line, last: Line) -> str:
    """The Markdown between the marks of a heading that the scanner found on these lines."""
    if last.kind is Kind.HEADING:
        return _without_closing_marks(markdown[last.content + last.level : last.stop])
    lines = _LINE_END.split(markdown[first.content : last.start])
    return " ".join(line.strip() for line in lines).strip()


def headings_among(lines: Iterable[Line], markdown: str) -> Iterator[Heading]:
    paragraph: Line | None = None
    for line in lines:
        if line.kind is Kind.TEXT and line.first:
            paragraph = line
        elif line.kind is Kind.HEADING and _opens_section(markdown, line):
            yield Heading(heading_source(markdown, line, line), line.level, line.start, line.end)
        elif line.kind is Kind.UNDERLINE and paragraph and _opens_section(markdown, paragraph):
            yield Heading(heading_source(markdown, paragraph, line), line.level, paragraph.start, line.end)


def _opens_section(markdown: str, line: Line) -> bool:
    if line.markers or ">" in line.nest:
        return False
    return line.content - line.start <= 3 and "\t" not in markdown[line.start : line.content]


def _without_closing_marks(source: str) -> str:
    text = source.strip(" \t")
    before = text.rstrip("#")
    return before.rstrip(" \t") if not before or before[-1] in " \t" else text


def without_id(source: str) -> tuple[str, str]:
    """A heading's source without a `{#id}` at its end, and that id."""
    found = _CUSTOM_ID.fullmatch(source, max(0, source.rfind("{#"))) if source.endswith("}") else None
    return (source[: found.start()].rstrip(" \t"), found.group(1)) if found else (source, "")


def _ends(headings: list[Heading], length: int) -> tuple[list[int], list[int]]:
    """For each heading where its own text ends, and where its section with all subsections does."""
    starts = [heading.start for heading in headings]
    ends = [length] * len(headings)
    unclosed: list[int] = []
    for index, heading in enumerate(headings):
        while unclosed and headings[unclosed[-1]].level >= heading.level:
            ends[unclosed.pop()] = heading.start
        unclosed.append(index)
    return [*starts[1:], length][: len(headings)], ends


def toc(sections: tuple[Section, ...]) -> tuple[TocEntry, ...]:
    """The table of contents: `chars` counts a section with all below it."""
    return tuple(TocEntry(s.anchor, s.heading, s.level, s.end - s.start) for s in sections)


def twins_of(sections: tuple[Section, ...], section: Section) -> tuple[Section, ...]:
    """The sections that share the words of a heading and are told apart by a number alone, where this is one that has
    such a number; else none."""
    base = anchor_of(section.heading)
    number = section.anchor.removeprefix(f"{base}-")
    if number == section.anchor or not number.isdigit():
        return ()
    return tuple(other for other in sections if anchor_of(other.heading) == base)


def pick_section(sections: tuple[Section, ...], anchor: str, slug: str) -> Section:
    """The section of that anchor; of `one#two` the section two within one. Raises NotFound, naming the anchors that
    look like it."""
    *outer, wanted = (part.strip().lower() for part in anchor.strip().lstrip("#").split("#"))
    for name in outer:
        around = pick_section(sections, name, slug)
        sections = tuple(s for s in sections if around.start < s.start < around.end)
    found = next((s for s in sections if s.anchor.lower() == wanted), None) or _headed(sections, wanted)
    if found is not None:
        return found
    from notewell_store.nearest import closest  # only a refusal needs it

    anchors = [s.anchor for s in sections]
    nearest = closest(wanted, anchors[:2000], close=0.5) or anchors[:12]
    raise NotFound("section", anchor, nearest, within=slug)


def _headed(sections: tuple[Section, ...], wanted: str) -> Section | None:
    """The section whose heading is that, as it is written, or as it is an anchor but for the number behind it."""
    base = anchor_of(wanted)
    return None if base == _UNNAMED else next((s for s in sections if anchor_of(s.heading) == base), None)
