"""Search: what finds a note, what is shown of it, and what never raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewell_store import Filter
from notewell_store.models import Found
from notewell_store.search.candidates import Candidates
from notewell_store.search.search import search_notes
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge

LONGEST_SNIPPET = 300


def search(knowledge: Knowledge, query: str, limit: int = 10) -> Found:
    with knowledge.store.reading() as db:
        return search_notes(db, query, Filter(), limit)


@pytest.fixture
def library(knowledge: Knowledge) -> Knowledge:
    knowledge.put(
        "sop-deploy",
        "# How we deploy\n\nPush the green button.\n\n## Rolling back\n\nIf the release fails, revert the migration.\n",
        tags=("ops",),
    )
    knowledge.put("expenses", "# Expenses\n\n## Reimbursement\n\nExpenses are reimbursed within 30 days.\n")
    knowledge.put("unicode", "# Café\n\nNaïve Zürich façade. 日本語の文書です。 한국어 문서. Привет мир.\n")
    knowledge.put("code", "# Code\n\nCall `getUserName()` in user_store.py, see https://example.org/a-b?c=d#e v1.2.3\n")
    knowledge.put("common", "# Notes\n\nTo be or not to be, that is the question of the who.\n")
    return knowledge


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("deploy", "sop-deploy"),
        ("DEPLOY", "sop-deploy"),
        ("deployed deployments", "sop-deploy"),
        ("How do we deploy?", "sop-deploy"),
        ('"green button"', "sop-deploy"),
        ("release-fails", "sop-deploy"),
        ("sop-deploy", "sop-deploy"),
        ("how are expenses reimbursed", "expenses"),
        ("reimbursing", "expenses"),
        ("cafe", "unicode"),
        ("CAFÉ", "unicode"),
        ("naive", "unicode"),
        ("Zurich", "unicode"),
        ("日本語", "unicode"),
        ("文書", "unicode"),
        ("문서", "unicode"),
        ("привет", "unicode"),
        ("getUserName", "code"),
        ("get user name", "code"),
        ("user_store.py", "code"),
        ("https://example.org/a-b?c=d#e", "code"),
        ("v1.2.3", "code"),
        ("who", "common"),
        ("to be or not to be", "common"),
        ("to be OR deploy", "sop-deploy"),
        ("expenses' button (((", "expenses"),
        ("ops", "sop-deploy"),
        ('unclosed "reimbursed', "expenses"),
        ("zzz qqq reimbursed", "expenses"),
        ("reimbursed\x00", "expenses"),
        ('"reimbursed \ud800 within"', "expenses"),
    ],
)
def test_a_query_in_any_form_finds_its_note_first(library: Knowledge, query: str, slug: str) -> None:
    assert library.found(query)[:1] == [slug]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        '"',
        '""',
        "*",
        "NEAR(",
        "^",
        "🚀",
        "\ud800",
        "\0",
        "-",
        "()",
        "zebra",
        '"button green"',
        "'",
        "title:",
    ],
)
def test_what_asks_for_nothing_finds_nothing(library: Knowledge, query: str) -> None:
    assert search(library, query) == Found(0, ())


@pytest.mark.parametrize(
    "query",
    [
        "NOT deploy",
        "deploy AND zebra",
        "title : deploy",
        "deploy*",
        "^deploy",
        "NEAR(deploy button)",
        "-deploy",
    ],
)
def test_the_syntax_of_the_index_is_mere_words(library: Knowledge, query: str) -> None:
    assert "sop-deploy" in library.found(query)


def test_a_hit_names_its_section_and_shows_the_words_marked(library: Knowledge) -> None:
    (hit,) = search(library, "reverting migrations").items
    assert (hit.slug, hit.anchor, hit.heading, hit.title) == (
        "sop-deploy",
        "rolling-back",
        "Rolling back",
        "How we deploy",
    )
    assert hit.snippet == "If the release fails, **revert** the **migration**."
    assert hit.revision == 1
    assert hit.score > 0


def test_words_that_say_nothing_are_not_marked(library: Knowledge) -> None:
    snippet = search(library, "how are the expenses reimbursed within the days").items[0].snippet
    assert snippet == "**Expenses** are **reimbursed** within 30 **days**."


@pytest.mark.parametrize("query", ["naive", "zurich", "facade", "Naïve"])
def test_words_are_marked_whatever_their_accents(library: Knowledge, query: str) -> None:
    assert "**" in search(library, query).items[0].snippet


def test_there_is_one_hit_for_each_note_the_best_first_and_all_are_counted(knowledge: Knowledge) -> None:
    for number in range(15):
        knowledge.put(f"n{number:02}", "## A\n\nzebra\n\n## B\n\nzebra\n" + "other words\n" * number)
    knowledge.put("best", "text", title="Zebra")
    page = search(knowledge, "zebra", limit=5)
    assert page.total == 16
    assert page.items[0].slug == "best"
    assert len({hit.slug for hit in page.items}) == 5
    scores = [hit.score for hit in page.items]
    assert scores == sorted(scores, reverse=True)


def test_a_long_note_that_holds_the_words_everywhere_leaves_room_for_others(knowledge: Knowledge) -> None:
    sections = "".join(f"## Part {number}\n\nzebra zebra\n\n" for number in range(90))
    knowledge.put("long", f"# Zebra\n\n{sections}")
    for number in range(5):
        knowledge.put(
            f"short-{number}", f"# Note {number}\n\nOnce upon a time there was a zebra in a house of many rooms.\n"
        )
    hits = search(knowledge, "zebra").items
    assert [hits[0].slug, *sorted(hit.slug for hit in hits[1:])] == ["long", *(f"short-{one}" for one in range(5))]


def test_a_note_that_answers_more_of_the_question_comes_first(knowledge: Knowledge) -> None:
    knowledge.put("half", "# One\n\nrotate rotate rotate\n")
    knowledge.put("whole", "# Two\n\nrotate the signing keys\n")
    assert knowledge.found("rotate signing keys") == ["whole", "half"]


def test_search_takes_the_filters_of_lists(library: Knowledge) -> None:
    save_project(library.store, "web", "tester")
    library.put("a", "zebra", note_type="sop", status="In_Progress", project="web", tags=("x",), parent="code")
    library.put("b", "zebra")
    for wanted in (
        {"tags": ("sop", "x")},
        {"status": "in-progress"},
        {"project": "web"},
        {"note_type": "sop"},
    ):
        assert library.found("zebra", **wanted) == ["a"]
    assert library.found("zebra", parent=library.id_of("code")) == ["a"]
    assert library.found("zebra", parent=0) == ["b"]
    assert library.found("zebra", any_tags=("x", "y"), tags=("nothing",)) == []
    assert library.found("zebra", updated_since="2999-01-01T00:00:00.000Z") == []


def test_the_index_follows_edits_renames_deletions_and_restores(knowledge: Knowledge) -> None:
    knowledge.put("a", "# One\n\nzebra\n\n## Two\n\nlion\n", tags=("cat",))
    knowledge.edit("a", "replace", "tiger", "zebra")
    assert (knowledge.found("zebra"), knowledge.found("tiger"), knowledge.found("lion")) == ([], ["a"], ["a"])
    knowledge.put("a", title="Giraffe", tags=("dog",))
    assert (knowledge.found("giraffe"), knowledge.found("dog"), knowledge.found("cat")) == (["a"], ["a"], [])
    knowledge.rename("a", "okapi")
    assert knowledge.found("okapi") == ["okapi"]
    knowledge.delete("okapi")
    assert knowledge.found("tiger lion giraffe okapi dog") == []
    knowledge.restore("okapi@1")
    assert (knowledge.found("zebra"), knowledge.found("tiger")) == (["okapi"], [])


def test_a_hit_names_the_right_section_after_headings_moved(knowledge: Knowledge) -> None:
    knowledge.put("a", "## B\n## C\n\nzebra\n")
    knowledge.rewrite("a", "wxyz\n## C\n\nzebra\n")
    (hit,) = search(knowledge, "zebra").items
    assert (hit.anchor, hit.heading) == ("c", "C")
    knowledge.rewrite("a", "# C\n\nlion\n\n# D\n\nzebra\n\n# D\n\nzebra\n")
    assert search(knowledge, "zebra").items[0].anchor in {"d", "d-1"}


@pytest.mark.parametrize(
    "text",
    [
        "zebra " * 20_000,
        "z" * 50_000 + " zebra",
        "zebra" * 10_000 + " zebra",
        "zebra\n" * 2_000 + "lion",
        "**zebra** _zebra_ `zebra` " * 500,
        "日本" * 5_000 + "zebra",
        "\n\n" * 5_000 + "zebra",
        "a zebra b " * 3_000,
    ],
)
def test_a_snippet_is_short_one_line_and_shows_the_word(knowledge: Knowledge, text: str) -> None:
    knowledge.put("a", text)
    snippet = search(knowledge, "zebra").items[0].snippet
    assert len(snippet) <= LONGEST_SNIPPET
    assert "\n" not in snippet
    assert "**zebra" in snippet


def test_a_snippet_is_taken_from_where_most_words_meet(knowledge: Knowledge) -> None:
    knowledge.put("a", "rotate\n\n" + "filler words here\n" * 200 + "\nrotate the signing keys\n" + "more\n" * 200)
    assert "**rotate** the **signing** **keys**" in search(knowledge, "rotate signing keys").items[0].snippet


def test_a_huge_query_is_answered(library: Knowledge) -> None:
    for query in (
        "deploy " * 50_000,
        '"' + "deploy " * 20_000 + '"',
        "x" * 500_000 + " deploy",
        '"' * 100_001,
    ):
        search(library, query)
    assert library.found("deploy " * 50_000) == ["sop-deploy"]


QUERIES = st.one_of(
    st.text(st.characters()),
    st.lists(
        st.sampled_from(
            [
                '"',
                "'",
                "*",
                "^",
                "(",
                ")",
                ":",
                "-",
                "+",
                "NEAR",
                "AND",
                "OR",
                "NOT",
                "title",
                "{",
                "}",
                ",",
                "\x00",
                "deploy",
                "the",
                "日本",
                "é",
                "\ud800",
                " ",
                "_",
                "/",
                "\\",
                "%",
                ";",
                "--",
                "\u200b",
                "²",
                "ﬁ",
            ]
        )
    ).map("".join),
)


@settings(deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUERIES)
def test_no_query_ever_raises(library: Knowledge, query: str) -> None:
    page = search(library, query)
    assert page.total >= len(page.items)
    assert all(0 < len(hit.snippet) <= LONGEST_SNIPPET for hit in page.items)


def test_many_words_are_counted_at_once_also_where_one_is_several_that_stand_together(knowledge: Knowledge) -> None:
    knowledge.put("jp", "# 障害対応\n")
    knowledge.put("deploys", "# Deploying the web\n")
    knowledge.put("web", "# The web is deployed\n")
    asked = ["deploying", "deploy the", "the deploy", "障 害", "害 障", "nowhere", "''", "\\"]
    with knowledge.store.reading() as db:
        counts = Candidates(db, Filter()).count_each(asked, 10)
    assert counts == {"deploying": 2, "deploy the": 1, "障 害": 1}
