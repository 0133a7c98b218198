"""The stdio door by hand: nothing but protocol, a clean end whatever happens, and no work without a call."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Pipe, Pipes

SOON = 2.0
"""Seconds within which the process is to end once it is told to."""

LARGE = "# Large\n\n" + "word " * 150_000


@pytest.fixture
def gate(database: Path) -> Iterator[ExitStack]:
    """Keeps all other writers of the store waiting until it is closed."""
    with ExitStack() as held:
        store = open_store(database)
        held.callback(store.close)
        with ExitStack() as writing:
            writing.enter_context(store.writing())
            yield writing


def data_of(answer: dict[str, Any]) -> Any:
    """What a tool called with format=json answered."""
    assert answer["result"]["isError"] is False
    return json.loads(answer["result"]["content"][0]["text"])


def notes_in(database: Path) -> list[str]:
    store = open_store(database)
    try:
        with store.reading() as db:
            return [slug for (slug,) in db.execute("SELECT slug FROM notes ORDER BY slug")]
    finally:
        store.close()


def in_flight(pipe: Pipe) -> int:
    """Call a tool that has to wait at the gate; a later call's answer shows that the server has read it."""
    waiting = pipe.call("upsert_note", slug="waiting", content="x", format="json")
    later = pipe.call("list_notes", format="json")
    assert pipe.answer()["id"] == later
    return waiting


def ended_in(process: subprocess.Popen[bytes], patience: float) -> float:
    """How long the process took to end."""
    started = time.monotonic()
    process.wait(patience)
    return time.monotonic() - started


def test_standard_output_holds_nothing_but_answers_one_a_line(pipe: Pipe) -> None:
    asked = [
        pipe.request("tools/list"),
        pipe.call("upsert_note", slug="a", content="line\u2028sep\r\n", format="json"),
        pipe.call("get_note", ref="nothing"),
        pipe.request("nothing/known"),
        pipe.request("ping"),
    ]
    code, messages, complaints = pipe.end()
    assert sorted(message["id"] for message in messages) == asked
    assert (code, complaints) == (0, "")


def test_what_was_asked_before_the_end_of_input_is_answered(pipe: Pipe) -> None:
    for n in range(20):
        pipe.call("upsert_note", slug=f"note-{n}", content=LARGE[: n * 1_000], format="json")
    code, messages, _ = pipe.end()
    assert {data_of(message)["slug"] for message in messages} == {f"note-{n}" for n in range(20)}
    assert code == 0


def test_input_from_a_file_is_answered_to_its_end(pipes: Pipes, tmp_path: Path) -> None:
    requests: list[dict[str, Any]] = [
        {
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "file", "version": "1"},
            },
        },
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "list_notes", "arguments": {}}},
    ]
    lines = [json.dumps({"jsonrpc": "2.0", **request}) for request in requests]
    script = tmp_path / "session.jsonl"
    script.write_text("\n".join(lines))  # and no line end behind the last one
    command = [str(Path(sys.executable).with_name("notewell")), "--db", str(pipes.database), "serve"]
    with script.open("rb") as given:
        done = subprocess.run(command, stdin=given, capture_output=True, timeout=30)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2]
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "garbage",
    [b"hello\n", b"\n", b"{\n", b"\xff\xfe\n", b'{"jsonrpc":"1.0"}\n', b"[]\n", b'"x"\n', b"null\n", b"\0\n"],
)
def test_a_line_that_is_no_message_gets_an_error_and_harms_nothing(shared: Pipe, garbage: bytes) -> None:
    shared.send(garbage)
    refused = shared.answer()
    assert (refused["id"], refused["error"]["code"]) == (None, -32600)
    listed = shared.request("tools/list")
    assert shared.answer()["id"] == listed


def test_a_request_that_is_not_well_formed_is_refused_under_its_id(shared: Pipe) -> None:
    shared.send(b'{"jsonrpc":"1.0","id":77,"method":"tools/list"}\n')
    refused = shared.answer()
    assert (refused["id"], refused["error"]["code"]) == (77, -32600)


@pytest.mark.parametrize("identity", ["1.5", "1.0", "true", "{}", "[]", "null", "1e999"])
def test_a_request_under_what_is_no_id_is_refused_under_none(shared: Pipe, identity: str) -> None:
    shared.send(b'{"jsonrpc":"2.0","id":%s,"method":"ping"}\n' % identity.encode())
    answer = shared.answer()
    assert (answer["id"], answer["error"]["code"]) == (None, -32600)


@pytest.mark.parametrize(
    "asked", ['"id":"\\ud800","method":"ping"', '"id":1,"method":"\\ud800"', '"id":"\\ud800","method":5']
)
def test_half_a_character_comes_back_where_an_answer_repeats_it(shared: Pipe, asked: str) -> None:
    shared.send(b'{"jsonrpc":"2.0",%s}\n' % asked.encode())
    assert shared.answer()["id"] == json.loads(f"{{{asked}}}")["id"]


