"""Snippets: the stretch of a passage that answers a query, with the query's words marked.

Made here, since FTS5's own `snippet()` is quadratic in hits and needs the text in the index.
"""

import re
from collections.abc import Iterator, Sequence

from notewell_store.folding import lowered, origins, plain
from notewell_store.search.matcher import Matcher, Place

SNIPPET = 240  # characters, to which marks add at most four each
MOST_MARKS = 12
UNREAD = re.compile(r"(?<=\])\([^()\s]*+\)|^[ \t]*+\|[-:| \t]++$|^[ \t]*+```\w*+$|\*\*", re.MULTILINE)


def snippet(text: str, matcher: Matcher) -> str:
    """The stretch of at most SNIPPET characters that holds the most different words, marked `**so**`.

    Targets of links, rules of tables and marks of fences are left out: they are not read.
    """
    text = UNREAD.sub("", text)
    found = _found(text, matcher)
    start, end = _cut(text, _best_start(found))
    marked, at = [], start
    for first, last in _marked(found, start, end):
        marked += [text[at:first], "**", text[first:last], "**"]
        at = last
    marked.append(text[at:end])
    line = " ".join("".join(marked).split())
    return f"{'… ' if start else ''}{line}{' …' if end < len(text.rstrip()) else ''}"


def _found(text: str, matcher: Matcher) -> list[Place]:
    """The places in the text as it is written, with the marks on their letters."""
    written = plain(text)
    places = matcher.places(written, lowered(written))
    if not places or written is text:
        return places
    at = origins(text)
    return [Place(at[start], _end_of(at, end), word) for start, end, word in places]


def _end_of(at: Sequence[int], end: int) -> int:
    """Where what ends before `end` has its end: a letter that two were made of is marked whole."""
    last = at[end - 1]
    while at[end] == last:
        end += 1
    return at[end]


def _marked(found: Sequence[Place], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The first MOST_MARKS places inside; those that touch each other are one."""
    inside = [place for place in found if start <= place.start and place.end <= end][:MOST_MARKS]
    while inside:
        first, last, _ = inside.pop(0)
        while inside and inside[0].start <= last:
            last = inside.pop(0).end
        yield first, last


def _best_start(found: Sequence[Place]) -> int:
    best, best_words, left = 0, 0, 0
    inside: dict[int, int] = {}
    for right, (_, end, word) in enumerate(found):
        inside[word] = inside.get(word, 0) + 1
        while end - found[left][0] > SNIPPET * 3 // 4:
            leaving = found[left][2]
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            left += 1
            if left > right:
                break
        if len(inside) > best_words:
            best, best_words = found[min(left, right)][0], len(inside)
    return best


def _cut(text: str, start: int) -> tuple[int, int]:
    """A stretch about `start` that begins and ends between words."""
    start = max(0, start - SNIPPET // 6)
    if start:
        start = text.find(" ", start, start + 40) + 1 or start
    end = start + SNIPPET
    if end < len(text):
        end = max(text.rfind(" ", start + SNIPPET // 2, end), text.rfind("\n", start + SNIPPET // 2, end))
        end = end if end > 0 else start + SNIPPET
    return start, min(end, len(text))
