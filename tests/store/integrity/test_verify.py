"""`verify`: what it finds, how it names it, and what it does not take for damage. On every engine."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.store.histories import NOTES, change_all, fill

from notewell_store import Invalid, open_store
from notewell_store.briefing.brief import brief
from notewell_store.files.exporting import export_notes
from notewell_store.findings import Finding
from notewell_store.integrity.verify import circles_of, verify, verify_snapshot
from notewell_store.tables import projects
from notewell_store.writing.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Knowledge

    from notewell_store import Store
    from notewell_store.findings import Verdict


class Undone(Exception):
    """Ends a transaction without a commit."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Some two hundred revisions of forty notes, which every test leaves as they are."""
    store = open_store(tmp_path_factory.mktemp("whole") / "notewell.db")
    dice = random.Random(7)
    projects.save_project(store, "app", "tester", "The app", "github")
    fill(store, dice, 0, NOTES)
    change_all(store, dice)
    assert verify(store).findings == ()
    yield store
    store.close()


@pytest.fixture
def changed(whole: Store) -> Callable[[str], Verdict]:
    """The verdict on the store as a statement changes it, which is undone."""

    def verdict(statement: str) -> Verdict:
        found: list[Verdict] = []
        with pytest.raises(Undone), whole.writing() as db:
            assert db.execute(statement).rowcount != 0, statement
            found.append(verify_snapshot(db, whole.engine.upkeep.checks))
            raise Undone
        return found[0]

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
    "seq = seq + 1",
    "created_at = '2020-01-01T00:00:00.000Z'",
    "updated_at = '2020-01-01T00:00:00.000Z'",
    "actor = 'someone else'",
    "revised_by = NULL",
]


@pytest.mark.parametrize("change", ROW_OF_NOTE_3)
def test_a_row_that_is_not_as_its_newest_revision_says_is_found(changed: Callable[[str], Verdict], change: str) -> None:
    verdict = changed(f"UPDATE notes SET {change} WHERE slug = 'note-3'")
    assert "note-3" in verdict.damaged_notes
    assert "kept" in {finding.kind for finding in verdict.findings if finding.note == "note-3"}


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
    changed: Callable[[str], Verdict], what: str
) -> None:
    verdict = changed(DERIVED[what])
    (finding,) = verdict.findings
    assert (finding.kind, finding.note) == ("derived", "note-3")
    assert finding.what.startswith(what)


OTHERS = {
    "its newest text is not that": ("kept", "UPDATE texts SET markdown = 'other' WHERE note_id = 4"),
    "its newest text is missing": ("kept", "DELETE FROM texts WHERE note_id = 4"),
    "its name note-0 does not lead to it": ("kept", "UPDATE aliases SET note_id = 2 WHERE slug = 'note-0'"),
    "the links that were set on purpose": ("kept", "DELETE FROM links WHERE target = 'nowhere'"),
    "the project app is not": ("kept", "UPDATE projects SET name = 'Other'"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_missing_or_leads_elsewhere_is_found(changed: Callable[[str], Verdict], what: str) -> None:
    kind, statement = OTHERS[what]
    found = [finding for finding in changed(statement).findings if what in finding.what]
    assert [finding.kind for finding in found] == [kind]


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


def test_progress_counts_notes_up_to_all_of_them(whole: Store) -> None:
    told: list[tuple[int, int]] = []
    verify(whole, lambda done, total: told.append((done, total)))
    assert told[0] == (0, NOTES)
    assert told[-1] == (NOTES, NOTES)
    assert told == sorted(told)


def test_a_link_set_on_purpose_that_has_lost_its_note_is_found(knowledge: Knowledge) -> None:
    knowledge.put("a", "x")
    knowledge.put("b", "x")
    knowledge.link("a", "b")
    with knowledge.store.writing() as db:
        db.execute("UPDATE links SET target_id = NULL WHERE relation = 'relates'")
    assert verify(knowledge.store).damaged_notes == ("a",)


def test_a_circle_of_parents_is_found_named_and_mended_by_a_write(knowledge: Knowledge, tmp_path: Path) -> None:
    """One that an older version let happen: everything else goes on, backups too."""
    for slug in ("one", "two", "three", "below", "outside"):
        knowledge.put(slug, f"# {slug}\n")
    knowledge.put("two", parent="one")
    knowledge.put("three", parent="two")
    knowledge.put("below", parent="two")
    one = knowledge.note("one")
    knowledge.write(lambda _: Draft(one, replace(one.metadata, parent="three"), one.markdown))
    verdict = verify(knowledge.store)
    assert [str(finding) for finding in verdict.findings] == ["one: its parents form a circle: one → three → two → one"]
    assert (verdict.whole, verdict.damage) == (False, ())
    made = knowledge.store.engine.upkeep.backup(knowledge.store, tmp_path / "kept.db")
    assert made.verdict.findings == verdict.findings
    assert export_notes(knowledge.store, tmp_path / "files").notes == 5
    with knowledge.store.reading() as db:
        assert "outside" in brief(db).text
    assert "two" in knowledge.listed()
    with pytest.raises(Invalid):
        knowledge.put("one", parent="below")
    knowledge.put("one", parent="none")
    assert verify(knowledge.store).findings == ()


@pytest.mark.parametrize(
    ("above", "circles"),
    [
        ({}, []),
        ({1: 2, 2: 3}, []),
        ({1: 1}, [[1]]),
        ({5: 4, 4: 2, 2: 4, 9: 5}, [[2, 4]]),
        ({1: 3, 3: 2, 2: 1, 8: 9, 9: 8}, [[1, 3, 2], [8, 9]]),
        ({1: 77}, []),
    ],
)
def test_each_circle_is_told_once_from_its_oldest_note(above: dict[int, int], circles: list[list[int]]) -> None:
    assert circles_of(above) == circles
