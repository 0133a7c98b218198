"""Snippets: the stretch of a passage that answers a query, with the query's words marked.

Made here, since FTS5's own `snippet()` is quadratic in hits and needs the text in the index.
"""

import re
import unicodedata
from collections.abc import Sequence

from notewell_store.sqlite.index import UNSPACED

SNIPPET = 240  # characters, to which marks add at most four each
MOST_MARKS = 12
LETTER = rf"[^\W_{UNSPACED.pattern[1:-1]}]"  # of a word as the index cuts them
WORD = re.compile(f"{LETTER}+")
UNREAD = re.compile(r"(?<=\])\([^()\s]*+\)|^[ \t]*+\|[-:| \t]++$|^[ \t]*+```\w*+$|\*\*", re.MULTILINE)

Found = tuple[int, int, str]
"""Where a word stands, and what is common to its forms."""


class Marks:
    """Finds a query's words in a text, also with another ending."""

    def __init__(self, words: Sequence[str]) -> None:
        self._stems = tuple({_stem(word) for word in words if not UNSPACED.match(word)})
        unspaced = [re.escape(word) for word in words if UNSPACED.match(word)]
        self._unspaced = re.compile("|".join(unspaced)) if unspaced else None

    def find(self, text: str) -> list[Found]:
        flat = folded(text)
        found = [(m.start(), m.end(), m[0][:5]) for m in WORD.finditer(flat) if self._bears_a_stem(m[0])]
        if self._unspaced:
            found += [(m.start(), m.end(), m[0]) for m in self._unspaced.finditer(flat)]
            found.sort()
        return found

    def _bears_a_stem(self, word: str) -> bool:
        if not word.startswith(self._stems):
            return False
        return any(word.startswith(stem) and len(word) - len(stem) <= _longest_ending(stem) for stem in self._stems)


def _longest_ending(stem: str) -> int:
    return 3 if len(stem) < 5 else 6  # back: backed, not backfill; migrat: migrations


class _Folding(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if UNSPACED.match(char) else unicodedata.normalize("NFD", char)[0].lower()
        return self[code]


_FOLDING = _Folding()


def folded(text: str) -> str:
    """The text in small letters without accents, as the index reads it; each character stays where it stood."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def _stem(word: str) -> str:
    """What a word shares with its other forms, roughly: deploy, deployed, deployment."""
    for ending in ("ments", "ment", "ings", "ing", "ions", "ion", "ies", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def snippet(text: str, marks: Marks) -> str:
    """The stretch of at most SNIPPET characters that holds the most different words, marked `**so**`.

    Targets of links, rules of tables and marks of fences are left out: they are not read.
    """
    text = UNREAD.sub("", text)
    found = marks.find(text)
    start, end = _cut(text, _best_start(found))
    marked, at = [], start
    inside = [(first, last) for first, last, _ in found if start <= first and last <= end]
    for first, last in inside[:MOST_MARKS]:
        marked += [text[at:first], "**", text[first:last], "**"]
        at = last
    marked.append(text[at:end])
    line = " ".join("".join(marked).split())
    return f"{'… ' if start else ''}{line}{' …' if end < len(text.rstrip()) else ''}"


def _best_start(found: Sequence[tuple[int, int, str]]) -> int:
    best, best_words, left = 0, 0, 0
    inside: dict[str, int] = {}
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
