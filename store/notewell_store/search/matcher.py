"""Where a text holds what a query asks for: by stems, folded and camelCase in parts, as the index has it."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from notewell_store.markdown.passages import HUMP, UNSPACED
from notewell_store.search.question import LETTER, REST, TOKEN, Question, Term
from notewell_store.search.stems import stem

ONE_LETTER = re.compile(LETTER)
UNKNOWN = -1
MOST_PLACES = 1_000  # in a text: how often a word stands tells hardly more from then on
BESIDE = 30  # characters in which the neighbour of a word is looked for


class Place(NamedTuple):
    """Where a word of the query stands, and the number of that word."""

    start: int
    end: int
    word: int


class Matcher:
    """Finds what a question asks for. Its words have numbers; those that a quoted phrase or a name holds have too."""

    def __init__(self, question: Question) -> None:
        prefixes = [term.words[-1] for term in question.terms if term.kind == "prefix"]
        stems = [word for term in question.terms for word in _stems_of(term)]
        self._prefixes = {start: number for number, start in enumerate(dict.fromkeys(prefixes))}
        self._stems = {word: len(self._prefixes) + number for number, word in enumerate(dict.fromkeys(stems))}
        self._known: dict[str, int] = {}
        starts = sorted({*prefixes, *map(_start_of, stems)}, key=len, reverse=True)
        spaced = [re.escape(start) for start in starts if not UNSPACED.match(start)]
        unspaced = [re.escape(start) for start in starts if UNSPACED.match(start)]
        either = [f"(?:{'|'.join(spaced)}){REST}"] if spaced else []
        self._pattern = re.compile("|".join([*either, *unspaced]) or "(?!)")
        self._starts = re.compile("|".join([*spaced, *unspaced]) or "(?!)")

    def number_of(self, term: Term) -> int:
        """The number of a term's first word."""
        return self._prefixes[term.words[0]] if _stems_of(term) == () else self._stems[term.words[0]]

    def places(self, text: str, flat: str) -> list[Place]:
        """The first places in a text, MOST_PLACES at most, in their order. The text is plain, `flat` is it folded."""
        found: list[Place] = []
        for match in self._pattern.finditer(flat):
            if len(found) >= MOST_PLACES:
                break
            start, end = match.span()
            is_inside = start > 0 and _is_of_a_word(flat[start - 1])
            word = UNKNOWN if is_inside else self._number(match[0])
            if word != UNKNOWN:
                found.append(Place(start, end, word))
            elif not text[start:end].islower():
                humps = self._humps(text, flat, start, end, is_inside=is_inside)
                found += islice(humps, MOST_PLACES - len(found))
        return found

    def _humps(self, text: str, flat: str, start: int, end: int, *, is_inside: bool) -> Iterator[Place]:
        """Places that are parts of a word in camelCase."""
        at = start
        while match := self._starts.search(flat, at, end):  # not whole words: a long one would be read at each hump
            first = match.start()
            hump = HUMP.search(text, first + 1, end)
            at = hump.start() if hump else end
            begins = HUMP.match(text, first) if first > start or is_inside else True
            word = self._number(flat[first:at]) if begins else UNKNOWN
            if word != UNKNOWN:
                yield Place(first, at, word)

    def _number(self, word: str) -> int:
        number = self._known.get(word)
        if number is None:
            started = (number for start, number in self._prefixes.items() if word.startswith(start))
            self._known[word] = number = self._stems.get(stem(word), next(started, UNKNOWN))
        return number


def continues(flat: str, end: int, term: Term) -> bool:
    """Whether the rest of a term's words follow where its first one ends."""
    rest = term.words[1:]
    following = TOKEN.findall(flat, end, end + BESIDE * len(rest))[: len(rest)]
    *stems, last = following or [""]
    ends_well = last.startswith(rest[-1]) if term.kind == "prefix" else stem(last) == rest[-1]
    return ends_well and tuple(map(stem, stems)) == rest[:-1]


def word_before(flat: str, start: int) -> str:
    words = TOKEN.findall(flat, max(0, start - BESIDE), start)
    return words[-1] if words else ""


def word_after(flat: str, end: int) -> str:
    match = TOKEN.search(flat, end, end + BESIDE)
    return match[0] if match else ""


def _is_of_a_word(char: str) -> bool:
    return char.isalnum() if char.isascii() else ONE_LETTER.match(char) is not None


def _stems_of(term: Term) -> tuple[str, ...]:
    return term.words[:-1] if term.kind == "prefix" else term.words


def _start_of(word: str) -> str:
    """What all words with this stem begin with, and some others: visibl, of visible and visibility."""
    return word[: -2 if len(word) > 4 else -1] if len(word) > 2 else word
