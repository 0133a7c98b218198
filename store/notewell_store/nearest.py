"""Which of several words, names or lines look most like one, at a cost that is bounded for each."""

import difflib
from collections.abc import Iterable

CLOSE = 0.55
LONGEST = 200  # characters of each that are compared
COMPARED = 6  # that are compared letter by letter, which costs the most


def closest(name: str, candidates: Iterable[str], limit: int = 3, close: float = CLOSE) -> tuple[str, ...]:
    """Those that look like `name`, best first: by pairs of letters, the best of these letter by letter."""
    name = name[:LONGEST]
    pairs = _pairs(name)
    by_pairs = sorted((-2 * len(pairs & own) / (len(pairs) + len(own) or 1), word) for word, own in _each(candidates))
    scored = [(-_likeness(word[:LONGEST], name), word) for _, word in by_pairs[:COMPARED]]
    return tuple(word for score, word in sorted(scored) if -score >= close)[:limit]


def _likeness(word: str, name: str) -> float:
    """From 0 to 1, letter by letter; what has all words of the name, as `wave-planner` has `wave`, is always close."""
    alike = difflib.SequenceMatcher(None, word, name).ratio()
    return max(alike, CLOSE) if set(name.split("-")) <= set(word.split("-")) else alike


def _each(candidates: Iterable[str]) -> Iterable[tuple[str, set[str]]]:
    return ((word, _pairs(word[:LONGEST])) for word in set(candidates))


def _pairs(word: str) -> set[str]:
    return {word[at : at + 2] for at in range(len(word) - 1)} or {word}
