"""How passages are read for a question: all at once, and each as if it stood alone."""

import re
from itertools import product

import pytest

from notewell_store.index_query import PassageText
from notewell_store.search.matcher import Matcher, beginning_of
from notewell_store.search.question import ENDINGS, read_query
from notewell_store.search.ranking import Ranker, Score
from notewell_store.search.stems import FOURTH, SECOND, THIRD, stem

ALL_ENDINGS = {*ENDINGS, *FOURTH, *(ending for ending, _ in (*SECOND, *THIRD)), "ed", "ying", "ied", "ies", "ability"}
BEGINNINGS = ("", "a", "t", "try", "hop", "hopp", "vis", "poss", "stab", "oper", "tumb", "agre", "fall", "naïv", "rel")


def scores(query: str, *passages: PassageText) -> list[Score]:
    question = read_query(query)
    ranker = Ranker(question, dict.fromkeys(question.terms, 1.0))
    ranker.read(text for passage in passages for text in passage)
    return [ranker.score(passage) for passage in passages]


def body(text: str) -> PassageText:
    return PassageText("", "", text, "")


def test_a_word_begins_as_is_told_of_its_stem() -> None:
    words = [
        f"{beginning}{first}{second}" for beginning in BEGINNINGS for first, second in product(ALL_ENDINGS, repeat=2)
    ]
    assert [word for word in words if not word.startswith(beginning_of(stem(word)))] == []


def test_no_pattern_is_compiled_for_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    question = read_query("how is a colossal squid weighed, and squ*?")
    monkeypatch.setattr(re, "compile", None)
    text = "the colossal squid is weighed alive"
    assert [text[start:end] for start, end, _ in Matcher(question).places(text, text)] == [
        "colossal",
        "squid",
        "weighed",
    ]


def test_words_of_two_texts_do_not_stand_side_by_side() -> None:
    apart, beside = scores("release branch", PassageText("", "release", "branch", ""), body("release branch"))
    assert (apart.pairs, beside.pairs) == (0, 1.0)
    (first, second) = scores('"release branch"', body("of the release"), body("branch of it"))
    assert (first.words, second.words) == ({}, {})


def test_a_passage_is_worth_the_same_whatever_is_read_with_it() -> None:
    texts = [
        "parseSections of the ÜBERSICHT",
        "",
        "parse sections",
        "検索の索引 parses",
        "x" * 5_000 + " ubersicht",
        "ΣΊΣΥΦΟΣ parse",
    ]
    query = "parseSections 検索 parse* übersicht σίσυφος the"
    alone = [scores(query, body(text))[0].total for text in texts]
    assert [one.total for one in scores(query, *map(body, texts))] == alone
    assert sum(worth > 0 for worth in alone) == 5


def test_a_word_that_stands_a_thousand_times_in_a_text_counts_no_more() -> None:
    thousand, more, other = scores("tick", body("tick " * 1_000), body("tick " * 1_000 + "tick"), body("tick"))
    assert [list(one.words.values()) for one in (thousand, more)] == [[pytest.approx(2.0, abs=0.01)]] * 2
    assert other.total > 0
