"""Links in which the text comes before the page, `[[text|Page]]`, as git wikis and Dendron write them."""

import re
from collections.abc import Callable, Iterator

from notewell_store.markdown.blocks import Kind, scan
from notewell_store.markdown.inline import code_spans

_PROSE = frozenset({Kind.TEXT, Kind.TABLE, Kind.HEADING})
_LINK = re.compile(r"(?<!\\)(\[\[)([^\[\]|\r\n\\]{1,400}+)(\\?\|)([^\[\]|\r\n]{1,400}+)(\]\])")
_IMAGE = re.compile(r"(?:alt|align|float|width|height)\s*=|frame\b", re.IGNORECASE)


def page_first(markdown: str) -> str:
    """The text with the page before the text in each such link, as it is everywhere else."""
    return in_prose(_LINK, _turned, markdown) if "[[" in markdown else markdown


def in_prose(pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str] | str, markdown: str) -> str:
    """The text with what the pattern finds outside of code replaced."""
    pieces, position = [], 0
    for start, end in _prose(markdown):
        pieces += [markdown[position:start], pattern.sub(replacement, markdown[start:end])]
        position = end
    return "".join([*pieces, markdown[position:]])


def _turned(match: re.Match[str]) -> str:
    opening, text, bar, page, closing = match.groups()
    return match[0] if _IMAGE.match(page) else f"{opening}{page}{bar}{text}{closing}"


def _prose(markdown: str) -> Iterator[tuple[int, int]]:
    """The stretches that hold no code."""
    for start, end in _paragraphs(markdown):
        position = start
        for span in code_spans(markdown, start, end):
            yield position, span.start
            position = span.end
        yield position, end


def _paragraphs(markdown: str) -> Iterator[tuple[int, int]]:
    start = end = 0
    for line in scan(markdown):
        if line.kind is not Kind.TEXT or line.first or line.markers:
            yield start, end
            start = line.content
        end = line.end if line.kind in _PROSE else start
    yield start, end
