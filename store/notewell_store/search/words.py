"""How texts are cut into words, as an index cuts them.

The patterns of all scripts take a hook at a prompt a seventh of its time to compile. Most questions, and most of what
answers them, hold no letters but those of ASCII: they are cut by patterns of their own, and the others are compiled
where a text holds more.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from notewell_store.folding import MARKS, holds_foreign
from notewell_store.markdown.passages import UNSPACED_SCRIPTS

LONGEST_WORD = 64  # letters; a longer one is looked for by its beginning, for much is made of each letter


class Patterns(NamedTuple):
    """What words are, in texts that hold letters of some scripts."""

    letter: re.Pattern[str]
    """Of a word that is written between spaces."""
    part: re.Pattern[str]
    """Letters that stand together."""
    token: re.Pattern[str]
    """A word of an index: a part, or a letter of what is written without spaces."""
    written: re.Pattern[str]
    """What a person writes together, `v2.3.0` or `dead-letter`; with what begins others, `deploy*`."""
    overlong: re.Pattern[str]
    """More letters than are looked for; its group is those that are."""


def _patterns(letter: str, rest: str, other: str, any_letter: str) -> Patterns:
    """Made of the patterns of a letter, of as many more as follow, of what else may be a word, and of a letter of any
    script."""
    written = rf"{any_letter}+(?:[._/:@#'’-]*{any_letter}+)*\*?|_+\w+"
    overlong = rf"({letter}{{{LONGEST_WORD}}}){letter}++\*?"
    part = f"{letter}{rest}"
    return Patterns(*(re.compile(said) for said in (letter, part, f"{other}{part}", written, overlong)))


_WITHOUT_FOREIGN = _patterns(r"[^\W_]", r"[^\W_]*+", "", r"[^\W_]")
WORD = _WITHOUT_FOREIGN.part
"""A word of which all letters, and what follows it, are ASCII."""


@lru_cache(maxsize=1)
def _of_all_scripts() -> Patterns:
    unmarked = rf"[^\W_{UNSPACED_SCRIPTS}]"
    rest = f"{unmarked}*+(?:[{MARKS}]{unmarked}*+)*+"  # as fast as it is without marks
    return _patterns(f"(?:{unmarked}|[{MARKS}])", rest, f"[{UNSPACED_SCRIPTS}]|", rf"(?:[^\W_]|[{MARKS}])")


_SPACED = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)) + b" " * 128
"""UTF-8 with spaces in the place of all but letters and digits of ASCII."""


def patterns_of(text: str) -> Patterns:
    """Those that cut this text right."""
    return _of_all_scripts() if holds_foreign(text) else _WITHOUT_FOREIGN


def index_words(folded_text: str) -> list[str]:
    """The words as the index has them, before they are stemmed. Where all letters are ASCII, a pattern would take five
    times as long."""
    if holds_foreign(folded_text):
        return _of_all_scripts().token.findall(folded_text)
    return folded_text.encode().translate(_SPACED).decode().split()


def end_of_word(folded_text: str, start: int) -> int:
    """Where the word ends that begins there; of a sign the next place."""
    match = WORD.match(folded_text, start)
    end = match.end() if match else start
    if holds_foreign(folded_text[start : end + 1]):
        match = _of_all_scripts().token.match(folded_text, start)
    return match.end() if match else start + 1


@lru_cache(maxsize=1)
def _stretches() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED_SCRIPTS}]+|[^{UNSPACED_SCRIPTS}]+")


def by_script(word: str) -> list[str]:
    """What is written together, cut where scripts with and without spaces meet."""
    return _stretches().findall(word) if holds_foreign(word) else [word]


def is_letter(char: str) -> bool:
    """Whether it is of a word that is written between spaces."""
    return char.isalnum() if char.isascii() else patterns_of(char).letter.match(char) is not None
