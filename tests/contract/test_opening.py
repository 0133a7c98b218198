"""Opening a store by its address, whatever engine serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Unusable, open_store
from notewell_store.contract import NoBackground, Visibility
from notewell_store.opening import engine_at, read_once

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.engines import EngineUnderTest


def test_a_store_is_opened_again_by_the_address_that_it_names(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    again = open_store(knowledge.store.address, create=False)
    try:
        assert type(knowledge)(again).note("a").markdown == "text"
        assert again.address == knowledge.store.address
    finally:
        again.close()


def test_a_store_that_is_not_there_is_not_made_unasked(engine: EngineUnderTest) -> None:
    address = engine.new_address()
    for _ in range(2):
        with pytest.raises(Unusable):
            open_store(address, create=False)
        with pytest.raises(Unusable), read_once(address):
            pass


def test_a_store_is_read_once_by_who_does_not_open_it(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    with read_once(knowledge.store.address) as db:
        knowledge.put("b", "later")
        assert db.execute("SELECT slug FROM notes").fetchall() == [("a",)]


def test_an_engine_alone_stores_no_pages_and_loses_nothing(engine: EngineUnderTest, knowledge: Knowledge) -> None:
    address = engine.new_address()
    store = engine_at(address).open(address)
    try:
        assert isinstance(store.background, NoBackground)
        own = type(knowledge)(store)
        own.put("a", "# Text\n")
        assert own.note("a").markdown == "# Text\n"
    finally:
        store.close()


def test_what_sees_less_has_the_same_address_and_engine(knowledge: Knowledge) -> None:
    seen = knowledge.store.seen_by(Visibility("web"))
    assert (seen.address, seen.engine) == (knowledge.store.address, knowledge.store.engine)
    assert seen.background is knowledge.store.background
    assert seen.visibility == Visibility("web")
    with pytest.raises(ValueError, match="cannot say what others see"):
        seen.seen_by(None)


def test_a_trial_is_thrown_away(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    with knowledge.store.trial() as copy:
        own = type(knowledge)(copy)
        own.rewrite("a", "tried")
        assert own.note("a").markdown == "tried"
    assert knowledge.note("a").markdown == "text"


@pytest.mark.parametrize("address", ["redis://ann:secret@host/notewell", "MYSQL://host/notewell", "http://host/x"])
def test_an_address_that_no_engine_serves_is_refused_without_repeating_it(address: str) -> None:
    for attempt in (lambda: open_store(address), lambda: read_once(address), lambda: engine_at(address)):
        with pytest.raises(Unusable, match="no store can be opened at") as refused:
            attempt()
        assert "secret" not in str(refused.value) and "host" not in str(refused.value)
