"""A damaged file: what is harmed is found and named, nothing false is answered, and what can be proved is saved."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.store.engines.sqlite.upkeep.conftest import damage, read_damaged
from tests.store.histories import read_all

from notewell_store import Invalid, Unusable, open_store
from notewell_store.engines.sqlite.salvage.salvage import salvage
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.findings import Salvaged
from notewell_store.integrity.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.engines.sqlite.upkeep.conftest import Reading, Sample

    from notewell_store.findings import Verdict

TRIES = int(os.environ.get("NOTEWELL_TRIES", "60"))
SALVAGED = 10
"""Of so many damaged files one is salvaged too, which takes longer."""


def look_at(damaged: Path, sample: Sample) -> tuple[Reading, Verdict] | None:
    """What a store answers and what `verify` says of it; None when it is refused as a whole."""
    try:
        store = open_store(damaged, create=False)
    except Unusable:
        return None
    try:
        return read_damaged(store, sample.truth), verify(store)
    finally:
        store.close()


def must_be_named(reading: Reading, verdict: Verdict, sample: Sample) -> None:
    for note_id in reading.harmed:
        names = {f"note {note_id}", *(slug for slug, owner in sample.ids().items() if owner == note_id)}
        assert names & set(verdict.damaged_notes), f"{sorted(names)} is harmed and not named: {verdict.findings}"


def must_be_saved(damaged: Path, sample: Sample, reading: Reading | None) -> None:
    """Whatever the damaged store still answered is in the new one, and nothing else but what was written."""
    before = damaged.read_bytes()
    done = salvage(damaged, damaged.with_name("salvaged.db"))
    assert damaged.read_bytes() == before
    assert done.verdict.whole, done.verdict.findings
    saved = salvaged_states(done, sample)
    readable = {(note_id, number) for note_id, number in (reading.true if reading else ()) if number}
    assert readable <= saved
    missing = every_revision(sample) - saved
    ids = sample.ids()
    assert {(ids[lost.note], lost.revision) for lost in done.lost if lost.revision} <= missing
    assert {note_id for note_id, _ in missing} == {ids[lost.note] for lost in done.lost}


def salvaged_states(done: Salvaged, sample: Sample) -> set[tuple[int, int]]:
    """The revisions that were saved; those in the place of lost ones say that they are."""
    store = open_store(done.path, create=False)
    saved = set()
    with store.reading() as db:
        own = db.execute("SELECT note_id, revision FROM revisions WHERE changed != 'lost'").fetchall()
    kept = read_all(store)
    store.close()
    for note_id, number in own:
        assert kept[note_id].states[number - 1] == sample.truth[note_id].states[number - 1]
        saved.add((note_id, number))
    return saved


def every_revision(sample: Sample) -> set[tuple[int, int]]:
    return {(note_id, n + 1) for note_id, was in sample.truth.items() for n in range(len(was.states))}


@pytest.mark.parametrize("seed", range(TRIES))
def test_damage_anywhere_is_named_where_it_harms_and_never_answered_as_if_whole(
    sample: Sample, tmp_path: Path, seed: int
) -> None:
    damaged = sample.copy(tmp_path / "notewell.db")
    damage(damaged, sample, seed)
    seen = look_at(damaged, sample)
    if seen is not None:
        must_be_named(*seen, sample)
    if seed % SALVAGED == 0:
        must_be_saved(sample_damaged(sample, tmp_path, seed), sample, seen[0] if seen else None)


def sample_damaged(sample: Sample, folder: Path, seed: int) -> Path:
    """The same damage again, in a file that nobody has opened since."""
    (folder / "again").mkdir()
    damaged = sample.copy(folder / "again" / "notewell.db", gate=True)
    damage(damaged, sample, seed)
    return damaged


@pytest.mark.parametrize("length", [50, 100, 4_095, 4_096, 40_000, 300_000, -4_096, -1])
def test_a_truncated_file_is_refused_or_what_is_gone_is_named(sample: Sample, tmp_path: Path, length: int) -> None:
    damaged = sample.copy(tmp_path / "notewell.db")
    os.truncate(damaged, length if length >= 0 else damaged.stat().st_size + length)
    seen = look_at(damaged, sample)
    if seen is not None:
        must_be_named(*seen, sample)


@pytest.mark.parametrize("length", [0, 1])
def test_a_file_truncated_to_nothing_is_not_taken_for_a_new_store(sample: Sample, tmp_path: Path, length: int) -> None:
    damaged = sample.copy(tmp_path / "notewell.db", gate=True)
    os.truncate(damaged, length)
    for _ in range(2):
        with pytest.raises(Unusable, match="is empty, but 236 changes were written to it"):
            open_store(damaged)
    damaged.unlink()
    open_store(damaged).close()  # whoever removes it wants a new one


@pytest.mark.parametrize("length", [40_000, 300_000, -4_096])
def test_a_truncated_file_is_salvaged_as_far_as_it_goes(sample: Sample, tmp_path: Path, length: int) -> None:
    damaged = sample.copy(tmp_path / "notewell.db", gate=True)
    os.truncate(damaged, length if length >= 0 else damaged.stat().st_size + length)
    try:
        must_be_saved(damaged, sample, None)
    except Unusable:
        assert length == 40_000  # nothing in it can be proved


@pytest.mark.parametrize("first", range(0, 100, 10))
def test_a_damaged_header_is_refused_or_seen_through_and_all_is_saved(
    sample: Sample, tmp_path: Path, first: int
) -> None:
    damaged = sample.copy(tmp_path / "notewell.db")
    data = bytearray(damaged.read_bytes())
    data[first : first + 10] = bytes(reversed(data[first : first + 10])) if first else b"\xff" * 10
    damaged.write_bytes(data)
    seen = look_at(damaged, sample)
    if seen is not None:
        must_be_named(*seen, sample)
    damaged.write_bytes(data)
    done = salvage(damaged, tmp_path / "salvaged.db")
    assert salvaged_states(done, sample) == every_revision(sample)
    assert done.complete, (done.lost, done.tables)
    assert done.verdict.whole


def test_a_whole_sample_is_whole(sample: Sample) -> None:
    store = open_store(sample.path)
    verdict = verify(store)
    store.close()
    assert verdict.findings == ()
    assert (verdict.notes, verdict.revisions) == (len(sample.truth), sample.revisions)


def test_salvage_of_a_whole_store_keeps_all_that_a_caller_can_ask_for(sample: Sample, tmp_path: Path) -> None:
    done = salvage(sample.path, tmp_path / "salvaged.db")
    assert done.complete
    dumps = []
    for path in (sample.path, done.path):
        store = open_store(path)
        with store.reading() as db:
            dumps.append({query: sorted(db.execute(query).fetchall(), key=repr) for query in ASKED})
        store.close()
    assert dumps[0] == dumps[1]


ASKED = (
    "SELECT * FROM notes",
    "SELECT note_id, markdown, html FROM texts",
    "SELECT slug, note_id FROM aliases",
    "SELECT label, live, note_id FROM labels",
    "SELECT source_id, relation, target, anchor, target_id, name, key, form FROM links",
    "SELECT seq, note_id, revision, revised_at, actor, revised_by, reason, changed, sha256 FROM revisions",
    "SELECT slug, name, platform, repo_url FROM projects",
    "SELECT name, platform, repo_url, actor, changed_at FROM project_changes",
    "SELECT key, call, answer, seq FROM receipts",
    "SELECT note_id, section, start, end, digest FROM passages",
)


def test_salvage_overwrites_nothing(sample: Sample, tmp_path: Path) -> None:
    (tmp_path / "there.db").write_text("mine")
    with pytest.raises(Invalid, match="exists already"):
        salvage(sample.path, tmp_path / "there.db")
    assert (tmp_path / "there.db").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["there.db"]


def test_salvage_of_what_is_no_store_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# A page\n" * 5_000)
    with pytest.raises(Unusable, match="nothing to save"):
        salvage(tmp_path / "page.md", tmp_path / "new.db")
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


def test_changes_that_went_with_a_lost_wal_are_named_though_the_file_is_whole(sample: Sample, tmp_path: Path) -> None:
    """The sample's early state stands for a file whose -wal is gone: SQLite finds nothing wrong with it."""
    damaged = tmp_path / "notewell.db"
    shutil.copy(sample.early, damaged)
    shutil.copy(lock_file_of(sample.path), lock_file_of(damaged))
    seen = look_at(damaged, sample)
    assert seen is not None
    must_be_named(*seen, sample)
    assert {finding.kind for finding in seen[1].findings} == {"lost"}