def test_each_of_several_calls_under_one_id_is_answered_before_the_end(pipe: Pipe, database: Path) -> None:
    for number in range(5):
        call = {"name": "upsert_note", "arguments": {"slug": f"n{number}", "content": "x"}}
        pipe.send(json.dumps({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": call}).encode() + b"\n")
    pipe.send(b'{"jsonrpc":"2.0","id":7,"method":5}\n')
    code, answers, _ = pipe.end()
    assert (code, [answer["id"] for answer in answers]) == (0, [7] * 6)
    assert len(notes_in(database)) == 5


def test_a_line_beyond_all_bounds_is_refused_and_the_next_one_read(shared: Pipe) -> None:
    for _ in range(17):
        shared.send(b"x" * (1 << 20))
    shared.send(b"\n")
    assert shared.answer()["error"]["code"] == -32600
    listed = shared.request("tools/list")
    assert shared.answer()["id"] == listed


def test_half_a_character_is_refused_by_the_tool_that_gets_it(shared: Pipe) -> None:
    asked = shared.call("upsert_note", slug="half", content="a\ud800b")
    answer = shared.answer()
    assert (answer["id"], answer["result"]["isError"]) == (asked, True)
    assert "surrogate" in answer["result"]["content"][0]["text"]


def test_a_message_may_come_in_pieces_and_several_at_once(shared: Pipe) -> None:
    message = b'{"jsonrpc":"2.0","id":901,"method":"tools/list"}\n'
    for piece in (message[:7], message[7:30], message[30:]):
        shared.send(piece)
    assert shared.answer()["id"] == 901
    shared.send(message.replace(b"901", b"902") + message.replace(b"901", b"903"))
    assert {shared.answer()["id"], shared.answer()["id"]} == {902, 903}


def test_calls_are_answered_while_another_one_waits(pipe: Pipe, gate: ExitStack) -> None:
    waiting = in_flight(pipe)
    gate.close()
    assert pipe.answer()["id"] == waiting


def test_sigterm_ends_an_idle_server_at_once(pipe: Pipe) -> None:
    pipe.process.send_signal(signal.SIGTERM)
    assert ended_in(pipe.process, 30) < SOON
    assert pipe.end() == (0, [], "")


def test_sigterm_in_mid_call_lets_the_call_be_answered_whole(pipe: Pipe, gate: ExitStack, database: Path) -> None:
    waiting = in_flight(pipe)
    pipe.process.send_signal(signal.SIGTERM)
    gate.close()
    assert ended_in(pipe.process, 30) < SOON
    code, (message,), complaints = pipe.end()
    assert (message["id"], data_of(message)["outcome"]) == (waiting, "created")
    assert (code, complaints) == (0, "")
    assert notes_in(database) == ["waiting"]


def test_sigterm_ends_a_call_that_cannot_finish_without_an_answer_or_a_write(
    pipe: Pipe, gate: ExitStack, database: Path
) -> None:
    in_flight(pipe)
    pipe.process.send_signal(signal.SIGTERM)
    assert ended_in(pipe.process, 30) < SOON
    _, messages, _ = pipe.end()
    assert messages == []
    gate.close()
    assert notes_in(database) == []


def test_a_client_that_goes_away_ends_the_server(pipe: Pipe, database: Path) -> None:
    pipe.call("upsert_note", slug="a", content=LARGE)
    assert pipe.process.stdin
    assert pipe.process.stdout
    pipe.process.stdout.close()
    pipe.process.stdin.close()
    ended_in(pipe.process, 30)
    assert pipe.process.stderr
    assert pipe.process.stderr.read() == b""
    assert notes_in(database) in ([], ["a"])


def test_a_client_that_reads_no_more_ends_the_server(pipe: Pipe) -> None:
    assert pipe.process.stdout
    pipe.process.stdout.close()
    pipe.call("list_notes")
    ended_in(pipe.process, 30)
    assert pipe.process.stderr
    assert b"Traceback" not in pipe.process.stderr.read()


def test_answers_that_nobody_reads_yet_wait_and_arrive_whole(pipe: Pipe) -> None:
    stored = pipe.call("upsert_note", slug="large", content=LARGE)
    assert pipe.answer()["id"] == stored
    asked = {pipe.call("get_note", ref="large", max_chars=1_000_000, format="json") for _ in range(4)}
    pipe.send(b"x\n")  # what is refused waits behind them as well
    answers = [pipe.answer() for _ in range(5)]
    assert {answer["id"] for answer in answers} == {*asked, None}
    assert all(data_of(answer)["markdown"] == LARGE for answer in answers if answer["id"] is not None)


def test_sigterm_ends_a_server_whose_answer_nobody_reads(pipe: Pipe) -> None:
    pipe.call("upsert_note", slug="large", content=LARGE)
    pipe.answer()
    pipe.call("get_note", ref="large", max_chars=1_000_000)
    assert pipe.process.stdout
    select.select([pipe.process.stdout], [], [], 30)  # the answer has begun, and does not fit into the pipe
    pipe.process.send_signal(signal.SIGTERM)
    assert ended_in(pipe.process, 30) < SOON


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the processor's time is read from /proc")
def test_an_idle_server_uses_no_processor(pipe: Pipe) -> None:
    pipe.call("list_notes")
    pipe.answer()
    before = processor_ticks(pipe.process.pid)
    assert pipe.line(2.0) is None, "nothing was asked"
    assert processor_ticks(pipe.process.pid) - before <= 2


def processor_ticks(pid: int) -> int:
    """utime + stime, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_nothing_is_made_before_the_first_call(pipes: Pipes) -> None:
    pipe = pipes.open()
    pipe.request("tools/list")
    pipe.answer()
    assert not pipes.database.exists()
    pipe.call("list_notes")
    pipe.answer()
    assert pipes.database.stat().st_mode & 0o777 == 0o600
