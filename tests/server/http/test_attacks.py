"""What an attacker tried against the whole door, and what comes of it now."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.conftest import NOTEWELL, environment
from tests.server.http.conftest import PATIENCE, Door, opened_door

from notewell_store.engines.sqlite.write_lock import hold_lock, lock_file_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door with few places."""
    database = tmp_path_factory.mktemp("narrow") / "notewell.db"
    with opened_door(database, NOTEWELL_MAX_REQUESTS="4", NOTEWELL_MAX_STREAMS="1") as opened:
        yield opened


LAST_CHUNK = b"0\r\n\r\n"


def followed(door: Door, token: str) -> socket.socket:
    """A stream of events, its head read."""
    connection = socket.create_connection(("127.0.0.1", door.port), PATIENCE)
    head = ("GET /events HTTP/1.1", f"Host: 127.0.0.1:{door.port}", f"Authorization: Bearer {token}", "", "")
    connection.sendall("\r\n".join(head).encode())
    read_until(connection, b"retry:")
    return connection


def read_until(connection: socket.socket, words: bytes) -> bytes:
    """What comes until these words do, or the other side ends."""
    read = b""
    while words not in read and (more := connection.recv(65536)):
        read += more
    return read


def test_asking_for_the_head_of_events_takes_no_place_for_good(narrow: Door) -> None:
    assert [narrow.ask("/events", "HEAD").status for _ in range(9)] == [200] * 9
    assert narrow.ask("/notes").status == 200


def test_streams_that_are_refused_take_no_place_for_good(narrow: Door) -> None:
    with followed(narrow, narrow.token):
        assert [narrow.ask("/events").status for _ in range(9)] == [503] * 9
        assert narrow.ask("/notes").status == 200


def test_a_tool_is_called_while_all_streams_are_taken(narrow: Door) -> None:
    with followed(narrow, narrow.token):
        call = {"slug": "beside", "content": "x"}
        for outcome in ("created beside@1", "unchanged beside@1"):
            answer = narrow.mcp("tools/call", name="upsert_note", arguments=call)
            assert answer["content"][0]["text"].startswith(outcome)
    assert outcomes(narrow, "beside") == [("upsert_note", "ok")] * 2


LISTEN = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "subscriptions/listen",
    "params": {
        "notifications": {"resourcesListChanged": True},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "x", "version": "1"},
        },
    },
}


def posted(door: Door, message: dict[str, Any], version: str) -> socket.socket:
    """A request of MCP that was sent."""
    body = json.dumps(message)
    accepted = ("Accept: application/json, text/event-stream", "Content-Type: application/json")
    named = (f"MCP-Protocol-Version: {version}", f"Mcp-Method: {message['method']}", f"Content-Length: {len(body)}")
    known = (f"Host: 127.0.0.1:{door.port}", f"Authorization: Bearer {door.token}", "Connection: close")
    connection = socket.create_connection(("127.0.0.1", door.port), PATIENCE)
    connection.sendall("\r\n".join(("POST /mcp HTTP/1.1", *accepted, *named, *known, "", body)).encode())
    return connection


@contextmanager
def listening(door: Door) -> Iterator[tuple[socket.socket, bytes]]:
    """A subscription of MCP, and what came of it first."""
    with posted(door, LISTEN, "2026-07-28") as connection:
        yield connection, read_until(connection, b"jsonrpc")


def test_a_subscription_is_a_stream_and_is_refused_where_there_is_no_place(narrow: Door) -> None:
    with followed(narrow, narrow.token):
        for _ in range(9):
            with listening(narrow) as (_, first):
                assert b"too many streams at once" in first
    with listening(narrow) as (_, first):
        assert b"subscriptions/acknowledged" in first
        assert narrow.ask("/events", Authorization=f"Bearer {narrow.token}").status == 503
        assert narrow.ask("/mcp", Authorization=f"Bearer {narrow.token}", Accept="text/event-stream").status == 503
        assert narrow.data("GET", "/notes")["notes"]


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
@pytest.mark.parametrize("identity", ["1.5", "true", "{}", "null"])
def test_a_request_of_mcp_under_what_is_no_id_is_refused_under_none(narrow: Door, version: str, identity: str) -> None:
    body = b'{"jsonrpc":"2.0","id":%s,"method":"tools/list"}' % identity.encode()
    kinds = {"Content_Type": "application/json", "Accept": "application/json, text/event-stream"}
    answer = narrow.ask("/mcp", "POST", body, MCP_Protocol_Version=version, **kinds)
    assert (answer.status, json.loads(answer.body)["id"]) == (400, None)


