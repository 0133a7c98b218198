"""Connections that end in the midst of a call: what was written, and what the caller is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.postgres_proxy import Network
from tests.postgres_server import server

from notewell_store import open_store
from notewell_store.engines.postgres import gate
from notewell_store.engines.postgres.address import place_of
from notewell_store.engines.postgres.gate import PLACES
from notewell_store.errors import Lost, Unsure
from notewell_store.integrity.verify import verify
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError, to_stranger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres_proxy import Cut

    from notewell_store import Store


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(server().folder) as network:
        yield network


@pytest.fixture
def store(network: Network) -> Iterator[Store]:
    store = open_store(network.address(server().new_database()))
    yield store
    store.close()


def revisions_of(store: Store) -> list[str]:
    return [f"{one.slug}@{one.revision}" for one in Knowledge(store).history()]


CUTS: tuple[Cut, ...] = ("before it arrives", "before it is answered")


@pytest.mark.parametrize("when", CUTS)
def test_a_write_whose_commit_is_cut_off_is_written_once_and_answered(
    store: Store, network: Network, when: Cut
) -> None:
    knowledge = Knowledge(store)
    knowledge.put("one", "# One\n")
    network.cut_at(b"COMMIT", when)
    saved = knowledge.edit("one", "append", "more\n")
    assert network.cuts == 1
    assert saved.revision == 2
    assert knowledge.note("one").markdown == "# One\n\nmore\n"
    assert revisions_of(store) == ["one@2", "one@1"]
    assert not verify(store).findings


def test_a_write_that_is_cut_off_before_its_commit_is_done_again(store: Store, network: Network) -> None:
    knowledge = Knowledge(store)
    knowledge.put("one", "# One\n")
    again = open_store(store.address)  # a connection to which the words of a statement are new
    network.cut_at(b"INSERT INTO revisions", "before it is answered")
    assert Knowledge(again).edit("one", "append", "more\n").revision == 2
    again.close()
    assert network.cuts == 1
    assert revisions_of(store) == ["one@2", "one@1"]


def test_a_read_that_is_cut_off_is_read_again(store: Store, network: Network) -> None:
    Knowledge(store).put("one", "# One\n")
    network.cut_at(b"markdown", "before it is answered")
    answer = call_tool(lambda: Call(store, "someone"), "get_note", {"ref": "one"})
    assert network.cuts == 1
    assert "# One" in answer.shown


def test_a_write_is_answered_though_the_connection_is_lost_when_its_links_are_looked_into(
    store: Store, network: Network
) -> None:
    Knowledge(store).put("one", "# One\n")
    store.background.finish()
    network.cut_at(b"FROM notes", "before it is answered", after=b"COMMIT")
    change = {"ref": "one", "mode": "append", "new_text": "See [[nowhere]].\n"}
    answer = call_tool(lambda: Call(store, "someone"), "edit_note", change)
    assert network.cuts == 1
    assert "one@2" in answer.shown and "nowhere" in answer.shown


def test_a_transaction_of_others_that_is_cut_off_says_that_nothing_was_written(store: Store, network: Network) -> None:
    network.cut_at(b"COMMIT", "before it arrives")
    with pytest.raises(Lost, match="Nothing was written"), store.writing() as db:
        db.execute("INSERT INTO stale SELECT id FROM notes")
    assert network.cuts == 1


def test_a_write_of_which_nobody_can_be_asked_says_that_it_is_not_known(store: Store, network: Network) -> None:
    with pytest.raises(Unsure) as raised, store.writing(patience=0.5) as db:
        db.execute("INSERT INTO stale SELECT id FROM notes")
        network.is_down = True
        network.cut_at(b"COMMIT", "before it is answered")
    told = ToolError(raised.value.text, "unusable", raised.value)
    assert "not known whether it was: send it again with the same idempotency_key" in to_stranger(told).message


def test_marks_take_no_more_room_than_there_are_places(store: Store) -> None:
    for _ in range(2):
        with store.writing() as db:
            db.execute("UPDATE main.gate SET commits = ?", (PLACES - 3,))
        for _ in range(4):
            with store.writing() as db:
                db.execute("DELETE FROM stale")
    with store.reading() as db:
        ((count,),) = db.execute(
            "SELECT count(*) FROM main.marks WHERE place > ? OR place < 3", (PLACES - 3,)
        ).fetchall()
    assert count == 5


def test_a_mark_that_was_written_over_since_is_not_taken_for_a_write_that_was_not_done(
    store: Store, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PLACES", 3)
    for _ in range(5):
        with store.writing() as db:
            db.execute("DELETE FROM stale")
    with pytest.raises(Unsure):
        gate.was_committed(place_of(store.address), 1, "a mark", until=0.0)
