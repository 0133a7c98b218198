"""Folding, over all of Unicode: stable, as long as what it is read beside, and bounded."""

from __future__ import annotations

import sys
import unicodedata
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from notewell_store.folding import folded, lowered, origins, plain
from notewell_store.search.words import index_words


@cache
def all_characters() -> list[str]:
    return [char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) != "Cs"]


def test_every_character_is_folded_once_and_for_all() -> None:
    changed = [char for char in all_characters() if folded(folded(char)) != folded(char)]
    assert changed == []


def test_small_letters_stand_where_the_letters_stood() -> None:
    moved = [char for char in all_characters() if len(lowered(plain(char))) != len(plain(char))]
    assert moved == []


def test_every_letter_with_a_canonical_equivalent_is_folded_as_that_is() -> None:
    letters = [char for char in all_characters() if unicodedata.category(char)[0] in "LMN"]
    apart = [char for char in letters if folded(unicodedata.normalize("NFD", char)) != folded(char)]
    assert apart == []


def test_a_mark_that_is_kept_is_part_of_a_word() -> None:
    """Those of Unicode's newest blocks and of notations may cut one."""
    kept = [char for char in all_characters() if unicodedata.category(char) in ("Mn", "Mc") and plain(char) == char]
    words = [char for char in kept if index_words(char) == [char]]
    assert len(words) > 1_300
    assert {unicodedata.name(char).split()[0] for char in kept if char not in words} <= {
        *("MUSICAL", "ZNAMENNY", "SIGNWRITING", "COMBINING", "DUPLOYAN", "PHAISTOS", "COPTIC"),
    }


@given(st.text(st.sampled_from("ab ÉßﬁŁ½™か\u3099\u0301\u00ad한\u1112\u1161\u11abक़\u093cि。शि日本"), max_size=40))
def test_each_plain_character_comes_from_where_the_text_says_the_same(text: str) -> None:
    at = origins(text)
    assert len(at) == len(plain(text)) + 1
    assert at == sorted(at)
    assert at[-1] == len(text)


@given(st.text(st.characters(categories=("L", "M", "N", "Z")), max_size=100))
def test_any_words_are_folded_alike_in_any_form(text: str) -> None:
    assert folded(unicodedata.normalize("NFC", text)) == folded(text) == folded(unicodedata.normalize("NFD", text))
    assert len(folded(text)) == len(plain(text)) == len(origins(text)) - 1


def test_text_without_foreign_letters_is_the_text_itself() -> None:
    text = "Plain words — with “quotes”, → arrows and … dots"
    assert plain(text) is text
