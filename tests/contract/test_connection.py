"""What a connection says for the nouns, where two engines do not say it alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from notewell_store.contract import Visibility
from notewell_store.index_query import Beginning, PassageText, Together, Within, all_of, any_of

if TYPE_CHECKING:
    from tests.conftest import Knowledge

    from notewell_store import Store
    from notewell_store.contract import Connection
    from notewell_store.index_query import IndexQuery


def titles(db: Connection, condition: str, *values: object, order: str = "n.id") -> list[str]:
    rows = db.execute(f"SELECT n.title FROM notes n WHERE {condition} ORDER BY {order}", values)
    return [title for (title,) in rows]


@pytest.fixture
def titled(knowledge: Knowledge) -> Store:
    for slug, title in (("one", "beta"), ("two", "Alpha"), ("three", "Ärger"), ("four", "Gamma")):
        knowledge.put(slug, "", title=title, status="draft" if slug == "one" else None)
    return knowledge.store


@pytest.mark.parametrize(("column", "values"), [("slug", ["two", "four", "none"]), ("id", [2, 4, 99])])
def test_a_list_of_values_is_asked_for_as_one(titled: Store, column: str, values: list[str] | list[int]) -> None:
    with titled.reading() as db:
        these = db.TEXTS if column == "slug" else db.VALUES
        assert titles(db, f"n.{column} IN {these}", db.listed(values)) == ["Alpha", "Gamma"]
        assert titles(db, f"n.{column} IN {these}", db.listed([])) == []
        rows = db.execute(f"SELECT v.value FROM {these} v", (db.listed(values),)).fetchall()
    assert [value for (value,) in rows] == values


ROWS: list[list[str | int | None]] = [
    ["wiki", "b", None, 2],
    ["wiki", "a ] \"'\\\u2028é🙂\n", "x", None],
    ["", "7", "null", 3],
]


def test_rows_are_inserted_at_once_in_their_order_with_what_they_have_in_common(titled: Store) -> None:
    columns = ("form", "target", "anchor", "target_id")
    with titled.writing() as db:
        db.insert_rows("links", ("relation", *columns), json.dumps([["mentions", *row] for row in ROWS]), source_id=1)
        db.insert_rows("links", ("relation", *columns), "[]", source_id=1)
        rows = db.execute(f"SELECT source_id, {', '.join(columns)} FROM links ORDER BY id").fetchall()
    assert [list(row) for row in rows] == [[1, *row] for row in ROWS]


@pytest.mark.parametrize("is_laid_aside", [True, False])
def test_rows_from_one_of_them_on_are_inserted_laid_aside_or_not(titled: Store, *, is_laid_aside: bool) -> None:
    columns = ("relation", "form", "target", "anchor", "target_id")
    rows = json.dumps([["mentions", *row] for row in ROWS])
    with titled.writing(ready=(lambda db: db.lay_aside(columns, rows)) if is_laid_aside else None) as db:
        db.insert_rows("links", columns, rows, 1, source_id=1)
        found = db.execute(f"SELECT source_id, {', '.join(columns)} FROM links ORDER BY id").fetchall()
    assert [list(row) for row in found] == [[1, "mentions", *row] for row in ROWS[1:]]


def test_titles_are_ordered_and_compared_without_regard_to_capitals(titled: Store) -> None:
    with titled.reading() as db:
        title = db.folded("n.title")
        assert titles(db, "TRUE", order=f"{title}, n.id") == ["Alpha", "beta", "Gamma", "Ärger"]
        assert titles(db, f"{title} > {db.folded('?')}", "BETA") == ["Ärger", "Gamma"]


def test_no_value_is_the_same_as_no_value(titled: Store) -> None:
    with titled.reading() as db:
        for status, expected in ((None, ["Alpha", "Ärger", "Gamma"]), ("draft", ["beta"])):
            same, values = db.same("n.status", status)
            assert titles(db, same, *values) == expected


def test_a_column_that_begins_no_plan_and_an_index_by_name_mean_what_they_did_without(titled: Store) -> None:
    with titled.writing() as db:
        assert titles(db, f"{db.aside('n.title')} = ?", "Gamma", order=db.aside("n.id")) == ["Gamma"]
        links = db.by_index("links", "links_unresolved")
        changed = db.execute(f"UPDATE {links} SET target_id = ? WHERE target = ? AND target_id IS NULL", (1, "none"))
        assert changed.rowcount == 0


def test_a_connection_tells_whether_it_sees_all(titled: Store) -> None:
    with titled.reading() as db:
        assert not db.is_limited
    with titled.seen_by(Visibility()).reading() as db:
        assert db.is_limited
        assert titles(db, "TRUE") == []
    with titled.writing() as db, titled.seen_by(Visibility()).seeing(db):
        assert db.is_limited


PASSAGES = {
    1: PassageText("Deploying", "Rollback", "Restart the queue server, then wait.", "sop-deploy ops"),
    2: PassageText("Queues", "", "The server holds each queue. Deploy when it is quiet.", "queues"),
    3: PassageText("Café", "Opening", "Nothing is served on Mondays.", "cafe quote"),
}


@pytest.fixture
def indexed(store: Store) -> Store:
    with store.writing() as db:
        db.index.take_in(PASSAGES.items())
    return store


def holding(db: Connection, query: IndexQuery) -> list[int]:
    found, values = db.index.holding(query)
    return [number for (number,) in db.execute(f"SELECT hit.id FROM ({found}) hit ORDER BY hit.id", values)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Together("deployment"), []),
        (Together("deployed"), [1, 2]),
        (Together("queue server"), [1]),
        (Together("CAFE"), [3]),
        (Beginning("queu"), [1, 2]),
        (Beginning("queue ser"), [1]),
        (any_of([Together("monday"), Together("rollback")]), [1, 3]),
        (all_of([Together("server"), Together("quiet")]), [2]),
        (any_of([all_of([Together("server"), Together("quiet")]), Together("monday")]), [2, 3]),
        (all_of([any_of([Together("monday"), Together("server")]), Together("wait")]), [1]),
        (Within(("title",), Together("queue")), [2]),
        (Within(("title", "names"), all_of([Together("sop"), Beginning("op")])), [1]),
        (Within(("heading",), any_of([Together("opening"), Together("rollback")])), [1, 3]),
        (Together('queue" OR "monday'), []),
        (Together("nothing AND served"), []),
    ],
)
def test_the_index_finds_what_it_is_asked_for(indexed: Store, query: IndexQuery, expected: list[int]) -> None:
    with indexed.reading() as db:
        assert holding(db, query) == expected
        assert db.index.wording(query)


def test_the_index_ranks_what_it_finds(indexed: Store) -> None:
    with indexed.reading() as db:
        found, values = db.index.ranked(Together("queue"))
        rows = db.execute(f"SELECT hit.id, hit.rank FROM ({found}) hit ORDER BY hit.rank, hit.id", values).fetchall()
    assert {number for number, _ in rows} == {1, 2}
    assert [rank for _, rank in rows] == sorted(rank for _, rank in rows)


@pytest.mark.parametrize("column", ["title", "heading"])
def test_a_passage_below_a_title_or_a_heading_that_says_a_word_is_ranked_before_one_that_says_it(
    indexed: Store, column: str
) -> None:
    beside = "some other words that fill the passage up"
    over = PassageText("Note", "Part", beside, "note")._replace(**{column: "Zebra"})
    with indexed.writing() as db:
        db.index.take_in([(4, over), (5, PassageText("Note", "Part", f"zebra {beside}", "note"))])
        found, values = db.index.ranked(any_of([Together("zebra"), Together("words")]))
        rows = db.execute(f"SELECT hit.id FROM ({found}) hit ORDER BY hit.rank", values).fetchall()
    assert [number for (number,) in rows] == [4, 5]


def test_what_is_taken_out_of_the_index_is_not_found_and_the_rest_is(indexed: Store) -> None:
    with indexed.writing() as db:
        db.index.take_out([(1, PASSAGES[1])])
    with indexed.reading() as db:
        assert holding(db, Together("queue")) == [2]
        assert holding(db, Together("rollback")) == []


def test_what_a_transaction_took_into_the_index_goes_with_it(indexed: Store) -> None:
    with pytest.raises(ZeroDivisionError), indexed.writing() as db:
        db.index.take_in([(4, PassageText("Zebra", "", "", ""))])
        assert holding(db, Together("zebra")) == [4]
        raise ZeroDivisionError
    with indexed.reading() as db:
        assert holding(db, Together("zebra")) == []
