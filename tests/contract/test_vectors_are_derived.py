"""Vectors are derived: looking after a store asks for none of them, and loses nothing without them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tests.embedding.small_embedder import SmallEmbedder

from notewell_store import open_store
from notewell_store.integrity.verify import verify
from notewell_store.meaning.filling import Filler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Knowledge
    from tests.contract.engines import EngineUnderTest

TABLES = ("spaces", "meanings", "meant")


@pytest.fixture
def filled(knowledge: Knowledge) -> Knowledge:
    knowledge.put("a", "# A\n\nOne.\n\n## Below\n\nTwo.\n")
    knowledge.put("b", "# B\n")
    Filler(knowledge.store, SmallEmbedder(), threading.Event()).fill()
    return knowledge


def counts(knowledge: Knowledge) -> list[int]:
    with knowledge.store.reading() as db:
        return [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES]


def test_a_store_is_whole_with_vectors_without_them_and_with_some(filled: Knowledge) -> None:
    assert counts(filled) == [1, 3, 3]
    assert verify(filled.store).whole
    for table in reversed(TABLES):
        with filled.store.writing() as db:
            db.execute(f"DELETE FROM {table}")
        assert verify(filled.store).whole


def test_no_write_of_a_note_touches_them(filled: Knowledge) -> None:
    filled.edit("a", "replace", "Three.", "Two.")
    filled.rename("b", "c")
    filled.delete("a")
    assert counts(filled) == [1, 3, 3]


def test_a_restored_backup_needs_no_embedding_again(filled: Knowledge, engine: EngineUnderTest, tmp_path: Path) -> None:
    made = filled.store.engine.upkeep.backup(filled.store, tmp_path / "backup.db")
    address = engine.new_address()
    filled.store.engine.upkeep.restore(made.path, address)
    again = open_store(address)
    embedder = SmallEmbedder()
    Filler(again, embedder, threading.Event()).fill()
    again.close()
    assert embedder.texts == []
