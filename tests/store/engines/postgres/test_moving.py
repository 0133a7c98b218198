"""A store moves from a file into a database and back, with all that is kept of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import TABLES, Knowledge

from notewell_store import Invalid, Store, Unusable, open_store
from notewell_store.access import tokens
from notewell_store.integrity.verify import verify
from notewell_store.opening import engine_at
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from pathlib import Path


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All but tokens, and pages, which are made when they are asked for; in one order, and texts as bytes are."""
    kept: dict[str, list[tuple[Any, ...]]] = {}
    with store.reading() as db:
        for table in TABLES:
            columns = "note_id, markdown" if table == "texts" else "*"
            found = [] if table == "tokens" else db.execute(f"SELECT {columns} FROM {table}").fetchall()
            kept[table] = sorted((tuple(map(plain, row)) for row in found), key=repr)
    return kept


def plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store with some of everything."""
    path = tmp_path / "from.db"
    with closing(open_store(path)) as store:
        knowledge = Knowledge(store)
        save_project(store, "web", "ann", "The web")
        knowledge.put("child", "# Child\n", parent=None)
        knowledge.put("top", "# Top\n\n[[child]] and [[nobody]]\n", project="web", add_tags=("x", "y"))
        knowledge.put("child", parent="top")
        for number in range(5):
            knowledge.edit("top", "append", f"line {number}: émigré, 部署\n")
        knowledge.rename("child", "renamed")
        knowledge.put("gone", "text")
        knowledge.delete("gone")
        tokens.create(store, "ci", "write", "ann")
    return path


def test_all_that_is_kept_is_there_and_back_again(file: Path, address: str, tmp_path: Path) -> None:
    upkeep = engine_at(address).upkeep
    done = upkeep.restore(file, address)
    assert done.verdict.whole and done.kept is None
    with closing(open_store(file)) as before, closing(open_store(address)) as store:
        assert rows(store) == rows(before)
        knowledge = Knowledge(store)
        assert knowledge.found("emigre") == ["top"]
        assert knowledge.put("new", "# New\n").revision == 1
        with store.reading() as db:
            assert not tokens.any_valid(db)
        made = upkeep.backup(store, tmp_path / "back.db")
        assert made.verdict.whole
        with closing(open_store(made.path)) as back:
            assert rows(back) == rows(store)
            assert verify(back).whole


def test_only_an_empty_database_is_filled(file: Path, address: str) -> None:
    with closing(open_store(address)) as store:
        Knowledge(store).put("a", "text")
        with pytest.raises(Invalid, match="holds a store already"):
            engine_at(address).upkeep.restore(file, address)
        assert Knowledge(store).listed() == ["a"]


def test_what_is_no_store_fills_nothing(address: str, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Page\n", encoding="utf-8")
    for name in ("page.md", "nothing.db"):
        with pytest.raises(Unusable):
            engine_at(address).upkeep.restore(tmp_path / name, address)
