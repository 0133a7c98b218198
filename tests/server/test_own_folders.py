"""Folders beside the store that another user of the machine has made first."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from notewell_server.http.operations.audit_log import AuditLog
from notewell_server.pages.access.sessions import Sessions
from notewell_server.reads.record import ReadRecord
from notewell_server.reads.sums import ReadBack
from notewell_server.runs import Runs
from notewell_tools.definition import Call
from notewell_tools.reads import Read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from notewell_store import Store


@pytest.fixture
def of_another(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Lets all that is there be another user's."""

    def let(place: Path) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)

    return let


def held(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_no_session_of_another_user_lets_anybody_in(database: Path, of_another: Callable[[Path], None]) -> None:
    sessions = Sessions(database)
    session, link = sessions.begin("ann"), sessions.offer("ann")
    before = held(database.parent)
    of_another(database.parent)
    assert sessions.of(session) is None
    with pytest.raises(PermissionError, match="belongs to another user"):
        sessions.begin("ann")
    assert held(database.parent) == before
    assert sessions.accept(link) is None


def test_nothing_of_runs_is_read_from_or_put_into_it(database: Path, of_another: Callable[[Path], None]) -> None:
    runs = Runs(database)
    forged = runs.begin("backup", "", "ann")
    forged.close()
    before = held(database.parent)
    of_another(database.parent)
    assert (runs.read(forged.id), runs.newest(9)) == (None, [])
    for begin in (lambda: runs.begin("verify", "", "ann"), lambda: runs.begin("backup", "", "ann"), runs.take_turn):
        with pytest.raises(PermissionError):
            begin()
    assert held(database.parent) == before


def test_what_is_read_and_done_is_not_put_into_it(
    tmp_path: Path, store: Store, of_another: Callable[[Path], None]
) -> None:
    beside = tmp_path / "another.db"
    (tmp_path / "another.db.reads").mkdir()
    (tmp_path / "another.db.audit").mkdir()
    of_another(tmp_path)
    with closing(ReadRecord(str(beside))) as reads, closing(AuditLog(beside)) as audit:
        reads.add(Call(store, "codex", door="stdio"), [Read("search", query="words")])
        audit.record(actor="ann", means="token", what="list_notes", outcome="ok")
        assert audit.last_uses() == {}
    assert ReadBack(tmp_path / "another.db.reads").since(date.min).begins is None
    assert not any(held(tmp_path / f"another.db.{kind}") for kind in ("reads", "audit"))


def test_those_of_the_stores_owner_are_as_good_as_ones_own(
    database: Path, store: Store, of_another: Callable[[Path], None]
) -> None:
    sessions = Sessions(database)
    session = sessions.begin("ann")
    of_another(database)
    assert sessions.of(session)
