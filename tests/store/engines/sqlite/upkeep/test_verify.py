"""`verify`: what it finds, how it names it, and what it does not take for damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.store.engines.sqlite.upkeep.conftest import put

from notewell_store import open_store
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.write_lock import gate_of
from notewell_store.integrity.results import Finding
from notewell_store.integrity.verify import verify
from notewell_store.tables import notes
from notewell_store.tables.rendered import html_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Knowledge, Processes
    from tests.store.engines.sqlite.upkeep.conftest import Sample

    from notewell_store import Store
    from notewell_store.integrity.results import Verdict


def change_by_hand(path: Path, *statements: str) -> None:
    """Write past all that guards a store."""
    db = sqlite3.connect(path)
    db.execute("DROP TRIGGER revisions_are_kept")
    db.execute("DROP TRIGGER revisions_stay")
    for statement in statements:
        assert db.execute(statement).rowcount != 0, statement
    db.commit()
    db.close()


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


ROW_OF_NOTE_3 = [
    "slug = 'other'",
    "title = 'Other'",
    "note_type = 'plan'",
    "status = 'draft'",
    "project_id = NULL",
    "tags = '[]'",
    "tags = 'no json'",
    "parent_id = 1",
    "position = 3",
    "is_public = 1",
    "chars = chars + 1",
    "revision = revision + 1",
    "revision = revision - 1",
    "revision = 'two'",
    "seq = seq + 1",
    "created_at = '2020-01-01T00:00:00.000Z'",
    "updated_at = '2020-01-01T00:00:00.000Z'",
    "actor = 'someone else'",
    "revised_by = NULL",
]


@pytest.mark.parametrize("change", ROW_OF_NOTE_3)
def test_a_row_that_is_not_as_its_newest_revision_says_is_found(damaged: Callable[..., Verdict], change: str) -> None:
    verdict = damaged(f"UPDATE notes SET {change} WHERE slug = 'note-3'")
    assert "note-3" in verdict.damaged_notes
    assert "kept" in {finding.kind for finding in verdict.findings if finding.note == "note-3"}


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


DERIVED = {
    "its stored page": "UPDATE texts SET html = x'00' WHERE note_id = 4",
    "the labels": "DELETE FROM labels WHERE note_id = 4",
    "its sections": "UPDATE sections SET anchor = 'other' WHERE note_id = 4 AND number = 0",
    "the links of its text": "DELETE FROM links WHERE source_id = 4 AND relation = 'mentions'",
    "its link to note-4 leads": "UPDATE links SET target_id = 9 WHERE source_id = 4 AND relation = 'mentions'",
    "its link to note-4 does not": "UPDATE links SET target_id = NULL WHERE source_id = 4 AND relation = 'mentions'",
    "its passages": "UPDATE passages SET digest = x'00' WHERE note_id = 4",
}


@pytest.mark.parametrize("what", DERIVED)
def test_what_no_longer_agrees_with_the_text_is_found_and_told_from_lost_knowledge(
    damaged: Callable[..., Verdict], what: str
) -> None:
    verdict = damaged(DERIVED[what])
    (finding,) = verdict.findings
    assert (finding.kind, finding.note) == ("derived", "note-3")
    assert finding.what.startswith(what)


OTHERS = {
    "its newest text is not that": ("kept", "UPDATE texts SET markdown = 'other' WHERE note_id = 4"),
    "its newest text is missing": ("kept", "DELETE FROM texts WHERE note_id = 4"),
    "its name note-0 does not lead to it": ("kept", "UPDATE aliases SET note_id = 2 WHERE slug = 'note-0'"),
    "the links that were set on purpose": (
        "kept",
        "DELETE FROM links WHERE target = 'nowhere'",
    ),
    "the project app is not": ("kept", "UPDATE projects SET name = 'Other'"),
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


def test_a_finding_says_where_and_what() -> None:
    assert str(Finding("kept", "its SHA-256 does not match", "sop-deploy", 7)) == (
        "sop-deploy@7: its SHA-256 does not match"
    )
    assert str(Finding("file", "a page is used twice")) == "the file: a page is used twice"


def test_notes_that_an_import_has_yet_to_make_ready_are_no_damage(knowledge: Knowledge) -> None:
    knowledge.put("a", "# A\n")
    with knowledge.store.writing() as db:
        db.execute("INSERT INTO stale VALUES (1)")
        db.execute("DELETE FROM sections")
    verdict = verify(knowledge.store)
    assert verdict.whole
    assert verdict.unfinished == ("a",)


def test_names_that_changed_since_are_seen_through(knowledge: Knowledge) -> None:
    knowledge.put("target", "# T\n")
    knowledge.put("parent", "# P\n")
    knowledge.put("child", "[[target]], [[later]] and [[child]]\n", parent="parent")
    knowledge.link("child", "target", "parent", relation="needs")
    knowledge.link("child", "waiting", relation="needs", allow_missing=True)
    for slug in ("target", "parent"):
        knowledge.rename(slug, f"{slug}-two")
        knowledge.rename(f"{slug}-two", f"{slug}-three")
    knowledge.put("later", "")
    knowledge.put("waiting", "")
    knowledge.rename("target-three", "target")
    knowledge.delete("later")
    assert verify(knowledge.store).findings == ()


def test_a_store_without_notes_is_whole(store: Store) -> None:
    verdict = verify(store)
    assert (verdict.whole, verdict.notes, verdict.revisions, verdict.last_seq) == (True, 0, 0, 0)


def test_progress_counts_notes_up_to_all_of_them(sample: Sample) -> None:
    told: list[tuple[int, int]] = []
    store = open_store(sample.path)
    verify(store, lambda done, total: told.append((done, total)))
    store.close()
    assert told[0] == (0, len(sample.truth))
    assert told[-1] == (len(sample.truth), len(sample.truth))
    assert told == sorted(told)


WRITE = """
import sys
from functools import partial
from notewell_store import Attribution, Change, open_store
from notewell_store.writing import drafts, pipeline
store = open_store(sys.argv[1])
for number in range(int(sys.argv[2])):
    change = Change(content=f"# Note {number}\\n", tags=("x",))
    create = partial(drafts.upsert, slug=f"new-{number}", change=change, if_revision=None)
    pipeline.write(store, create, Attribution("w"))
    if number == 0:
        print("begun", flush=True)
