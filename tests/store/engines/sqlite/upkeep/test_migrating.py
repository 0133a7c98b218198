"""An older file, and a process that is killed while it migrates it: migrated after a whole copy, or as it was."""

from __future__ import annotations

import gzip
import threading
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.embedding.small_embedder import SmallEmbedder
from tests.store.engines.sqlite.upkeep.conftest import change_by_hand
from tests.store.histories import read_all

from notewell_store import Attribution, Unusable, open_store
from notewell_store.contract import Visibility
from notewell_store.engines.sqlite.connection import SCHEMA_VERSION, connect
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.read_only import read_once
from notewell_store.engines.sqlite.salvage.salvage import salvage
from notewell_store.engines.sqlite.upkeep.file_checks import FileChecks
from notewell_store.engines.sqlite.visibility import limit
from notewell_store.integrity.verify import verify, verify_snapshot
from notewell_store.meaning.filling import Filler
from notewell_store.models import Filter
from notewell_store.references import Reference
from notewell_store.search.search import search_notes
from notewell_store.tables import notes
from notewell_store.tables.history import list_revisions
from notewell_store.tables.pages import page_of

if TYPE_CHECKING:
    from tests.conftest import Processes
    from tests.store.engines.sqlite.upkeep.conftest import Sample

    from notewell_store import Store

NEXT = SCHEMA_VERSION + 1

WRITTEN_BY_3 = Path(__file__).parents[4] / "before" / "store-schema-3.db.gz"
"""A store as d69d765 left it, made as tests/before/make_store makes one, with a note `otherwise` beside."""

FUTURE = f"""
import sys
from pathlib import Path
from notewell_store.engines.sqlite import connection, copies, database, schema, store, upgrade

connection.SCHEMA_VERSION = database.SCHEMA_VERSION = upgrade.SCHEMA_VERSION = {NEXT}

def reached(point):
    if point == sys.argv[2]:
        print(point, flush=True)
        sys.stdin.readline()

@schema.migrations()
def add_colours(db):
    reached("before the first statement")
    db.execute("ALTER TABLE notes ADD COLUMN colour TEXT")
    db.execute("UPDATE notes SET colour = 'red'")
    reached("after a statement")
    db.execute("CREATE TABLE colours AS SELECT colour, id, randomblob(2000) AS filling FROM notes")
    reached("before the commit")

publish = copies.publish
def slow_publish(part, target, *, replace):
    reached("before the copy has its name")
    publish(part, target, replace=replace)
    reached("after the copy")
copies.publish = slow_publish

opened = store.open_file(Path(sys.argv[1]))
reached("after the commit")
opened.close()
"""

POINTS = [
    "before the copy has its name",
    "after the copy",
    "before the first statement",
    "after a statement",
    "before the commit",
    "after the commit",
]


def schema_of(path: Path) -> int:
    db = connect(path)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    db.close()
    return int(version)


def must_be_as_it_was(path: Path, sample: Sample) -> None:
    store = open_store(path)
    assert verify(store).findings == ()
    assert read_all(store) == sample.truth
    store.close()


@pytest.mark.parametrize("point", POINTS)
def test_a_migration_that_is_killed_leaves_the_file_as_it_was_or_migrated_after_a_whole_copy(
    sample: Sample, database: Path, processes: Processes, point: str
) -> None:
    sample.copy(database)
    copy = database.with_name(f"{database.name}.before-schema-{NEXT}")
    migrating = processes.start(FUTURE, database, point)
    assert migrating.stdout is not None
    assert migrating.stdout.readline() == f"{point}\n", migrating.communicate()
    migrating.kill()
    migrating.wait()
    assert copy.exists() == (point != POINTS[0])
    if point == "after the commit":
        assert schema_of(database) == NEXT
    else:
        assert schema_of(database) == SCHEMA_VERSION
        must_be_as_it_was(database, sample)
    if copy.exists():
        must_be_as_it_was(copy, sample)
    processes.finish(processes.start(FUTURE, database, "nowhere"))
    assert schema_of(database) == NEXT
    db = sqlite3.connect(database)
    assert db.execute("SELECT count(*) FROM colours").fetchone() == (len(sample.truth),)
    db.close()
    must_be_as_it_was(copy, sample)


