"""How texts are kept small, and that each comes back as it was."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notewell_store.tables.deltas import decode, encode_delta, encode_whole, is_whole

# Few letters, so that texts share much, and pieces of characters, since a difference may cut one in two.
TEXTS = st.text("ab \né日\U0001f680", max_size=60).map(str.encode) | st.binary(max_size=80)


@given(TEXTS)
def test_a_whole_text_comes_back(text: bytes) -> None:
    blob = encode_whole(text)
    assert is_whole(blob)
    assert decode(b"whatever stood before", blob) == text


@settings(max_examples=400)
@given(TEXTS, TEXTS)
def test_a_difference_gives_the_text_again(base: bytes, text: bytes) -> None:
    blob = encode_delta(base, text)
    assert not is_whole(blob)
    assert decode(base, blob) == text


@given(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)
def test_a_difference_in_the_middle_of_long_texts_gives_the_text_again(
    head: bytes, tail: bytes, old: bytes, new: bytes, far: bytes
) -> None:
    base, text = head * 900 + old + tail * 900, head * 900 + new + far + tail * 900
    assert decode(base, encode_delta(base, text)) == text


@given(st.lists(TEXTS, min_size=1, max_size=12))
def test_a_chain_of_differences_gives_every_text_again(texts: list[bytes]) -> None:
    blobs = [encode_whole(texts[0])]
    blobs += [encode_delta(base, text) for base, text in itertools.pairwise(texts)]
    text = b""
    for blob, expected in zip(blobs, texts, strict=True):
        text = decode(text, blob)
        assert text == expected


@pytest.mark.parametrize(
    ("base", "text"),
    [
        (b"", b""),
        (b"", b"x"),
        (b"x", b""),
        (b"same", b"same"),
        (b"aaa", b"aa"),
        (b"aa", b"aaa"),
        (b"abab", b"ababab"),
        (b"x" * 1_000_000, b"x" * 999_999),
        (b"x" * 1_000_000, b"y" * 1_000_000),
        (b"a" * 40_000 + b"b" * 40_000, b"b" * 40_000 + b"a" * 40_000),
        ("é".encode(), "è".encode()),
        (b"x" * 127, b"x" * 128),
        (b"x" * 16_384, b"x" * 16_383 + b"y"),
    ],
)
def test_the_edges_hold(base: bytes, text: bytes) -> None:
    assert decode(base, encode_delta(base, text)) == text
    assert decode(b"", encode_whole(text)) == text


def test_a_small_edit_of_a_large_text_costs_little() -> None:
    rng = random.Random(1)
    base = bytes(rng.randrange(32, 127) for _ in range(60_000))
    edited = base[:30_000] + b"a few new words" + base[30_010:]
    assert len(encode_delta(base, edited)) < 60
    assert len(encode_delta(base, base)) < 10
    assert len(encode_delta(base, base + b" and an end")) < 40


def test_lines_that_moved_cost_less_than_the_lines() -> None:
    rng = random.Random(2)
    lines = [f"{rng.random()} {rng.random()}\n".encode() for _ in range(300)]
    base, moved = b"".join(lines), b"".join(lines[100:200] + lines[:100] + lines[200:])
    assert len(encode_delta(base, moved)) < len(base) / 20


@given(TEXTS, st.binary(max_size=40))
def test_a_damaged_blob_gives_some_text_or_is_refused_as_a_value(base: bytes, blob: bytes) -> None:
    try:
        decode(base, blob)
    except ValueError:
        return
