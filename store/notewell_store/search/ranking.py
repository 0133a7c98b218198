"""How well a passage answers a question: read from its text, so that a score says what each part of it comes from.

The index proposes passages; here they are weighed. docs/search.md tells what each part is for, and what it is worth.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from notewell_store.folding import lowered, plain
from notewell_store.index_query import PassageText
from notewell_store.search.matcher import Matcher, Place, continues, word_after, word_before
from notewell_store.search.question import STOP_WORDS, Question, Term, tokens
from notewell_store.search.stems import stem

PASSAGES = 10_000  # what a word is rare among: a fixed number, for the true one would tell of those that are not seen
SATURATION, LENGTH = 1.0, 0.5  # k1 and b of BM25
USUAL_LENGTH = 800  # characters of a passage with its title
TITLE, HEADING, BODY, NAMES = 3.0, 3.0, 1.0, 1.0
PAIR = 0.5  # of the rarity of two words, where they follow each other as they do in the query
NOT_RARE = 1.0  # the rarity of a stop word in a pair
TITLE_ANSWERED = 0.5
NAMED = 20.0


@dataclass(frozen=True, slots=True)
class Score:
    """What a passage is worth, and why."""

    words: Mapping[Term, float]
    pairs: float
    title: float
    """How many times the title makes the sum of these."""
    named: float

    @property
    def total(self) -> float:
        return (sum(self.words.values()) + self.pairs) * self.title + self.named


class _Read(NamedTuple):
    """What a text holds: how often each term, and which pairs."""

    often: Mapping[Term, int]
    pairs: frozenset[tuple[str, str]]


NOTHING = _Read({}, frozenset())


def rarity_of(passages: int) -> float:
    """What a term is worth that stands in so many passages: about the logarithm of how few those are."""
    return math.log(1 + PASSAGES / (passages + 0.5))


class Ranker:
    """Scores passages for one question. `rarity` is of each term."""

    def __init__(self, question: Question, rarity: Mapping[Term, float]) -> None:
        self._finder = Matcher(question)
        self._rarity = rarity
        self._by_first: dict[int, list[Term]] = {}
        for term in question.terms:
            self._by_first.setdefault(self._finder.number_of(term), []).append(term)
        self._singles = {term.words[0]: rarity[term] for term in question.terms if len(term.words) == 1}
        self._whole = sum(self._singles.values()) or 1.0
        self._pairs = {pair: PAIR * sum(self._singles.get(word, NOT_RARE) for word in pair) for pair in question.pairs}
        self._before = {second for _, second in question.pairs}
        self._after = {first for first, second in question.pairs if second not in self._singles}
        self._notes: dict[str, _Read] = {}
        self._titles: dict[str, float] = {}

    def score(self, passage: PassageText, *, named: bool = False) -> Score:
        """`named`: the query names the passage's note."""
        reads = (
            (self._of_note(passage.title), TITLE),
            (self._read(passage.heading), HEADING),
            (self._read(passage.body), BODY),
            (self._of_note(passage.names), NAMES),
        )
        length = len(passage.title) + len(passage.heading) + len(passage.body)
        slow = SATURATION * (1 - LENGTH + LENGTH * length / USUAL_LENGTH)
        often: dict[Term, float] = {}
        for read, weight in reads:
            for term, times in read.often.items():
                often[term] = often.get(term, 0.0) + weight * times
        words = {term: self._rarity[term] * times * (SATURATION + 1) / (times + slow) for term, times in often.items()}
        pairs = frozenset().union(*(read.pairs for read, _ in reads))
        return Score(
            words,
            sum(self._pairs[pair] for pair in pairs),
            self._answered(passage.title),
            NAMED if named else 0.0,
        )

    def _of_note(self, text: str) -> _Read:
        if text not in self._notes:
            self._notes[text] = self._read(text)
        return self._notes[text]

    def _read(self, text: str) -> _Read:
        written = plain(text)
        flat = lowered(written)
        places = self._finder.places(written, flat)
        if not places:
            return NOTHING
        often: dict[Term, int] = {}
        for place in places:
            for term in self._by_first.get(place.word, ()):
                if len(term.words) == 1 or continues(flat, place.end, term):
                    often[term] = often.get(term, 0) + 1
        return _Read(often, frozenset(self._pairs_at(flat, places)))

    def _pairs_at(self, flat: str, places: list[Place]) -> Iterator[tuple[str, str]]:
        for start, end, _ in places:
            word = stem(flat[start:end])
            if word in self._before:
                pair = (stem(word_before(flat, start)), word)
                if pair in self._pairs:
                    yield pair
            if word in self._after:
                pair = (word, stem(word_after(flat, end)))
                if pair in self._pairs:
                    yield pair

    def _answered(self, title: str) -> float:
        """More, the more of the question the title holds and the more of the title is asked for."""
        if title not in self._titles:
            telling = {stem(word) for word in tokens(title) if word not in STOP_WORDS}
            asked = telling & self._singles.keys()
            held = sum(self._singles[word] for word in asked) / self._whole
            self._titles[title] = 1 + TITLE_ANSWERED * held * len(asked) / (len(telling) or 1)
        return self._titles[title]
