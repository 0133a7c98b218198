"""What somebody changes past Notewell, as a superuser with the triggers off, is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.postgres_server import server

from notewell_store import open_store
from notewell_store.integrity.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notewell_store import Store

CHANGES = {
    "a revision": "UPDATE main.revisions x SET text = r.text FROM main.revisions r WHERE x.seq = 4 AND r.seq = 1",
    "a revision's metadata": "UPDATE main.revisions SET metadata = replace(metadata, 'One', 'Two') WHERE seq = 1",
    "a revision that is gone": "DELETE FROM main.revisions WHERE seq = 2",
    "the newest revision that is gone": "DELETE FROM main.revisions WHERE seq = 4",
    "a note's title": "UPDATE main.notes SET title = 'Two' WHERE slug = 'one'",
    "a note's text": "UPDATE main.texts SET markdown = replace(markdown, 'deploy', 'destroy')",
    "a note's revision": "UPDATE main.notes SET revision = revision + 1 WHERE slug = 'one'",
    "a note that is gone": "DELETE FROM main.notes WHERE slug = 'two'",
    "a section": "UPDATE main.sections SET heading = 'Other' WHERE heading = 'Steps'",
    "a link": "DELETE FROM main.links",
    "a label": "DELETE FROM main.labels",
    "a passage": "DELETE FROM main.passages WHERE id = (SELECT min(id) FROM main.passages)",
    "a row of the index": "DELETE FROM main.search WHERE id = (SELECT min(id) FROM main.search)",
}


@pytest.fixture
def store() -> Iterator[Store]:
    store = open_store(server().address(server().new_database()))
    knowledge = Knowledge(store)
    knowledge.put("one", "# One\n\n## Steps\n\nTo deploy, see [[two]].\n", tags=("sop",))
    knowledge.put("two", "# Two\n\nMore.\n")
    knowledge.edit("one", "append", "Then rest.\n")
    knowledge.edit("two", "append", "And more.\n")
    store.background.finish()
    yield store
    store.close()


def by_hand(store: Store, statement: str) -> None:
    database = store.address.rpartition("/notewell_")[2].partition("?")[0]
    server().execute(f"notewell_{database}", "SET session_replication_role = replica", statement)


def test_a_store_that_nobody_changed_by_hand_is_whole(store: Store) -> None:
    assert not verify(store).findings


@pytest.mark.parametrize("what", CHANGES)
def test_verify_finds_what_was_changed_by_hand(store: Store, what: str) -> None:
    by_hand(store, CHANGES[what])
    assert verify(store).findings
