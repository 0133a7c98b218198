"""The audit log: one line for each thing that was done or refused, kept for its time."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from notewell_server.http.operations.audit_log import AuditLog, note_named

if TYPE_CHECKING:
    from pathlib import Path


def lines(log: AuditLog) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(log.folder.iterdir()) for line in path.read_text().splitlines()]


def test_a_line_says_who_did_what_when_and_with_what_outcome(database: Path) -> None:
    log = AuditLog(database)
    log.record(actor="ci", means="token", what="upsert_note", note="sop-deploy", outcome="ok", client="127.0.0.1")
    log.record(actor="anonymous", means="anonymous", what="DELETE /notes/x", outcome="unauthorized")
    first, second = lines(log)
    assert datetime.fromisoformat(first.pop("at")) <= datetime.now(UTC)
    assert first == {
        "actor": "ci",
        "means": "token",
        "what": "upsert_note",
        "note": "sop-deploy",
        "outcome": "ok",
        "client": "127.0.0.1",
    }
    assert (second["what"], second["outcome"]) == ("DELETE /notes/x", "unauthorized")
    log.close()


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
def test_only_its_owner_can_read_it(database: Path) -> None:
    log = AuditLog(database)
    log.record(actor="ci", means="token", what="x", outcome="ok")
    assert log.folder.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in log.folder.iterdir()] == [0o600]
    log.close()


def test_no_value_makes_a_second_line_or_a_long_one(database: Path) -> None:
    log = AuditLog(database)
    evil = 'a\n{"actor": "root"}\u2028\x85\ud800' + "x" * 9_000
    log.record(actor=evil, means="jwt", what=evil, note=evil, outcome="ok", client=evil)
    (line,) = lines(log)
    assert line["actor"] == evil[:200]
    assert sum(path.stat().st_size for path in log.folder.iterdir()) < 4_096 + 2_048
    log.close()


def test_several_writers_share_a_file_without_a_torn_line(database: Path) -> None:
    logs = [AuditLog(database) for _ in range(4)]

    def write(log: AuditLog) -> None:
        for number in range(100):
            log.record(actor=f"agent-{number}", means="token", what="get_note", note="n" * 150, outcome="ok")

    threads = [threading.Thread(target=write, args=(log,)) for log in logs for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(logs[0])) == 800
    for log in logs:
        log.close()


def test_days_that_are_older_than_they_are_kept_go_and_nothing_else_does(database: Path) -> None:
    log = AuditLog(database, keep_days=30)
    log.folder.mkdir()
    for name in ("2020-01-01.jsonl", "2999-01-01.jsonl", "notes.txt", "2020-01-01.jsonl.kept"):
        (log.folder / name).write_text("")
    log.record(actor="ci", means="token", what="x", outcome="ok")
    today = f"{datetime.now(UTC):%Y-%m-%d}.jsonl"
    assert sorted(path.name for path in log.folder.iterdir()) == sorted(
        [today, "2999-01-01.jsonl", "notes.txt", "2020-01-01.jsonl.kept"]
    )
    log.close()


def test_a_log_that_cannot_be_written_stops_nobody_and_is_told(
    database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = AuditLog(database)
    log.folder.write_text("not a folder")
    log.record(actor="ci", means="token", what="x", outcome="ok")
    assert "cannot be written" in caplog.text


def test_the_note_is_the_one_that_the_arguments_name() -> None:
    assert note_named({"ref": "a#b", "new_text": "secret"}) == "a#b"
    assert note_named({"slug": "a", "content": "secret"}) == "a"
    assert note_named({"query": "secret"}) is None
