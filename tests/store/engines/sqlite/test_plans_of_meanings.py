"""How SQLite looks vectors up: no search reads all of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tests.embedding.small_embedder import SmallEmbedder

from notewell_store.contract import Visibility
from notewell_store.meaning.filling import Filler
from notewell_store.tables import meanings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge

    from notewell_store.engines.sqlite.connection import Connection
    from notewell_store.engines.sqlite.store import Store


@pytest.fixture
def filled(knowledge: Knowledge, store: Store) -> Store:
    for number in range(20):
        knowledge.put(f"note-{number}", f"# Note {number}\n\nText.\n", is_public=True)
    Filler(store, SmallEmbedder(), threading.Event()).fill()
    return store


LOOKS: dict[str, Callable[[Connection], object]] = {
    "vectors of some passages": lambda db: meanings.vectors_of(db, 1, [1, 2, 3]),
    "a sample": lambda db: meanings.sample(db, 1, 10),
    "signatures that are newer": lambda db: list(meanings.signatures_after(db, 1, 15)),
    "a signature that was read": lambda db: meanings.signature_at(db, 1, 15),
    "whether there are any": lambda db: meanings.have_any(db, 1),
    "what is known": lambda db: meanings.known(db, 1, [b"digest"]),
}


@pytest.mark.parametrize("what", LOOKS)
@pytest.mark.parametrize("visibility", [None, Visibility()])
def test_no_look_at_vectors_reads_all_of_them(filled: Store, what: str, visibility: Visibility | None) -> None:
    with filled.seen_by(visibility).reading() as db:
        statements: list[str] = []
        db.set_trace_callback(statements.append)
        LOOKS[what](db)
        db.set_trace_callback(None)
        plans = [row[3] for asked in statements for row in db.execute(f"EXPLAIN QUERY PLAN {asked}")]
    assert plans
    assert not [
        plan for plan in plans if plan.startswith("SCAN") and "json_each" not in plan and "CONSTANT" not in plan
    ]
