"""The word that was meant where one stands nowhere: a letter wrong, missing, too many, or changed with the next."""

import string
from collections.abc import Callable, Iterable

SHORTEST, LONGEST = 4, 30  # letters; of shorter words too many are alike
MOST_COUNTED = 100  # passages; a word that stands in more is no likelier


def meant(word: str, count_each: Callable[[Iterable[str], int], dict[str, int]]) -> str | None:
    """The likeliest word that stands somewhere; `count_each` tells of those words that do in how many passages, counted
    up to a number."""
    if not SHORTEST <= len(word) <= LONGEST or not word.isalpha() or not word.isascii():
        return None
    standing = count_each(sorted(variants(word)), MOST_COUNTED)
    return max(standing, key=lambda other: (standing[other], other), default=None)


def variants(word: str) -> set[str]:
    """All words that are one mistake away. The first letter, which few mistype, is right or changed with the next."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = string.ascii_lowercase
    return {
        *(start + rest[1] + rest[0] + rest[2:] for start, rest in cuts if len(rest) > 1),
        *(start + rest[1:] for start, rest in cuts if start and rest),
        *(start + letter + rest[1:] for start, rest in cuts if start and rest for letter in letters),
        *(start + letter + rest for start, rest in cuts if start for letter in letters),
    } - {word}
