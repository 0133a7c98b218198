"""Redacting, in the file: not a byte of it is left, whenever a process dies, and revisions are kept as ever."""

from __future__ import annotations

import shutil
import zlib
from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge

from notewell_store import Attribution, Busy, Invalid, Once, open_store
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.salvage.salvage import salvage
from notewell_store.engines.sqlite.upkeep.doctor import examine
from notewell_store.engines.sqlite.upkeep.erasing import erase
from notewell_store.engines.sqlite.upkeep.restore import restore
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.integrity.verify import verify
from notewell_store.redacting.redaction import every_redaction, foreseen, read_wanted, redact
from notewell_store.tables import redactions
from notewell_store.tables.projects import delete_project, list_projects, save_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Processes

SECRET = "AKIA0SFODNN7hunter2"
OWNER = Attribution("owner", reason="a key leaked")
WANTED = read_wanted("sop-deploy@2..4")
PAGE = "".join(f"step {number} of the page\n" for number in range(80))


def fill(knowledge: Knowledge) -> None:
    """The secret in texts, titles, headings, links, tags, reasons and answers; taken out of the note in the end."""
    knowledge.put("sop-deploy", f"# Deploy\n\n{PAGE}")
    knowledge.put(
        "sop-deploy",
        f"# Deploy\n\n{PAGE}## Key {SECRET}\n\n[[{SECRET}]] `{SECRET}`\n",
        if_revision=1,
        title=f"Deploy {SECRET}",
        add_tags=(SECRET.lower(),),
        by=Attribution("ann", f"pr {SECRET}", f"the key {SECRET}"),
        once=Once(f"key of {SECRET[:4]}", "a digest of the call"),
    )
    knowledge.put("sop-deploy", add_tags=("ops",))
    knowledge.rewrite("sop-deploy", f"# Deploy\n\n{PAGE}key: {SECRET}\n", title="Deploy", remove_tags=(SECRET.lower(),))
    knowledge.rewrite("sop-deploy", f"# Deploy\n\n{PAGE}after\n")
    knowledge.put("other", "# Other\n\n[[sop-deploy]]\n")


@pytest.fixture
def leaked(tmp_path: Path) -> Knowledge:
    (tmp_path / "home").mkdir()
    knowledge = Knowledge(open_store(tmp_path / "home" / "notewell.db"))
    fill(knowledge)
    return knowledge


def files_with(folder: Path, *needles: bytes) -> list[str]:
    """The files below the folder that hold any of these, whatever its capitals."""
    wanted = [needle.lower() for needle in needles]
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(needle in path.read_bytes().lower() for needle in wanted)
    )


def packed(database: Path) -> list[bytes]:
    """What the file has of the texts that are to go, as it is kept: packed, and sealed."""
    db = sqlite3.connect(database)
    rows = db.execute(
        "SELECT text, sha256, substr(sha256, 1, 8) FROM revisions WHERE revision BETWEEN 2 AND 4"
    ).fetchall()
    pages = db.execute("SELECT html FROM texts WHERE html IS NOT NULL").fetchall()
    db.close()
    assert SECRET.encode() not in b"".join(zlib.decompress(page) for (page,) in pages)
    sums = [short.hex().encode() for _, _, short in rows]
    return [*sums, *(value for text, sha, _ in rows for value in (text, sha) if value is not None)]


def indexed(database: Path) -> set[str]:
    """The words in the index, those too that no passage has any more."""
    db = sqlite3.connect(database)
    db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, instance)")
    db.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search, row)")
    found = {term for table in ("words", "terms") for (term,) in db.execute(f"SELECT term FROM temp.{table}")}
    db.close()
    return found