def test_two_processes_that_find_an_older_file_migrate_it_once(
    sample: Sample, database: Path, processes: Processes
) -> None:
    sample.copy(database)
    both = [processes.start(FUTURE, database, "nowhere") for _ in range(2)]
    for process in both:
        processes.finish(process)
    db = sqlite3.connect(database)
    assert db.execute("SELECT count(*) FROM _sqlite_migrations WHERE name = 'add_colours'").fetchone() == (1,)
    db.close()


def test_a_migrated_file_is_refused_by_this_version_and_left_as_it_is(
    sample: Sample, database: Path, processes: Processes
) -> None:
    sample.copy(database)
    processes.finish(processes.start(FUTURE, database, "nowhere"))
    before = database.read_bytes()
    with pytest.raises(Unusable, match=f"made by a newer Notewell .schema {NEXT}, this one knows {SCHEMA_VERSION}."):
        open_store(database)
    assert database.read_bytes() == before


def test_a_copy_that_cannot_be_made_stops_the_migration(sample: Sample, database: Path, processes: Processes) -> None:
    """A folder in its place stands for whatever a disk may refuse."""
    sample.copy(database)
    (database.parent / f"{database.name}.before-schema-{NEXT}" / "full").mkdir(parents=True)
    migrating = processes.start(FUTURE, database, "nowhere")
    _, complained = migrating.communicate(timeout=60)
    assert migrating.returncode == 1
    assert f"before-schema-{NEXT} cannot be written" in complained
    must_be_as_it_was(database, sample)


def made_as_version_2(database: Path) -> None:
    """A store whose labels are those that version 2 wrote: the words as they stand, statuses with hyphens."""
    store = open_store(database)
    knowledge = Knowledge(store)
    knowledge.put("restart", "# Restart", note_type="runbook", tags=("adr",))
    knowledge.put("later", "# Later", note_type="todo", status="Won't fix")
    knowledge.put("gone", "# Gone", note_type="task")
    knowledge.delete("gone")
    store.close()
    db = sqlite3.connect(database)
    db.execute("DELETE FROM labels WHERE label IN ('sop', 'decision', 'wontfix') OR (label = 'todo' AND live = 0)")
    db.execute("INSERT INTO labels VALUES ('won''t-fix', 1, (SELECT id FROM notes WHERE slug = 'later'))")
    db.execute("DELETE FROM _sqlite_migrations WHERE name IN ('make_labels_again', 'make_index_again')")
    db.execute("PRAGMA user_version = 2")
    db.commit()
    db.close()


def test_a_store_of_version_2_finds_its_runbooks_as_sops_once_it_is_migrated(database: Path) -> None:
    made_as_version_2(database)
    store = open_store(database)
    knowledge = Knowledge(store)
    assert verify(store).findings == ()
    assert knowledge.listed(tags=("sop", "decision")) == ["restart"]
    assert knowledge.listed(status="wontfix") == knowledge.listed(tags=("wont_fix",)) == ["later"]
    assert knowledge.listed(tags=("todo",), deleted=True) == ["gone"]
    store.close()
    assert database.with_name(f"{database.name}.before-schema-{SCHEMA_VERSION}").exists()


def test_labels_of_version_2_are_no_damage_in_a_file_that_cannot_be_migrated(database: Path) -> None:
    made_as_version_2(database)
    with read_once(database) as db:
        assert verify_snapshot(db, FileChecks()).findings == ()


def test_a_damaged_note_does_not_keep_an_older_store_from_being_opened(database: Path) -> None:
    made_as_version_2(database)
    db = sqlite3.connect(database)
    db.execute("UPDATE notes SET tags = 'no JSON' WHERE slug = 'later'")
    db.commit()
    db.close()
    store = open_store(database)
    assert Knowledge(store).listed(tags=("sop",)) == ["restart"]
    store.close()


@pytest.fixture
def of_version_3(database: Path) -> Path:
    database.write_bytes(gzip.decompress(WRITTEN_BY_3.read_bytes()))
    return database