def test_a_tool_called_by_mcp_is_answered_before_the_process_ends_and_streams_are_closed(tmp_path: Path) -> None:
    write = {"name": "upsert_note", "arguments": {"slug": "late", "content": "x"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": write}
    with ExitStack() as stack:
        door = stack.enter_context(opened_door(tmp_path / "notewell.db"))
        door.data("PUT", "/notes/first", {"content": "x"})
        follower, (listener, _) = stack.enter_context(followed(door, door.token)), stack.enter_context(listening(door))
        with hold_lock(lock_file_of(door.database), PATIENCE):
            caller = stack.enter_context(posted(door, message, "2025-11-25"))
            read_until(caller, b"\r\n\r\n")
            door.process.terminate()
            for stream in (follower, listener):
                read_until(stream, b"what never comes")
            with pytest.raises(ConnectionError):
                while door.ask("/healthz"):
                    pass
            assert door.process.poll() is None
        assert b"created late@1" in read_until(caller, LAST_CHUNK)
        assert door.process.wait(PATIENCE) in (0, -signal.SIGTERM)


def test_a_token_that_is_revoked_follows_no_further(narrow: Door) -> None:
    token = narrow.make_token("follower", "read")
    with followed(narrow, token) as stream:
        narrow.data("PUT", "/notes/before", {"content": "x"})
        read_until(stream, b"before")
        command = [str(NOTEWELL), "token", "revoke", "follower"]
        subprocess.run(command, env=environment(narrow.database), check=True, capture_output=True, timeout=PATIENCE)
        narrow.data("PUT", "/notes/behind", {"content": "x"})
        assert b"behind" not in read_until(stream, LAST_CHUNK)


def test_a_revision_that_never_was_is_no_permission_to_overwrite(narrow: Door) -> None:
    narrow.data("PUT", "/notes/kept", {"content": "one"})
    assert narrow.send_json("PUT", "/notes/kept", {"content": "two"}, If_Match='"0"').status == 412
    assert narrow.data("GET", "/notes/kept")["markdown"] == "one"


def test_an_etag_that_was_weakened_on_its_way_is_known(narrow: Door) -> None:
    narrow.data("PUT", "/notes/weak", {"content": "one"})
    narrow.data("PUT", "/notes/weak", {"content": "two"}, If_Match='"1"')
    assert narrow.send_json("GET", "/notes/weak", If_None_Match='W/"2"').status == 304
    assert narrow.send_json("GET", "/notes/weak@1", If_None_Match='"2"').status == 200
    assert narrow.send_json("GET", "/notes/weak@1", If_None_Match='"1"').status == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/notes?tags=" + ",".join(f"t{number}" for number in range(1_000)), 400),
        ("/notes?any_tags=" + ",".join(f"t{number}" for number in range(1_000)), 400),
        ("/notes?q=x&tags=" + ",".join(f"t{number}" for number in range(1_000)), 400),
        ("/notes/kept/revisions/" + "9" * 5_000, 404),
        ("/notes/kept/revisions/" + "9" * 18, 404),
        ("/notes/kept/revisions/-1", 404),
    ],
)
def test_what_is_too_much_for_sqlite_is_refused_in_our_words(narrow: Door, path: str, status: int) -> None:
    answer = narrow.send_json("GET", path)
    assert answer.status == status
    assert answer.problem["detail"]


def test_completing_a_long_text_is_a_question_like_others(narrow: Door) -> None:
    typed = {"name": "slug", "value": "ab " * 40_000}
    ref = {"type": "ref/resource", "uri": "note://{slug}"}
    assert narrow.mcp("completion/complete", ref=ref, argument=typed)["completion"]["values"] == []


