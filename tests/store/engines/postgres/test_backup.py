"""`backup` of a database: one SQLite file that holds all of it but the tokens, verified before it counts."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.postgres_server import server
from tests.store.histories import change_all, fill, put, read_all

from notewell_store import Invalid, Unusable, open_store
from notewell_store.access import tokens
from notewell_store.integrity.verify import verify
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from notewell_store import Store


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    with closing(open_store(server().address(server().new_database()))) as store:
        save_project(store, "app", "tester", "The app")
        fill(store, random.Random(7), 0, 40)
        change_all(store, random.Random(8))
        tokens.create(store, "ci", "write", "ann")
        yield store


def test_a_backup_is_one_file_a_store_itself_that_holds_all_but_the_tokens(filled: Store, tmp_path: Path) -> None:
    made = filled.engine.upkeep.backup(filled, tmp_path / "backup.db")
    assert made.verdict.whole
    assert [path.name for path in tmp_path.iterdir()] == ["backup.db"]
    with closing(open_store(made.path)) as copy:
        assert read_all(copy) == read_all(filled)
        with copy.reading() as db:
            assert tokens.list_tokens(db) == ()
        put(copy, "fresh", "# Fresh\n")
        assert verify(copy).whole


def test_a_damaged_database_gives_no_backup_and_nothing_is_left_behind(filled: Store, tmp_path: Path) -> None:
    with filled.writing() as db, db.rewriting([]):
        db.execute("UPDATE revisions SET reason = 'another' WHERE seq = 5")
    try:
        with pytest.raises(Unusable, match=r"is damaged, so no backup was made of it: .*SHA-256"):
            filled.engine.upkeep.backup(filled, tmp_path / "backup.db")
    finally:
        with filled.writing() as db, db.rewriting([]):
            db.execute("UPDATE revisions SET reason = 'a reason' WHERE seq = 5")
    assert list(tmp_path.iterdir()) == []


def test_a_place_is_to_be_named_and_nothing_is_overwritten(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "taken.db").write_text("mine", encoding="utf-8")
    with pytest.raises(Invalid, match="exists already: name another file"):
        filled.engine.upkeep.backup(filled, tmp_path / "taken.db")
    with pytest.raises(Invalid, match="a database has no folder beside it: name a file or a folder"):
        filled.engine.upkeep.backup(filled)
    assert (tmp_path / "taken.db").read_text(encoding="utf-8") == "mine"


def test_a_folder_keeps_as_many_as_are_to_be_kept(filled: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = [filled.engine.upkeep.backup(filled, folder, 2, is_folder=True) for _ in range(3)]
    assert made[2].removed == (made[0].path,)
    assert sorted(folder.iterdir()) == sorted([made[1].path, made[2].path])
