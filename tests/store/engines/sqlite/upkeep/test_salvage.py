"""What salvage does with what is lost: it says so, keeps every number, and finds text in other places than its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.store.engines.sqlite.upkeep.conftest import change_by_hand
from tests.store.engines.sqlite.upkeep.test_restoring import WRITE_AND_STAY

from notewell_store import open_store, parse_reference
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.salvage.placeholders import LAST_SEQ, Gap, numbered
from notewell_store.engines.sqlite.salvage.salvage import salvage
from notewell_store.findings import Lost, Salvaged
from notewell_store.integrity.verify import verify
from notewell_store.tables import notes
from notewell_store.tables.history import list_revisions
from notewell_store.tables.revisions import load_at

if TYPE_CHECKING:
    from tests.conftest import Processes
    from tests.store.engines.sqlite.upkeep.conftest import Sample

    from notewell_store import Store
    from notewell_store.models import Note


@pytest.fixture
def history(knowledge: Knowledge) -> Path:
    """A note with six revisions: whole, appended to, a tag, rewritten, appended to, a title."""
    knowledge.put("a", "# A\n\nfirst\n", title="Title one")
    knowledge.rewrite("a", "# A\n\nfirst\nsecond\n")
    knowledge.put("a", add_tags=("x",))
    knowledge.rewrite("a", "another text\n")
    knowledge.rewrite("a", "another text\nfifth\n")
    knowledge.put("a", title="Title two")
    knowledge.put("b", "[[a]]\n")
    knowledge.store.close()
    return Path(knowledge.store.address)


def lose(path: Path, *revisions: int) -> None:
    """As if the rows had never been: what is left in free pages is overwritten too."""
    numbers = ", ".join(map(str, revisions))
    db = sqlite3.connect(path)
    db.execute("PRAGMA secure_delete = ON")
    db.close()
    change_by_hand(path, f"DELETE FROM revisions WHERE note_id = 1 AND revision IN ({numbers})")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("VACUUM")
    db.close()


def states(done: Salvaged) -> dict[int, tuple[str, str]]:
    """The title and text of note a at each of its revisions."""
    found = {}
    for number in range(1, 7):
        note = note_at(done, number)
        found[number] = note.metadata.title, note.markdown
    return found


def note_at(done: Salvaged, number: int) -> Note:
    store = open_store(done.path, create=False)
    with store.reading() as db:
        note = load_at(db, 1, "a", number)
    store.close()
    return note


TRUTH = {
    1: ("Title one", "# A\n\nfirst\n"),
    2: ("Title one", "# A\n\nfirst\nsecond\n"),
    3: ("Title one", "# A\n\nfirst\nsecond\n"),
    4: ("Title one", "another text\n"),
    5: ("Title one", "another text\nfifth\n"),
    6: ("Title two", "another text\nfifth\n"),
}


def test_a_lost_revision_in_the_middle_keeps_its_number_and_says_that_it_is_lost(history: Path, tmp_path: Path) -> None:
    lose(history, 4)
    done = salvage(history, tmp_path / "new.db")
    assert done.lost == (Lost("a", 4),)
    assert done.verdict.whole
    assert states(done) == {**TRUTH, 4: TRUTH[3]}
    placeholder = note_at(done, 4)
    assert placeholder.actor == "notewell salvage"
    store = open_store(done.path)
    with store.reading() as db:
        revision = list_revisions(db, 1).items[2]
    store.close()
    assert (revision.revision, revision.changed) == (4, ("lost",))
    assert revision.reason == "revision 4 was lost in a damaged file; what stands here is revision 3"


def test_saved_revisions_keep_change_numbers_times_and_proof(history: Path, tmp_path: Path) -> None:
    kept = "SELECT revision, seq, revised_at, actor, sha256 FROM revisions WHERE changed != 'lost' ORDER BY seq"
    lose(history, 4)
    done = salvage(history, tmp_path / "new.db")
    found = []
    for path in (history, done.path):
        db = sqlite3.connect(path)
        found.append(db.execute(kept).fetchall())
        db.close()
    assert found[0] == found[1]


def test_lost_first_revisions_are_stood_for_by_empty_ones(history: Path, tmp_path: Path) -> None:
    lose(history, 1, 2, 3)  # and with them the metadata of 4 and 5, which left them as they were
    done = salvage(history, tmp_path / "new.db")
    assert {lost.revision for lost in done.lost} == {1, 2, 3, 4, 5}
    assert states(done) == {**dict.fromkeys(range(1, 6), ("Title two", "")), 6: TRUTH[6]}
    assert done.verdict.whole


def test_an_appended_text_gives_back_the_one_before_it(history: Path, tmp_path: Path) -> None:
    """Revision 5 only put something into 4, so that 4 is what is left without it; its SHA-256 tells."""
    change_by_hand(history, "UPDATE revisions SET text = x'5700' WHERE note_id = 1 AND revision = 4")
    done = salvage(history, tmp_path / "new.db")
    assert done.complete
    assert states(done) == TRUTH


def test_the_newest_text_is_saved_from_beside_its_broken_history(history: Path, tmp_path: Path) -> None:
    change_by_hand(history, "UPDATE revisions SET text = zeroblob(9) WHERE note_id = 1 AND text IS NOT NULL")
    done = salvage(history, tmp_path / "new.db")
    assert states(done)[6] == TRUTH[6]
    assert states(done)[5] == TRUTH[5]
    assert {lost.revision for lost in done.lost} <= {1, 2, 3, 4}


def test_damaged_metadata_are_found_in_the_note_itself(history: Path, tmp_path: Path) -> None:
    change_by_hand(history, "UPDATE revisions SET metadata = '{}' WHERE note_id = 1 AND revision = 6")
    done = salvage(history, tmp_path / "new.db")
    assert done.lost == (Lost("a", 6),)
    change_by_hand_again = "UPDATE revisions SET metadata = NULL WHERE note_id = 1 AND revision = 6"
    db = sqlite3.connect(history)
    db.execute(change_by_hand_again)
    db.commit()
    db.close()
    assert salvage(history, tmp_path / "other.db").complete


def test_a_text_that_is_readable_and_not_proved_is_laid_beside_and_not_taken_in(history: Path, tmp_path: Path) -> None:
    change_by_hand(
        history,
        "UPDATE revisions SET sha256 = zeroblob(32) WHERE note_id = 1 AND revision > 4",
        "UPDATE texts SET markdown = 'another text, who knows\n' WHERE note_id = 1",
    )
    done = salvage(history, tmp_path / "new.db")
    assert [path.relative_to(tmp_path).as_posix() for path in done.unproved] == ["new.db.unproved/a@6.md"]
    assert done.unproved[0].read_text() == "another text, who knows\n"
    assert states(done)[6][1] == "another text\n"
    assert not done.complete


def test_a_note_of_which_nothing_is_proved_is_named_as_lost(history: Path, tmp_path: Path) -> None:
    change_by_hand(history, "UPDATE revisions SET sha256 = zeroblob(32) WHERE note_id = 1")
    done = salvage(history, tmp_path / "new.db")
    assert Lost("a", None) in done.lost
    assert done.notes == 1
    store = open_store(done.path)
    with store.reading() as db:
        assert notes.find(db, parse_reference("b")) == 2
    store.close()


def test_changes_that_are_gone_are_missed_and_known_once_the_rest_was_saved(history: Path, tmp_path: Path) -> None:
    lose(history, *range(1, 7))
    damaged = open_store(history)
    missing = "the file: of the changes up to the newest 6 are not in it, and nothing tells why"
    assert missing in map(str, verify(damaged).findings)
    damaged.close()
    store = open_store(salvage(history, tmp_path / "new.db").path)
    assert history_of(store) == (1, [7])
    Knowledge(store).put("c", "new\n")
    assert history_of(store) == (2, [8, 7])
    assert verify(store).findings == ()
    store.close()


def history_of(store: Store) -> tuple[int, list[int]]:
    """How many changes are told, and the numbers of those that are shown."""
    with store.reading() as db:
        listed = list_revisions(db)
    return listed.total, [revision.seq for revision in listed.items]


def test_projects_that_cannot_be_read_are_named_by_the_notes(sample: Sample, tmp_path: Path) -> None:
    damaged = sample.copy(tmp_path / "notewell.db")
    change_by_hand(damaged, "DELETE FROM project_changes", "DELETE FROM projects")
    done = salvage(damaged, tmp_path / "new.db")
    assert done.complete
    db = sqlite3.connect(done.path)
    assert db.execute("SELECT slug, name FROM projects").fetchall() == [("app", "app")]
    db.close()


def test_what_is_in_the_wal_only_is_saved_too(history: Path, tmp_path: Path, processes: Processes) -> None:
    writer = processes.start(WRITE_AND_STAY, history)
    assert writer.stdout is not None
    writer.stdout.readline()
    writer.kill()
    writer.wait()
    done = salvage(history, tmp_path / "new.db")
    assert done.complete
    assert (done.notes, done.revisions) == (3, 8)


def test_changes_in_a_wal_whose_checksums_are_broken_are_saved_too(
    history: Path, tmp_path: Path, processes: Processes
) -> None:
    """SQLite throws away such a -wal as a whole."""
    writer = processes.start(WRITE_AND_STAY, history)
    assert writer.stdout is not None
    writer.stdout.readline()
    writer.kill()
    writer.wait()
    wal = history.with_name(f"{history.name}-wal")
    data = bytearray(wal.read_bytes())
    data[24:32] = b"\xff" * 8
    wal.write_bytes(data)
    done = salvage(history, tmp_path / "new.db")
    assert done.complete
    assert (done.notes, done.revisions) == (3, 8)


def test_every_lost_revision_gets_a_free_change_number_between_its_neighbours() -> None:
    gaps = [Gap(1, 2, 3, 9), Gap(2, 1, 0, 5), Gap(2, 2, 0, 5), Gap(3, 4, 7, LAST_SEQ), Gap(1, 3, 3, 9)]
    taken = {1, 3, 5, 7, 9, 10}
    found = {gap: seq for seq, gap in numbered(gaps, taken)}
    assert found.keys() == set(gaps)
    assert len({*found.values()} | taken) == len(gaps) + len(taken)
    assert all(gap.after < seq < gap.before for gap, seq in found.items())
    assert found[Gap(1, 2, 3, 9)] < found[Gap(1, 3, 3, 9)]
    assert found[Gap(2, 1, 0, 5)] < found[Gap(2, 2, 0, 5)]
