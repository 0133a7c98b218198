"""The words of a text by which others like it are found, and how far one looks for those."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from math import sqrt
from typing import NamedTuple

from notewell_store.folding import folded, holds_foreign
from notewell_store.markdown.passages import unspaced
from notewell_store.search.question import STOP_WORDS
from notewell_store.search.ranking import rarity_of
from notewell_store.search.stems import stem
from notewell_store.search.words import index_words

SHORTEST, LONGEST = 3, 30  # letters; hardly a word is longer, and what is tells by no other text
LONGEST_PRIOR = 12  # letters: the longer a word, the rarer it mostly is
OF_TITLE = 3  # times that a word of the title counts, as the index weighs it
PLACES = re.compile(r"(?<=\])\([^()\s]{1,1000}+\)|\bhttps?://\S{1,1000}+")
"""Where links of a text lead: words of addresses, which say nothing of what it is about."""
PIECE = re.compile(r"^#{1,6}[ \t]", re.MULTILINE)
MOST_PIECES = 60


class Reach(NamedTuple):
    """How far one looks: at so many characters of a text, so many of its words, so many places where these stand in
    other notes, and so many passages that are read."""

    characters: int
    words: int
    places: int
    passages: int


AT_ONCE = Reach(8_000, 36, 700, 14)
"""For who waits for the answer to a write: some milliseconds in a store of any size."""
AT_LEISURE = Reach(40_000, 96, 4_000, 60)
"""For who asked for it."""


class Word(NamedTuple):
    """One of the words with the same stem, and how often these stand in the text."""

    word: str
    times: int

    def worth(self, passages: int) -> float:
        """How much it tells of the text, where it stands in so many passages."""
        return rarity_of(passages) * sqrt(self.times)


class Telling(NamedTuple):
    """A text by its words: each by its stem, and the stems of each piece, which is what stands under one heading."""

    words: Mapping[str, Word]
    pieces: tuple[frozenset[str], ...]


def telling(title: str, markdown: str, reach: Reach) -> Telling:
    """The words that tell anything, of the title and of as much of the text as is within reach."""
    written: dict[str, str] = {}
    counts: dict[str, int] = {}
    pieces = []
    for times, text in ((OF_TITLE, title), *((1, piece) for piece in _pieces(markdown[: reach.characters]))):
        words = words_of(text)
        stems = list(map(stem, words))
        for key, (word, often) in zip(stems, words.items(), strict=True):
            written.setdefault(key, word)
            counts[key] = counts.get(key, 0) + times * often
        pieces.append(frozenset(stems))
    return Telling({key: Word(written[key], times) for key, times in counts.items()}, tuple(pieces[1:]))


def words_of(text: str) -> dict[str, int]:
    """The telling words of a text, as an index is asked for them, and how often each stands there. What is written
    without spaces tells by two characters that stand together."""
    if "](" in text or "://" in text:
        text = PLACES.sub(" ", text)
    return {
        word: times
        for word, times in Counter(index_terms(folded(text))).items()
        if SHORTEST <= len(word) <= LONGEST and word not in STOP_WORDS and not word.isdigit()
    }


def index_terms(plain_text: str) -> Iterable[str]:
    """All words of a text as an index is asked for them, in their order."""
    words = index_words(plain_text)
    return list(_in_pairs(words)) if holds_foreign(plain_text) else words


def _in_pairs(words: Iterable[str]) -> Iterator[str]:
    """The words, where two stand together that are one character of what is written without spaces, these as one."""
    before = ""
    for word in words:
        is_character = not word.isascii() and unspaced().match(word) is not None
        if not is_character:
            yield word
        elif before:
            yield f"{before} {word}"
        before = word if is_character else ""


def most_telling(words: Mapping[str, Word], most: int) -> list[str]:
    """The stems of the words that tell most, as far as they tell without asking where else they stand."""
    if len(words) <= most:
        return list(words)

    def prior(key: str) -> float:
        return sqrt(words[key].times) * min(len(words[key].word), LONGEST_PRIOR)

    return sorted(words, key=prior, reverse=True)[:most]


def _pieces(markdown: str) -> Iterator[str]:
    starts = [0, *(heading.start() for heading in islice(PIECE.finditer(markdown), MOST_PIECES))]
    for start, end in zip(starts, [*starts[1:], len(markdown)], strict=True):
        yield markdown[start:end]
