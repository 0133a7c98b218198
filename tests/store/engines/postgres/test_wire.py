"""What is said on one connection: kept ready by the server, sent on, refused, and left by who was there before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from notewell_store.contract import Visibility
from notewell_store.engines.postgres import wire

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.postgres_server import Server

    from notewell_store import Store

SLUGS = "SELECT slug FROM notes ORDER BY id"


def slugs(store: Store) -> list[str]:
    with store.reading() as db:
        return [slug for (slug,) in db.execute(SLUGS)]


def test_nobody_stays_in_a_transaction_though_its_end_is_not_waited_for(
    knowledge: Knowledge, cluster: Server, address: str
) -> None:
    knowledge.put("a", "text")
    database = address.partition("@/")[2].partition("?")[0]
    query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND state LIKE '%transaction%'"
    for _ in range(5):
        slugs(knowledge.store)
        until = time.monotonic() + 10
        while cluster.execute("postgres", query) != [(0,)]:
            assert time.monotonic() < until


def test_who_sees_less_and_who_sees_all_are_answered_by_turns_on_one_connection(knowledge: Knowledge) -> None:
    knowledge.put("private", "text")
    knowledge.put("public", "text", is_public=True)
    few = knowledge.store.seen_by(Visibility())
    for _ in range(8):  # until the server keeps a plan
        assert slugs(few) == ["public"]
        assert slugs(knowledge.store) == ["private", "public"]


def test_what_is_refused_ends_its_transaction_alone(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    for _ in range(3):
        with pytest.raises(psycopg.errors.DivisionByZero), knowledge.store.reading() as db:
            db.execute("SELECT 1 / 0 FROM notes WHERE slug = ?", ("a",))
            db.execute("SELECT slug FROM notes WHERE slug = ?", ("a",)).fetchall()
        with knowledge.store.reading() as db:
            assert db.execute("SELECT slug FROM notes WHERE slug = ?", ("a",)).fetchall() == [("a",)]


def test_a_refusal_is_raised_though_its_answer_is_not_asked_for(knowledge: Knowledge) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), knowledge.store.reading() as db:
        db.execute("SELECT 1 / 0")


def test_of_a_transaction_that_its_caller_gave_up_nothing_is_told_to_the_next(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    with pytest.raises(KeyError), knowledge.store.reading() as db:
        db.execute("SELECT 1 / 0")
        raise KeyError
    assert slugs(knowledge.store) == ["a"]


def test_more_statements_than_the_server_keeps_are_answered_all_the_same(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_KEPT", 3)
    knowledge.put("a", "text")
    for number in (*range(5), *range(5)):
        with knowledge.store.reading() as db:
            assert db.execute(f"SELECT slug, {number} FROM notes").fetchall() == [("a", number)]


def test_texts_larger_than_what_a_socket_takes_at_once_go_there_and_back(knowledge: Knowledge) -> None:
    large = "word " * 1_000_000
    with knowledge.store.reading() as db:
        asked = [db.execute("SELECT CAST(? AS text), ?", (large, number)) for number in range(4)]
        assert [one.fetchone() for one in asked] == [(large, number) for number in range(4)]
