"""Requests that are none, byte by byte, to a real server: each is answered or cut off, none by a fault of ours.

Good requests of every route are spoilt: lines cut, said twice and swapped, lengths that lie, chunks, bodies that are no
JSON or are JSON of the wrong kind. The server lives on, its files, memory and audit log stay within bounds.
"""

from __future__ import annotations

import json
import re
import select
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fuzz.hostile_values import near, nested, text, value
from tests.fuzz.trials import Trial, Unexplained, require, require_whole
from tests.server.http.conftest import opened_door

from notewell_store import open_store
from notewell_tools.errors import FAULT

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

GLANCE = 0.05
"""Seconds of silence before the server is told that no more will come: what it got may be no whole request."""
PATIENCE = 20.0
LONGEST_ANSWER = 1 << 20
MOST_FILES = 100  # open at once in the server
MOST_MEMORY = 400.0  # megabytes
MOST_LOGGED = 2_000  # bytes of the audit log for a request, on average
LONGEST = 2.0  # seconds of the server's processor time
STATUS = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) ")
HEADERS = [
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: 3, 3",
]
HEADERS += [
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: identity",
    b"Expect: 100-continue",
]
HEADERS += [
    b"Host: evil.example",
    b"Host:",
    b"Origin: null",
    b"Origin: http://evil.example",
    b"Connection: Upgrade",
    b"Upgrade: h2c",
]
HEADERS += [
    b"If-Match: *",
    b'If-None-Match: W/"1", "2"',
    b"If-Modified-Since: x",
    b"Range: bytes=0-",
    b"Accept: */*;q=x",
    b"Cookie: a=b",
]
HEADERS += [
    b"Authorization: Bearer nwl_x",
    b"Authorization: Bearer",
    b"Authorization: Basic YTpi",
    b"Authorization: Bearer a.b.c",
]
HEADERS += [
    b"X-Forwarded-For: 1.2.3.4",
    b"Content-Encoding: gzip",
    b"Content-Type: text/plain",
    b"\xff: \xfe",
    b": x",
    b" folded",
    b"A" * 9_000,
]
HEADERS += [
    b"Idempotency-Key: k1",
    b"X-Notewell-Actor: \xe9\x00",
    b"Mcp-Session-Id: x",
    b"Mcp-Protocol-Version: 1",
    b"Last-Event-ID: 9",
]
METHODS = ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "PRI", ""]
PATHS = [
    "%00",
    "%2f",
    "..",
    "%ff",
    "%ud800",
    "//",
    "?",
    "#",
    ";",
    "\\",
    "%",
    "%2e%2e/",
    "?q=%ff",
    "?limit=1e9",
    "?limit=-1&cursor=x",
    "@",
]
MCP = [
    "tools/call",
    "tools/list",
    "resources/read",
    "resources/list",
    "prompts/get",
    "completion/complete",
    "initialize",
    "ping",
    "x",
]


