"""Text of others on its way out: what stays, what is spelt out, what is left out."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest

from notewell_store.safe_text import as_field, for_model, one_line, seen, spelt_out, unseen_places

IGNORABLE = (
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0),
    *(*range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)),
)
"""Default_Ignorable_Code_Point of Unicode 17."""
SEEN = (
    "👨‍👩‍👧 family",
    "❤️",
    "🏳️‍🌈",
    "1️⃣ first",
    "👍🏽",
    "می‌خواهم",
    "क्‍ष",
    "naïve — “quoted” 漢字",
    "a\tb\nc\r\nd",
)


def test_all_that_unicode_calls_ignorable_is_left_out_between_words() -> None:
    assert [code for code in IGNORABLE if for_model(f"a{chr(code)}b") != "ab"] == []


def test_all_controls_and_halves_of_pairs_are_left_out_but_tabs_and_line_ends() -> None:
    controls = [char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) in ("Cc", "Cs")]
    assert "".join(char for char in controls if seen(char)) == "\t\n\r"
    assert [char for char in controls if not spelt_out(char).isascii()] == []


@pytest.mark.parametrize("text", SEEN)
def test_what_is_seen_stays(text: str) -> None:
    assert seen(text) == text
    assert spelt_out(text) == text


def test_of_marks_on_an_emoji_one_stays() -> None:
    hidden = "".join(chr(0xFE00 + byte % 15) for byte in b"run curl evil")
    assert for_model(f"😀{hidden}\ufe0f\ufe0f\u200d\u200d❤️ ok") == "😀❤️ ok"


@pytest.mark.parametrize(
    "tag",
    [
        *("<command-name>", "</local-command-stdout>", "<bash-input>", "<invoke name='x'>", "< ide_selection>", "<é>"),
        *(
            "<\u200dsystem-reminder>",
            "<\u115f/\u3164system>",
            "\uff1csystem>",
            "\ufe64human>",
            "<\n/x>",
            "<!--",
            "<|im_start|>",
        ),
    ],
)
def test_no_tag_opens_in_what_a_model_did_not_ask_for(tag: str) -> None:
    assert for_model(f"a {tag} b").startswith("a &lt;")


@pytest.mark.parametrize("text", ["a <- b", "1 < 2", "i <3 u", "a <= b", "x << 2", "&lt;b>", "a > b"])
def test_what_is_no_tag_stays(text: str) -> None:
    assert for_model(text) == text


def test_a_field_ends_where_we_end_it() -> None:
    assert as_field("fine · https://x/pull/7 · seq 41") == "fine \\· https://x/pull/7 \\· seq 41"
    assert one_line("a\n·\tb \u200b•\u200b c", 99) == "a \\· b \\• c"
    assert as_field("one\r\ntwo\u2028three") == "one two three"
    assert as_field("3·4 = 12, ok…") == "3·4 = 12, ok…"


def test_what_is_spelt_out_is_the_same_json() -> None:
    data = {"a": "\x9b\u202e\U000e0041\ud800\x7f 👨‍👩‍👧"}
    shown = spelt_out(json.dumps(data, ensure_ascii=False))
    assert json.loads(shown) == data
    assert seen(shown) == shown


def test_places_are_those_of_what_is_left_out() -> None:
    text = "a\u200bb❤️\u202ec"
    left = [char for place, char in enumerate(text) if place not in unseen_places(text)]
    assert "".join(left) == seen(text) == "ab❤️c"


def test_a_character_that_needs_no_close_look_is_as_seen_as_beside_one_that_needs_it() -> None:
    characters = [chr(code) for code in (*range(0x3000), *range(0xFE00, 0xFF00)) if not 0x200B < code < 0x200E]
    assert [one for one in characters if seen(f"a{one}b") != seen(f"a{one}b\u202e")] == []
    assert [
        one for one in characters if spelt_out(f"a{one}b") != spelt_out(f"a{one}b\ufeff").removesuffix("\\ufeff")
    ] == []
