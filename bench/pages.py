"""What a page costs: milliseconds of the processor, and bytes, cold and when nothing changed.

    python bench/pages.py --notes 400 --rounds 200
    python bench/pages.py --database copy-of-a-store.db --note sop-deploy --board plans

Asked within this process through all guards, signed in as the store's owner, packed by gzip as browsers ask for it;
what is measured is a page that a browser does not have yet. The clock is the processor's, of all threads; figures are
medians. Bytes are those of heads and bodies; cold are a page and all the files that it names.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import re
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from notewell_server.http.backend import Backend
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.pages.access.sessions import Sessions
from notewell_server.pages.app import made_pages
from notewell_server.pages.settings import PageSettings
from notewell_server.settings import Settings
from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from sample_notes import WORDS, paragraph

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

PORT = 8723
MANY = GuardSettings(anonymous_rate=10_000_000, write_rate=10_000_000)
STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')
BOARD = "---\nfilter: {note_type: todo}\ncolumns: [Open, Active, Done]\n---\n# Board\n"
REVISIONS = 20  # of the note that is looked at


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    size: int
    body: bytes


def fill(database: Path, notes: int) -> None:
    """A tree of notes that link to one another, one of them changed often, and a board of todos."""
    random, store = Random(7), open_store(database)
    call = partial(call_tool, lambda: Call(store, "bench"))
    slugs = [f"note-{number}" for number in range(notes)]
    for number, slug in enumerate(slugs):
        parts = [f"## Part {part}\n\n{paragraph(slugs, random)}" for part in range(6)]
        table = "| what | where |\n|---|---|\n" + "".join(
            f"| {one} | [[{random.choice(slugs)}]] |\n" for one in range(6)
        )
        kind = "todo" if number % 10 == 0 else "sop"
        call(
            "upsert_note",
            {
                "slug": slug,
                "content": "\n\n".join([f"# Note {number}", *parts, table]),
                "note_type": kind,
                "status": random.choice(["open", "active", "done"]),
                "tags": [f"topic-{number % 20}"],
                **({"parent": slugs[number // 12]} if number else {}),
            },
        )
    for number in range(REVISIONS):
        change = {
            "ref": slugs[7],
            "mode": "append",
            "new_text": f"\n{paragraph(slugs, random)}\n",
            "reason": f"{number}",
        }
        call("edit_note", change)
    call("upsert_note", {"slug": "bench-board", "content": BOARD, "note_type": "board"})
    store.close()


class Browser:
    """Asks the app as a browser with a session does."""

    def __init__(self, app: ASGIApp, secret: str) -> None:
        self._app = app
        self._cookie = f"nw-{PORT}={secret}"

    async def get(self, path: str, **headers: str) -> Answer:
        path, _, query = path.partition("?")
        sent = {"host": f"127.0.0.1:{PORT}", "cookie": self._cookie, "accept-encoding": "gzip", **headers}
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", PORT),
        }
        told: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            told.append(message)

        await self._app(scope, receive, send)
        head = sum(len(name) + len(value) + 4 for name, value in told[0]["headers"]) + len("HTTP/1.1 200 OK\r\n\r\n")
        body = b"".join(message.get("body", b"") for message in told[1:])
        known = {name.decode(): value.decode() for name, value in told[0]["headers"]}
        return Answer(told[0]["status"], known, head + len(body), body)


async def measured(browser: Browser, path: str, rounds: int) -> tuple[float, int, int, int]:
    """Milliseconds of the processor, bytes of the page, of it and all its files, and of what a browser gets that has
    it."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        answer = await browser.get(path)
        times.append(time.process_time() - began)
        assert answer.status == 200, (path, answer.status)
    html = gzip.decompress(answer.body).decode()
    files = [await browser.get(name) for name in sorted(set(STATIC.findall(html)))]
    again = await browser.get(path, if_none_match=answer.headers.get("etag", ""))
    cold = answer.size + sum(file.size for file in files)
    return median(times) * 1_000, answer.size, cold, again.size


async def run(app: ASGIApp, secret: str, paths: dict[str, str], rounds: int) -> None:
    browser = Browser(app, secret)
    print(f"{'page':22} {'processor ms':>12} {'bytes':>8} {'cold':>8} {'again':>8}")
    for name, path in paths.items():
        await measured(browser, path, 5)
        spent, size, cold, again = await measured(browser, path, rounds)
        print(f"{name:22} {spent:12.2f} {size:8,} {cold:8,} {again:8,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--database", type=Path, help="a store to be copied and asked, instead of one that is made")
    parser.add_argument("--note", default="note-7")
    parser.add_argument("--board", default="bench-board")
    parser.add_argument("--query", default=f"{WORDS[3]} {WORDS[40]}")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "notewell.db"
        if asked.database:
            shutil.copy(asked.database, database)
        else:
            fill(database, asked.notes)
        backend, records = Backend(Settings(str(database), None, None)), CallRecords(database)
        app = made_pages(backend, records, MANY, PageSettings(), is_alone=False)
        note = f"/notes/{asked.note}"
        paths = {
            "note": note,
            "list of 50": "/notes",
            "history": f"{note}/history",
            "difference": f"{note}/diff",
            "search": f"/search?q={asked.query.replace(' ', '+')}",
            "board": f"/boards/{asked.board}",
            "changes": "/",
        }
        asyncio.run(run(app, Sessions(database).begin("bench"), paths, asked.rounds))
        records.close()
        backend.close()


if __name__ == "__main__":
    main()