class HttpBytes(Trial):
    longest = 5.0  # here; the server's own time is looked at too

    def __init__(self, folder: Path, dice: Random) -> None:
        super().__init__(folder, dice)
        self.door = self.open.enter_context(opened_door(folder / "notewell.db"))
        self.door.data("POST", "/projects", {"slug": "web", "name": "The web"})
        self.tokens = [self.door.token, self.door.make_token("of-web", "write", "--project", "web"), None]
        described = self.door.data("GET", "/openapi.json")
        self.routes = [(path, method.upper()) for path, ways in described["paths"].items() for method in ways]
        for slug in ("a", "b"):
            self.door.data("PUT", f"/notes/{slug}", {"content": "# A\n\ntext\n", "is_public": slug == "a"})
        self.sent = 0

    def attempt(self) -> str:
        made = self.request()
        for _ in range(self.dice.choice((0, 1, 1, 2, 4))):
            made = self.spoilt(made)
        if self.dice.random() < 0.1:
            made += self.request()
        self.given = made
        self.sent += made.count(b"HTTP/1") + 1
        before = processor_of(self.door.process.pid)
        answer = self.answer(made)
        took = processor_of(self.door.process.pid) - before
        require(took <= LONGEST, f"the server was at work for {took:.1f} s")
        statuses = STATUS.findall(answer)
        require(not answer or statuses, f"no status line: {answer[:300]!r}")
        require(b"500" not in statuses and FAULT.encode() not in answer, f"a fault: {answer[:1000]!r}")
        return f"{statuses[0].decode()[0]}xx" if statuses else "closed"

    def answer(self, made: bytes) -> bytes:
        """What comes until there is a whole answer, or either side ends the connection."""
        answer, until, ended = b"", time.monotonic() + PATIENCE, False
        with socket.create_connection(("127.0.0.1", self.door.port), PATIENCE) as connection:
            try:
                connection.sendall(made)
                while len(answer) < LONGEST_ANSWER and not self.is_whole(answer):
                    require(time.monotonic() < until, "an answer without end")
                    if not ended and not select.select([connection], [], [], GLANCE)[0]:
                        connection.shutdown(socket.SHUT_WR)
                        ended = True
                    more = connection.recv(1 << 16)
                    answer += more
                    if not more:
                        break
            except TimeoutError:
                raise Unexplained("the server neither answers nor ends the connection") from None
            except OSError:  # it has ended the connection before all was said
                return answer
        return answer

    def is_whole(self, answer: bytes) -> bool:
        """So far as one can tell without reading it: the end of chunks, or as much as was announced."""
        head, _, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        return answer.endswith(b"0\r\n\r\n") or (length is not None and len(body) >= int(length[1]))

    def request(self) -> bytes:
        path, method = self.dice.choice([*self.routes, ("/mcp", "POST"), ("/mcp", "POST")])
        path = re.sub(r"\{\w+\}", lambda _: self.dice.choice(("a", "b", "none", "1", "web")), path)
        if self.dice.random() < 0.05:
            path, method = path + self.dice.choice(PATHS), self.dice.choice(METHODS)
        body = b"" if method in ("GET", "HEAD") else self.body(path)
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.door.port}",
            "Accept: application/json, text/event-stream",
        ]
        token = self.dice.choice(self.tokens)
        lines += [f"Authorization: Bearer {token}"] if token else []
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"] if body else []
        lines += ['If-Match: "1"'] if self.dice.random() < 0.2 else []
        lines += ["Connection: close"] if self.dice.random() < 0.7 else []
        return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body

    def body(self, path: str) -> bytes:
        made: Any = {"content": "# B\n", "slug": "b", "mode": "append", "new_text": "x", "ref": "a", "title": "T"}
        if path.startswith("/mcp"):
            params = {"name": "get_note", "arguments": {"ref": "a"}, "uri": "note://a"}
            made = {"jsonrpc": "2.0", "id": 1, "method": self.dice.choice(MCP), "params": params}
        choice = self.dice.random()
        if choice < 0.4:
            inner = made["params"]["arguments"] if "params" in made and choice < 0.2 else made
            inner[self.dice.choice([*inner, "x"])] = value(self.dice)
        elif choice < 0.5:
            made = nested(self.dice) if choice < 0.45 else value(self.dice)
        said = json.dumps(made)
        return (near(self.dice, said) if choice > 0.9 else said).encode("utf-8", "surrogatepass")

    def spoilt(self, made: bytes) -> bytes:
        """The request with one fault more."""
        head, gap, body = made.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        ways: list[Callable[[], bytes]] = [
            lambda: near(self.dice, made.decode("latin-1")).encode("latin-1", "replace"),
            lambda: b"\r\n".join([*lines, self.dice.choice(HEADERS)]) + gap + body,
            lambda: b"\r\n".join([*lines, self.dice.choice(lines)]) + gap + body,
            lambda: (
                b"\r\n".join([lines[0], *self.dice.sample(lines[1:], k=self.dice.randrange(len(lines)))]) + gap + body
            ),
            lambda: made[: self.dice.randrange(len(made) + 1)],
            lambda: made.replace(b"\r\n", self.dice.choice((b"\n", b"\r", b"\r\r\n"))),
            lambda: (
                lines[0].replace(b"HTTP/1.1", self.dice.choice((b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b"")))
                + made[len(lines[0]) :]
            ),
            lambda: head + b"\r\nTransfer-Encoding: chunked" + gap + self.chunks(body),
            lambda: self.dice.randbytes(self.dice.randrange(1, 200)),
            lambda: near(self.dice, lines[0].decode("latin-1")).encode("latin-1", "replace") + made[len(lines[0]) :],
            lambda: (
                lines[0].replace(b" /", b" http://127.0.0.1/" + text(self.dice).encode("utf-8", "surrogatepass"), 1)
                + made[len(lines[0]) :]
            ),
        ]
        return self.dice.choice(ways)()

    def chunks(self, body: bytes) -> bytes:
        size = self.dice.choice((b"%x" % len(body), b"-1", b"0x5", b"ffffffffffffffff", b'%x;ext="a' % len(body), b""))
        return size + b"\r\n" + body + self.dice.choice((b"\r\n0\r\n\r\n", b"0\r\n\r\n", b"\r\n0\r\nA: b\r\n\r\n", b""))

    def finish(self) -> None:
        pid = self.door.process.pid
        require(self.door.process.poll() is None, "the server has ended")
        require(self.door.ask("/healthz").status == 200, "the server is not well")
        require(self.door.send_json("GET", "/notes").status == 200, "the notes are not served")
        figures = self.door.send_json("GET", "/metrics").body.decode()
        faults = [line for line in figures.splitlines() if 'status="500"' in line]
        require(not faults, f"answered with 500: {faults}")
        files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        require(files <= MOST_FILES, f"{files} files are open")
        require(memory_of(pid) <= MOST_MEMORY, f"the server held {memory_of(pid):.0f} MB")
        logged = sum(path.stat().st_size for path in Path(f"{self.door.database}.audit").glob("*"))
        require(logged <= MOST_LOGGED * (self.sent + 10), f"{logged:,} bytes in the audit log for {self.sent} requests")
        store = open_store(self.door.database, create=False)
        try:
            require_whole(store)
        finally:
            store.close()


def processor_of(pid: int) -> float:
    """Seconds that a process has computed (see proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def memory_of(pid: int) -> float:
    """Megabytes that a process has held at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
