"""Stems in Python against those of FTS5, which cut the index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.search.stems import stem

DOCUMENTS = Path(__file__).parents[3] / "docs"
ENDINGS = (
    "",
    *("s", "es", "ies", "ed", "eed", "ing", "ational", "tional", "ization", "ation", "ator", "alism", "iveness"),
    *("fulness", "ousness", "aliti", "iviti", "biliti", "icate", "ative", "alize", "ical", "ful", "ness", "ance"),
    *("ement", "ment", "ent", "ion", "tion", "ism", "ate", "ous", "ive", "ize", "y", "e", "ll", "lle", "ogi", "bli"),
)
ROOTS = ("depl", "migr", "hop", "hopp", "fil", "act", "sens", "plan", "cre", "st", "try", "agre", "roll", "analog")


def stems_of_fts5(words: list[str]) -> list[str]:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE s USING fts5(x, content='', tokenize='porter unicode61 remove_diacritics 2')")
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(s, instance)")
    db.executemany("INSERT INTO s (rowid, x) VALUES (?, ?)", list(enumerate(words)))
    found = dict(db.execute("SELECT doc, term FROM v").fetchall())
    return [found[at] for at in range(len(words))]


def test_the_words_of_our_own_pages_have_the_stems_of_the_index() -> None:
    text = " ".join(page.read_text() for page in DOCUMENTS.rglob("*.md"))
    words = sorted(set(re.findall(r"[a-z0-9]+", text.lower())))
    assert len(words) > 1_000
    assert [stem(word) for word in words] == stems_of_fts5(words)


def test_every_ending_is_cut_as_the_index_cuts_it() -> None:
    words = [root + ending for root in ROOTS for ending in ENDINGS]
    assert [stem(word) for word in words] == stems_of_fts5(words)


@pytest.mark.parametrize("word", ["", "a", "is", "x" * 65, "日", "zürich"])
def test_what_is_too_short_too_long_or_foreign_stays(word: str) -> None:
    assert stem(word) == word