store.close()
"""


def test_it_reads_one_moment_while_others_write(store: Store, processes: Processes) -> None:
    put(store, "a", "# A\n")
    writer = processes.start(WRITE, store.path, 60)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "begun\n"
    looked = 0
    while writer.poll() is None:
        assert verify(store).findings == ()
        looked += 1
    processes.finish(writer)
    assert looked
    assert verify(store).notes == 61


def test_changes_of_a_killed_writer_are_witnessed_or_not_made(database: Path, processes: Processes) -> None:
    for round_number in range(3):
        writer = processes.start(WRITE.replace("new-", f"r{round_number}-"), database, 10_000)
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.kill()
        writer.wait()
        store = open_store(database)
        assert verify(store).findings == ()
        store.close()


def test_a_line_that_a_killed_writer_left_half_says_nothing(store: Store) -> None:
    put(store, "a", "# A\n")
    with gate_of(store.path).open("a") as gate:
        gate.write("7 7 1 0123")
    put(store, "b", "# B\n")
    assert verify(store).findings == ()


def test_the_witness_keeps_the_newest_changes_in_bounded_space(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notewell_store.engines.sqlite.commit_log.LARGEST", 400)
    monkeypatch.setattr("notewell_store.engines.sqlite.commit_log.KEPT", 200)
    for number in range(40):
        put(store, f"note-{number}", "")
    text = gate_of(store.path).read_text()
    assert len(text) < 600
    assert text.endswith(" note-39\n")
    assert verify(store).findings == ()


def test_a_line_that_was_cut_in_two_is_not_taken_for_a_change(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notewell_store.engines.sqlite.commit_log.LARGEST", 400)
    for number in range(12):
        put(store, f"note-{number}", "")
    for kept in range(60, 130):  # wherever in a line the cut comes
        monkeypatch.setattr("notewell_store.engines.sqlite.commit_log.KEPT", kept)
        while len(gate_of(store.path).read_text()) <= 400:
            number += 1
            put(store, f"note-{number}", "")
        put(store, f"note-{kept}-after", "")
        assert len(gate_of(store.path).read_text()) < 400
        with store.reading() as db:
            there = set(db.execute("SELECT seq, note_id, revision FROM revisions"))
        assert {
            (change.seq, change.note_id, change.revision) for change in commit_log.read(gate_of(store.path))
        } <= there
    assert verify(store).findings == ()


def test_a_link_set_on_purpose_that_has_lost_its_note_is_found(knowledge: Knowledge) -> None:
    knowledge.put("a", "x")
    knowledge.put("b", "x")
    knowledge.link("a", "b")
    with knowledge.store.writing() as db:
        db.execute("UPDATE links SET target_id = NULL WHERE relation = 'relates'")
    assert verify(knowledge.store).damaged_notes == ("a",)
