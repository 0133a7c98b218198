"""The record of reads: what is kept by whichever door, and that reading never waits for it or fails by it."""

from __future__ import annotations

import json
import os
import threading
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.conftest import CommandLine, open_session

from notewell_server.reads import record
from notewell_server.reads.record import ReadRecord, folder_of
from notewell_server.reads.sums import MOST_VAIN, ReadBack
from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.reads import Read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Processes

    from notewell_store import Store

LONG_AGO = date(2000, 1, 1)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "notewell.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with closing(open_store(database)) as opened:
        text = "# A\n\n## Part\n\nx\n"
        call_tool(lambda: Call(opened, "ann"), "upsert_note", {"slug": "a", "content": text})
        call_tool(lambda: Call(opened, "ann"), "upsert_note", {"slug": "b", "content": "# B\n"})
        yield opened


def lines(database: Path) -> list[dict[str, Any]]:
    files = sorted(folder_of(str(database)).iterdir())
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def asked(store: Store, reads: ReadRecord, tool: str, /, door: Any = "stdio", actor: str = "bot", **sent: Any) -> None:
    call_tool(lambda: Call(store, actor, door=door, client="x 1", recorder=reads), tool, sent)


def test_notes_sections_searches_and_briefs_are_kept_and_nothing_else(store: Store, database: Path) -> None:
    with closing(ReadRecord(str(database))) as reads:
        asked(store, reads, "get_note", ref="a#part")
        asked(store, reads, "get_note", ref="a,b")
        asked(store, reads, "search_notes", query="nothing like it")
        asked(store, reads, "brief")
        asked(store, reads, "list_notes")
        asked(store, reads, "upsert_note", slug="a", status="active")
    told = [(line["what"], line.get("note"), line.get("query"), line.get("hits")) for line in lines(database)]
    assert told == [
        ("note", 1, None, None),
        ("note", 1, None, None),
        ("note", 2, None, None),
        ("search", None, "nothing like it", 0),
        ("brief", None, None, None),
    ]
    assert lines(database)[0]["who"] == "bot"
    folder = folder_of(str(database))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert "part" not in "".join(path.read_text() for path in folder.iterdir()).lower()


def test_people_are_counted_and_not_named(store: Store, database: Path) -> None:
    with closing(ReadRecord(str(database))) as reads:
        for door in ("pages", "rest", "terminal"):
            asked(store, reads, "get_note", door=door, actor="ann", ref="a")
    assert "ann" not in "".join(map(json.dumps, lines(database)))
    (times,) = ReadBack(folder_of(str(database))).since(LONG_AGO).notes.values()
    assert (times.agents, times.people, times.guessed) == (0, 3, {"person"})


def test_a_secret_that_was_searched_for_is_withheld_and_long_words_are_cut(store: Store, database: Path) -> None:
    secret = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
    with closing(ReadRecord(str(database))) as reads:
        asked(store, reads, "search_notes", query=f"who made {secret}")
        asked(store, reads, "search_notes", query="x" * 5_000)
    assert [line["query"] for line in lines(database)] == [record.WITHHELD, "x" * 200]


def test_what_is_read_over_and_over_is_one_line_a_second(store: Store, database: Path) -> None:
    with closing(ReadRecord(str(database))) as reads:
        for _ in range(50):
            asked(store, reads, "get_note", ref="a")
    assert len(lines(database)) <= 5
    assert ReadBack(folder_of(str(database))).since(LONG_AGO).notes[1].agents == 50


def test_what_waits_is_written_though_nothing_more_is_read(
    store: Store, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "REST", 0.01)
    written = threading.Event()
    reads = ReadRecord(str(database))
    flush = reads.flush

    def tell() -> None:
        flush()
        written.set()

    monkeypatch.setattr(reads, "flush", tell)
    for _ in range(2):
        asked(store, reads, "get_note", ref="a")
    assert written.wait(30)
    assert [line["note"] for line in lines(database)] == [1, 1]
    reads.close()


