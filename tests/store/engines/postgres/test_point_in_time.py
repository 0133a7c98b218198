"""Going back to a moment as docs/postgresql.md says: from a base backup and the archived log."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.postgres_server import PATIENCE, Server, another_user, new_server, programs, why_not

from notewell_store import open_store
from notewell_store.access import tokens
from notewell_store.integrity.verify import verify
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

ARCHIVING = ("listen_addresses=", "fsync=off", "wal_level=replica", "archive_mode=on", "max_wal_senders=2")


@pytest.fixture
def archiving() -> Iterator[Server]:
    if reason := why_not():
        pytest.skip(reason)
    server = new_server(ARCHIVING)
    archive = server.folder / "archive"
    archive.mkdir()
    if os.geteuid() == 0:
        owner = another_user()
        os.chown(archive, owner["user"], owner["group"])
    server.execute("postgres", f"ALTER SYSTEM SET archive_command = 'cp %p {archive}/%f'", "SELECT pg_reload_conf()")
    yield server
    server.stop()


def archived(server: Server) -> None:
    """Wait until all that was written is in the archive."""
    ((segment,),) = server.execute("postgres", "SELECT pg_walfile_name(pg_switch_wal())")
    until = time.monotonic() + PATIENCE
    while not (server.folder / "archive" / segment).exists():
        assert time.monotonic() < until, "the log is not archived"
        time.sleep(0.02)


def went_back(server: Server, moment: str) -> Server:
    """A server with all as it was at that moment, from the backup at `went-back`."""
    folder = server.folder / "went-back"
    with (folder / "data" / "postgresql.auto.conf").open("a") as settings:
        settings.write(f"restore_command = 'cp {server.folder}/archive/%f %p'\n")
        settings.write(f"recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\n")
    (folder / "data" / "recovery.signal").touch()
    own = programs()
    assert own is not None
    other = Server(folder, own, ("listen_addresses=", "fsync=off", "archive_mode=off"))
    other.resume()
    until = time.monotonic() + PATIENCE
    while other.execute("postgres", "SELECT pg_is_in_recovery()") != [(False,)]:
        assert time.monotonic() < until, "the server does not come out of its recovery"
        time.sleep(0.02)
    return other


def test_a_database_goes_back_to_a_moment_and_is_whole_and_written_on(archiving: Server) -> None:
    database = archiving.new_database()
    with closing(open_store(archiving.address(database))) as store:
        knowledge = Knowledge(store)
        knowledge.put("one", "# One\n")
        backup = str(archiving.folder / "went-back" / "data")
        archiving.run("pg_basebackup", "-h", str(archiving.folder), "-U", "notewell", "-D", backup, "-c", "fast")
        knowledge.put("two", "# Two\n")
        tokens.create(store, "ci", "write", "ann")
        ((moment,),) = archiving.execute(database, "SELECT now()::text")
        knowledge.put("three", "# Three\n")
        knowledge.rewrite("two", "# Two, destroyed\n")
        tokens.revoke(store, "ci")
        store.background.finish()
        archived(archiving)
        then = call_tool(lambda: Call(store, "someone"), "get_note", {"ref": "two", "as_of": "2"}).shown
        assert "# Two" in then and "destroyed" not in then  # history needs no going back
    other = went_back(archiving, moment)
    try:
        with closing(open_store(other.address(database))) as store:
            there = Knowledge(store)
            assert there.note("two").markdown == "# Two\n"
            assert there.listed() == ["one", "two"]
            assert verify(store).whole
            with store.reading() as db:
                assert [token.revoked_at for token in tokens.list_tokens(db)] == [None]  # to be revoked again
            there.put("three", "# Another\n")
            assert [one.seq for one in there.history()] == [3, 2, 1]
    finally:
        other.stop()
