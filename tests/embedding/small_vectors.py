"""Vectors that know a little of what words mean, made without a model: for tests, and the same on every machine.

A word counts by its stem, a little by the triples of its letters, and those that mean the same count as one. So texts
that share words are near, texts that share a group of GROUPS are near without a word in common, and others are not.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from hashlib import blake2b

from notewell_store.folding import folded
from notewell_store.search.stems import stem

GROUPS = (
    "fire dismiss sack terminate offboard offboarding leaver",
    "hire recruit onboard onboarding newcomer joiner",
    "deploy release ship rollout launch publish",
    "delete remove erase purge discard",
    "error failure fault bug crash outage incident",
    "password credential secret passphrase",
    "salary pay wage compensation earnings",
    "holiday vacation absence furlough",
    "quick fast swift rapid speedy",
    "server host machine computer",
    "backup snapshot copy duplicate",
    "customer client buyer patron",
    "sick ill disease unwell",
    "car automobile vehicle",
)
"""Words of one line mean the same."""

COMMON = frozenset(
    word
    for words in (
        "a an and are as at be by do for from how in is it of on or",
        "our that the this to we what with",
    )
    for word in words.split()
)
"""Words that say nothing of what a text is about."""

PLACES = 8  # numbers that one word moves
TRIPLE = 0.15  # what a triple of letters weighs, beside a word's 1
GROUP = 1.5  # and what a word of GROUPS does

_MEANING = {stem(word): group.split()[0] for group in GROUPS for word in group.split()}
_WORD = re.compile(r"\w+")


def small_vector(text: str, dimensions: int = 384) -> list[float]:
    """So many numbers whose squares add up to one."""
    numbers = [0.0] * dimensions
    for word in _WORD.findall(folded(text)) or [text]:
        if word not in COMMON:
            for feature, weight in _features(word):
                for place, sign in _places(feature):
                    numbers[place % dimensions] += sign * weight
    length = math.sqrt(sum(number * number for number in numbers))
    return [number / length for number in numbers] if length else [1.0, *numbers[1:]]


@lru_cache(maxsize=10_000)
def _features(word: str) -> tuple[tuple[str, float], ...]:
    known = stem(word)
    meant = _MEANING.get(known)
    if meant:
        return ((f"meaning {meant}", GROUP),)
    marked = f"^{known}$"
    triples = {marked[at : at + 3] for at in range(len(marked) - 2)}
    return ((f"word {known}", 1.0), *((f"triple {triple}", TRIPLE) for triple in sorted(triples)))


@lru_cache(maxsize=100_000)
def _places(feature: str) -> tuple[tuple[int, float], ...]:
    """Where a feature is added, and whether it is taken away there: hashed, but not by `hash`, which varies."""
    digest = blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=4 * PLACES).digest()
    numbers = [int.from_bytes(digest[at : at + 4], "little") for at in range(0, len(digest), 4)]
    return tuple((number >> 1, 1.0 if number & 1 else -1.0) for number in numbers)
