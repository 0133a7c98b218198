"""Vectors of what passages mean: made once for each text, in batches, and never in anybody's way."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.embedding.small_embedder import SmallEmbedder

from notewell_store import Store, open_store
from notewell_store.meaning.embedder import Late, Unreachable
from notewell_store.meaning.filling import AlreadyFilling, Filler
from notewell_store.tables import meanings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.contract.engines import EngineUnderTest

    from notewell_store.meaning.embedder import Vector

WAIT = 30.0  # seconds at most


@pytest.fixture
def embedder() -> SmallEmbedder:
    return SmallEmbedder()


def filler(store: Store, embedder: SmallEmbedder, progress: Callable[[int], None] | None = None) -> Filler:
    return Filler(store, embedder, threading.Event(), progress)


def lacking(store: Store, embedder: SmallEmbedder) -> int:
    return filler(store, embedder).amount().passages


def rows(store: Store, table: str) -> int:
    with store.reading() as db:
        (count,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(count)


def test_all_passages_get_vectors_the_newest_first(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    knowledge.put("old", "# Old\n\nOne.\n\n## Below\n\nTwo.\n")
    knowledge.put("new", "# New\n\nThree.\n")
    told: list[int] = []
    filler(knowledge.store, embedder, told.append).fill()
    assert embedder.texts == ["New\nThree.", "Old › Below\nTwo.", "Old\nOne."]
    assert sum(told) == 3
    assert lacking(knowledge.store, embedder) == 0


def test_what_is_to_be_done_is_told_before(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    knowledge.put("long", "# Long\n\n" + "word " * 400)
    knowledge.put("short", "# Short\n")
    assert filler(knowledge.store, embedder).amount() == (2, 2, 4)
    assert embedder.texts == []


def test_a_text_that_is_known_is_embedded_by_nobody_again(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    knowledge.put("a", "# Same\n\nText.\n")
    filler(knowledge.store, embedder).fill()
    knowledge.put("a", tags=("one",))
    knowledge.rename("a", "b")
    knowledge.put("c", "# Same\n\nText.\n")
    filler(knowledge.store, embedder).fill()
    assert embedder.texts == ["Same\nText."]
    assert lacking(knowledge.store, embedder) == 0


def test_of_a_changed_note_only_what_changed_is_embedded(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    knowledge.put("a", "# A\n\nOne.\n\n## Below\n\nTwo.\n")
    filler(knowledge.store, embedder).fill()
    knowledge.edit("a", "replace", "Three.", "Two.")
    filler(knowledge.store, embedder).fill()
    assert embedder.texts[2:] == ["A › Below\nThree."]


def test_batches_that_were_kept_stay_where_the_embedder_fails_later(knowledge: Knowledge) -> None:
    class Failing(SmallEmbedder):
        def passages(self, texts: Sequence[str], patience: float) -> list[Vector | None]:
            if self.texts:
                raise Unreachable("it went away")
            return super().passages(texts, patience)

    embedder = Failing()
    for number in range(40):
        knowledge.put(f"note-{number}", f"# Note {number}\n")
    with pytest.raises(Unreachable, match="it went away"):
        filler(knowledge.store, embedder).fill()
    assert lacking(knowledge.store, embedder) == 8
    embedder.texts.clear()
    filler(knowledge.store, embedder).fill()
    assert len(embedder.texts) == 8


def test_a_model_that_is_too_slow_for_a_batch_is_given_fewer_texts_at_once(knowledge: Knowledge) -> None:
    class Slow(SmallEmbedder):
        def passages(self, texts: Sequence[str], patience: float) -> list[Vector | None]:
            if len(texts) > 3:
                raise Late("it did not answer in 60 s")
            return super().passages(texts, patience)

    embedder = Slow()
    for number in range(9):
        knowledge.put(f"note-{number}", f"# Note {number}\n")
    filler(knowledge.store, embedder).fill()
    assert embedder.texts == [f"Note {number}" for number in reversed(range(9))]


def test_a_model_that_answers_not_even_for_one_text_is_told_of(knowledge: Knowledge) -> None:
    class Silent(SmallEmbedder):
        def passages(self, texts: Sequence[str], patience: float) -> list[Vector | None]:
            raise Late("it did not answer in 60 s")

    knowledge.put("a", "# A\n")
    with pytest.raises(Late):
        filler(knowledge.store, Silent()).fill()


def test_a_text_that_can_have_no_vector_is_asked_for_once(knowledge: Knowledge) -> None:
    embedder = SmallEmbedder(without="unspeakable")
    knowledge.put("a", "# A\n\nunspeakable\n")
    filler(knowledge.store, embedder).fill()
    filler(knowledge.store, embedder).fill()
    assert embedder.texts == ["A\nunspeakable"]


def test_an_embedder_that_gets_public_texts_gets_no_other(knowledge: Knowledge) -> None:
    embedder = SmallEmbedder(sends="public")
    knowledge.put("open", "# Open\n", is_public=True)
    knowledge.put("closed", "# Closed\n")
    filler(knowledge.store, embedder).fill()
    assert embedder.texts == ["Open"]
    assert lacking(knowledge.store, embedder) == 0


def test_each_space_has_vectors_of_its_own(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    other = SmallEmbedder("other")
    knowledge.put("a", "# A\n")
    for each in (embedder, other):
        filler(knowledge.store, each).fill()
        assert each.texts == ["A"]
    assert rows(knowledge.store, "meanings") == 2


def while_held(store: Store, embedder: SmallEmbedder, act: Callable[[], object]) -> None:
    """Do something while a filler waits for its embedder; both have come to their end when it returns."""
    embedder.answers.clear()
    filling = threading.Thread(target=filler(store, embedder).fill)
    filling.start()
    try:
        assert embedder.is_asked.wait(WAIT)
        act()
    finally:
        embedder.answers.set()
        filling.join(WAIT)
        assert not filling.is_alive()


def test_writers_go_on_while_the_embedder_works(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    knowledge.put("a", "# A\n")
    while_held(knowledge.store, embedder, lambda: knowledge.put("b", "# B\n"))
    assert embedder.texts == ["A", "B"]
    assert lacking(knowledge.store, embedder) == 0


def test_what_is_written_meanwhile_comes_before_what_is_older(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    for number in range(40):
        knowledge.put(f"note-{number}", f"# Note {number}\n")
    while_held(knowledge.store, embedder, lambda: knowledge.put("new", "# New\n"))
    assert embedder.texts[:34] == [*(f"Note {number}" for number in range(39, 7, -1)), "New", "Note 7"]


def test_a_text_that_changed_meanwhile_does_not_get_the_vectors_of_the_former(
    knowledge: Knowledge, embedder: SmallEmbedder
) -> None:
    knowledge.put("a", "# A\n\nOne.\n")
    while_held(knowledge.store, embedder, lambda: knowledge.rewrite("a", "# A\n\nTwo.\n"))
    assert embedder.texts == ["A\nOne.", "A\nTwo."]
    assert lacking(knowledge.store, embedder) == 0


def test_one_fills_at_a_time(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    knowledge.put("a", "# A\n")

    def refused() -> None:
        with pytest.raises(AlreadyFilling):
            filler(knowledge.store, SmallEmbedder()).fill()

    while_held(knowledge.store, embedder, refused)
    knowledge.put("b", "# B\n")
    filler(knowledge.store, embedder).fill()
    assert embedder.texts == ["A", "B"]


def test_who_was_killed_while_filling_keeps_others_from_it_for_minutes_only(knowledge: Knowledge) -> None:
    with knowledge.store.writing() as db:
        assert meanings.take_filling(db, "killed", "2026-01-01T00:00:00.000Z", "2026-01-01T00:03:00.000Z")
        assert not meanings.take_filling(db, "next", "2026-01-01T00:02:59.999Z", "2026-01-01T00:05:59.999Z")
        assert meanings.take_filling(db, "killed", "2026-01-01T00:01:00.000Z", "2026-01-01T00:04:00.000Z")
        assert meanings.take_filling(db, "next", "2026-01-01T00:04:00.000Z", "2026-01-01T00:07:00.000Z")


def test_sweeping_takes_out_what_no_passage_means_any_more(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    knowledge.put("a", "# A\n")
    knowledge.put("b", "# B\n")
    filler(knowledge.store, embedder).fill()
    filler(knowledge.store, SmallEmbedder("former")).fill()
    knowledge.delete("a")
    assert filler(knowledge.store, embedder).sweep() == 1
    assert [rows(knowledge.store, table) for table in ("spaces", "meanings", "meant")] == [1, 1, 1]
    knowledge.restore("a")
    filler(knowledge.store, embedder).fill()
    assert embedder.texts == ["B", "A", "A"]


def test_all_can_be_made_anew(knowledge: Knowledge, embedder: SmallEmbedder) -> None:
    knowledge.put("a", "# A\n")
    one = filler(knowledge.store, embedder)
    one.fill()
    assert one.amount(anew=True).passages == 1
    one.forget()
    one.fill()
    assert embedder.texts == ["A", "A"]


def test_what_is_written_gets_its_vectors_behind_the_answer(engine: EngineUnderTest, embedder: SmallEmbedder) -> None:
    address = engine.new_address()
    before = open_store(address)
    Knowledge(before).put("old", "# Old\n")
    before.close()
    store = open_store(address, embedder=embedder)
    Knowledge(store).put("new", "# New\n")
    assert embedder.is_asked.wait(WAIT)
    store.close()
    assert embedder.texts == ["New", "Old"]


def test_closing_waits_for_no_embedder_and_lets_others_fill(engine: EngineUnderTest, embedder: SmallEmbedder) -> None:
    address = engine.new_address()
    store = open_store(address, embedder=embedder)
    embedder.answers.clear()
    Knowledge(store).put("a", "# A\n")
    assert embedder.is_asked.wait(WAIT)
    store.close()
    embedder.answers.set()
    again = open_store(address)
    try:
        filler(again, embedder).fill()
        assert lacking(again, embedder) == 0
    finally:
        again.close()


def test_an_embedder_that_cannot_be_reached_fails_no_write(engine: EngineUnderTest, embedder: SmallEmbedder) -> None:
    embedder.fails = "nobody listens"
    store = open_store(engine.new_address(), embedder=embedder)
    knowledge = Knowledge(store)
    knowledge.put("a", "# A\n")
    assert embedder.is_asked.wait(WAIT)
    knowledge.put("b", "# B\n")
    store.close()
    assert embedder.texts == []