def test_a_store_that_is_gone_is_said_to_be_gone_to_whoever_asks(tmp_path: Path) -> None:
    database = tmp_path / "notewell.db"
    with opened_door(database) as door:
        door.data("PUT", "/notes/a", {"content": "x"})
        database.rename(tmp_path / "away.db")
        assert door.send_json("GET", "/notes").status == 503
        assert door.send_json("GET", "/notes", token=None).status == 503


def test_a_token_in_a_path_is_not_kept_in_the_audit_log(narrow: Door) -> None:
    assert narrow.send_json("DELETE", f"/notes/{narrow.token}").status in (400, 404)
    lines = [line for day in audit_of(narrow).iterdir() for line in day.read_text().splitlines()]
    assert any("nwl_" in line for line in lines)
    assert narrow.token not in "\n".join(lines)


def audit_of(door: Door) -> Path:
    return door.database.with_name(f"{door.database.name}.audit")


def test_a_page_whose_name_leads_here_learns_nothing_of_what_a_probe_found(narrow: Door) -> None:
    def told(**headers: str) -> Any:
        return json.loads(narrow.send_json("GET", "/readyz", token=None, **headers).body)

    assert "checks" in told()
    evil = f"evil.example:{narrow.port}"
    assert told(Host=evil) == {"status": "ready"}
    assert told(Origin=f"http://{evil}") == {"status": "ready"}


def test_workers_end_when_their_parent_was_killed(tmp_path: Path) -> None:
    with opened_door(tmp_path / "notewell.db", workers=2) as door:
        door.process.kill()
        deadline = time.monotonic() + PATIENCE
        with pytest.raises(ConnectionError):
            while time.monotonic() < deadline:
                door.ask("/healthz")


def outcomes(door: Door, note: str) -> list[tuple[str, str]]:
    lines = [json.loads(line) for day in audit_of(door).iterdir() for line in day.read_text().splitlines()]
    return [
        (line["what"], line["outcome"]) for line in lines if line.get("note") == note and line["what"] != "get_note"
    ]


def test_every_write_that_is_refused_stands_in_the_audit_log(narrow: Door) -> None:
    narrow.data("PUT", "/notes/watched", {"content": "x", "is_public": True})
    assert narrow.send_json("PUT", "/notes/watched", {"content": "y"}, token=None).status == 401
    reader = narrow.make_token("reader", "read")
    assert narrow.send_json("PUT", "/notes/watched", {"content": "y"}, token=reader).status == 403
    assert narrow.send_json("PUT", "/notes/watched", {"content": "y"}).status == 428
    assert narrow.send_json("POST", "/notes", {"slug": "watched", "content": "y"}).status == 409
    assert narrow.send_json("PUT", "/notes/watched/links", {"targets": ["kept"]}, If_Match='"7"').status == 412
    assert outcomes(narrow, "watched") == [
        ("upsert_note", "ok"),
        ("upsert_note", "unauthorized"),
        ("upsert_note", "forbidden"),
        ("upsert_note", "refused: 428"),
        ("upsert_note", "refused: 409"),
        ("link_notes", "refused: 412"),
    ]


def test_a_flood_of_refused_tokens_costs_few_lines_and_is_summed_and_holds_up_no_good_one(tmp_path: Path) -> None:
    with opened_door(tmp_path / "notewell.db", NOTEWELL_ANONYMOUS_RATE="100") as door:
        path = "/notes/" + "%01" * 60
        asked = [
            door.send_json("PUT", path, {"content": "x"}, token=f"nwl_{number:012x}_{number:064x}").status
            for number in range(300)
        ]
        assert asked.count(401) < 150
        assert set(asked) == {401, 429}
        assert door.data("PUT", "/notes/kept", {"content": "x"})
    lines = [line for day in audit_of(door).iterdir() for line in day.read_text().splitlines()]
    told = [json.loads(line) for line in lines]
    assert len(lines) < 75
    assert max(len(line) for line in lines) < 2_000
    assert [line["actor"] for line in told if line["outcome"] == "ok"] == ["tester"]
    sums = [line["count"] for line in told if line["outcome"] == "summed"]
    refused = [line for line in told if line["outcome"].startswith("refused")]
    assert len(refused) + sum(sums) == 300


