"""How well a passage answers a question: read from its text, so that a score says what each part of it comes from.

The index proposes passages; here they are weighed. docs/search.md tells what each part is for, and what it is worth.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple, TypeVar

from notewell_store.contract import Snapshot
from notewell_store.folding import lowered, plain
from notewell_store.index_query import PassageText
from notewell_store.search.matcher import (
    BESIDE,
    MOST_PLACES,
    Matcher,
    Place,
    beginning_of,
    continues,
    first_word,
    last_word,
)
from notewell_store.search.question import STOP_WORDS, Question, Term, tokens
from notewell_store.search.stems import stem
from notewell_store.tables import found_passages
from notewell_store.tables.found_passages import Candidate

T = TypeVar("T")

PASSAGES = 10_000  # what a word is rare among: a fixed number, for the true one would tell of those that are not seen
SATURATION, LENGTH = 1.0, 0.5  # k1 and b of BM25
USUAL_LENGTH = 800  # characters of a passage with its title
TITLE, HEADING, BODY, NAMES = 3.0, 3.0, 1.0, 1.0
OF_COLUMNS = (TITLE, HEADING, BODY, NAMES)
"""In the order of a PassageText."""
PAIR = 0.5  # of the rarity of two words, where they follow each other as they do in the query
NOT_RARE = 1.0  # the rarity of a stop word in a pair
TITLE_ANSWERED = 0.5
NAMED = 20.0
BETWEEN = "\n"  # two texts, for no word goes on after it
OVER = 0.25  # of what a passage is worth, where its note no longer holds and the query does not name it


Pair = tuple[str, str]
"""The stems of two words."""


class Score(NamedTuple):
    """What a passage is worth, and why."""

    words: Mapping[Term, float]
    pairs: float
    title: float
    """How many times the title makes the sum of these."""
    holds: float
    """How much of it counts: less where the note no longer holds, unless the query names it."""
    named: float
    meaning: float = 0.0
    """What it is worth that the passage means what is asked, or the less that it does not."""
    z: float | None = None
    """By how many deviations it means that more than others do; None where meaning was not asked."""

    @property
    def of_words(self) -> float:
        return (sum(self.words.values()) + self.pairs) * self.title * self.holds

    @property
    def total(self) -> float:
        return self.of_words + self.named + self.meaning * self.holds


class _Read(NamedTuple):
    """What a text holds: how often each term, and which pairs."""

    often: Mapping[Term, int]
    pairs: frozenset[Pair]


class _Beside(NamedTuple):
    """The words that may make a pair with one, before it and after it, each with what begins it."""

    before: list[tuple[str, str]]
    after: list[tuple[str, str]]


def rarity_of(passages: int) -> float:
    """What a term is worth that stands in so many passages: about the logarithm of how few those are."""
    return math.log(1 + PASSAGES / (passages + 0.5))


def worths(often: Mapping[T, float], rarity: Mapping[T, float], passage: PassageText) -> dict[T, float]:
    """What each term is worth in a passage in which it stands so often, each time as much as its column says."""
    length = len(passage.title) + len(passage.heading) + len(passage.body)
    slow = SATURATION * (1 - LENGTH + LENGTH * length / USUAL_LENGTH)
    return {term: rarity[term] * times * (SATURATION + 1) / (times + slow) for term, times in often.items()}


def answered(title: str, asked: Mapping[str, float], whole: float) -> float:
    """How many times the title makes what a passage is worth: more, the more it holds of the stems that are asked for,
    each of which has a rarity, all together the `whole`, and the more of the title is asked for."""
    telling = {stem(word) for word in tokens(title) if word not in STOP_WORDS}
    held = [rarity for word, rarity in asked.items() if word in telling]
    return 1 + TITLE_ANSWERED * sum(held) / whole * len(held) / (len(telling) or 1)


class Ranker:
    """Scores passages for one question. `rarity` is of each term.

    All texts are read before the first is scored: laid end to end, they are gone through once for each word.
    """

    def __init__(self, question: Question, rarity: Mapping[Term, float]) -> None:
        self._matcher = Matcher(question)
        self._rarity = rarity
        self._by_first: dict[int, list[tuple[Term, bool]]] = {}
        """The terms that begin with the word of a number, and whether that is all of them."""
        for term in question.terms:
            self._by_first.setdefault(self._matcher.number_of(term), []).append((term, len(term.words) == 1))
        self._singles = {term.words[0]: rarity[term] for term in question.terms if len(term.words) == 1}
        self._whole = sum(self._singles.values()) or 1.0
        self._pairs: dict[Pair, float] = {}
        self._beside: dict[str, _Beside] = {}
        for first, second in sorted(question.pairs):
            self._pairs[first, second] = PAIR * sum(self._singles.get(word, NOT_RARE) for word in (first, second))
            self._beside.setdefault(second, _Beside([], [])).before.append((first, beginning_of(first)))
            if second not in self._singles:
                self._beside.setdefault(first, _Beside([], [])).after.append((second, beginning_of(second)))
        self._reads: dict[str, _Read] = {}
        self._titles: dict[str, float] = {}

    @property
    def ceiling(self) -> float:
        """What words and pairs are worth in a passage that holds all of them, over and over."""
        return (SATURATION + 1) * sum(self._rarity.values()) + sum(self._pairs.values())

    def read(self, texts: Iterable[str]) -> None:
        """Take in what the passages say that are to be scored."""
        read = list(dict.fromkeys(texts))
        written, flat, starts = _laid_end_to_end(read)
        places = list(self._matcher.places(written, flat))
        first = 0
        while first < len(places):  # most texts, being titles and names, have none
            number = bisect_right(starts, places[first][0]) - 1
            start, end = starts[number], starts[number + 1] - len(BETWEEN)
            last = bisect_left(places, (end,), first)
            own = places[first : min(last, first + MOST_PLACES)]
            pairs = frozenset(self._pairs_at(flat, own, start, end))
            self._reads[read[number]] = _Read(self._often(flat, own, end), pairs)
            first = last

    def score(self, passage: PassageText, *, named: bool = False, is_over: bool = False) -> Score:
        """`named`: the query names the passage's note; `is_over`: that no longer holds."""
        often: dict[Term, float] = {}
        pairs: frozenset[Pair] = frozenset()
        reads = self._reads
        for text, weight in zip(passage, OF_COLUMNS, strict=True):
            if text in reads:
                its_often, its_pairs = reads[text]
                for term, times in its_often.items():
                    often[term] = often.get(term, 0.0) + weight * times
                pairs = pairs | its_pairs if pairs else its_pairs
        return Score(
            worths(often, self._rarity, passage),
            sum(worth for pair, worth in self._pairs.items() if pair in pairs) if pairs else 0.0,
            self._answered(passage.title),
            OVER if is_over and not named else 1.0,
            NAMED if named else 0.0,
        )

    def _often(self, flat: str, places: Iterable[Place], end: int) -> Mapping[Term, int]:
        often: dict[Term, int] = {}
        for _, ends, number in places:
            for term, is_all in self._by_first.get(number, ()):
                if is_all or continues(flat, ends, end, term):
                    often[term] = often.get(term, 0) + 1
        return often

    def _pairs_at(self, flat: str, places: Iterable[Place], start: int, end: int) -> Iterator[Pair]:
        """A neighbour is looked for by how it begins, which is mostly not there, before words are read."""
        if not self._beside:
            return
        for begins, ends, number in places:
            word = self._matcher.stem_of[number] or stem(flat[begins:ends])
            beside = self._beside.get(word)
            if not beside:
                continue
            least, most = max(start, begins - BESIDE), min(end, ends + BESIDE)
            for first, beginning in beside.before:
                if flat.find(beginning, least, begins) >= 0 and stem(last_word(flat, least, begins)) == first:
                    yield first, word
            for second, beginning in beside.after:
                if flat.find(beginning, ends, most) >= 0 and stem(first_word(flat, ends, most)) == second:
                    yield word, second

    def _answered(self, title: str) -> float:
        if title not in self._reads:
            return 1.0
        worth = self._titles.get(title)
        if worth is None:
            self._titles[title] = worth = answered(title, self._singles, self._whole)
        return worth


