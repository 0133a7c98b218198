"""A change of a text below headings that all stay: found without reading more of it than the sections in which it lies.

A heading at the very beginning of a line ends whatever was open before, so that what stands from one such heading up to
the next is read the same wherever it stands.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from notewell_store.markdown import Section
from notewell_store.shared_ends import shared_ends

from .blocks import Kind, Line, scan_from, stands_alone
from .front_matter import front_matter_end
from .sections import MOST_SECTIONS, Heading, headings_among

COMMENT = "%%"
"""What may begin a comment: whether it does depends on all that follows."""


class TextChange(NamedTuple):
    """The sections as they stand after it. Those from the number `first` up to `end` hold another text; those behind
    stand `shift` characters further on, and have the same."""

    sections: tuple[Section, ...]
    first: int
    end: int
    shift: int


def text_change(before: str, after: str, sections: Sequence[Section]) -> TextChange | None:
    """From a text with these sections to another; None where its headings do not all stay, or that cannot be told from
    the sections in which the change lies: above the first heading, for instance."""
    if _may_hold_comments(before) or _may_hold_comments(after) or len(sections) >= MOST_SECTIONS:
        return None
    if front_matter_end(before) != front_matter_end(after):
        return None
    head, tail = shared_ends(before, after)
    first = _last_whole_before(before, head, sections)
    if first is None or not _cover(sections, len(before)):
        return None
    end = _first_whole_behind(before, len(before) - tail, sections, first)
    shift = len(after) - len(before)
    headings = _headings_of_stretch(after, sections, first, end, shift)
    if headings is None or not _are_same(headings, after, sections[first:end], before):
        return None
    starts = [
        *((own.start, own.body_start) for own in sections[:first]),
        *((own.start, own.body_start) for own in headings),
        *((own.start + shift, own.body_start + shift) for own in sections[end:]),
    ]
    return TextChange(_placed(sections, starts, len(before), len(after)), first, end, shift)


def _may_hold_comments(text: str) -> bool:
    return "%" in text and COMMENT in text  # one character is found at the speed of memchr


def lines_with(marks: Sequence[str], markdown: str, sections: Sequence[Section]) -> Iterator[Line]:
    """The lines of those parts of a text that hold one of the marks: as scan has them, which has the others too. The
    text holds no comments between `%%`."""
    alone = [section.start for section in sections if stands_alone(markdown, section.start)]
    beginnings = [0, *alone] if alone[:1] != [0] else alone
    return chain.from_iterable(
        scan_from(markdown, start, stop)
        for start, stop in zip(beginnings, [*beginnings[1:], len(markdown)], strict=True)
        if any(markdown.find(mark, start, stop) >= 0 for mark in marks)
    )


def _cover(sections: Sequence[Section], length: int) -> bool:
    """Whether each section ends where another begins, the last with the text. Rows that are damaged may not: those are
    to be made anew."""
    ends = [*(own.start for own in sections[1:]), length]
    return {own.end for own in sections} <= {*ends} and all(
        own.start < own.body_start <= own.own_end == end for own, end in zip(sections, ends, strict=True)
    )


def _last_whole_before(text: str, place: int, sections: Sequence[Section]) -> int | None:
    """The number of the last section whose heading stands alone and ends, with its line, before the place."""
    for number in range(len(sections) - 1, -1, -1):
        own = sections[number]
        if own.body_start <= place and text[own.body_start - 1] == "\n" and stands_alone(text, own.start):
            return number
    return None


def _first_whole_behind(text: str, place: int, sections: Sequence[Section], first: int) -> int:
    """The number of the first section behind that one whose heading stands alone, and begins a line behind the place;
    how many there are where none does."""
    for number in range(first + 1, len(sections)):
        if sections[number].start > place and stands_alone(text, sections[number].start):
            return number
    return len(sections)


def _headings_of_stretch(
    after: str, sections: Sequence[Section], first: int, end: int, shift: int
) -> list[Heading] | None:
    """Those that stand in the place of these sections now; None where the heading behind them is none any longer."""
    start = sections[first].start
    if end == len(sections):
        return list(headings_among(scan_from(after, start, len(after)), after))
    stop = sections[end].start + shift
    *lines, last = scan_from(after, start, stop + 1)
    return list(headings_among(lines, after)) if (last.kind, last.start) == (Kind.HEADING, stop) else None


def _are_same(headings: Sequence[Heading], after: str, sections: Sequence[Section], before: str) -> bool:
    return len(headings) == len(sections) and all(
        after[own.start : own.body_start].rstrip("\r\n") == before[was.start : was.body_start].rstrip("\r\n")
        for own, was in zip(headings, sections, strict=True)
    )


def _placed(
    sections: Sequence[Section], starts: Sequence[tuple[int, int]], length_before: int, length: int
) -> tuple[Section, ...]:
    """The sections with headings at these places, each from its beginning up to that of the text below it. A section
    ends where another begins, or with the text."""
    ends = {own.start: start for own, (start, _) in zip(sections, starts, strict=True)} | {length_before: length}
    return tuple(
        Section(own.anchor, own.heading, own.level, start, body_start, ends[own.own_end], ends[own.end])
        for own, (start, body_start) in zip(sections, starts, strict=True)
    )
