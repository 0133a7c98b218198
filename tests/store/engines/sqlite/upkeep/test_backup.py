"""Backups: whole, beside writers, never over anything, and never the reason that another is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.store.engines.sqlite.upkeep.conftest import change_by_hand
from tests.store.engines.sqlite.upkeep.test_restoring import WRITE_AND_STAY
from tests.store.histories import WRITE, put, read_all

from notewell_store import Invalid, Unusable, open_store
from notewell_store.engines.sqlite.upkeep.backup import NAME, backup
from notewell_store.engines.sqlite.upkeep.backup_records import last_backup, records
from notewell_store.integrity.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Processes
    from tests.store.engines.sqlite.upkeep.conftest import Sample

    from notewell_store import Store


@pytest.fixture
def filled(sample: Sample, tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "data").mkdir()
    store = open_store(sample.copy(tmp_path / "data" / "notewell.db"))
    yield store
    store.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_is_one_file_that_holds_everything_and_only_its_owner_reads(
    filled: Store, sample: Sample, tmp_path: Path
) -> None:
    put(filled, "fresh", "still in the -wal\n")
    made = backup(filled, tmp_path / "copy.db")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert names(tmp_path) == ["copy.db", "data"]
    assert made.verdict.whole
    assert made.verdict.notes == len(sample.truth) + 1
    copy = open_store(made.path)
    assert read_all(copy) == read_all(filled)
    copy.close()


def test_a_folder_gets_files_named_by_the_time(filled: Store, tmp_path: Path) -> None:
    first, second = backup(filled, tmp_path), backup(filled, tmp_path)
    assert first.path != second.path
    assert all(NAME.fullmatch(made.path.name) for made in (first, second))
    assert re.fullmatch(r"notewell-\d{8}T\d{6}Z(-2)?\.db", second.path.name)


def test_without_a_place_it_goes_beside_the_store(filled: Store) -> None:
    made = backup(filled)
    assert made.path.parent == Path(filled.address).with_name("backups")
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700


def test_nothing_is_overwritten(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "mine.db").write_text("mine")
    with pytest.raises(Invalid, match="exists already"):
        backup(filled, tmp_path / "mine.db")
    assert (tmp_path / "mine.db").read_text() == "mine"
    with pytest.raises(Invalid, match="there is no folder"):
        backup(filled, tmp_path / "missing" / "copy.db")
    assert names(tmp_path) == ["data", "mine.db"]


def test_the_oldest_of_this_store_make_room_and_nothing_else_does(filled: Store, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    other = open_store(tmp_path / "other.db")
    put(other, "of-another-store", "")
    foreign = backup(other, folder).path.rename(folder / "notewell-20200101T000000Z.db")
    other.close()
    for name in ("notewell-20200102T000000Z.db", "notes.txt", "my-notewell-20200101T000000Z.db"):
        (folder / name).write_text("mine")
    mine = [backup(filled, folder).path for _ in range(3)]
    mine = [path.rename(folder / f"notewell-2020010{day}T000000Z.db") for day, path in enumerate(mine, 3)]
    made = backup(filled, folder, keep=2)
    assert set(made.removed) == set(mine[:2])
    assert set(folder.iterdir()) == {
        *(folder / name for name in ("notewell-20200102T000000Z.db", "notes.txt", "my-notewell-20200101T000000Z.db")),
        *(foreign, mine[2], made.path),
    }


def test_backups_of_stores_without_notes_never_make_room(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for _ in range(3):
        assert backup(store, folder, keep=1).removed == ()
    assert len(names(folder)) == 3


def test_the_new_backup_stays_though_the_clock_was_set_back(filled: Store, tmp_path: Path) -> None:
    later = backup(filled, tmp_path).path.rename(tmp_path / "notewell-20990101T000000Z.db")
    made = backup(filled, tmp_path, keep=1)
    assert made.removed == (later,)
    assert made.path.exists()


@pytest.mark.parametrize("keep", [0, -1])
def test_keeping_none_is_refused(filled: Store, tmp_path: Path, keep: int) -> None:
    with pytest.raises(Invalid):
        backup(filled, tmp_path, keep=keep)


def test_keeping_some_needs_a_folder_and_makes_it_where_nothing_is(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(Invalid, match="needs a folder"):
        backup(filled, tmp_path / "copy.db", keep=1)
    folder = tmp_path / "var" / "backups"
    made = backup(filled, folder, keep=1)
    assert made.path.parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_was_backed_up_is_found_from_any_folder(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    backup(filled, Path("copy.db"))
    last = last_backup(Path(filled.address))
    assert last is not None
    assert last.path == str(tmp_path / "copy.db")


def test_a_damaged_store_is_not_backed_up_and_names_what_is_damaged(filled: Store, tmp_path: Path) -> None:
    change_by_hand(Path(filled.address), "UPDATE revisions SET reason = 'other' WHERE note_id = 4 AND revision = 1")
    with pytest.raises(Unusable, match="no backup was made of it: note-3@1: its SHA-256 does not match"):
        backup(filled, tmp_path)
    assert names(tmp_path) == ["data"]
    assert last_backup(Path(filled.address)) is None


def test_what_was_backed_up_is_known_afterwards(filled: Store, tmp_path: Path) -> None:
    assert last_backup(Path(filled.address)) is None
    made = [backup(filled, tmp_path) for _ in range(2)]
    assert [record.path for record in records(Path(filled.address))] == [str(one.path) for one in made]
    last = last_backup(Path(filled.address))
    assert last is not None
    assert (last.seq, last.bytes) == (made[1].verdict.last_seq, made[1].path.stat().st_size)


def test_a_record_that_is_none_says_nothing(filled: Store, tmp_path: Path) -> None:
    file = Path(filled.address).with_name("notewell.db.backups")
    told = {"at": "2026-11-21T10:00:00+00:00", "path": "p", "seq": 1, "bytes": 2}
    lines = ["no json", '{"at": 1}', "[]", json.dumps(told | {"at": "t"}), json.dumps(told)]
    file.write_text("".join(f"{line}\n" for line in lines))
    assert [record.at for record in records(Path(filled.address))] == [told["at"]]
    file.write_bytes(b"\xff")
    assert records(Path(filled.address)) == ()


def test_it_is_a_whole_copy_of_one_moment_beside_running_writers(
    database: Path, tmp_path: Path, processes: Processes
) -> None:
    store = open_store(database)
    put(store, "a", "word " * 20_000)
    writers = [processes.start(WRITE.replace("new-", f"w{n}-"), database, 50) for n in range(3)]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    made = [backup(store, tmp_path / f"copy-{number}.db") for number in range(3)]
    for writer in writers:
        processes.finish(writer)
    seqs = [one.verdict.last_seq for one in made]
    assert seqs == sorted(seqs)
    assert all(one.verdict.whole and one.verdict.revisions == one.verdict.last_seq for one in made)
    assert verify(store).revisions == 151
    store.close()


BACK_UP = """
import resource, signal, sys
from pathlib import Path
from notewell_store import StoreError, open_store
from notewell_store.engines.sqlite.upkeep.backup import backup
store = open_store(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    backup(store, Path(sys.argv[2]))
except StoreError as error:
    print(type(error).__name__, error)
"""


def test_a_disk_that_takes_no_more_leaves_nothing_half(filled: Store, tmp_path: Path, processes: Processes) -> None:
    said = processes.finish(processes.start(BACK_UP, Path(filled.address), tmp_path, 100_000))
    assert said.startswith(f"Unusable {tmp_path}/notewell-")
    assert "cannot be written" in said
    assert names(tmp_path) == ["data"]
    assert verify(filled).whole


BACK_UP_AND_WAIT = """
import sys
from pathlib import Path
from notewell_store import open_store
from notewell_store.engines.sqlite.upkeep.backup import backup
def wait(done, total):
    print(done, flush=True)
    sys.stdin.readline()
backup(open_store(sys.argv[1]), Path(sys.argv[2]), progress=wait)
"""


def test_a_killed_backup_leaves_no_file_that_looks_like_one(
    filled: Store, tmp_path: Path, processes: Processes
) -> None:
    killed = processes.start(BACK_UP_AND_WAIT, Path(filled.address), tmp_path)
    assert killed.stdout is not None
    killed.stdout.readline()
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert not any(NAME.fullmatch(name) for name in names(tmp_path))
    assert backup(filled, tmp_path).verdict.whole


def test_a_store_that_lost_answered_changes_is_not_backed_up_and_its_backups_stay(
    store: Store, tmp_path: Path, processes: Processes
) -> None:
    put(store, "early", "")
    store.close()
    writer = processes.start(WRITE_AND_STAY, Path(store.address))
    assert writer.stdout is not None
    writer.stdout.readline()
    again = open_store(Path(store.address))
    (tmp_path / "kept").mkdir()
    good = backup(again, tmp_path / "kept", keep=1)
    again.close()
    writer.kill()
    writer.wait()
    Path(store.address).with_name(Path(store.address).name + "-wal").unlink()
    robbed = open_store(Path(store.address))
    with pytest.raises(Unusable, match="theirs"):
        backup(robbed, tmp_path / "kept", keep=1)
    robbed.close()
    assert list((tmp_path / "kept").iterdir()) == [good.path]
