"""How texts are cut into words: where all letters are ASCII, without a pattern, and no otherwise."""

import pytest

from notewell_store.folding import holds_foreign
from notewell_store.search.words import index_words, patterns_of

TEXTS = (
    "plain words, v2.3.0 and snake_case; dead-letter's",
    "“quoted” – dashed… bullets • arrows → 2 · ½-free\t\v\f\x1c\r\n\0end",
    "".join(map(chr, range(128))),
    "".join(f"a{chr(code)}b" for code in range(0x3000) if not holds_foreign(chr(code))),
    "",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_without_foreign_letters_is_cut_as_the_pattern_cuts_it(text: str) -> None:
    assert index_words(text) == patterns_of(text).token.findall(text)


def test_digits_in_circles_are_words() -> None:
    assert index_words("step ❶ and b➓") == ["step", "❶", "and", "b➓"]


def test_a_lone_surrogate_is_no_reason_to_fail() -> None:
    assert holds_foreign("a \ud800 b")
    assert index_words("a \ud800 b") == ["a", "b"]
