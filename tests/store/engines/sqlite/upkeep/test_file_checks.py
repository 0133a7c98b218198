"""What is found in a file whose rows were changed past all that guards them, and by SQLite's own checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.store.engines.sqlite.upkeep.conftest import change_by_hand
from tests.store.histories import WRITE, put

from notewell_store import open_store
from notewell_store.integrity.verify import verify
from notewell_store.tables import notes
from notewell_store.tables.rendered import html_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge, Processes
    from tests.store.engines.sqlite.upkeep.conftest import Sample

    from notewell_store import Store
    from notewell_store.findings import Verdict


@pytest.fixture
def damaged(sample: Sample, tmp_path: Path) -> Callable[..., Verdict]:
    """The verdict on the sample after these statements."""

    def verdict(*statements: str) -> Verdict:
        path = sample.copy(tmp_path / "notewell.db")
        change_by_hand(path, *statements)
        store = open_store(path)
        found = verify(store)
        store.close()
        return found

    return verdict


REVISION_OF_NOTE_3 = [
    "seq = 9999",
    "note_id = 1000",
    "revision = 99",
    "revised_at = '2020-01-01T00:00:00.000Z'",
    "actor = 'someone else'",
    "revised_by = NULL",
    "reason = 'another'",
    "changed = 'title'",
    "base = 7",
    "metadata = '{}'",
    "metadata = NULL",
    "text = NULL",
    "text = x'57'",
    "text = 'text'",
    "sha256 = zeroblob(32)",
    "sha256 = 'text'",
]


@pytest.mark.parametrize("change", REVISION_OF_NOTE_3)
def test_a_change_of_anything_that_a_revision_keeps_is_found(damaged: Callable[..., Verdict], change: str) -> None:
    number = "(SELECT id FROM notes WHERE slug = 'note-3') AND revision = 1"
    verdict = damaged(f"UPDATE revisions SET {change} WHERE note_id = {number}")
    assert "note-3" in verdict.damaged_notes


def test_a_row_with_a_value_of_another_kind_is_found(damaged: Callable[..., Verdict]) -> None:
    assert "note-3" in damaged("UPDATE notes SET revision = 'two' WHERE slug = 'note-3'").damaged_notes


OTHERS = {
    "the search index: 1 passages are not in it": (
        "derived",
        "DELETE FROM search_docsize WHERE id = (SELECT max(id) FROM passages)",
    ),
    "rows of passages refer to rows of notes": (
        "file",
        "UPDATE passages SET note_id = 999 WHERE id = (SELECT max(id) FROM passages)",
    ),
    "it is missing": ("kept", "DELETE FROM revisions WHERE note_id = 3 AND revision = 1"),
    "it and all up to 2 are missing": ("kept", "DELETE FROM revisions WHERE note_id = 4"),
    "its row among the notes is missing": ("kept", "DELETE FROM notes WHERE id = 4"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_missing_or_leads_elsewhere_is_found(damaged: Callable[..., Verdict], what: str) -> None:
    kind, statement = OTHERS[what]
    found = [finding for finding in damaged(statement).findings if what in finding.what]
    assert [finding.kind for finding in found] == [kind]


def test_a_stored_page_that_is_damaged_is_made_anew(knowledge: Knowledge) -> None:
    knowledge.put("a", "# A\n\ntext\n")
    with knowledge.store.writing() as db:
        db.execute("UPDATE texts SET html = x'00'")
    with knowledge.store.reading() as db:
        note = notes.load(db, 1)
        assert "<p>text</p>" in html_of(db, note, 0, len(note.markdown))


def test_it_reads_one_moment_while_others_write(store: Store, processes: Processes) -> None:
    put(store, "a", "# A\n")
    writer = processes.start(WRITE, store.address, 60)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "begun\n"
    looked = 0
    while writer.poll() is None:
        assert verify(store).findings == ()
        looked += 1
    processes.finish(writer)
    assert looked
    assert verify(store).notes == 61
