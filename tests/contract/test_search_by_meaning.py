"""What meaning adds to a search: words keep the first places, and nobody is kept waiting."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import Knowledge
from tests.embedding.small_embedder import SmallEmbedder
from tests.embedding.subjects import ASKED, SUBJECTS

from notewell_store import Filter, open_store
from notewell_store.contract import Visibility
from notewell_store.meaning.filling import Filler
from notewell_store.search.search import UNTOLD, look, search_notes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engines import EngineUnderTest

    from notewell_store import Store
    from notewell_store.models import Found

WORDED = "whom do they fire or dismiss for want of weight"
"""One word of it stands in all others."""


@pytest.fixture
def embedder() -> SmallEmbedder:
    return SmallEmbedder()


@pytest.fixture
def address(engine: EngineUnderTest) -> str:
    """A store with many notes, one of which answers ASKED."""
    address = engine.new_address()
    store = open_store(address)
    knowledge = Knowledge(store)
    for subject in SUBJECTS:
        knowledge.put(subject, f"# All about {subject}\n\nThey are sold by weight, and kept dry.\n", is_public=True)
    knowledge.put("leaving", "# Leaving\n\n" + "Terminate the contract in writing. " * 3, note_type="sop")
    store.close()
    return address


@pytest.fixture
def known(address: str, embedder: SmallEmbedder) -> Iterator[Store]:
    store = open_store(address, embedder=embedder)
    fill(store, embedder)
    yield store
    store.close()


def fill(store: Store, embedder: SmallEmbedder) -> None:
    Filler(store, embedder, threading.Event()).fill()
    embedder.texts.clear()


def search(store: Store, query: str, limit: int = 10, **wanted: Any) -> Found:
    with store.reading() as db:
        return search_notes(db, query, Filter(**wanted), limit, meaning=store.meaning)


def slugs(store: Store, query: str, limit: int = 10, **wanted: Any) -> list[str]:
    return [hit.slug for hit in search(store, query, limit, **wanted).items]


def test_what_shares_no_word_is_found_by_its_meaning_and_says_so(known: Store) -> None:
    found = search(known, ASKED)
    (hit,) = found.items
    assert (hit.slug, hit.is_by_meaning) == ("leaving", True)
    assert hit.snippet.startswith("Terminate the contract in writing.")
    assert "**" not in hit.snippet
    assert found.total == 1


def test_words_keep_the_first_three_places(known: Store) -> None:
    hits = search(known, WORDED).items
    assert [hit.is_by_meaning for hit in hits] == [False, False, False, True, *[False] * 6]
    assert hits[3].slug == "leaving"


def test_who_asks_for_three_gets_those_of_words(known: Store) -> None:
    assert "leaving" not in slugs(known, WORDED, 3)


def test_what_words_find_well_is_not_looked_for_by_meaning(known: Store) -> None:
    (hit,) = search(known, "terminate contract").items
    assert (hit.slug, hit.is_by_meaning) == ("leaving", False)
    assert "**Terminate** the **contract**" in hit.snippet


def test_filters_hold_for_what_meaning_finds(known: Store) -> None:
    assert slugs(known, ASKED, note_type="sop") == ["leaving"]
    assert slugs(known, ASKED, note_type="plan") == []
    assert slugs(known, ASKED, tags=("sop",)) == ["leaving"]


@pytest.mark.parametrize("query", ["leaving", '"sack" somebody', "sack*", "v2.3.0", "apples", "Leaving", "???"])
def test_names_quoted_words_and_beginnings_are_not_embedded(known: Store, embedder: SmallEmbedder, query: str) -> None:
    search(known, query)
    assert embedder.queries == []


def test_where_the_embedder_fails_words_answer_and_say_why(address: str, known: Store, embedder: SmallEmbedder) -> None:
    embedder.fails = "small did not answer"
    found = search(known, "kept dry by weight")
    plain = open_store(address)
    by_words = search(plain, "kept dry by weight")
    plain.close()
    assert found.unasked == "small did not answer"
    assert search(known.seen_by(Visibility(None)), "kept dry by weight").unasked == UNTOLD, "not where it stands"
    assert found.items == by_words.items


def test_no_answer_waits_long_for_an_embedder(known: Store, embedder: SmallEmbedder) -> None:
    embedder.answers.clear()
    try:
        assert search(known, "kept dry by weight").unasked == "small did not answer within 0.3 s"
    finally:
        embedder.answers.set()


def test_while_many_have_no_vectors_scores_are_those_of_words(address: str, embedder: SmallEmbedder) -> None:
    store = open_store(address, embedder=embedder)
    with store.reading() as db:
        few = [note for (note,) in db.execute("SELECT id FROM notes WHERE slug IN ('apples', 'bees', 'leaving')")]
    Filler(store, embedder, threading.Event()).fill(few)
    try:
        with store.reading() as db:
            found = look(db, "kept dry by weight", Filter(), 10, meaning=store.meaning)
        assert {one.score.z for one in found.best} == {None}
        assert slugs(store, ASKED) == ["leaving"]
    finally:
        store.close()


def test_a_passage_without_vectors_counts_as_the_middle_one(address: str, known: Store) -> None:
    plain = open_store(address)
    Knowledge(plain).put("sand", "# All about sand\n\nThey are sold by weight, and kept dry.\n")
    plain.close()
    with known.reading() as db:
        found = look(db, "what is sold by weight, and kept dry", Filter(), 50, meaning=known.meaning)
    zs = {one.found.slug: one.score.z or 0.0 for one in found.best}
    others = sorted(z for slug, z in zs.items() if slug != "sand")
    assert zs["sand"] == others[len(others) // 2]


def test_vectors_of_another_space_are_compared_with_nothing(address: str, known: Store) -> None:
    other = SmallEmbedder("another model")
    store = open_store(address, embedder=other)
    try:
        assert slugs(store, ASKED) == []
        assert search(store, ASKED).unasked is None
    finally:
        store.close()


def test_what_is_gone_or_says_something_else_is_not_found_by_what_it_said(known: Store) -> None:
    knowledge = Knowledge(known)
    assert slugs(known, ASKED) == ["leaving"]
    knowledge.rewrite("leaving", "# Leaving\n\nBy the door.\n")
    assert slugs(known, ASKED) == []
    knowledge.delete("leaving")
    assert slugs(known, ASKED) == []


def test_what_is_new_is_found_by_a_process_that_has_looked_before(known: Store, embedder: SmallEmbedder) -> None:
    assert slugs(known, ASKED) == ["leaving"]
    Knowledge(known).put("goodbye", "# Goodbye\n\nDismiss nobody without notice.\n")
    fill(known, embedder)
    assert set(slugs(known, ASKED)) == {"leaving", "goodbye"}


def test_vectors_that_were_made_anew_are_found_by_a_process_that_knew_the_former(
    known: Store, embedder: SmallEmbedder
) -> None:
    assert slugs(known, ASKED) == ["leaving"]
    Filler(known, embedder, threading.Event()).forget()
    fill(known, embedder)
    assert slugs(known, ASKED) == ["leaving"]


def test_a_store_without_an_embedder_answers_as_ever(address: str, known: Store) -> None:
    plain = open_store(address)
    try:
        assert plain.meaning is None
        assert search(plain, ASKED).items == ()
        assert search(plain, "kept dry by weight").unasked is None
    finally:
        plain.close()


def test_who_may_not_read_a_note_learns_nothing_of_it(known: Store) -> None:
    stranger = known.seen_by(Visibility())
    found = search(stranger, ASKED)
    assert (found.total, found.items) == (0, ())
    Knowledge(known).put("leaving", is_public=True)
    hits = search(stranger, ASKED).items
    assert [(hit.slug, hit.score) for hit in hits] == [("leaving", 1.0)]


def test_a_score_tells_what_meaning_is_worth(known: Store) -> None:
    with known.reading() as db:
        found = look(db, "terminate people", Filter(), 10, meaning=known.meaning)
    score = found.best[0].score
    assert score.z is not None
    assert score.z > 3.5
    assert score.total == pytest.approx(sum(score.words.values()) * score.title + score.meaning)
