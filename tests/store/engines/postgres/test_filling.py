"""A database into which another store is copied: who may do that, and what becomes of who may not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.postgres_server import server
from tests.store.histories import put

from notewell_store import Unusable, open_store
from notewell_store.access import tokens
from notewell_store.copying.copying import copy_store
from notewell_store.integrity.verify import verify
from notewell_store.opening import read_once
from notewell_store.tables.copied_rows import is_empty
from notewell_store.tables.projects import save_project


@pytest.fixture
def source(tmp_path: Path) -> str:
    store = open_store(tmp_path / "source.db")
    put(store, "sop-deploy", "# Deploy\n")
    store.close()
    return store.address


def test_who_does_not_own_the_tables_is_refused_and_the_database_stays_as_it_was(source: str) -> None:
    name = server().new_database()
    owned = server().address(name)
    open_store(owned).close()
    server().execute(
        name,
        "CREATE ROLE serving LOGIN",
        "GRANT USAGE ON SCHEMA main, seen TO serving",
        "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA main TO serving",
    )
    with pytest.raises(Unusable, match=r"this user may not\. Nothing was written\. To mend it, .*as the owner"):
        copy_store(source, server().address(name, "serving"))
    with read_once(owned) as db:
        assert is_empty(db)
    assert copy_store(source, owned).verdict.whole


ROLES = (Path(__file__).parents[4] / "deploy/postgres/roles.sql").read_text(encoding="utf-8")


@pytest.mark.parametrize("is_laid_before", [True, False])
def test_the_owner_of_the_tables_copies_and_who_serves_goes_on_writing(source: str, *, is_laid_before: bool) -> None:
    name = server().new_database()
    server().execute(name, ROLES)
    owner, serving = (server().address(name, user) for user in ("nw_migrator", "nw_app"))
    if is_laid_before:
        open_store(owner).close()
        server().execute(name, ROLES)
    with closing(open_store(source)) as store:
        text, _ = tokens.create(store, "ci", "write", "ann")
    assert copy_store(source, owner, with_tokens=True).tokens == 1
    if not is_laid_before:
        server().execute(name, ROLES)
    with closing(open_store(serving)) as copy:
        put(copy, "plan", "# Plan\n\n[[sop-deploy]]\n")
        put(copy, "sop-deploy", "# Deploy\n\nanew\n")
        save_project(copy, "web", "ann")
        assert verify(copy).whole
        with copy.reading() as db:
            assert tokens.admit(db, text).name == "ci"


def test_a_database_that_is_not_there_is_told(source: str) -> None:
    with pytest.raises(Unusable, match=r"there is no such database\. To mend it, make it with createdb"):
        copy_store(source, server().address("nowhere"))


def test_nobody_there_is_told(source: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be reached: see that PostgreSQL runs there"):
        copy_store(source, f"postgresql://someone@/any?host={tmp_path}")


def test_another_programs_tables_are_left_alone(source: str) -> None:
    name = server().new_database()
    server().execute(name, "CREATE SCHEMA main", "CREATE TABLE main.theirs (id bigint)")
    with pytest.raises(Unusable, match="schema `main` of some other program: name another database"):
        copy_store(source, server().address(name))
    with pytest.raises(Unusable, match="schema `main` of some other program"):
        copy_store(source, server().address(name), anew=True)
    assert server().execute(name, "SELECT count(*) FROM main.theirs") == [(0,)]


def test_a_copy_whose_connection_the_server_ends_is_gone_on_with(source: str) -> None:
    name = server().new_database()
    address = server().address(name)

    def end_all(done: int, total: int) -> None:
        server().execute(
            name,
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid != pg_backend_pid()""",
        )

    with pytest.raises(Unusable, match=r"cannot be (read|written): it was shut down, or ended this connection"):
        copy_store(source, address, end_all)
    with pytest.raises(Unusable, match="not yet complete"):
        open_store(address)
    done = copy_store(source, address)
    assert done.found > 0
    assert done.verdict.whole


def test_the_tables_and_indexes_of_a_copy_are_those_of_any_store(source: str) -> None:
    names = server().new_database(), server().new_database()
    open_store(server().address(names[0])).close()
    copy_store(source, server().address(names[1]))
    laid, copied = (
        server().execute(
            name, "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'main' ORDER BY 2"
        )
        for name in names
    )
    assert copied == laid
    assert ("search", "search_by_words") in [row[:2] for row in copied]
    tables = [
        server().execute(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'main' ORDER BY 1") for name in names
    ]
    assert tables[0] == tables[1]