def test_no_byte_of_it_is_left_in_any_file_of_the_store(leaked: Knowledge, tmp_path: Path) -> None:
    home = tmp_path / "home"
    gone = [SECRET.encode(), *packed(home / "notewell.db")]
    assert files_with(home, SECRET.encode()) == ["notewell.db-wal"]
    assert files_with(home, gone[1]) == ["notewell.db.gate"]
    redact(leaked.store, WANTED, OWNER, SECRET)
    assert files_with(home, *gone) == []
    assert not any("hunter2" in term for term in indexed(home / "notewell.db"))
    assert verify(leaked.store).findings == ()
    leaked.store.close()
    assert files_with(home, *gone) == []


def test_it_is_gone_while_other_sessions_have_the_store_open(leaked: Knowledge, tmp_path: Path) -> None:
    home = tmp_path / "home"
    others = [open_store(home / "notewell.db") for _ in range(3)]
    for other in others:
        assert Knowledge(other).note("sop-deploy@2").markdown.count(SECRET) > 1
    redact(leaked.store, WANTED, OWNER)
    assert files_with(home, SECRET.encode()) == []
    for other in others:
        knowledge = Knowledge(other)
        assert SECRET not in knowledge.note("sop-deploy@2").markdown
        knowledge.put("other", "# Other\n\nmore\n", if_revision=knowledge.note("other").revision)
        other.close()
    assert verify(leaked.store).findings == ()


def test_what_was_deleted_or_overwritten_long_before_leaves_the_free_pages_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    knowledge = Knowledge(open_store(home / "notewell.db"))
    knowledge.put("big", "".join(f"{SECRET}-{number} word{number}\n" for number in range(20_000)))
    knowledge.rewrite("big", "# Small\n")
    knowledge.store.close()
    assert files_with(home, SECRET.encode()) == ["notewell.db"]
    store = open_store(home / "notewell.db")
    size = (home / "notewell.db").stat().st_size
    redact(store, read_wanted("big@1"), OWNER)
    assert files_with(home, SECRET.encode()) == []
    assert (home / "notewell.db").stat().st_size < size
    assert verify(store).findings == ()
    store.close()


def test_revisions_are_never_changed_but_so(leaked: Knowledge, tmp_path: Path) -> None:
    redact(leaked.store, WANTED, OWNER)
    db = sqlite3.connect(tmp_path / "home" / "notewell.db")
    for statement in ("UPDATE revisions SET reason = NULL", "DELETE FROM revisions"):
        with pytest.raises(sqlite3.IntegrityError, match="revisions are never"):
            db.execute(statement)
    db.close()


def test_a_redaction_that_fails_leaves_everything_as_it_was(leaked: Knowledge, tmp_path: Path) -> None:
    database = tmp_path / "home" / "notewell.db"
    db = sqlite3.connect(database)
    db.execute("CREATE TRIGGER refusing BEFORE INSERT ON redactions BEGIN SELECT RAISE(ABORT, 'no'); END")
    db.commit()
    before = leaked.note("sop-deploy@3")
    with pytest.raises(sqlite3.IntegrityError):
        redact(leaked.store, WANTED, OWNER)
    assert leaked.note("sop-deploy@3") == before
    assert verify(leaked.store).findings == ()
    with pytest.raises(sqlite3.IntegrityError, match="revisions are never changed"):
        db.execute("UPDATE revisions SET reason = NULL")
    db.close()


def test_the_record_of_what_was_committed_forgets_these_changes_and_no_others(leaked: Knowledge) -> None:
    record = partial(commit_log.read, lock_file_of(leaked.store.path))  # type: ignore[attr-defined]
    before = record()
    redact(leaked.store, WANTED, OWNER)
    assert record() == tuple(
        change for change in before if (change.note_id, change.revision) not in [(1, 2), (1, 3), (1, 4)]
    )
    assert verify(leaked.store).findings == ()