def _laid_end_to_end(texts: Sequence[str]) -> tuple[str, str, list[int]]:
    """The texts in one, plain, and folded; and where each begins there, at last where a next one would."""
    if all(map(str.isascii, texts)):
        whole = BETWEEN.join(texts)
        return whole, whole.lower(), _starts(texts)
    written = list(map(plain, texts))
    flats = list(map(lowered, written))  # each by itself: most are ASCII, which is folded ten times as fast
    return BETWEEN.join(written), BETWEEN.join(flats), _starts(flats)


def _starts(texts: Iterable[str]) -> list[int]:
    return list(accumulate((len(text) + len(BETWEEN) for text in texts), initial=0))


class Weighed(NamedTuple):
    """A note that was found, by a passage in it. `meant` is the piece of that which is nearest to the query, where
    meaning alone proposed it."""

    found: Candidate
    score: Score
    meant: str | None = None


def scored(db: Snapshot, ranker: Ranker, passages: Iterable[int], named: Mapping[int, int]) -> list[Weighed]:
    """These passages, in the order of their ids; `named` are the notes that the query names."""
    candidates = found_passages.candidates(db, passages)
    ranker.read(chain.from_iterable(found.text for found in candidates))
    return [
        Weighed(found, ranker.score(found.text, named=found.note_id in named, is_over=found.end is not None))
        for found in candidates
    ]


def best_of_notes(passages: Iterable[Weighed]) -> tuple[Weighed, ...]:
    """The notes of these passages, best first. Of two that are as good: what was changed on a later day, then what
    was there first, for a copy comes after its original."""
    best: dict[int, tuple[float, str, int, Weighed]] = {}
    for one in passages:
        note_id, total = one.found.note_id, one.score.total
        if note_id not in best or total > best[note_id][0]:
            best[note_id] = total, one.found.day, -note_id, one
    return tuple(one for *_, one in sorted(best.values(), key=lambda each: each[:3], reverse=True))
