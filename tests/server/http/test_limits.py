"""Nobody takes more than a share: of calls, of bytes, of time, of places."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from dataclasses import replace
from http.client import HTTPResponse
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from tests.server.http.conftest import PATIENCE, Answer, Site, read_answer

from notewell_server.http.guards import body_limit, rate_limit, request_head
from notewell_server.http.guards.rate_limit import MOST, TokenBuckets, network_of
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations import protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from starlette.types import Message, Receive, Scope, Send

    Serve = Callable[[GuardSettings], AbstractContextManager[Site]]

MANY = GuardSettings(anonymous_rate=100_000, write_rate=100_000)


def head(site: Site, line: str = "POST /notes/a HTTP/1.1", *headers: str) -> bytes:
    return "\r\n".join((line, f"Host: 127.0.0.1:{site.port}", *headers, "", "")).encode()


def status_of(site: Site, data: bytes) -> int:
    """How a request is answered that is refused before all of it was read: what was not makes the system end the
    connection at once, and the words behind the status may be lost with it."""
    with site.connected() as connection, contextlib.closing(HTTPResponse(connection)) as response:
        connection.sendall(data)
        response.begin()
        return response.status


def assert_cut_off(connection: socket.socket) -> None:
    """The other side ends the connection without an answer."""
    with contextlib.suppress(ConnectionResetError):
        assert connection.recv(1) == b""


def test_a_body_up_to_the_limit_is_taken_and_one_byte_more_is_not(site: Site) -> None:
    assert site.ask(method="PUT", body=b"x" * 100_000).status == 200
    refused = site.ask(method="PUT", body=b"x" * 100_001)
    assert refused.status == 413
    assert "100,000 bytes" in refused.problem["detail"]
    assert site.ask("/mcp", "POST", b"x" * 100_001).status == 413


def test_a_body_of_more_lists_and_names_than_any_call_needs_is_not_read(site: Site) -> None:
    for few in (b"[" + b"1," * 49_998 + b"1]", b'{"content": "' + b'[{:\\\\\\"' * 10_000 + b'"}', b"[" * 50_000):
        assert site.ask(method="PUT", body=few).status == 200
    for many in (b"[" * 50_001, b":" * 50_001, b'"{" "' + b"{:" * 25_001):
        for path in ("/notes/a", "/mcp"):
            refused = site.ask(path, "POST", many)
            assert refused.status == 413
            assert "50,000 lists, objects and names" in refused.problem["detail"]


def test_a_body_without_a_length_is_counted_as_it_comes(site: Site) -> None:
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    start = head(site, "POST /notes/a HTTP/1.1", "Transfer-Encoding: chunked")
    assert site.send(start + chunk * 24 + b"0\r\n\r\n").status == 200
    assert site.send(start + chunk * 25).status == 413


def test_a_length_is_refused_before_the_body_comes(site: Site) -> None:
    assert site.send(head(site, "PUT /notes/a HTTP/1.1", "Content-Length: 99999999999")).status == 413
    assert site.send(head(site, "PUT /notes/a HTTP/1.1", "Content-Length: " + "9" * 30)).status in (400, 413)


def test_a_body_that_dawdles_is_ended_and_holds_up_nobody(serve: Serve) -> None:
    with serve(GuardSettings(body_seconds=1, max_requests=1)) as site, site.connected() as slow:
        assert site.app is not None
        slow.sendall(head(site, "PUT /notes/a HTTP/1.1", "Content-Length: 10") + b"x")
        answer = read_answer(slow)
        assert answer.status == 408
        assert site.app.seen == []
        assert site.ask().status == 200


def test_a_body_that_is_cut_off_reaches_no_handler(site: Site) -> None:
    assert site.app is not None
    seen = len(site.app.seen)
    with site.connected() as connection:
        connection.sendall(head(site, "PUT /notes/a HTTP/1.1", "Content-Length: 10") + b"half")
    assert site.ask().status == 200
    assert len(site.app.seen) == seen + 1


def test_a_request_without_a_body_is_whole_though_its_caller_has_gone() -> None:
    sent: list[Message] = []

    async def handler(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "DELETE", "path": "/notes/a", "headers": [], "client": None}
    asyncio.run(body_limit.BodyLimit(handler, 100, 1.0)(scope, gone, send))
    assert sent[0]["status"] == 200


def test_headers_that_dawdle_are_cut_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.2)
    with site.connected() as silent, site.connected() as slow, site.connected() as second:
        slow.sendall(b"GET /notes/a HTTP/1.1\r\nHost: 127")
        second.sendall(head(site, "GET /notes/a HTTP/1.1"))
        assert read_answer(second).status == 200
        second.sendall(b"GET /notes")
        for connection in (silent, slow, second):
            assert_cut_off(connection)


def test_whoever_takes_nothing_of_an_answer_is_cut_off(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "TAKING_SECONDS", 0.2)
    with serve(MANY) as site, socket.socket() as greedy:
        greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        greedy.settimeout(PATIENCE)
        greedy.connect(("127.0.0.1", site.port))
        assert site.app is not None
        greedy.sendall(head(site, "GET /large HTTP/1.1"))
        assert site.app.failed.acquire(timeout=PATIENCE)


def test_an_open_connection_after_an_answer_serves_the_next_request(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site.connected() as connection:
        for _ in range(3):
            connection.sendall(head(site, "PUT /notes/a HTTP/1.1", "Content-Length: 2") + b"{}")
            assert read_answer(connection).status == 200


def test_callers_without_a_token_get_so_many_calls_a_minute(serve: Serve) -> None:
    with serve(GuardSettings(anonymous_rate=5)) as site:
        assert [site.ask().status for _ in range(6)] == [200] * 5 + [429]
        refused = site.ask()
        assert 1 <= int(refused.headers["retry-after"]) <= 12
        assert "without a token" in refused.problem["detail"]
        assert site.ask(Authorization="Bearer good").status == 200
        assert site.ask("/healthz").status == 200


def test_writes_are_counted_for_each_caller(serve: Serve) -> None:
    with serve(GuardSettings(write_rate=3)) as site:
        assert [site.ask(method="PUT", Authorization="Bearer a").status for _ in range(4)] == [200] * 3 + [429]
        assert site.ask(method="DELETE", Authorization="Bearer a").status == 429
        assert site.ask(method="PUT", Authorization="Bearer b").status == 200
        assert site.ask(Authorization="Bearer a").status == 200


def test_guessing_tokens_is_slowed_and_a_good_token_at_the_same_address_is_not(serve: Serve) -> None:
    with serve(GuardSettings(anonymous_rate=3)) as site:
        assert [site.ask(Authorization="Bearer bad").status for _ in range(5)] == [401] * 3 + [429] * 2
        assert site.ask(Authorization="Bearer good").status == 200
        assert site.ask().status == 429


def test_however_a_token_is_written_it_has_one_share_of_writes(serve: Serve) -> None:
    with serve(GuardSettings(write_rate=2)) as site:
        written = [
            site.ask(method="PUT", Authorization=f"{word} a").status for word in ("Bearer", "bearer", "Bearer  ")
        ]
    assert written == [200, 200, 429]


def test_invented_tokens_are_counted_wherever_they_are_sent(serve: Serve) -> None:
    with serve(GuardSettings(anonymous_rate=3)) as site:
        asked = [site.ask("/nowhere", Authorization=f"Bearer x{number}").status for number in range(5)]
    assert asked == [404] * 3 + [429] * 2


def test_credentials_beyond_the_rate_are_not_looked_at_unless_they_were_good_before(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limit, "TRIES", 2)
    with serve(GuardSettings(anonymous_rate=3)) as site:
        assert site.app is not None
        assert site.ask(Authorization="Bearer good").status == 200
        before = len(site.app.seen)
        asked = [site.ask(Authorization="Bearer bad").status for _ in range(20)]
        assert asked == [401] * 3 + [429] * 17
        assert len(site.app.seen) - before == 3 + 2
        assert [site.ask(Authorization=f"Bearer {word}").status for word in ("good", "new")] == [200, 429]


def test_slow_bodies_of_one_address_leave_places_for_others(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "MOST_WAITING", 2)
    with serve(GuardSettings(max_requests=5)) as site, contextlib.ExitStack() as slow:
        for _ in range(2):
            connection = slow.enter_context(site.connected())
            connection.sendall(head(site, "POST /mcp HTTP/1.1", "Content-Length: 9") + b"x")
        deadline = time.monotonic() + PATIENCE
        while (answer := site.ask("/mcp", "POST", b"x")).status == 200:
            assert time.monotonic() < deadline
        assert answer.status == 503
        assert site.ask().status == 200


def test_what_an_unknown_proxy_says_of_its_clients_is_not_believed(serve: Serve) -> None:
    with serve(GuardSettings(anonymous_rate=2)) as site:
        assert [site.ask(X_Forwarded_For=f"192.0.2.{n}").status for n in range(3)] == [200, 200, 429]


def test_behind_a_proxy_that_is_trusted_each_client_has_its_share(serve: Serve) -> None:
    with serve(GuardSettings(anonymous_rate=2, proxies=("127.0.0.0/8",))) as site:
        assert site.app is not None
        assert [site.ask(X_Forwarded_For=f"192.0.2.{n}").status for n in range(3)] == [200] * 3
        # What a client claims of itself stands before what the proxy adds.
        claimed = [site.ask(X_Forwarded_For=f"203.0.113.{n}, 192.0.2.9").status for n in range(3)]
        assert claimed == [200, 200, 429]
        assert site.app.seen[-1]["client"] == "192.0.2.9"


def test_a_bucket_fills_up_again_steadily() -> None:
    now = [0.0]
    buckets = TokenBuckets(60, lambda: now[0])
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    now[0] = 0.5
    assert buckets.take("a") == pytest.approx(0.5)
    now[0] = 1.5
    assert buckets.take("a") == 0.0
    now[0] = 10_000
    assert [buckets.take("a") for _ in range(61)].count(0.0) == 60


def test_no_more_callers_are_remembered_than_there_is_room_for() -> None:
    now = [0.0]
    buckets = TokenBuckets(1, lambda: now[0])
    for number in range(MOST + 1):
        buckets.take(str(number))
    assert buckets.take("0") == 0.0
    assert buckets.take(str(MOST)) > 0


def test_a_client_is_known_by_the_network_that_it_has() -> None:
    of = {address: network_of({"client": (address, 1)}) for address in ("192.0.2.1", "2001:db8::1", "2001:db8::2", "x")}
    assert of["2001:db8::1"] == of["2001:db8::2"] == "2001:db8::/64"
    assert (of["192.0.2.1"], of["x"], network_of({"client": None})) == ("192.0.2.1", "x", "")


def test_what_is_too_much_at_once_is_refused_until_there_is_room(serve: Serve) -> None:
    with serve(GuardSettings(max_requests=2)) as site:
        assert site.app is not None
        answers: list[Answer] = []
        threads = [threading.Thread(target=lambda: answers.append(site.ask("/held"))) for _ in range(2)]
        for thread in threads:
            thread.start()
            assert site.app.entered.acquire(timeout=PATIENCE)
        refused = site.ask()
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert site.ask("/healthz").status == 200
        site.app.go.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert [answer.status for answer in answers] == [200, 200]
        assert site.ask().status == 200


def test_streams_take_no_place_of_requests_and_have_so_many_of_their_own(serve: Serve) -> None:
    with serve(GuardSettings(max_requests=1, max_streams=2)) as site:
        assert site.app is not None
        with site.connected() as first, site.connected() as second:
            for stream in (first, second):
                stream.sendall(head(site, "GET /stream HTTP/1.1"))
                assert b"data: first" in received(stream, b"data: first")
            refused = site.ask("/stream")
            assert refused.status == 503
            assert "streams" in refused.problem["detail"]
            assert site.ask().status == 200
        for _ in range(2):
            assert site.app.closed.acquire(timeout=PATIENCE)
        assert until(lambda: b" 200 " in status_of_stream(site))


SHARED = GuardSettings(anonymous_rate=100_000, write_rate=100_000, proxies=("127.0.0.0/8",), max_streams=4)


def stream_of(site: Site, client: str, stack: contextlib.ExitStack) -> tuple[socket.socket, bytes]:
    """A stream that this client asks for, and its status."""
    stream = stack.enter_context(site.connected())
    stream.sendall(head(site, "GET /stream HTTP/1.1", f"X-Forwarded-For: {client}"))
    return stream, received(stream, b"\r\n\r\n").split()[1]


def test_streams_of_one_client_make_room_for_those_of_others(serve: Serve) -> None:
    with serve(SHARED) as site, contextlib.ExitStack() as stack:
        mine = [stream_of(site, "192.0.2.1", stack) for _ in range(5)]
        assert [status for _, status in mine] == [b"200"] * 4 + [b"503"]
        theirs = [stream_of(site, "192.0.2.2", stack) for _ in range(3)]
        assert [status for _, status in theirs] == [b"200", b"200", b"503"]
        for stream, _ in mine[:2]:  # the oldest went, with an end that is no cut
            assert received(stream, b"0\r\n\r\n")
        assert stream_of(site, "192.0.2.3", stack)[1] == b"200"
        assert site.ask(X_Forwarded_For="192.0.2.1").status == 200


def test_requests_of_one_client_leave_places_for_those_of_others(serve: Serve) -> None:
    with serve(replace(SHARED, max_requests=18)) as site, contextlib.ExitStack() as stack:
        assert site.app is not None
        for _ in range(16):
            waiting = stack.enter_context(site.connected())
            waiting.sendall(head(site, "POST /held HTTP/1.1", "X-Forwarded-For: 192.0.2.1", "Content-Length: 0"))
            assert site.app.entered.acquire(timeout=PATIENCE)
        assert site.ask(X_Forwarded_For="192.0.2.1").status == 503
        assert site.ask(X_Forwarded_For="192.0.2.2").status == 200


def test_silent_connections_of_one_address_do_not_push_out_another(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 5)
    with site.connected() as kept, contextlib.ExitStack() as stack:
        kept.sendall(head(site, "GET /notes/a HTTP/1.1"))
        assert read_answer(kept).status == 200
        for _ in range(10):
            address = ("127.0.0.2", 0)
            stack.enter_context(socket.create_connection(("127.0.0.1", site.port), PATIENCE, source_address=address))
        kept.sendall(head(site, "GET /notes/a HTTP/1.1"))
        assert read_answer(kept).status == 200


def status_of_stream(site: Site) -> bytes:
    with site.connected() as stream:
        stream.sendall(head(site, "GET /stream HTTP/1.1"))
        return received(stream, b"\r\n")


def received(connection: socket.socket, mark: bytes) -> bytes:
    found = b""
    while mark not in found:
        more = connection.recv(4096)
        if not more:
            break
        found += more
    return found


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if holds():
            return True
    return False


def test_many_open_connections_do_not_keep_others_out(site: Site) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(site.connected())
        assert site.ask().status == 200
    assert site.ask().status == 200


def test_of_too_many_connections_the_silent_ones_go_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "CONNECTIONS", 5)
    with site.connected() as busy, contextlib.ExitStack() as stack:
        busy.sendall(head(site, "GET /held HTTP/1.1"))
        assert site.app is not None and site.app.entered.acquire(timeout=PATIENCE)
        silent = [stack.enter_context(site.connected()) for _ in range(10)]
        assert site.ask().status == 200
        assert_cut_off(silent[0])
        site.app.go.set()
        assert read_answer(busy).status == 200
        site.app.go.clear()


@pytest.mark.parametrize(
    "request_line",
    ["GET /notes/" + "a" * 70_000 + " HTTP/1.1", "GET /notes/a?" + "q=1&" * 20_000 + " HTTP/1.1", "G" * 70_000],
)
def test_a_request_line_without_end_is_refused(site: Site, request_line: str) -> None:
    assert status_of(site, head(site, request_line)) in (400, 414, 431)
    assert site.ask().status == 200


def test_headers_without_end_are_refused(site: Site) -> None:
    many = [f"X-{number}: {'a' * 200}" for number in range(500)]
    assert status_of(site, head(site, "GET /notes/a HTTP/1.1", *many)) in (400, 431)


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5, 6",),
        ("Content-Length: +5",),
        ("Content-Length: -5",),
        ("Content-Length: 0x5",),
        ("Content-Length : 5",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding:\x0bchunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("A\x00: b",),
        ("A: b\x00",),
        ("Evil\r: b",),
    ],
)
def test_a_request_that_two_servers_could_read_differently_smuggles_nothing(site: Site, lines: tuple[str, ...]) -> None:
    """It is refused, and what follows it on the connection is no request."""
    assert site.app is not None
    site.app.counts.clear()
    smuggled = f"0\r\n\r\nDELETE /notes/smuggled HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n\r\n"
    with site.connected() as connection:
        connection.sendall(head(site, "POST /notes/a HTTP/1.1", *lines) + smuggled.encode())
        answer = read_answer(connection)
        assert answer.status in (400, 421, 501)
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    assert site.ask().status == 200
    assert "DELETE" not in [method for method, _, _ in site.app.counts]


@pytest.mark.parametrize(
    "request_of",
    {
        "bare line ends": "GET /notes/a HTTP/1.1\nHost: {host}\n\n",
        "one bare line end": "GET /notes/a HTTP/1.1\r\nHost: {host}\nA: b\r\n\r\n",
        "a bare line end at the end": "GET /notes/a HTTP/1.1\r\nHost: {host}\r\n\n",
        "a header that goes on in the next line": "GET /notes/a HTTP/1.1\r\nHost: {host}\r\nA: b\r\n c\r\n\r\n",
        "a first header that goes on": "GET /notes/a HTTP/1.1\r\n Host: {host}\r\n\r\n",
        "a bare line end behind chunks": "POST /notes/a HTTP/1.1\r\nHost: {host}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\n",
        "a bare line end in a trailer": "POST /notes/a HTTP/1.1\r\nHost: {host}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n",
        "half a line end before a chunk": "POST /notes/a HTTP/1.1\r\nHost: {host}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n1;a\rb\r\nx\r\n0\r\n\r\n",
        "an encoded slash": "GET /notes%2fa HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "an encoded slash behind": "GET /notes/a%2Frevisions HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "an encoded backslash": "GET /notes%5ca HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "a backslash": "GET /notes\\a HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "a path that goes up": "GET /held/../notes/a HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "a path that goes up, encoded": "GET /held/%2e%2E/notes/a HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "a path that stays": "GET /notes/./a HTTP/1.1\r\nHost: {host}\r\n\r\n",
        "a probe that goes up": "GET /notes/../healthz HTTP/1.1\r\nHost: {host}\r\n\r\n",
    }.items(),
    ids=lambda pair: pair[0],
)
def test_what_a_proxy_may_read_differently_is_refused(site: Site, request_of: tuple[str, str]) -> None:
    answer = site.send(request_of[1].format(host=f"127.0.0.1:{site.port}").encode())
    assert (answer.status, answer.headers["connection"]) == (400, "close")


ONCE = sorted(name.decode() for name in request_head.ONCE)


@pytest.mark.parametrize("path", ["/notes/a", "/healthz"])
@pytest.mark.parametrize("name", ONCE)
def test_a_header_of_one_value_that_comes_twice_is_refused(site: Site, name: str, path: str) -> None:
    values = {"host": f"127.0.0.1:{site.port}", "content-length": "0", "transfer-encoding": "chunked"}
    lines = [f"{name}: {values.get(name, 'a')}"] * 2 + ([] if name == "host" else [f"host: {values['host']}"])
    answer = site.send("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
    assert answer.status in (400, 501)


def test_a_body_keeps_its_line_ends(site: Site) -> None:
    assert site.ask(method="PUT", body=b"a\nb\rc\n d\n\ne").status == 200
    chunked = b"5\r\na\n\n b\r\n0\r\n\r\n"
    assert site.send(head(site, "PUT /notes/a HTTP/1.1", "Transfer-Encoding: chunked") + chunked).status == 200


def test_line_ends_in_a_path_or_a_query_stay_there(site: Site) -> None:
    answer = site.ask("/notes/a%0d%0aSet-Cookie:%20x=1?q=%0d%0aX-Evil:%201")
    assert "set-cookie" not in answer.headers
    assert "x-evil" not in answer.headers
    assert site.send(head(site, "GET /notes/a\rX: b HTTP/1.1")).status == 400
