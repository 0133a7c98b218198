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


def test_nothing_that_was_laid_aside_is_left_at_a_connection(database: Path) -> None:
    with closing(open_store(database)) as store:
        for _ in range(2):
            with store.writing(ready=lambda db: db.lay_aside(("target",), '[["a"]]')) as db:
                assert db.execute("SELECT * FROM temp.laid").fetchall() == [(0, "a")]
        with store.writing() as again:
            assert again is db
            assert again.execute("SELECT count(*) FROM temp.sqlite_master").fetchone() == (0,)
            assert again.execute("PRAGMA temp_store").fetchone() == (0,)


def test_a_write_that_laid_rows_aside_and_failed_leaves_the_store_as_it_was(database: Path) -> None:
    with closing(open_store(database)) as store:
        with pytest.raises(RuntimeError), store.writing(ready=lambda db: db.lay_aside(("target",), '[["a"]]')) as db:
            db.execute("DELETE FROM stale")
            raise RuntimeError
        with store.writing() as again:
            assert again.execute("SELECT count(*) FROM temp.sqlite_master").fetchone() == (0,)


def test_a_statement_is_compiled_once_however_many_came_before_it(database: Path) -> None:
    """As a migration's do, each of which has been needed more often."""
    open_store(database).close()
    with closing(connect(database)) as db:
        for number in range(200):
            for _ in range(3):
                db.execute(f"SELECT {number}").fetchall()
        compiled = 0

        def authorise(*_: object) -> int:
            nonlocal compiled
            compiled += 1
            return 0

        db.set_authorizer(authorise)
        for _ in range(3):
            for own in ("SELECT 'one'", "SELECT 'two'"):
                db.execute(own).fetchall()
    assert compiled == 2
