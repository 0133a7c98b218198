"""The attacks in their short form; `make marathon` runs the long one. docs/reliability.md says what each is for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

import clocks
import crowd
import endings
import hostile
import locks
import long_reader
import moves
import outages
import power_cuts
import read_only
import refusals
import twins
import two_engines
from figures import show
from servers import BrokenPromise
from shims import Missing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the attacks look into /proc, and end and limit processes as Linux does"
)
SEED = 3


def held(attack: Callable[[], Any]) -> Any:
    """The figures of an attack, printed; skipped with its reason where this machine lacks what it needs."""
    try:
        figures = attack()
    except Missing as missing:
        pytest.skip(str(missing))
    show("held", figures)
    return figures


def test_eight_servers_write_the_same_notes_at_once_and_every_answered_write_is_there(tmp_path: Path) -> None:
    figures = held(lambda: crowd.attack(tmp_path, seed=SEED, notes=10, edits=15))
    assert figures.writes == 8 * 25


def test_servers_are_killed_in_mid_write_and_no_answered_write_is_lost_or_doubled(tmp_path: Path) -> None:
    figures = held(lambda: crowd.attack(tmp_path, seed=SEED, agents=3, notes=6, edits=10, kill_share=0.15))
    assert figures.kills > 0


def test_the_power_fails_and_every_answered_write_is_there_in_a_whole_file(tmp_path: Path) -> None:
    figures = held(lambda: power_cuts.attack(tmp_path, seed=SEED, writes=24, cuts=40))
    assert figures.syncs_of_the_log >= figures.writes_recorded


def test_the_simulated_power_cut_would_show_a_disk_that_only_says_it_has_synced(tmp_path: Path) -> None:
    with pytest.raises(BrokenPromise, match=r"lost|cannot be opened|verify finds|was answered"):
        held(lambda: power_cuts.attack(tmp_path, seed=SEED, writes=12, cuts=40, honest=False))


def test_a_full_disk_refuses_a_write_clearly_and_takes_it_once_there_is_room(tmp_path: Path) -> None:
    held(lambda: refusals.full_disk(tmp_path))


def test_a_limit_on_the_size_of_files_refuses_a_write_clearly_until_it_is_lifted(tmp_path: Path) -> None:
    held(lambda: refusals.limited_file_size(tmp_path))


def test_files_that_became_read_only_are_read_and_are_written_once_they_may_be(tmp_path: Path) -> None:
    held(lambda: read_only.files(tmp_path))


def test_a_server_that_opened_a_read_only_database_writes_to_it_as_soon_as_it_may(tmp_path: Path) -> None:
    held(lambda: read_only.database(tmp_path))


def test_a_store_in_a_read_only_folder_is_read_but_never_without_the_log_beside_it(tmp_path: Path) -> None:
    held(lambda: read_only.folder(tmp_path))


def test_a_write_waits_for_the_lock_of_another_program_while_reads_go_on(tmp_path: Path) -> None:
    figures = held(lambda: locks.locked(tmp_path, 1.0))
    assert figures.refused == 0


def test_a_store_that_is_moved_away_under_a_server_takes_no_write_that_would_be_lost(tmp_path: Path) -> None:
    held(lambda: moves.attack(tmp_path))


def test_a_clock_that_is_set_back_and_forth_changes_no_order(tmp_path: Path) -> None:
    figures = held(lambda: clocks.attack(tmp_path, seed=SEED, writes=60))
    assert figures.steps_back_in_the_history > 0


def test_a_reader_that_stays_holds_up_nobody_and_the_log_is_cut_when_it_goes(tmp_path: Path) -> None:
    held(lambda: long_reader.attack(tmp_path, seed=SEED, seconds=1.0))


def test_hostile_text_is_answered_or_refused_in_time_and_in_bounded_memory(tmp_path: Path) -> None:
    some = (
        "camel-case",
        "cjk",
        "ten-thousand-headings",
        "fifty-thousand-links",
        "nested-quotes",
        "bidirectional-controls",
    )
    figures = held(lambda: hostile.attack(tmp_path, seed=SEED, queries=1_000, only=some))
    assert figures.texts_refused >= len(hostile.REFUSED)


def test_servers_that_end_in_mid_write_leave_each_write_whole_or_absent(tmp_path: Path) -> None:
    held(lambda: endings.attack(tmp_path, seed=SEED, rounds=10))


def test_servers_that_wait_for_a_lock_end_within_two_seconds_of_being_told_to(tmp_path: Path) -> None:
    held(lambda: endings.all_blocked(tmp_path))


def test_whatever_a_writer_of_one_project_does_another_is_told_what_it_was_told_before(tmp_path: Path) -> None:
    figures = held(lambda: twins.attack(tmp_path, seed=SEED, rounds=2))
    assert figures.done > 20


def test_a_database_and_its_servers_are_killed_and_no_answered_write_is_lost_or_doubled() -> None:
    figures = held(lambda: outages.attack(seed=SEED, agents=4, notes=10, edits=80))
    assert figures.databases_killed > 0


def test_on_a_database_too_another_project_is_told_what_it_was_told_before() -> None:
    figures = held(lambda: two_engines.on_postgres(seed=SEED, rounds=1))
    assert figures.done > 10


def test_a_token_of_a_project_is_told_the_same_on_both_engines(tmp_path: Path) -> None:
    figures = held(lambda: two_engines.same(tmp_path, seed=SEED, rounds=1))
    assert figures.done > 10
