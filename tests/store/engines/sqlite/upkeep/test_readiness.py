"""Readiness: what a store's file lets one do at this moment."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.store.histories import put

from notewell_store.engines.sqlite.upkeep import readiness
from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of
from notewell_store.integrity.figures import figures

if TYPE_CHECKING:
    import pytest

    from notewell_store import Store


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def states(store: Store) -> dict[str, str]:
    return {check.name: check.state for check in readiness.probe(store)}


WELL = {"database": "ok", "schema": "ok", "space": "ok", "write": "ok"}


def test_a_store_in_order_is_ready_and_probing_makes_no_change(store: Store) -> None:
    put(store, "a", "text\n")
    before = figures(store).revisions, lock_file_of(Path(store.address)).read_bytes()
    assert states(store) == WELL
    assert (figures(store).revisions, lock_file_of(Path(store.address)).read_bytes()) == before


def test_a_gate_that_stays_shut_is_no_readiness(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "PATIENCE", 0.05)
    with hold_lock(lock_file_of(Path(store.address)), 5.0):
        assert states(store) == WELL | {"write": "problem"}
    assert states(store) == WELL


def test_a_full_disk_is_no_readiness(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 10**12 - 10**6, 10**6))
    assert states(store) == WELL | {"space": "problem"}


def test_a_store_that_is_gone_is_no_readiness(store: Store) -> None:
    Path(store.address).rename(Path(store.address).with_name("elsewhere"))
    assert states(store)["database"] == states(store)["write"] == "problem"


def test_a_store_of_another_schema_is_no_readiness(store: Store) -> None:
    with store.writing() as db:
        db.execute("PRAGMA user_version = 99")
    found = states(store)
    assert "problem" in (found["database"], found["schema"])


def test_sizes_are_those_of_the_files(store: Store) -> None:
    put(store, "a", "text\n")
    found = figures(store).sizes
    assert found.database_bytes == Path(store.address).stat().st_size > 0
    assert found.wal_bytes == Path(store.address).with_name("notewell.db-wal").stat().st_size
