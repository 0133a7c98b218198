"""How a connection to the file is opened."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from notewell_store import open_store
from notewell_store.engines.sqlite.connection import PRAGMAS, Locked, connect
from notewell_store.engines.sqlite.driver import sqlite3

if TYPE_CHECKING:
    from pathlib import Path


def test_one_without_pragmas_is_opened_beside_a_program_that_keeps_the_file_locked(database: Path) -> None:
    open_store(database).close()
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Locked):
            connect(database, patience=0)
        connect(database, patience=0, pragmas=()).close()


def test_one_has_the_pragmas_of_the_design_unless_told_otherwise(database: Path) -> None:
    open_store(database).close()
    names = [pragma.partition(" ")[0] for pragma in PRAGMAS]
    with closing(connect(database)) as usual, closing(connect(database, pragmas=())) as bare:
        of_usual, of_bare = ([db.execute(f"PRAGMA {name}").fetchone()[0] for name in names] for db in (usual, bare))
    assert of_usual[names.index("foreign_keys")] == of_usual[names.index("recursive_triggers")] == 1
    assert of_bare[names.index("foreign_keys")] == of_bare[names.index("recursive_triggers")] == 0