@pytest.mark.parametrize("wrong", ["a file", "a link", "unwritable"])
def test_a_record_that_cannot_be_written_keeps_nobody_from_reading(
    store: Store, database: Path, tmp_path: Path, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = folder_of(str(database))
    if wrong == "a file":
        folder.write_text("no folder")
    elif wrong == "a link":
        folder.symlink_to(tmp_path / "nowhere")
    else:
        folder.mkdir()
        os.mkfifo(folder / f"{datetime.now(UTC).date()}.jsonl")
    reads = ReadRecord(str(database))
    for _ in range(3):
        asked(store, reads, "get_note", ref="a")
        reads.flush()
    assert caplog.text.count("cannot be kept") == 1
    assert ReadBack(folder).since(LONG_AGO).reads == 0
    reads.close()


def test_a_record_that_is_removed_begins_anew(store: Store, database: Path) -> None:
    reads = ReadRecord(str(database))
    asked(store, reads, "get_note", ref="a")
    for path in folder_of(str(database)).iterdir():
        path.unlink()
    asked(store, reads, "get_note", ref="b")
    reads.close()
    assert [line["note"] for line in lines(database)] == [2]


def test_a_damaged_record_tells_what_is_left_of_it(store: Store, database: Path) -> None:
    reads = ReadRecord(str(database))
    asked(store, reads, "get_note", ref="a")
    reads.close()
    (file,) = folder_of(str(database)).iterdir()
    whole = file.read_bytes()
    at = "2026-11-29T09:30:00Z"
    odd = (
        b"[1]", b"{}", b"\xff\xfe", b"nul", b"[" * 90_000, whole[:30],
        *(json.dumps({"at": at, "by": "agent"} | facts).encode() for facts in (
            {"what": "note", "note": "1"}, {"what": "note", "note": True}, {"what": "note", "note": -1},
            {"what": ["note"]}, {"what": "search", "hits": 0, "query": 7}, {"what": "search", "hits": 0},
            {"what": "note", "note": 1, "at": "x" * len(at)}, {"what": "note", "note": 1, "at": "2026-11-31T09:30:00Z"},
        )),
    )  # fmt: skip
    file.write_bytes(b"\n".join((*odd, whole)))
    (file.parent / "2026-01-01.jsonl").symlink_to("/dev/zero")
    found = ReadBack(file.parent).since(LONG_AGO)
    assert (found.reads, list(found.notes), found.vain) == (1, [1], {})


def test_of_searches_without_end_those_are_known_that_were_sent_most(store: Store, database: Path) -> None:
    with closing(ReadRecord(str(database))) as reads:
        call = Call(store, "bot", door="stdio")
        for sent in ("twice", *map(str, range(MOST_VAIN)), "twice"):
            reads.add(call, [Read("search", query=sent, hits=0)])
    found = ReadBack(folder_of(str(database))).since(LONG_AGO)
    assert (found.searches, len(found.vain)) == (MOST_VAIN + 2, MOST_VAIN)
    assert found.vain["twice"].times.total == 2


def test_it_takes_no_more_than_its_share_of_the_disk(
    store: Store, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "LARGEST_FILE", 2_000)
    monkeypatch.setattr(record, "MOST_BYTES", 8_000)
    with closing(ReadRecord(str(database))) as reads:
        for number in range(300):
            call = Call(store, "bot", door="stdio")
            reads.add(call, [Read("search", query=f"words {number}", hits=0)])
            reads.flush()
    sizes = [path.stat().st_size for path in folder_of(str(database)).iterdir()]
    assert max(sizes) < 2_200
    assert sum(sizes) < 8_300
    assert "words 299" in ReadBack(folder_of(str(database))).since(LONG_AGO).vain


ADD = """
import sys
from notewell_server.reads.record import ReadRecord
from notewell_tools.definition import Call
from notewell_tools.reads import Read

reads = ReadRecord(sys.argv[1])
for number in range(400):
    reads.add(Call(None, f"agent-{sys.argv[2]}", door="stdio"), [Read("note", note=number + 1)])
    if number % 7 == 0:
        reads.flush()
reads.close()
"""


def test_several_processes_write_whole_lines(database: Path, processes: Processes) -> None:
    for started in [processes.start(ADD, database, number) for number in range(4)]:
        processes.finish(started)
    found = lines(database)
    assert sum(line.get("count", 1) for line in found) == 1_600
    assert {line["who"] for line in found} == {f"agent-{number}" for number in range(4)}


def test_a_session_on_standard_input_counts_to_its_last_call_and_can_be_told_not_to(tmp_path: Path) -> None:
    for sent, reads in (("on", 3), ("off", 0)):
        database = tmp_path / f"{sent}.db"
        with open_session(database, {"NOTEWELL_READS": sent}, client="codex") as session:
            session.ask("upsert_note", slug="a", content="# A\n")
            for _ in range(3):
                session.read("get_note", ref="a")
        found = ReadBack(folder_of(str(database))).since(LONG_AGO)
        assert found.reads == reads
        assert [times.last.who for times in found.notes.values()] == ["codex"][:reads]
        assert folder_of(str(database)).exists() == (sent == "on")
    refused = CommandLine(tmp_path / "on.db").refusal("get", "a", added={"NOTEWELL_READS": "maybe"})
    assert "NOTEWELL_READS is 'maybe': it may be on or off" in refused