def found(store: Store, query: str) -> list[str]:
    with store.reading() as db:
        return [hit.slug for hit in search_notes(db, query, Filter()).items]


def test_a_store_of_version_3_is_searched_as_before_once_its_index_is_made_again(of_version_3: Path) -> None:
    told: list[tuple[int, int]] = []
    store = open_store(of_version_3, progress=lambda done, total: told.append((done, total)))
    assert verify(store).findings == ()
    assert found(store, "roll back a service")[0] == "sop-undo"
    store.close()
    copied, indexed = told[0], told[-1]
    assert copied[0] == copied[1]
    assert indexed[0] == indexed[1] == len(told) - 1
    kept = of_version_3.with_name(f"{of_version_3.name}.before-schema-{SCHEMA_VERSION}")
    assert schema_of(kept) == 3
    assert schema_of(of_version_3) == SCHEMA_VERSION


def test_a_page_that_version_3_rendered_is_made_as_it_is_today(of_version_3: Path) -> None:
    db = sqlite3.connect(of_version_3)
    html = zlib.compress(b"<p>as it was made then</p>")
    db.execute("UPDATE texts SET html = ?", (html,))
    db.commit()
    db.close()
    store = open_store(of_version_3)
    with store.reading() as reading:
        note = notes.load(reading, notes.find_living(reading, Reference("sop-undo")))
        assert page_of(reading, note, 0, len(note.markdown)).startswith('<h1 id="')
    store.close()


def test_a_tag_of_version_3_is_found_however_it_is_written(of_version_3: Path) -> None:
    db = sqlite3.connect(of_version_3)
    db.execute("UPDATE notes SET tags = '[\"über\"]' WHERE slug = 'sop-undo'")
    db.commit()
    db.close()
    store = open_store(of_version_3)
    assert Knowledge(store).listed(tags=("uber",)) == ["sop-undo"]
    store.close()


def test_what_version_3_had_lost_is_not_counted_as_history(of_version_3: Path) -> None:
    change_by_hand(of_version_3, "DELETE FROM revisions WHERE note_id = 2")
    db = sqlite3.connect(of_version_3)
    (kept, newest) = db.execute("SELECT count(*), max(seq) FROM revisions").fetchone()
    db.close()
    assert kept < newest
    with read_once(of_version_3) as older:
        assert list_revisions(older).total == kept
    store = open_store(of_version_3)
    with store.reading() as reading:
        assert list_revisions(reading).total == kept
    store.close()


def test_nothing_is_told_of_a_store_that_is_new_or_up_to_date(database: Path) -> None:
    for _ in range(2):
        open_store(database, progress=lambda done, total: pytest.fail(f"{done} of {total}")).close()


REBUILDING = """
import sys
from notewell_store import open_store

def told(done, total):
    if done == 10:
        print(done, flush=True)
        sys.stdin.readline()

open_store(sys.argv[1], progress=told)
"""


def test_an_index_that_is_half_made_when_its_process_is_killed_is_made_whole_at_the_next_opening(
    of_version_3: Path, processes: Processes
) -> None:
    making = processes.start(REBUILDING, of_version_3)
    assert making.stdout is not None
    assert making.stdout.readline() == "10\n", making.communicate()
    making.kill()
    making.wait()
    assert schema_of(of_version_3) == 3
    store = open_store(of_version_3)
    assert verify(store).findings == ()
    assert found(store, "roll back a service")[0] == "sop-undo"
    store.close()


def test_a_damaged_note_of_version_3_stays_out_of_the_index_and_is_told_by_verify(of_version_3: Path) -> None:
    db = sqlite3.connect(of_version_3)
    db.execute("UPDATE notes SET tags = 'no JSON' WHERE slug = 'sop-undo'")
    db.commit()
    db.close()
    store = open_store(of_version_3)
    assert {finding.note for finding in verify(store).findings} >= {"sop-undo"}
    assert found(store, "harbor line")
    store.close()


def test_a_store_of_version_3_that_may_not_be_changed_is_no_damage(of_version_3: Path) -> None:
    with read_once(of_version_3) as db:
        assert verify_snapshot(db, FileChecks()).findings == ()
        assert search_notes(db, "roll back a service", Filter()).items[0].slug == "sop-undo"


