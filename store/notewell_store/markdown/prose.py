"""What of a text is prose: neither code nor a heading, a link, an address or front matter."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from .blocks import Kind, Line, scan
from .inline import blanked, code_spans

_PROSE = frozenset({Kind.TEXT, Kind.TABLE})
_LINKED = re.compile(
    r"!?\[\[[^\[\]\r\n]{1,400}+\]\]|!?\[[^\[\]]{0,1000}+\](?:\([^()\s]{0,1000}+[^()]{0,300}+\)|\[[^\[\]]{0,300}+\])?+"
    r"|<[^<>\s][^<>]{0,1000}+>|\b[A-Za-z][\w+.-]{1,20}+://\S{1,2000}+"
)
"""Links, images, whatever else stands in brackets, tags, addresses."""


def prose_of(markdown: str) -> str:
    """The text with NULs in the place of everything else: what is left stands where it stood, line ends too."""
    lines = list(scan(markdown))
    pieces: list[str] = []
    at = 0
    for start, end in _paragraphs(lines):
        pieces += (_hidden(markdown[at:start]), _without_marks(markdown[start:end]))
        at = end
    return "".join([*pieces, _hidden(markdown[at:])])


def is_in_table(markdown: str, position: int) -> bool:
    """Whether it is a row of a table that stands there."""
    return any(line.kind is Kind.TABLE for line in scan(markdown) if line.start <= position < line.end)


def _paragraphs(lines: Iterable[Line]) -> Iterator[tuple[int, int]]:
    """Where prose begins and ends that no other kind of line parts."""
    for is_prose, group in groupby(lines, key=lambda line: line.kind in _PROSE):
        if is_prose:
            several = list(group)
            yield several[0].content, several[-1].stop


def _without_marks(text: str) -> str:
    if "`" in text:
        text = blanked(text, [(span.start, span.end) for span in code_spans(text)])
    if "[" in text or "<" in text or "://" in text:
        text = blanked(text, [match.span() for match in _LINKED.finditer(text)])
    return text


def _hidden(text: str) -> str:
    return "\0" * len(text)
