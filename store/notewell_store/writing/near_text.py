"""What stands in a text nearest to one that does not stand there: what differs only in how it is written, else the
line, or the stretch of a long one, that is most like it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from notewell_store.errors import Near
from notewell_store.folding import lowered, origins, plain
from notewell_store.nearest import closest

LIKE = 0.5  # what a line and the longest one of the text that is not there have in common, at least
LONGEST_COMPARED = 3_000  # lines
LONGER = 1.5  # times as long as what is looked for: such a line is compared by its stretches too

_SAME = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2039\u203a`", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)
"""Quotes and dashes that are typed for each other."""
_RUN = re.compile(r"\s+|\S+")
_WORD = re.compile(r"[^\s|]+")


class _Flat(NamedTuple):
    """A text as it is compared, and where in the text each of its characters stands."""

    text: str
    at: list[int]


def nearest(text: str, wanted: str) -> Near | None:
    """The passage most like `wanted`, when there is one that is like it at all."""
    return _alike(text, wanted) or _like(text, wanted.strip("\r\n"))


def _alike(text: str, wanted: str) -> Near | None:
    flat, looked_for = _flat(text), _flat(wanted).text
    if not looked_for.strip():
        return None
    for each in (looked_for, looked_for.strip()):
        first = flat.text.find(each)
        if first >= 0:
            start, end = flat.at[first], flat.at[first + len(each)]
            start += len(text[start:end]) - len(text[start:end].lstrip("\r\n"))
            return Near(text.count("\n", 0, start) + 1, text[start:end].rstrip(), is_alike=True)
    return None


def _flat(text: str) -> _Flat:
    """In one form, in small letters, with one space for each run of them."""
    written = plain(text)
    folded = lowered(written).translate(_SAME)
    at = range(len(text) + 1) if written is text else origins(text)
    parts: list[str] = []
    places: list[int] = []
    for run in _RUN.finditer(folded):
        start, end = run.span()
        is_space = run[0].isspace()
        parts.append(" " if is_space else run[0])
        places += at[start : start + 1] if is_space else at[start:end]
    return _Flat("".join(parts), [*places, len(text)])


def _like(text: str, wanted: str) -> Near | None:
    lines, wanted_lines = _lines(text)[:LONGEST_COMPARED], _lines(wanted)
    longest = max(wanted_lines, key=len)
    if not longest.strip():
        return None
    stretches = dict(_stretches(lines, longest)) if len(wanted_lines) == 1 else {}
    close = closest(longest, [*lines, *stretches], 1, LIKE)
    if not close:
        return None
    if close[0] in stretches:
        return Near(stretches[close[0]] + 1, close[0])
    first = max(0, lines.index(close[0]) - wanted_lines.index(longest))
    return Near(first + 1, "\n".join(lines[first : first + len(wanted_lines)]))


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


def _stretches(lines: Iterable[str], wanted: str) -> Iterator[tuple[str, int]]:
    """Of each line that is much longer than `wanted` the stretch of as many words that shares the most with it, and the
    number of the line."""
    words = list(map(_bare, _WORD.findall(wanted)))
    for number, line in enumerate(lines):
        if len(line) > LONGER * len(wanted) and words:
            stretch = _best_stretch(line, words)
            if stretch and stretch != line:
                yield stretch, number


def _best_stretch(line: str, words: list[str]) -> str:
    """Where each word counts as often as it is looked for, and the first is the best beginning; of a single word the
    one that is spelled most like it."""
    found = list(_WORD.finditer(line))
    if len(words) == 1:
        return next(iter(closest(words[0], [word[0] for word in found], 1, LIKE)), "")
    plain_words = [_bare(word[0]) for word in found]
    wanted, inside = Counter(words), Counter[str]()
    shared, most, best = 0, (0, False), 0
    for right, word in enumerate(plain_words):
        inside[word] += 1
        shared += inside[word] <= wanted[word]
        left = max(0, right - len(words) + 1)
        if left:
            gone = plain_words[left - 1]
            shared -= inside[gone] <= wanted[gone]
            inside[gone] -= 1
        most, best = max((most, best), ((shared, plain_words[left] == words[0]), left), key=lambda each: each[0])
    return line[found[best].start() : found[min(best + len(words), len(found)) - 1].end()] if most[0] else ""


def _bare(word: str) -> str:
    return word.lower().strip(".,;:!?()\"'")
