"""What is kept byte for byte, and what is refused: clearly, and with nothing written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewell_store import Attribution, Invalid, NotFound, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # with the zero-width non-joiner that it needs
EXACT = {
    "windows line ends": "# A\r\n\r\ntext\r\n",
    "no final newline": "# A\n\ntext",
    "old Mac line ends": "# A\rtext\r",
    "mixed line ends": "a\r\nb\nc\rd",
    "trailing blanks": "a  \nb\t\n\n\n   ",
    "only blanks": " \n\t\n ",
    "tabs": "\t- a\n\t\t- b\n",
    "byte order mark": "\ufeff# A\n",
    "decomposed letters": "e\u0301 \u00e9 \u212b",
    "wide characters": "日本語 👩‍👩‍👧 \U0001f9d1\u200d\U0001f680",
    "odd line separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "control characters": "\x01\x02\x1b[31m\x7f",
    "raw html": "<div onclick='x()'>\n<script>alert(1)</script>\n</div>\n",
    "mermaid": "```mermaid\ngraph TD; A-->B\n```\n",
    "table": "| a | b |\n|---|:-:|\n| 1 | \\| |\n",
    "looks like json": '{"a": [1, 2], "b": "\\u00e9"}',
    "looks like sql": "'; DROP TABLE notes; --",
    "front matter": "---\ntitle: x\n---\n# A\n",
    "non-characters": "\ufffe\uffff\U0010ffff",
}


@pytest.mark.parametrize("text", EXACT.values(), ids=EXACT.keys())
def test_markdown_comes_back_byte_for_byte_now_and_from_history(knowledge: Knowledge, text: str) -> None:
    knowledge.put("a", text)
    knowledge.rewrite("a", f"other\n{text}")
    assert knowledge.note("a@1").markdown == text
    assert knowledge.note("a").markdown == f"other\n{text}"


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=4))
def test_any_text_comes_back_as_it_was_sent(knowledge: Knowledge, texts: list[str]) -> None:
    # The store lives through all examples: each one goes on from the note that the last one left.
    start = knowledge.put("a", texts[0]) if not knowledge.listed() else knowledge.rewrite("a", texts[0])
    revisions = [start.revision, *(knowledge.rewrite("a", text).revision for text in texts[1:])]
    assert knowledge.note("a").markdown == texts[-1]
    for revision, text in zip(revisions, texts, strict=True):
        assert knowledge.note(f"a@{revision}").markdown == text


def refuses(knowledge: Knowledge, attempt: Callable[[], object], argument: str | None = None) -> str:
    """That the attempt raises Invalid and leaves no trace; the answer is the message."""
    seqs = [revision.seq for revision in knowledge.history()]
    with pytest.raises(Invalid) as raised:
        attempt()
    assert [revision.seq for revision in knowledge.history()] == seqs
    assert argument is None or raised.value.argument == argument
    assert 10 < len(str(raised.value)) < 500
    str(raised.value).encode()
    return str(raised.value)


def test_a_note_of_a_million_bytes_is_taken_and_one_byte_more_is_not(knowledge: Knowledge) -> None:
    largest = "é" * 499_999 + "xy"
    assert knowledge.put("large", largest).outcome == "created"
    assert knowledge.note("large").markdown == largest
    assert "1,000,001" in refuses(knowledge, lambda: knowledge.put("larger", largest + "x"), "content")
    refuses(knowledge, lambda: knowledge.rewrite("large", largest + "x"), "content")
    refuses(knowledge, lambda: knowledge.edit("large", "append", "x"), "content")


def test_a_nul_is_refused_with_its_place(knowledge: Knowledge) -> None:
    assert "character 2" in refuses(knowledge, lambda: knowledge.put("a", "ab\0"), "content")
    knowledge.put("a", "ab")
    refuses(knowledge, lambda: knowledge.edit("a", "append", "\0"), "content")


@pytest.mark.parametrize("text", ["x \ud83d y", "# \udc00 heading\n"])
def test_half_of_a_surrogate_pair_is_refused_wherever_it_stands_in_the_text(knowledge: Knowledge, text: str) -> None:
    assert "surrogate" in refuses(knowledge, lambda: knowledge.put("a", text), "content")


@pytest.mark.parametrize(
    "attempt",
    [
        lambda knowledge: knowledge.put("\ud83d", "x"),
        lambda knowledge: knowledge.put("b", "x", title="\ud83d"),
        lambda knowledge: knowledge.put("b", "x", tags=("\ud83d",)),
        lambda knowledge: knowledge.put("b", "x", status="\ud83d"),
        lambda knowledge: knowledge.put("b", "x", note_type="\ud83d"),
        lambda knowledge: knowledge.put("b", "x", by=Attribution("tester", "\ud83d")),
        lambda knowledge: knowledge.put("b", "x", by=Attribution("tester", None, "\ud83d")),
        lambda knowledge: knowledge.put("b", "x", project="\ud83d"),
        lambda knowledge: knowledge.put("b", "x", parent="\ud83d"),
        lambda knowledge: knowledge.link("a", "a-\ud83d", allow_missing=True),
        lambda knowledge: knowledge.link("a", "b#\ud83d", allow_missing=True),
        lambda knowledge: knowledge.note("\ud83d"),
        lambda knowledge: knowledge.delete("a-\ud83d"),
        lambda knowledge: knowledge.history(revised_by="\ud83d"),
        lambda knowledge: knowledge.put("b", "x", position=10**30),
        lambda knowledge: knowledge.history(since="9" * 40),
    ],
)
def test_what_no_engine_can_hold_is_refused_in_our_words_in_every_argument(
    knowledge: Knowledge, attempt: Callable[[Knowledge], object]
) -> None:
    knowledge.put("a", "x")
    before = knowledge.history()
    try:
        attempt(knowledge)
    except StoreError as error:
        str(error).encode(errors="backslashreplace")
    else:
        assert knowledge.history(since="0") == before, "written although it cannot be read back"
    assert knowledge.history() == before


@pytest.mark.parametrize(
    "slug", ["Ä", "a b", "a_b", "a--b", "-a", "a-", "a/b", "a.md", "x" * 201, "\uff41", "a\n", "12345"]
)
def test_what_is_no_slug_names_no_new_note(knowledge: Knowledge, slug: str) -> None:
    if slug.strip() == "a":
        knowledge.put(slug, "the white space round a reference does not count")
        assert knowledge.listed() == ["a"]
    else:
        refuses(knowledge, lambda: knowledge.put(slug, "x"), "slug")


@pytest.mark.parametrize("slug", ["Foo", "a b", "a--b", "-a", "x" * 201, "123", "a@2", "a#b", " "])
def test_what_is_no_slug_is_no_new_name_either(knowledge: Knowledge, slug: str) -> None:
    knowledge.put("a", "x")
    refuses(knowledge, lambda: knowledge.rename("a", slug), "new_slug")


@pytest.mark.parametrize("slug", ["a", "0-1", "2026-11-21", "1a", "x" * 200, "a-1-b"])
def test_every_slug_of_the_rule_is_taken(knowledge: Knowledge, slug: str) -> None:
    knowledge.put(slug, "x")
    assert knowledge.note(slug).metadata.slug == slug


@pytest.mark.parametrize("title", ["", "   ", "x" * 301, "a\x00b", "a\x1bb", "\x7f"])
def test_a_poor_title_is_refused(knowledge: Knowledge, title: str) -> None:
    refuses(knowledge, lambda: knowledge.put("a", "text", title=title), "title")
    knowledge.put("b", "text")
    refuses(knowledge, lambda: knowledge.put("b", title=title), "title")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("x" * 300, "x" * 300),
        ("  two \n\t words ", "two words"),
        (PERSIAN, PERSIAN),
        ("שלום\u200f!", "שלום\u200f!"),
        ("family 👩\u200d👩\u200d👧", "family 👩\u200d👩\u200d👧"),
        ("new in Unicode: \U0001fae9", "new in Unicode: \U0001fae9"),  # unknown to Python 3.11
        ("none", "none"),
        ("'quoted' \"title\" <b>", "'quoted' \"title\" <b>"),
    ],
)
def test_titles_in_any_script_are_kept_on_one_line(knowledge: Knowledge, sent: str, kept: str) -> None:
    knowledge.put("a", "text", title=sent)
    assert knowledge.note("a").metadata.title == kept


@pytest.mark.parametrize(
    "change",
    [
        {"tags": ("",)},
        {"tags": (" ",)},
        {"tags": ("a,b",)},
        {"tags": ("x" * 101,)},
        {"add_tags": ("a\x00",)},
        {"note_type": "x" * 101},
        {"status": "a,b"},
        {"parent": "#x"},
        {"parent": "b@x"},
    ],
)
def test_words_that_no_filter_could_name_are_refused(knowledge: Knowledge, change: dict[str, Any]) -> None:
    refuses(knowledge, lambda: knowledge.put("a", "x", **change))


def test_an_unknown_project_or_parent_is_named_with_its_nearest(knowledge: Knowledge) -> None:
    knowledge.put("sop-index", "x")
    with pytest.raises(NotFound) as raised:
        knowledge.put("a", "x", parent="sop-indx")
    assert raised.value.nearest == ("sop-index",)
    with pytest.raises(NotFound):
        knowledge.put("a", "x", project="nowhere")
    assert knowledge.listed() == ["sop-index"]
