"""The commit log: what was answered is in the store, and what the log says of it is true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.store.histories import WRITE, put

from notewell_store import open_store
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.integrity.verify import verify

if TYPE_CHECKING:
    import pytest
    from tests.conftest import Processes

    from notewell_store import Store


def test_changes_of_a_killed_writer_are_in_the_log_or_not_made(database: Path, processes: Processes) -> None:
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
    with lock_file_of(Path(store.address)).open("a") as gate:
        gate.write("7 7 1 0123")
    put(store, "b", "# B\n")
    assert verify(store).findings == ()


def test_the_log_keeps_the_newest_changes_in_bounded_space(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notewell_store.engines.sqlite.commit_log.LARGEST", 400)
    monkeypatch.setattr("notewell_store.engines.sqlite.commit_log.KEPT", 200)
    for number in range(40):
        put(store, f"note-{number}", "")
    text = lock_file_of(Path(store.address)).read_text()
    assert len(text) < 600
    assert text.endswith(" note-39\n")
    assert verify(store).findings == ()


def test_a_line_that_was_cut_in_two_is_not_taken_for_a_change(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notewell_store.engines.sqlite.commit_log.LARGEST", 400)
    for number in range(12):
        put(store, f"note-{number}", "")
    for kept in range(60, 130):  # wherever in a line the cut comes
        monkeypatch.setattr("notewell_store.engines.sqlite.commit_log.KEPT", kept)
        while len(lock_file_of(Path(store.address)).read_text()) <= 400:
            number += 1
            put(store, f"note-{number}", "")
        put(store, f"note-{kept}-after", "")
        assert len(lock_file_of(Path(store.address)).read_text()) < 400
        with store.reading() as db:
            there = set(db.execute("SELECT seq, note_id, revision FROM revisions"))
        assert {
            (change.seq, change.note_id, change.revision)
            for change in commit_log.read(lock_file_of(Path(store.address)))
        } <= there
    assert verify(store).findings == ()
