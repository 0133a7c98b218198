"""Porter's stems of English words, cut as FTS5's `porter` cuts them, for what Python reads of a text itself.

The algorithm is M. F. Porter's of 1980 ("An algorithm for suffix stripping", Program 14(3), 130-137), with the few
departures of SQLite's fts5_tokenize.c.
"""

import re
from functools import lru_cache

MOST = 64  # letters that FTS5 looks at; a longer word is its own stem

_VOWEL = re.compile(r"[aeiou]|(?<=[^aeiou])y")
_TURN = re.compile(r"(?:[aeiou]|(?<=[^aeiou])y)+(?:[^aeiouy]|(?<=[aeiou])y)")
_SHORT_END = re.compile(r"(?:[^aeiouy]|(?<![^aeiou])y)(?:[aeiou]|(?<=[^aeiou])y)[^aeiouwxy]$")

Endings = tuple[tuple[str, str], ...]

SECOND: Endings = (
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("logi", "log"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
)
THIRD: Endings = (
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ful", ""),
    ("ness", ""),
)
FOURTH = (
    *("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent"),
    *("ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize"),
)


def stem(word: str) -> str:
    """The stem of a word in small letters: deploy of deploys, deployed and deploying."""
    return _stemmed(word) if 3 <= len(word) <= MOST else word  # a text may hold a word of a million letters: not kept


@lru_cache(maxsize=4096)
def _stemmed(word: str) -> str:
    word = _first(word)
    for endings in (SECOND, THIRD):
        word = _replaced(word, endings)
    return _last(_without_fourth(word))


def _turns(word: str) -> int:
    """How often a consonant follows on vowels: Porter's m."""
    return len(_TURN.findall(word))


def _first(word: str) -> str:
    if word.endswith(("sses", "ies")) and len(word) > 3:
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    word = _without_tense(word)
    return word[:-1] + "i" if word.endswith("y") and _VOWEL.search(word[:-1]) else word


def _without_tense(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _turns(word[:-3]) else word
    for ending in ("ed", "ing"):
        rest = word[: -len(ending)]
        if word.endswith(ending) and _VOWEL.search(rest):
            if rest.endswith(("at", "bl", "iz")):
                return rest + "e"
            if rest[-1] not in "aeioulsz" and rest[-2:-1] == rest[-1]:
                return rest[:-1]
            return rest + "e" if _turns(rest) == 1 and _SHORT_END.search(rest) else rest
    return word


def _replaced(word: str, endings: Endings) -> str:
    for ending, new in endings:
        if word.endswith(ending):
            rest = word[: -len(ending)]
            return rest + new if _turns(rest) else word
    return word


def _without_fourth(word: str) -> str:
    for ending in FOURTH:
        if word.endswith(ending):
            rest = word[: -len(ending)]
            fits = _turns(rest) > 1 and (ending != "ion" or rest[-1] in "st")
            return rest if fits else word
    return word


def _last(word: str) -> str:
    if word.endswith("e"):
        rest = word[:-1]
        if _turns(rest) > 1 or (_turns(rest) == 1 and not _SHORT_END.search(rest)):
            word = rest
    return word[:-1] if word.endswith("ll") and _turns(word[:-1]) > 1 else word
