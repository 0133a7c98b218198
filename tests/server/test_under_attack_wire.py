"""What a client may put on the wire that is no proper message: it is answered all the same, and the next one is too."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import pytest

from hostile import most_memory
from servers import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes cannot be waited for with select there")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests: each leaves it as able to answer as it found it."""
    with Server(tmp_path_factory.mktemp("wire") / "notewell.db") as started:
        yield started


@pytest.mark.parametrize("tool, argument", [("upsert_note", "content"), ("upsert_note", "slug"), ("get_note", "ref")])
def test_half_of_a_surrogate_pair_is_refused_by_the_tool_that_got_it(server: Server, tool: str, argument: str) -> None:
    answer = server.call(tool, **({"slug": "a"} if tool == "upsert_note" else {}) | {argument: "a\ud800b"})
    assert answer.failed
    assert "surrogate" in answer.text or "slug" in answer.text


def test_a_query_with_half_of_a_surrogate_pair_is_answered(server: Server) -> None:
    assert not server.call("search_notes", query="deploy \udc00").failed


def test_a_request_that_is_not_well_formed_is_refused_under_its_own_id(server: Server) -> None:
    server.send_line(b'{"jsonrpc":"2.0","id":"mine","method":7}\n')
    refused = json.loads(server.receive_line())
    assert refused["id"] == "mine"
    assert "JSON-RPC" in refused["error"]["message"]


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"[" * 100_000, b'{"a":' * 5_000, b"\xff\xfe", b'{"id":true}', b'"\\ud800"', b"9" * 5_000],
    ids=["empty", "null", "brackets", "objects", "not-utf-8", "id-true", "surrogate", "long-number"],
)
def test_a_line_that_is_no_message_is_refused_and_the_next_is_answered(server: Server, line: bytes) -> None:
    server.send_line(line + b"\n")
    assert json.loads(server.receive_line())["id"] is None
    assert not server.call("list_notes").failed


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells how much memory a process has held")
def test_a_line_of_a_hundred_megabytes_is_refused_in_bounded_time_and_memory(server: Server) -> None:
    started = time.monotonic()
    server.send_line(b'{"x":"' + b"y" * 100_000_000 + b'"}\n')
    assert json.loads(server.receive_line())["id"] is None
    assert time.monotonic() - started < 10
    assert most_memory(server.pid) < 200
    assert not server.call("list_notes").failed
