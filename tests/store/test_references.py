"""References: how people write the name of a note, a section, a revision."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewell_store import Invalid, Reference, parse_reference


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("sop-deploy", Reference("sop-deploy")),
        ("sop-deploy#steps", Reference("sop-deploy", None, "steps")),
        ("sop-deploy@7", Reference("sop-deploy", 7)),
        ("sop-deploy@7#steps", Reference("sop-deploy", 7, "steps")),
        ("12", Reference("12")),
        ("12@3#x", Reference("12", 3, "x")),
        ("  sop-deploy \n", Reference("sop-deploy")),
        ("[[sop-deploy#steps]]", Reference("sop-deploy", None, "steps")),
        ("note://sop-deploy@7", Reference("sop-deploy", 7)),
        ("SOP-Deploy#Steps", Reference("sop-deploy", None, "Steps")),
        ("a#b#c", Reference("a", None, "b#c")),
        ("a#b@7", Reference("a", None, "b@7")),
        ("a#", Reference("a")),
        ("a#日本", Reference("a", None, "日本")),
        ("a@000000007", Reference("a", 7)),
    ],
)
def test_a_reference_is_read_as_it_is_meant(text: str, reference: Reference) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "#a",
        "@1",
        "@",
        "[[]]",
        "note://",
        "a@",
        "a@0",
        "a@-1",
        "a@x",
        "a@1.5",
        "a@²",
        "a@1@2",
        "a@" + "9" * 99,
    ],
)
def test_what_names_nothing_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse_reference(text)
    assert raised.value.argument == "ref"
    assert "sop-deploy" in str(raised.value)
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    ("name", "note_id"),
    [
        ("12", 12),
        ("0012", 12),
        ("0", 0),
        ("1a", None),
        ("a", None),
        ("1-2", None),
        ("²", None),
        ("١٢", None),
        ("9" * 19, 2**63 - 1),
        ("9" * 5000, 2**63 - 1),
        (str(2**63 - 1), 2**63 - 1),
    ],
)
def test_digits_alone_are_an_id_that_sqlite_can_hold(name: str, note_id: int | None) -> None:
    assert parse_reference(name).note_id == note_id


SLUGS = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)
ANCHORS = st.none() | st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"], exclude_characters="]"), min_size=1)


@given(SLUGS, st.none() | st.integers(1, 999_999_999), ANCHORS)
def test_a_reference_written_and_read_is_the_same(name: str, revision: int | None, anchor: str | None) -> None:
    reference = Reference(name, revision, anchor)
    assert parse_reference(str(reference)) == reference
    assert parse_reference(f" [[{reference}]] ") == reference


@given(st.text(st.characters()))
def test_any_text_is_a_reference_or_invalid(text: str) -> None:
    try:
        reference = parse_reference(text)
    except Invalid as error:
        assert error.argument == "ref"
    else:
        assert reference.name
        assert reference.note_id is None or 0 <= reference.note_id < 2**63
