"""What was written otherwise is found: each spelling by the other, and marked where it stands in the text."""

# ruff: noqa: RUF001 - the scripts of the world

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from notewell_store import Filter
from notewell_store.models import Hit
from notewell_store.search.search import search_notes
from notewell_store.tables.completion import complete_slugs

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


SAME = [
    ("한국어", decomposed("한국어")),
    ("데이터베이스를", decomposed("데이터베이스를")),
    ("サーバーガイド", decomposed("サーバーガイド")),
    ("ガイド", "ｶﾞｲﾄﾞ"),
    ("νόμος", "ΝΟΜΟΣ"),
    ("Ελλάδα", "ελλαδα"),
    ("ΰπνος", "υπνος"),
    ("учёт", "учет"),
    ("УЧЁТ", decomposed("учёт")),
    ("край", decomposed("край")),
    ("Łódź", "lodz"),
    ("Øresund", "oresund"),
    ("Đorđe", "dorde"),
    ("Þórður", "thordur"),
    ("straße", "STRASSE"),
    ("STRAẞE", "strasse"),
    ("cœur", "coeur"),
    ("Æsir", "aesir"),
    ("naïve", decomposed("naïve")),
    ("naïve", "naive"),
    ("phở", "pho"),
    ("İstanbul", "istanbul"),
    ("ılık", "ilik"),
    ("ＮＯＴＥＷＥＬＬ", "notewell"),
    ("ｆｕｌｌｗｉｄｔｈ", "FULLWIDTH"),
    ("ﬁle", "file"),
    ("oﬃce", "office"),
    ("Ǆungla", "dzungla"),
    ("שָׁלוֹם", "שלום"),
    ("مُحَمَّد", "محمد"),
    ("محـــمد", "محمد"),
    ("ﻣﺤﻤﺪ", "محمد"),
    ("co\u00adoper\u00adate", "cooperate"),
    ("ker\u200bnel", "kernel"),
    ("می\u200cخواهم", "میخواهم"),
    ("क़लम", "क\u093cलम"),
    ("हिन्दी", "हिन्\u200dदी"),
    ("CO₂", "CO2"),
    ("10㎏", "10 kg"),
    ("Kestrel™", "kestrel"),
    ("㈱山田", "株"),
]

OTHER = [
    ("が", "か"),
    ("ハン", "パン"),
    ("की", "का"),
    ("हिन्दी", "हनद"),
    ("ไม้", "ไม"),
    ("קול", "קל"),
    ("straße", "strase"),
]
"""What a mark tells apart, and what was never one."""


def hits(knowledge: Knowledge, query: str) -> list[Hit]:
    with knowledge.store.reading() as db:
        return list(search_notes(db, query, Filter()).items)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_each_spelling_finds_the_other_and_marks_it_as_it_is_written(
    knowledge: Knowledge, one: str, other: str
) -> None:
    for slug, written, asked in (("one", one, other), ("other", other, one)):
        knowledge.put(slug, f"# Note\n\nBefore {written} after.\n")
        (found,) = [hit for hit in hits(knowledge, asked) if hit.slug == slug]
        assert f"**{written}**" in found.snippet or written not in (one, other) or _in_parts(found.snippet, written)


def _in_parts(snippet: str, written: str) -> bool:
    """Whether nothing but the word, or a part that is a word of its own, is marked."""
    before, *marked = snippet.replace("Before ", "", 1).replace(" after.", "").split("**")
    return bool(marked) and "".join([before, *marked]) == written


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_a_letter_or_its_mark_tells_apart_stays_apart(knowledge: Knowledge, one: str, other: str) -> None:
    knowledge.put("one", f"# Note\n\nBefore {one} after.\n")
    knowledge.put("other", f"# Note\n\nBefore {other} after.\n")
    assert [hit.slug for hit in hits(knowledge, one)] == ["one"]
    assert [hit.slug for hit in hits(knowledge, other)] == ["other"]


@pytest.mark.parametrize(
    ("content", "query", "snippet"),
    [
        ("Der Fuß der Straße.", "strasse", "Der Fuß der **Straße**."),
        ("Der Fuß der Straße.", "str*", "Der Fuß der **Straße**."),
        (decomposed("Le café d’été."), "cafe", decomposed("Le **café** d’été.")),
        ("ﬁﬁﬁ ﬁle ﬁﬁﬁ", "file", "ﬁﬁﬁ **ﬁle** ﬁﬁﬁ"),
        (decomposed("각각 한국어 각각"), "한국어", decomposed("각각 **한국어** 각각")),
        ("Soft hy\u00adphen\u00ads here.", "hyphens", "Soft **hy\u00adphen\u00ads** here."),
        ("ИЗМЕНЕНИЯ УЧЁТА", "учета", "ИЗМЕНЕНИЯ **УЧЁТА**"),
        ("½ ŁódźMiasto ½", "miasto", "½ Łódź**Miasto** ½"),
        ("कि की का", "की", "कि **की** का"),
        ("品質が。良い", "質が", "品**質が**。良い"),
    ],
)
def test_marks_stand_about_the_letters_of_the_text_as_it_is_written(
    knowledge: Knowledge, content: str, query: str, snippet: str
) -> None:
    knowledge.put("a", f"# Note\n\n{content}\n")
    (hit,) = hits(knowledge, query)
    assert hit.snippet == snippet


def test_titles_headings_and_tags_are_found_however_they_are_written(knowledge: Knowledge) -> None:
    knowledge.put("a", decomposed("# Über Öl\n\n## Größe\n\nText.\n"), tags=("façade",))
    for query in ("uber", "OL", "grosse", "facade"):
        assert [hit.slug for hit in hits(knowledge, query)] == ["a"], query


def test_a_phrase_a_prefix_and_a_mistake_are_folded(knowledge: Knowledge) -> None:
    knowledge.put("a", "# Note\n\nDie Größe der Brücke in Łódź.\n")
    for query in ('"grosse der brucke"', "bruc*", "BRÜC*", "brukce", "Lodź"):
        assert [hit.slug for hit in hits(knowledge, query)] == ["a"], query


def test_a_note_is_taken_out_of_the_index_by_the_words_it_was_taken_in_with(knowledge: Knowledge) -> None:
    knowledge.put("a", decomposed("# Note\n\nStraße Łódź 한국어 учёт.\n"))
    knowledge.rewrite("a", "# Note\n\nNothing.\n")
    for query in ("strasse", "lodz", "한국어", "учет"):
        assert hits(knowledge, query) == [], query


@pytest.mark.parametrize("typed", ["ŁÓDŹ", "łód", decomposed("Pübl"), "ｗｅｅｋ", "учет"])
def test_slugs_are_completed_however_the_beginning_is_typed(knowledge: Knowledge, typed: str) -> None:
    knowledge.put("lodz-publ-week", "# Учёт\n")
    with knowledge.store.reading() as db:
        assert complete_slugs(db, typed, 5) == ["lodz-publ-week"]