KILLED_AT_EACH_STATEMENT = """
import os, shutil, signal, sys
from pathlib import Path
from notewell_store import Attribution, open_store
from notewell_store.engines.sqlite.connection import Connection
from notewell_store.redacting.redaction import read_wanted, redact
folder, work, every = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
OWNER = Attribution("owner", reason="a key leaked")
def killed(step):
    count = 0
    def reached(statement):
        nonlocal count
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)
    made = Connection.__init__
    def traced(self, *given, **named):
        made(self, *given, **named)
        self.set_trace_callback(reached)
    Connection.__init__ = traced
    redact(open_store(work / str(step) / "notewell.db"), read_wanted("sop-deploy@2..4"), OWNER)
    os._exit(0)
step = 1
while True:
    shutil.copytree(folder, work / str(step))
    child = os.fork() or killed(step)
    if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
        break
    step += every
"""


def test_a_redaction_that_is_killed_at_any_step_is_not_begun_or_goes_on_when_the_store_is_opened(
    leaked: Knowledge, tmp_path: Path, processes: Processes
) -> None:
    leaked.store.close()
    work = tmp_path / "work"
    work.mkdir()
    processes.finish(processes.start(KILLED_AT_EACH_STATEMENT, tmp_path / "home", work, 6))
    found = []
    for place in sorted(work.iterdir(), key=lambda place: int(place.name)):
        store = open_store(place / "notewell.db")
        is_redacted = bool(every_redaction(store)[0])
        assert verify(store).findings == ()
        assert (files_with(place, SECRET.encode()) == []) == is_redacted
        assert (SECRET in Knowledge(store).note("sop-deploy@2").markdown) != is_redacted
        assert all(one.erased for one in every_redaction(store)[0])
        store.close()
        found.append(is_redacted)
    assert found == sorted(found), "first not begun, then done"
    assert found.count(False) > 5 < found.count(True)


STOP_BEFORE_ERASING = """
import os, signal, sys
from notewell_store import Attribution, open_store
from notewell_store.engines.sqlite.connection import Connection
from notewell_store.redacting.redaction import read_wanted, redact
def reached(statement):
    if statement == "VACUUM":
        os.kill(os.getpid(), signal.SIGKILL)
made = Connection.__init__
def traced(self, *given, **named):
    made(self, *given, **named)
    self.set_trace_callback(reached)
Connection.__init__ = traced
redact(open_store(sys.argv[1]), read_wanted("sop-deploy@2..4"), Attribution("owner", reason="a key leaked"))
"""


def test_who_reads_all_the_time_keeps_it_from_being_erased_and_the_next_opening_does_it(
    leaked: Knowledge, tmp_path: Path, processes: Processes
) -> None:
    home = tmp_path / "home"
    killed = processes.start(STOP_BEFORE_ERASING, home / "notewell.db")
    assert killed.wait(60) == -9
    assert "what was redacted is not yet erased from the file" in [
        check.found for check in examine(home / "notewell.db")
    ]
    with leaked.store.reading() as db:
        assert redactions.are_unfinished(db)
        with pytest.raises(Busy, match="the next to open the store goes on"):
            erase(home / "notewell.db", 0.05)
        assert redactions.are_unfinished(db)
    assert files_with(home, SECRET.encode()) == ["notewell.db-wal"]
    open_store(home / "notewell.db").close()
    assert files_with(home, SECRET.encode()) == []
    assert "redaction" not in [check.name for check in examine(home / "notewell.db")]
    assert all(one.erased for one in every_redaction(leaked.store)[0])