def made_as_version_5(database: Path) -> None:
    """A store whose revisions have no door, as version 5 wrote them."""
    store = open_store(database)
    Knowledge(store).put("a", "# A\n", is_public=True)
    Knowledge(store).rewrite("a", "# A\n\nmore\n")
    store.close()
    db = sqlite3.connect(database)
    for column in ("door", "client"):
        db.execute(f"ALTER TABLE revisions DROP COLUMN {column}")
    _take_out_tables_of_version_8(db)
    db.execute("DROP TABLE lost_changes")
    db.execute("DELETE FROM _sqlite_migrations WHERE name IN ('add_doors', 'add_lost_changes')")
    db.execute("PRAGMA user_version = 5")
    db.commit()
    db.close()


def _take_out_tables_of_version_8(db: sqlite3.Connection) -> None:
    for table in ("spaces", "meanings", "meant", "filling"):
        db.execute(f"DROP TABLE {table}")
    db.execute("DELETE FROM _sqlite_migrations WHERE name = 'add_meanings'")


def test_a_store_of_version_7_can_be_given_vectors(database: Path) -> None:
    store = open_store(database)
    Knowledge(store).put("a", "# A\n")
    store.close()
    db = sqlite3.connect(database)
    _take_out_tables_of_version_8(db)
    db.execute("PRAGMA user_version = 7")
    db.commit()
    db.close()
    store = open_store(database)
    filler = Filler(store, SmallEmbedder(), threading.Event())
    assert filler.amount().passages == 1
    filler.fill()
    assert filler.amount().passages == 0
    assert verify(store).findings == ()
    store.close()


def test_revisions_of_version_5_keep_no_door_and_those_behind_them_do(database: Path) -> None:
    made_as_version_5(database)
    store = open_store(database)
    knowledge = Knowledge(store)
    knowledge.rewrite("a", "# A\n\nother\n", Attribution("ann", door="mcp", client="x 1"))
    assert [(one.door, one.client) for one in knowledge.history("a")] == [("mcp", "x 1"), (None, None), (None, None)]
    assert verify(store).findings == ()
    store.close()


@pytest.mark.parametrize("visibility", [None, Visibility()])
def test_a_store_of_version_5_that_cannot_be_migrated_is_read_as_it_is(
    database: Path, visibility: Visibility | None
) -> None:
    made_as_version_5(database)
    with read_once(database) as db:
        assert verify_snapshot(db, FileChecks()).findings == ()
        if visibility is not None:
            for (shown_as_today,) in db.execute("SELECT name FROM temp.sqlite_schema").fetchall():
                db.execute(f"DROP VIEW temp.{shown_as_today}")
            limit(db, visibility)
        assert [one.door for one in list_revisions(db).items] == [None, None]
        assert notes.load(db, notes.find_living(db, Reference("a"))).markdown == "# A\n\nmore\n"


def test_what_both_versions_wrote_is_saved_from_a_damaged_file(database: Path, tmp_path: Path) -> None:
    made_as_version_5(database)
    old = salvage(database, tmp_path / "old.db")
    assert (old.revisions, old.lost) == (2, ())
    store = open_store(database)
    Knowledge(store).rewrite("a", "# A\n\nother\n", Attribution("ann", door="mcp", client="x 1"))
    store.close()
    saved = salvage(database, tmp_path / "saved.db")
    assert (saved.revisions, saved.lost) == (3, ())
    store = open_store(saved.path)
    assert [(one.door, one.client) for one in Knowledge(store).history("a")][:2] == [("mcp", "x 1"), (None, None)]
    store.close()


def test_a_door_that_was_changed_by_hand_is_damage(database: Path) -> None:
    store = open_store(database)
    Knowledge(store).put("a", "# A\n", by=Attribution("ann", door="stdio", client="x 1"))
    store.close()
    change_by_hand(database, "UPDATE revisions SET door = 'pages'")
    store = open_store(database)
    assert "SHA-256" in verify(store).damage[0].what
    store.close()
