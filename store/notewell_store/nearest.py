"""Which of several words, names or lines look most like one, at a cost that is bounded for each."""

import difflib
from collections.abc import Iterable

CLOSE = 0.55
LONGEST = 200  # characters of each that are compared
COMPARED = 6  # that are compared letter by letter, which costs the most


def closest(name: str, candidates: Iterable[str], limit: int = 3, close: float = CLOSE) -> tuple[str, ...]:
    """Those that look like `name`, best first: by pairs of letters, the best of these letter by letter."""
    return tuple(word for likeness, word in likest(name, candidates) if likeness >= close)[:limit]


def likest(name: str, candidates: Iterable[str]) -> list[tuple[float, str]]:
    """The few candidates that are compared letter by letter, best first, each after how much it looks like `name`, from
    0 to 1."""
    name = name[:LONGEST]
    pairs, words = _pairs(name), set(name.split("-"))
    by_pairs = sorted(
        (-_begins(word, name) - 2 * len(pairs & own) / (len(pairs) + len(own) or 1), word)
        for word, own in _each(candidates)
    )
    matcher = difflib.SequenceMatcher(None, "", name)  # which looks through the name once
    scored = [
        (-1.0 if _begins(word, name) else -_likeness(matcher, word[:LONGEST], words), word)
        for _, word in by_pairs[:COMPARED]
    ]
    return [(-score, word) for score, word in sorted(scored)]


def _begins(word: str, name: str) -> bool:
    """Whether the name is how a longer one begins, as `decision-0003` does `decision-0003-expand-and-contract`."""
    return word.startswith(f"{name}-")


def _likeness(matcher: difflib.SequenceMatcher[str], word: str, words: set[str]) -> float:
    """Letter by letter; what has all words of the name, as `wave-planner` has `wave`, is always close."""
    matcher.set_seq1(word)
    alike = matcher.ratio()
    return max(alike, CLOSE) if words <= set(word.split("-")) else alike


def _each(candidates: Iterable[str]) -> Iterable[tuple[str, set[str]]]:
    return ((word, _pairs(word[:LONGEST])) for word in set(candidates))


def _pairs(word: str) -> set[str]:
    return {word[at : at + 2] for at in range(len(word) - 1)} or {word}
