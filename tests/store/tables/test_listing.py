"""The cursors of lists: what they hold, and that the database answers them from where they stand."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, get_args

import pytest

from notewell_store import Filter
from notewell_store.models import Sort
from notewell_store.tables.listing import list_notes, order_by

if TYPE_CHECKING:
    from tests.conftest import Knowledge

SORTS: tuple[Sort, ...] = get_args(Sort)


def opened(cursor: str) -> list[object]:
    kept: list[object] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return kept


def test_every_order_of_the_contract_is_known(knowledge: Knowledge) -> None:
    with knowledge.store.reading() as db:
        assert len({order_by(db, sort) for sort in SORTS}) == len(SORTS)


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_is_one_word_of_plain_characters_and_names_its_order(knowledge: Knowledge, sort: Sort) -> None:
    for slug in ("a", "b"):
        knowledge.put(slug, "", title=f"日本 \"{slug}' / + ? 🏴")
    with knowledge.store.reading() as db:
        cursor = list_notes(db, Filter(), sort, 1).next_cursor
    assert cursor is not None
    assert cursor.replace("-", "").replace("_", "").isalnum() and cursor.isascii()
    assert opened(cursor)[0] == sort


@pytest.mark.parametrize("sort", SORTS)
def test_the_last_page_has_no_cursor_even_when_it_is_full(knowledge: Knowledge, sort: Sort) -> None:
    for slug in ("a", "b", "c", "d"):
        knowledge.put(slug, "")
    with knowledge.store.reading() as db:
        first = list_notes(db, Filter(), sort, 2)
        last = list_notes(db, Filter(), sort, 2, first.next_cursor)
    assert (len(first.items), len(last.items), last.next_cursor, last.total) == (2, 2, None, 4)


@pytest.mark.parametrize("sort", SORTS)
def test_a_cursor_holds_when_its_note_is_gone(knowledge: Knowledge, sort: Sort) -> None:
    for slug in ("a", "b", "c", "d"):
        knowledge.put(slug, "", position=1)
    whole = knowledge.listed(sort)
    with knowledge.store.reading() as db:
        cursor = list_notes(db, Filter(), sort, 2).next_cursor
    knowledge.delete(whole[1])
    with knowledge.store.reading() as db:
        assert [note.slug for note in list_notes(db, Filter(), sort, 2, cursor).items] == whole[2:]


@pytest.mark.of_sqlite("the plans are those of SQLite")
@pytest.mark.parametrize("sort", ["updated", "title"])
def test_the_database_reads_the_order_from_an_index_instead_of_sorting(knowledge: Knowledge, sort: Sort) -> None:
    with knowledge.store.reading() as db:
        order = order_by(db, sort)
        plan = db.execute(
            f"EXPLAIN QUERY PLAN SELECT slug FROM notes n WHERE n.deleted = 0 ORDER BY {order.order} LIMIT 9"
        ).fetchall()
    assert "TEMP B-TREE FOR ORDER BY" not in " ".join(step[-1] for step in plan)