def test_the_copies_that_hold_it_are_named_and_no_others(leaked: Knowledge, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    elsewhere.mkdir()
    backup = leaked.store.engine.upkeep.backup
    recorded = backup(leaked.store, tmp_path / "named-by-hand.db").path
    holding = [recorded, backup(leaked.store).path, backup(leaked.store, elsewhere).path]
    unrecorded = elsewhere / "notewell-20250101T000000Z.db"
    shutil.copy(holding[0], unrecorded)
    kept = home / "notewell.db.before-schema-3"
    shutil.copy(holding[0], kept)
    left_behind = home / ".notewell.db.0123abcd.part"
    shutil.copy(holding[0], left_behind)
    damaged = elsewhere / "notewell-20250102T000000Z.db"
    damaged.write_bytes(b"no store")
    stranger = Knowledge(open_store(tmp_path / "stranger.db"))
    fill(stranger)
    of_another = stranger.store.engine.upkeep.backup(stranger.store, elsewhere).path
    stranger.store.close()
    told_before = [copy.path for copy in foreseen(leaked.store, WANTED).copies if copy.is_readable]
    assert told_before == sorted([*holding, unrecorded, kept, left_behind])
    done = redact(leaked.store, WANTED, OWNER)
    after = backup(leaked.store).path
    told, copies = every_redaction(leaked.store)
    assert done.copies == copies
    assert len(told) == 3
    assert [copy.path for copy in copies if copy.is_readable] == sorted([*holding, unrecorded, kept, left_behind])
    assert all(copy.revisions == ((1, 2), (1, 3), (1, 4)) for copy in copies if copy.is_readable)
    assert [copy.path for copy in copies if not copy.is_readable] == [damaged]
    assert of_another.exists()
    assert after.exists()
    for path in [*holding, unrecorded, kept, left_behind, damaged]:
        path.unlink()
    assert every_redaction(leaked.store)[1] == ()


def test_older_backups_of_a_store_whose_first_revision_was_redacted_are_still_its_own(
    leaked: Knowledge, tmp_path: Path
) -> None:
    backup = leaked.store.engine.upkeep.backup
    older = backup(leaked.store, tmp_path / "kept", keep=1).path
    redact(leaked.store, read_wanted("sop-deploy@1..4"), OWNER)
    assert backup(leaked.store, tmp_path / "kept", keep=1).removed == (older,)


def test_a_restore_tells_what_was_redacted_and_is_back(leaked: Knowledge, tmp_path: Path) -> None:
    database = tmp_path / "home" / "notewell.db"
    older = leaked.store.engine.upkeep.backup(leaked.store, tmp_path / "older.db").path
    redact(leaked.store, WANTED, OWNER)
    newer = leaked.store.engine.upkeep.backup(leaked.store, tmp_path / "newer.db").path
    leaked.store.close()
    assert restore(newer, database).unredacted == ()
    assert restore(older, database).unredacted == ("sop-deploy@2..4",)
    store = open_store(database)
    assert redact(store, WANTED, OWNER).revisions == (2, 3, 4)
    store.close()


def test_what_a_salvage_saves_is_still_known_to_be_redacted(leaked: Knowledge, tmp_path: Path) -> None:
    redact(leaked.store, WANTED, OWNER)
    before = every_redaction(leaked.store)[0]
    leaked.store.close()
    done = salvage(tmp_path / "home" / "notewell.db", tmp_path / "saved.db")
    assert done.complete
    store = open_store(tmp_path / "saved.db")
    assert every_redaction(store)[0] == before
    assert verify(store).findings == ()
    assert files_with(tmp_path, SECRET.encode()) == []
    store.close()


def test_a_salvage_keeps_the_names_of_projects_and_which_were_deleted(leaked: Knowledge, tmp_path: Path) -> None:
    for slug in ("web-app", "empty"):
        save_project(leaked.store, slug, "ann")
    leaked.put("plan", "# Plan\n", project="web-app")
    save_project(leaked.store, "web-app", "ann", new_slug="harbor-line")
    delete_project(leaked.store, "empty", "ann")
    leaked.store.close()
    assert salvage(tmp_path / "home" / "notewell.db", tmp_path / "saved.db").complete
    saved = Knowledge(open_store(tmp_path / "saved.db"))
    with saved.store.reading() as db:
        assert [project.slug for project in list_projects(db)] == ["harbor-line"]
        assert [project.slug for project in list_projects(db, "web-app")] == ["harbor-line"]
    assert saved.note("plan").metadata.project == "harbor-line"
    with pytest.raises(Invalid):
        save_project(saved.store, "web-app", "ann", new_slug="empty")
    assert verify(saved.store).findings == ()
    saved.store.close()
