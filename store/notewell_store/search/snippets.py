"""Snippets: the stretch of a passage that answers a query, with the query's words marked.

Made here, since FTS5's own `snippet()` is quadratic in hits and needs the text in the index.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from notewell_store.folding import lowered, origins, plain
from notewell_store.search.matcher import MOST_PLACES, Matcher, Place

SNIPPET = 240  # characters, to which marks add at most four each
MOST_MARKS = 12
TARGET = re.compile(r"\]\([^()\s]*+\)")
RULE_OR_FENCE = re.compile(r"^[ \t]*+(?:\|[-:| \t]++|```\w*+)$", re.MULTILINE)


def snippet(text: str, matcher: Matcher) -> str:
    """The stretch of at most SNIPPET characters that holds the most different words, marked `**so**`, unless they stand
    in a link, in code or in a name, which are to be read as they are.

    Targets of links, rules of tables and marks of fences are left out: they are not read.
    """
    text = _read(text)
    found = _found(text, matcher)
    start, end = _cut(text, _best_start(found))
    marked, at = [], start
    for first, last in _marked(_markable(text, found, start, end), start, end):
        marked += [text[at:first], "**", text[first:last], "**"]
        at = last
    marked.append(text[at:end])
    line = " ".join("".join(marked).split())
    return f"{'… ' if start else ''}{line}{' …' if end < len(text.rstrip()) else ''}"


def unmarked(text: str) -> str:
    """The first SNIPPET characters, as snippet shows them, with nothing marked."""
    text = _read(text).strip()
    start, end = _cut(text, 0)
    return " ".join(text[start:end].split()) + (" …" if end < len(text) else "")


def _read(text: str) -> str:
    """The text without what nobody reads. What it does not hold is not looked for letter by letter."""
    if "](" in text:
        text = TARGET.sub("]", text)
    if "|" in text or "```" in text:
        text = RULE_OR_FENCE.sub("", text)
    return text.replace("**", "")


def _found(text: str, matcher: Matcher) -> list[Place]:
    """The places in the text as it is written, with the marks on their letters."""
    written = plain(text)
    places = list(islice(matcher.places(written, lowered(written)), MOST_PLACES))
    if not places or written is text:
        return places
    at = origins(text)
    return [(at[start], _end_of(at, end), word) for start, end, word in places]


def _end_of(at: Sequence[int], end: int) -> int:
    """Where what ends before `end` has its end: a letter that two were made of is marked whole."""
    last = at[end - 1]
    while at[end] == last:
        end += 1
    return at[end]


def _markable(text: str, found: Sequence[Place], start: int, end: int) -> list[Place]:
    """The places that stand neither inside a link or code nor in a part of a name, such as `sop-deploy`."""
    pattern = KEPT if text.find("://", start, end) < 0 else KEPT_OR_ADDRESS
    kept = {at for span in pattern.finditer(text, start, end) for at in range(*span.span())}
    return [place for place in found if place[0] not in kept and not _is_part(text, *place)]


def _is_part(text: str, start: int, end: int, _: int) -> bool:
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    return bool(JOINED_BEFORE.fullmatch(before) or JOINED_BEHIND.fullmatch(behind))


KEPT = re.compile(r"`[^`\n]{1,300}+`|\[\[[^\[\]\n]{1,300}+\]\]|\[[^\[\]\n]{1,300}+\]")
KEPT_OR_ADDRESS = re.compile(rf"{KEPT.pattern}|\w{{2,10}}://\S{{1,300}}+")
JOINED_BEFORE = re.compile(r"\w[-_/.:@#]|[/@#]")
JOINED_BEHIND = re.compile(r"[-_/.:@#]\w")


def _marked(found: Sequence[Place], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The first MOST_MARKS places inside; those that touch each other are one."""
    inside = [(first, last) for first, last, _ in found if start <= first and last <= end][:MOST_MARKS]
    while inside:
        first, last = inside.pop(0)
        while inside and inside[0][0] <= last:
            _, last = inside.pop(0)
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
