"""The quick door as a process: what it imports and when, and that nothing is lost when the SDK goes on."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import PATIENCE, environment

from notewell_store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Pipe

HEAVY = ("mcp", "mcp_types", "pydantic", "asyncio", "notewell_store", "notewell_tools.catalogue")
OPENINGS = {
    "the handshake": (
        '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},'
        '"clientInfo":{"name":"c","version":"1"}}}\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
        '{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n'
    ),
    "2026-07-28": (
        '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":'
        '"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}\n'
    ),
}


@pytest.fixture
def gate(database: Path) -> Iterator[ExitStack]:
    """Keeps all other writers of the store waiting until it is closed."""
    with ExitStack() as held:
        store = open_store(database)
        held.callback(store.close)
        with ExitStack() as writing:
            writing.enter_context(store.writing())
            yield writing


def cancel(pipe: Pipe, request: int) -> None:
    pipe.send(b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}\n' % request)


def imported(database: Path, given: str, added: dict[str, str] | None = None) -> set[str]:
    """The modules that a server has imported by the time it has answered all that it is given."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "notewell_server.main"],
        input=given,
        env=environment(database, added),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert '"tools":' in done.stdout
    assert '"isError":true' not in done.stdout
    return set(re.findall(r"\| +(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.parametrize("opening", OPENINGS)
def test_nothing_that_is_slow_to_import_stands_before_the_list_of_tools(database: Path, opening: str) -> None:
    loaded = imported(database, OPENINGS[opening])
    assert "notewell_server.stdio.door" in loaded
    assert not loaded & set(HEAVY)


def calling(*calls: tuple[str, str]) -> str:
    return "".join(
        f'{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{{"name":"{name}","arguments":{sent}}}}}\n'
        for number, (name, sent) in enumerate(calls, 2)
    )


def test_usual_calls_import_neither_the_sdk_nor_pydantic(database: Path) -> None:
    writing = ("upsert_note", '{"slug":"page","content":"# Page","tags":["a"],"if_revision":null,"status":""}')
    loaded = imported(database, OPENINGS["the handshake"] + calling(writing))
    others = [
        ("edit_note", '{"ref":"page","mode":"append","new_text":"Water."}'),
        ("get_note", '{"ref":"page","include":"links"}'),
        ("search_notes", '{"query":"page","limit":3}'),
        ("list_notes", "{}"),
    ]
    loaded |= imported(database, OPENINGS["the handshake"] + calling(*others))
    assert {"notewell_tools.catalogue", "notewell_store.writing.pipeline", "notewell_store.search.search"} <= loaded
    assert not loaded & {"mcp", "mcp_types", "asyncio", "pydantic"}


def test_where_telemetry_is_set_up_the_sdk_answers_for_it_makes_the_spans(database: Path) -> None:
    assert "mcp" in imported(database, OPENINGS["the handshake"], {"OTEL_SERVICE_NAME": "notes"})


def test_a_cancelled_call_is_not_answered_and_the_next_one_is(pipe: Pipe, gate: ExitStack) -> None:
    waiting = pipe.call("upsert_note", slug="waiting", content="x")
    cancel(pipe, waiting)
    later = pipe.call("list_notes")
    assert pipe.answer()["id"] == later
    gate.close()
    code, messages, complaints = pipe.end()
    assert (code, messages, complaints) == (0, [], "")


def test_calls_cancelled_before_they_have_a_thread_write_nothing(pipe: Pipe, gate: ExitStack, database: Path) -> None:
    waiting = [pipe.call("upsert_note", slug=f"n{number}", content="x") for number in range(30)]
    for request in waiting[16:]:
        cancel(pipe, request)
    pipe.request("ping")
    pipe.answer()
    gate.close()
    _, messages, _ = pipe.end()
    assert sorted(message["id"] for message in messages) == waiting[:16]
    with ExitStack() as held:
        store = open_store(database)
        held.callback(store.close)
        with store.reading() as db:
            assert db.execute("SELECT count(*) FROM notes").fetchone() == (16,)


def test_the_sdk_goes_on_once_what_is_in_flight_is_answered(pipe: Pipe, gate: ExitStack) -> None:
    waiting = pipe.call("upsert_note", slug="waiting", content="x")
    unknown = pipe.request("nothing/known")
    later = pipe.call("get_note", ref="waiting")
    assert pipe.line(0.3) is None, "nobody is answered before the call that waits"
    gate.close()
    answers = [pipe.answer() for _ in range(3)]
    assert answers[0]["id"] == waiting
    assert {answer["id"] for answer in answers[1:]} == {unknown, later}
    assert pipe.end() == (0, [], "")


def test_what_a_client_does_once_the_sdk_goes_on_bears_its_name(pipe: Pipe) -> None:
    pipe.call("upsert_note", slug="a", content="before")
    pipe.answer()
    pipe.request("nothing/known")
    pipe.answer()
    pipe.call("upsert_note", slug="b", content="after")
    pipe.answer()
    pipe.call("revisions")
    text = pipe.answer()["result"]["content"][0]["text"]
    assert text.count("by-hand") == 2


def test_a_client_that_subscribes_is_told_of_changes(pipe: Pipe) -> None:
    pipe.call("upsert_note", slug="a", content="x")
    pipe.answer()
    pipe.request("resources/subscribe", uri="note://a")
    pipe.answer()
    pipe.call("edit_note", ref="a", mode="append", new_text="more")
    told = [pipe.answer(), pipe.answer()]
    assert [message["params"]["uri"] for message in told if "method" in message] == ["note://a"]


def test_sigterm_ends_the_process_at_once_when_the_sdk_has_gone_on(pipe: Pipe) -> None:
    pipe.request("nothing/known")
    pipe.answer()
    pipe.process.send_signal(signal.SIGTERM)
    assert pipe.process.wait(PATIENCE) == 0
    assert pipe.end() == (0, [], "")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are listed in /proc")
def test_a_signal_that_does_not_interrupt_the_wait_for_input_ends_the_process(pipe: Pipe) -> None:
    pipe.call("tags")
    pipe.answer()
    threads = [int(thread.name) for thread in Path(f"/proc/{pipe.process.pid}/task").iterdir()]
    another = next(thread for thread in threads if thread != pipe.process.pid)
    os.kill(another, signal.SIGTERM)  # it is the process that is told, and that thread which takes it
    assert pipe.process.wait(PATIENCE) == 0


def test_thousands_of_requests_may_be_written_before_an_answer_is_read(pipe: Pipe) -> None:
    asked = [pipe.request("tools/list") if number % 50 == 0 else pipe.call("tags") for number in range(2_000)]
    code, answers, complaints = pipe.end()
    assert sorted(answer["id"] for answer in answers) == asked
    assert (code, complaints) == (0, "")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_calls(pipe: Pipe) -> None:
    def calls(number: int) -> int:
        for _ in range(number):
            pipe.call("list_notes")
            pipe.answer()
        return int(Path(f"/proc/{pipe.process.pid}/statm").read_text().split()[1])

    before = calls(300)
    assert calls(1_500) - before < 256  # pages: 1 MB


def test_the_first_call_is_prepared_for_while_the_client_is_quiet(pipe: Pipe) -> None:
    pipe.request("tools/list")
    pipe.answer()
    maps = Path(f"/proc/{pipe.process.pid}/maps")
    if not maps.exists():
        pytest.skip("what is loaded is read from /proc")
    late = time.monotonic() + PATIENCE
    while "sqlite" not in maps.read_text():
        assert time.monotonic() < late
        assert pipe.line(0.05) is None, "nothing was asked"


def test_a_client_that_is_gone_ends_a_call_that_waits_without_work_meanwhile(pipe: Pipe, gate: ExitStack) -> None:
    pipe.call("upsert_note", slug="waiting", content="x")
    later = pipe.call("list_notes")
    assert pipe.answer()["id"] == later
    assert pipe.process.stdout
    assert pipe.process.stdin
    pipe.process.stdout.close()
    pipe.process.stdin.close()
    before = time_of_children()
    assert pipe.process.wait(PATIENCE) == -signal.SIGALRM
    assert time_of_children() - before < 1.0  # of the second and a half that it waits


def time_of_children() -> float:
    """Processor seconds of those that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
