"""What passages share with a text, weighed as a search weighs them: see search/ranking, whose formula it is.

A search looks for each of its few words, and heeds which of them stand side by side. Here there are twenty and more, in
no order: passages are cut into words once, however many are sought.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from itertools import chain

from notewell_store.folding import lowered, plain
from notewell_store.index_query import PassageText
from notewell_store.markdown.passages import HUMP, HUMPED
from notewell_store.search.matcher import beginning_of
from notewell_store.search.ranking import OF_COLUMNS, answered, worths
from notewell_store.search.stems import stem
from notewell_store.suggesting.telling_words import index_terms

MOST_LETTERS = 3  # of a word, by which most are known not to be sought


def shared(passages: Sequence[PassageText], worth: Mapping[str, float]) -> list[tuple[dict[str, float], float]]:
    """Of each passage what it is worth that it holds each of these stems, and how many times its title makes that."""
    counts = _Sought(worth).counts(dict.fromkeys(chain.from_iterable(passages)))
    words = {key: value for key, value in worth.items() if " " not in key}
    whole = sum(words.values()) or 1.0

    @cache
    def of_title(title: str) -> float:
        return answered(title, words, whole) if title in counts else 1.0

    return [(worths(_often(counts, one), worth, one), of_title(one.title)) for one in passages]


def _often(counts: Mapping[str, Mapping[str, int]], passage: PassageText) -> dict[str, float]:
    often: dict[str, float] = {}
    for text, weight in zip(passage, OF_COLUMNS, strict=True):
        for key, times in counts.get(text, {}).items():
            often[key] = often.get(key, 0.0) + weight * times
    return often


class _Sought:
    """The stems that are sought."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._stems = frozenset(stems)
        beginnings = list(map(beginning_of, self._stems))
        self._letters = letters = min(MOST_LETTERS, *map(len, beginnings))
        self._beginnings: dict[str, tuple[str, ...]] = {}
        for beginning in beginnings:
            self._beginnings[beginning[:letters]] = (*self._beginnings.get(beginning[:letters], ()), beginning)

    def counts(self, texts: Iterable[str]) -> dict[str, Mapping[str, int]]:
        """How often each stands in each of the texts that hold any."""
        cut = {text: index_terms(plain(text)) for text in texts}
        whole, parts = self._held(set().union(*cut.values()))
        counts: dict[str, Mapping[str, int]] = {}
        for text, words in cut.items():
            found = list(filter(None, map(whole.get, words)))
            if parts:
                found += [key for word in words if word in parts for key in parts[word]]
            if found:
                counts[text] = Counter(found)
        return counts

    def _held(self, words: AbstractSet[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
        """The stems of those of the words, as they are written, that are sought; and of others those of their parts, as
        camelCase allows."""
        capital = {word: lowered(word) for word in words if not word.islower()}
        whole = self._stemmed(chain(words, capital.values()))
        whole |= {word: whole[low] for word, low in capital.items() if low in whole}
        humped = [word for word in capital if word not in whole and not word[1:].islower() and HUMPED.search(word)]
        cut = {word: list(map(lowered, HUMP.split(word))) for word in humped}
        known = self._stemmed(chain.from_iterable(cut.values()))
        parts = {word: [known[part] for part in of_word if part in known] for word, of_word in cut.items()}
        return whole, {word: keys for word, keys in parts.items() if keys}

    def _stemmed(self, words: Iterable[str]) -> dict[str, str]:
        """Those of the words in small letters whose stems are sought, with these. Most are none by their first letters,
        and are not stemmed."""
        letters, beginnings = self._letters, self._beginnings
        likely = [
            word for word in words if word[:letters] in beginnings and word.startswith(beginnings[word[:letters]])
        ]
        return {word: key for word, key in zip(likely, map(stem, likely), strict=True) if key in self._stems}
