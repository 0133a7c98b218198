"""The users of deploy/postgres/roles.sql: who serves can do all that is asked of it, and cannot change history."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.postgres_server import ROLES

from notewell_store import Attribution, Unusable, open_store
from notewell_store.access import tokens
from notewell_store.integrity.verify import verify
from notewell_store.redacting.redaction import read_wanted, redact
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres_server import Server

OWNER = Attribution("owner", reason="a key leaked")


@pytest.fixture
def database(cluster: Server) -> str:
    """With the users, and a store that nw_migrator has made."""
    return cluster.new_served_database()


@pytest.fixture
def app(cluster: Server, database: str) -> Iterator[Knowledge]:
    with closing(open_store(cluster.address(database, "nw_app"))) as store:
        yield Knowledge(store)


def test_who_serves_writes_renames_deletes_and_keeps_tokens(app: Knowledge) -> None:
    save_project(app.store, "web", "ann")
    app.put("a", "# A\n\n[[b]]\n", project="web", add_tags=("x",))
    app.put("b", "# B\n")
    app.edit("a", "append", "more")
    app.rename("a", "c")
    app.link("c", "b")
    app.delete("b")
    app.restore("b")
    text, made = tokens.create(app.store, "ci", "write", "ann")
    assert text and made.name == "ci"
    tokens.revoke(app.store, "ci")
    assert verify(app.store).whole


CHANGES = (
    "UPDATE main.revisions SET actor = 'x'",
    "DELETE FROM main.revisions",
    "TRUNCATE main.revisions",
    "DELETE FROM main.notes",
    "DELETE FROM main.tokens",
    "UPDATE main.gate SET schema = 99",
    "CREATE TABLE main.mine ()",
    "ALTER TABLE main.revisions DISABLE TRIGGER ALL",
)


@pytest.mark.parametrize("change", CHANGES)
def test_who_serves_changes_no_history(app: Knowledge, change: str) -> None:
    app.put("a", "text")
    with pytest.raises(Unusable, match="this user may not"), app.store.writing() as db:
        db.execute(change)
    assert verify(app.store).whole


def test_redacting_is_for_the_owner(app: Knowledge, cluster: Server, database: str) -> None:
    app.put("a", "the secret")
    app.rewrite("a", "clean")
    with pytest.raises(Unusable, match="this user may not"):
        redact(app.store, read_wanted("a@1"), OWNER)
    with closing(open_store(cluster.address(database, "nw_migrator"))) as store:
        assert redact(store, read_wanted("a@1"), OWNER).revisions == (1,)
    assert "secret" not in app.note("a@1").markdown
    assert verify(app.store).whole


def test_who_serves_makes_no_store(cluster: Server) -> None:
    name = cluster.new_database()
    cluster.execute(name, ROLES)
    with pytest.raises(Unusable, match="may not change its schema: as its owner, call `notewell migrate`"):
        open_store(cluster.address(name, "nw_app"))