def test_a_write_over_mcp_beyond_the_rate_is_counted_once_as_one_over_rest(tmp_path: Path) -> None:
    with opened_door(tmp_path / "notewell.db", NOTEWELL_WRITE_RATE="3") as door:
        said = [
            door.mcp("tools/call", name="upsert_note", arguments={"slug": f"n{number}", "content": "x"})["isError"]
            for number in range(5)
        ]
        assert said == [False] * 3 + [True] * 2
        assert door.send_json("PUT", "/notes/b", {"content": "x"}).status == 429
        figures = door.send_json("GET", "/metrics").body.decode()
        counted = r'^notewell_calls_total\{door="mcp",outcome="(\w+)",tool="upsert_note"\} (\S+)$'
        counts = dict(re.findall(counted, figures, re.MULTILINE))
        assert counts == {"ok": "3.0", "busy": "2.0"}
        timed = 'notewell_call_seconds_count{door="mcp",tool="upsert_note"} 3.0'
        assert timed in figures
    lines = [json.loads(line) for day in audit_of(door).iterdir() for line in day.read_text().splitlines()]
    assert [line["what"] for line in lines if line["outcome"] == "ok"] == ["upsert_note"] * 3
    assert [(line["actor"], line["count"]) for line in lines if line["outcome"] == "summed"] == [("tester", 3)]
    assert len([line for line in lines if line["what"] == "upsert_note"]) == 3


def test_an_edit_meets_what_came_since_the_revision_that_it_names(narrow: Door) -> None:
    narrow.data("PUT", "/notes/edited", {"content": "# E\n\n## One\n\na\n"})
    narrow.data("PUT", "/notes/edited", {"content": "# E\n\n## One\n\nb\n"}, If_Match='"1"')
    edit = {"anchor": "one", "mode": "replace_section", "new_text": "## One\n\nc\n"}
    assert narrow.send_json("POST", "/notes/edited/edits", edit, If_Match='"1"').status == 412
    assert narrow.send_json("POST", "/notes/edited/edits", edit, If_Match='"2"').status == 200


def test_strangers_are_told_nothing_of_this_machine(tmp_path: Path) -> None:
    database = tmp_path / "notewell.db"
    with opened_door(database) as door:
        door.data("PUT", "/notes/a", {"content": "x"})
        database.rename(tmp_path / "away.db")
        for answer in (door.send_json("GET", "/notes", token=None), door.send_json("GET", "/notes")):
            assert answer.status == 503
            assert str(tmp_path) not in answer.body.decode()


def test_a_path_with_a_slash_behind_it_is_another_path(narrow: Door) -> None:
    assert narrow.ask("/notes/").status == 404


def test_a_body_that_is_packed_is_refused_as_such(narrow: Door) -> None:
    answer = narrow.send_json("PUT", "/notes/packed", {"content": "x"}, Content_Encoding="br")
    assert answer.status == 415
    assert "Content-Encoding" in answer.problem["detail"]
    assert narrow.send_json("PUT", "/notes/packed", {"content": "x"}, Content_Encoding="Identity").status == 201


def test_a_write_without_a_token_is_refused_before_its_arguments_are_looked_at(narrow: Door) -> None:
    """Over both doors alike, however many there are."""
    sent = {"ref": "x", "mode": [1] * 100_000, "zzz": 1}
    answer = narrow.mcp("tools/call", token=None, name="edit_note", arguments=sent)
    (words,) = [part["text"] for part in answer["content"]]
    assert words.startswith("This call of edit_note needs a token with the scope write")
    refused = narrow.send_json("POST", "/notes/x/edits", {"mode": [1] * 100_000, "zzz": 1}, token=None)
    assert refused.status == 401
    assert json.loads(refused.body)["detail"].startswith("This call of edit_note needs a token with the scope write")


def test_lists_without_end_are_answered_at_once_in_few_words(narrow: Door) -> None:
    before = time.monotonic()
    answer = narrow.mcp("tools/call", token=None, name="list_notes", arguments={"tags": [1] * 1_000_000})
    assert answer["isError"]
    assert len(json.dumps(answer)) < 1_000
    assert time.monotonic() - before < PATIENCE / 2
