"""Passages in the pieces that a model reads at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notewell_store.meaning.pieces import LONGEST_PIECE, cut, digest_of, pieces_of


def test_a_short_passage_is_one_piece_under_its_title_and_heading() -> None:
    assert pieces_of("Deploy", "Roll back", "Revert it.\n") == ["Deploy › Roll back\nRevert it."]


def test_a_heading_that_is_the_title_is_said_once() -> None:
    assert pieces_of("Deploy", "Deploy", "Ship it.") == ["Deploy\nShip it."]


def test_a_section_without_text_is_embedded_by_its_heading() -> None:
    assert pieces_of("Deploy", "Steps", " \n") == ["Deploy › Steps"]


def test_a_long_passage_is_cut_between_paragraphs_where_there_are_any() -> None:
    first, second = "a " * 300, "b " * 300
    assert cut(f"{first}\n\n{second}") == [first.strip(), second.strip()]


def test_a_long_sentence_is_cut_between_words() -> None:
    words = cut("seven77 " * 300)
    assert len(words) == 3
    assert all(set(piece.split()) == {"seven77"} for piece in words)


@given(st.text(st.sampled_from("ab \n."), max_size=3_000))
def test_no_letter_is_lost_and_no_piece_is_too_long(body: str) -> None:
    pieces = cut(body)
    assert all(len(piece) <= LONGEST_PIECE for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(body.split())


def test_the_digest_tells_apart_all_that_decides_on_the_vectors() -> None:
    told = ["sthb", "xthb", "sxhb", "stxb", "sthx"]
    assert len({digest_of(*each) for each in told}) == len(told)
    assert digest_of("s", "t", "h", "\ud800") != digest_of("s", "t", "h", "")
