"""The audit log: one line for each thing that was done or refused, kept for its time."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import pytest

from notewell_server.http.access.identity import Caller
from notewell_server.http.guards.rate_limit import KNOWN
from notewell_server.http.operations import audit_log, summed
from notewell_server.http.operations.audit_log import AuditLog, note_named
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.http.operations.summed import Summed
from notewell_store.access.rights import Rights
from notewell_store.access.tokens import Refused
from notewell_tools.definition import NAMES_OF_A_NOTE

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    for text in ("\x01" * 500, "\U0001f600" * 500, "\ud800" * 500):
        log.record(actor=text, means=text, what=text, note=text, outcome=text, client=text)
    assert max(len(line) for path in log.folder.iterdir() for line in path.read_text().splitlines()) < 2_048
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


def record_at(monkeypatch: pytest.MonkeyPatch, log: AuditLog, day: str) -> None:
    """A line, by a clock that says it is that day."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls.fromisoformat(f"{day}T12:00:00+00:00")

    monkeypatch.setattr(audit_log, "datetime", Clock)
    log.record(actor="ci", means="token", what="x", outcome="ok")
    monkeypatch.undo()


def test_a_clock_that_goes_wrong_takes_few_days_of_the_log_with_it(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AuditLog(database, keep_days=5)
    days = [f"2026-01-{number:02}" for number in range(1, 6)]
    for day in days:
        record_at(monkeypatch, log, day)
    record_at(monkeypatch, log, "2026-06-01")
    kept = sorted(path.stem for path in log.folder.iterdir())
    assert kept == [*days, "2026-06-01"]
    record_at(monkeypatch, log, "2026-06-02")
    record_at(monkeypatch, log, "2026-01-06")
    assert sorted(path.stem for path in log.folder.iterdir()) == [*days[2:], "2026-01-06", "2026-06-01", "2026-06-02"]
    record_at(monkeypatch, log, "9999-12-31")
    record_at(monkeypatch, log, "0001-01-01")
    assert {path.stem for path in log.folder.iterdir()} >= {*days[4:], "2026-01-06", "9999-12-31", "0001-01-01"}
    log.close()


def test_a_day_goes_on_in_another_file_and_the_oldest_go_before_the_disk_is_full(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "LARGEST_FILE", 1_000)
    monkeypatch.setattr(audit_log, "MOST_BYTES", 5_000)
    logs = [AuditLog(database) for _ in range(2)]
    for number in range(200):
        logs[number % 2].record(actor=f"agent-{number}", means="token", what="upsert_note", outcome="ok")
        sizes = [path.stat().st_size for path in logs[0].folder.iterdir()]
        assert max(sizes) < 1_200
        assert sum(sizes) < 5_500
    assert [line["actor"] for line in sorted(lines(logs[0]), key=lambda line: str(line["at"]))][-1] == "agent-199"
    assert len(lines(logs[0])) > 25
    for log in logs:
        log.close()


def test_readers_and_strangers_without_end_leave_the_lines_of_writes(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = CallRecords(database)
    reader = Caller(Rights("read"), "ann", "token")
    with records.recording({"path": "/", KNOWN: reader}, "upsert_note", "kept", reads=False):
        pass
    for number in range(6_000):
        with records.recording({"path": "/", KNOWN: reader}, "get_note", f"n{number}", reads=True):
            pass
    for number in range(2_000):
        client = {"path": "/", "client": (f"192.0.2.{number % 200}", 1)}
        records.refuse(client, "GET /notes", Refused("this token is not known"))
    records.close()
    found = lines(AuditLog(database))
    assert found[0]["what"] == "upsert_note"
    sums = {(line["actor"], line["what"]): 0 for line in found if "count" in line}
    for line in found:
        if "count" in line:
            sums[line["actor"], line["what"]] += line["count"]
    assert len([line for line in found if line["what"] == "get_note"]) + sums["ann", "read"] == 6_000
    told = len([line for line in found if line["what"] == "GET /notes"])
    assert told + sums["anonymous", "refused"] + sums["others", "several"] == 2_000
    assert told < 1_010
    assert len([line for line in found if "count" in line]) <= 11


def test_what_was_summed_is_told_within_a_minute(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summed, "MINUTE", 0.01)
    told = threading.Event()
    counts: list[Mapping[str | None, int]] = []

    def tell(found: Mapping[str | None, int]) -> None:
        counts.append(found)
        told.set()

    kept: Summed[str] = Summed(tell)
    kept.add("a")
    assert told.wait(30)
    assert counts == [{"a": 1}]


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
    assert note_named({"refs": ["a", "b"], "tags": "secret"}) == "a,b"
    assert [note_named({name: "a"}) for name in NAMES_OF_A_NOTE] == ["a"] * len(NAMES_OF_A_NOTE)
    assert note_named({"refs": [["secret"]]}) is None


def test_a_pipe_in_the_place_of_the_days_file_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = AuditLog(tmp_path / "notewell.db")
    log.folder.mkdir()
    today = datetime.now(UTC).date()
    for day in (today, today + timedelta(days=1)):  # it may be midnight
        os.mkfifo(log.folder / f"{day}.jsonl")
    log.record(actor="ann", means="token", what="upsert_note", outcome="ok")
    log.close()
    assert "cannot be written: it is a pipe, no file" in caplog.text
