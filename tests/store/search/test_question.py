"""How a query is read: what is made of one costs no more, however long a word in it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewell_store.index_query import AnyOf, IndexQuery
from notewell_store.search.question import Term, read_query

ONE_WORD: dict[str, Callable[[int], str]] = {
    "a word": lambda length: "a" * length,
    "a prefix": lambda length: "a" * (length - 1) + "*",
    "a word with endings": lambda length: ("nationalizations" * length)[:length],
    "camelCase": lambda length: ("aBcd" * length)[:length],
    "a name": lambda length: "x." + "a" * (length - 2),
    "a prefix of a name": lambda length: "x-" + "a" * (length - 3) + "*",
    "a phrase": lambda length: f'"{"a" * (length - 2)}"',
    "other letters": lambda length: "ß" * length,
    "no spaces": lambda length: "日" * length,
}


@pytest.mark.parametrize("made", ONE_WORD.values(), ids=ONE_WORD)
def test_one_word_of_ten_thousand_letters_makes_no_more_than_one_of_a_hundred(made: Callable[[int], str]) -> None:
    sizes = {_size(read_query(made(length)).terms) for length in (100, 1_000, 10_000)}
    assert len(sizes) == 1


@given(st.text("aAbB1é", min_size=100, max_size=10_000), st.sampled_from(["", "*"]))
def test_whatever_its_letters_one_word_makes_few_strings_all_short(word: str, star: str) -> None:
    strings, characters = _size(read_query(word + star).terms)
    assert strings < 250
    assert characters < 250 * 80


def _size(terms: tuple[Term, ...]) -> tuple[int, int]:
    """The strings that an index is asked for, and their characters; the words that a text is looked through for too."""
    strings = [string for term in terms for string in (*term.words, *_strings(term.query))]
    return len(strings), sum(map(len, strings))


def _strings(query: IndexQuery) -> list[str]:
    if isinstance(query, AnyOf):
        return [string for each in query.queries for string in _strings(each)]
    words = query[-1]
    return [words] if isinstance(words, str) else []
