"""A store that is read where nothing may be written. Real read-only folders are in tests/marathon/read_only.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Busy, open_store
from notewell_store.engines.sqlite.read_only import needs_immutable, reading_immutable

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Knowledge


def test_a_store_that_nobody_has_open_is_read_from_its_file_alone(knowledge: Knowledge, database: Path) -> None:
    knowledge.put("plan", "as it was\n")
    knowledge.store.close()
    with reading_immutable(database) as db:
        assert db.execute("SELECT markdown FROM texts").fetchone() == ("as it was\n",)
    assert [path.name for path in database.parent.iterdir() if path.name.endswith(("-wal", "-shm"))] == []


def test_what_was_read_while_another_wrote_does_not_count(knowledge: Knowledge, database: Path) -> None:
    knowledge.put("plan", "as it was\n")
    knowledge.store.close()
    with pytest.raises(Busy, match="was changed by another program"), reading_immutable(database) as db:
        db.execute("SELECT markdown FROM texts").fetchone()
        knowledge.put("plan", tags=("new",))


def test_a_failure_that_a_change_explains_is_told_as_the_change(knowledge: Knowledge, database: Path) -> None:
    knowledge.put("plan", "as it was\n")
    knowledge.store.close()
    with pytest.raises(Busy, match="was changed by another program"), reading_immutable(database):
        knowledge.put("plan", tags=("new",))
        raise ValueError("a page that is half new")


def test_a_store_in_a_folder_that_may_be_written_is_read_as_ever(database: Path) -> None:
    open_store(database).close()
    assert not needs_immutable(database)
