"""No text of a note runs a script, fetches from another site or shadows what a page looks up: in a real browser.

The pages are served without any Content-Security-Policy, so that the sanitiser alone stands before the browser.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.store.markdown.injections import BAD, INJECTIONS, SITE

from notewell_store.markdown.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
SCRIPT = Path(__file__).with_name("injections.js")
ASKED = re.compile(rb"([a-z]+-[0-9]+)\.evil\.example")
PATIENCE = 60
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage"),
)


@dataclass
class Visit:
    """What a browser found wrong with each page, and which of them asked another site for something."""

    pages: dict[str, str]
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    done: threading.Event = field(default_factory=threading.Event)


def pages() -> dict[str, str]:
    """Each page by a name that it shares with the site which it wants to ask."""
    cleaned = {f"cleaned-{number}": text for number, text in enumerate(INJECTIONS)}
    bad = {f"bad-{number}": text for number, text in enumerate(BAD)}
    of = {name: text.replace(SITE, f"{name}.{SITE}") for name, text in (cleaned | bad).items()}
    return {name: render(text) if name in cleaned else text for name, text in of.items()}


class Site(BaseHTTPRequestHandler):
    """Serves the pages, and is every other site too: the browser is told that those lead here."""

    visit: Visit

    def handle(self) -> None:
        """What is no HTTP is the beginning of TLS, which names the site that it wants in the clear."""
        first = self.connection.recv(4096, socket.MSG_PEEK)
        if first[:1] == b"\x16":
            self.visit.asked |= {name.decode() for name in ASKED.findall(first)}
        else:
            super().handle()

    def do_GET(self) -> None:
        asked = ASKED.search(self.headers.get("Host", "").encode())
        if asked:
            self.visit.asked.add(asked[1].decode())
        if asked or self.path != "/":
            return self.answer("")
        listed = json.dumps(self.visit.pages).replace("<", "\\u003c")
        return self.answer(f"<!doctype html><body><script>{SCRIPT.read_text()}\nrun({listed})</script>")

    def do_POST(self) -> None:
        self.visit.faults = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer("")
        self.visit.done.set()

    def answer(self, html: str) -> None:
        body = html.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


class Server(ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, *_: Any) -> None:
        """The browser hangs up whenever it likes."""


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    if BROWSER is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    shown = Visit(pages())
    server = Server(("127.0.0.1", 0), type("ThisSite", (Site,), {"visit": shown}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    home = tmp_path_factory.mktemp("browser")
    flags = (*QUIET, f"--user-data-dir={home}", f"--host-resolver-rules=MAP *.example 127.0.0.1:{port}")
    browser = subprocess.Popen(
        [BROWSER, *flags, "--remote-debugging-port=0", "http://notes.example/"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert shown.done.wait(PATIENCE), "the browser did not come to an end"
        yield shown
    finally:
        browser.terminate()
        browser.wait(PATIENCE)
        server.shutdown()
        server.server_close()


def test_no_text_of_a_note_runs_or_shadows_anything_in_a_browser(visit: Visit) -> None:
    faults = {visit.pages[name]: found for name, found in visit.faults.items() if not name.startswith("bad-")}
    assert faults == {}
    assert len(INJECTIONS) > 40


def test_no_text_of_a_note_makes_a_browser_ask_another_site(visit: Visit) -> None:
    assert [visit.pages[name] for name in visit.asked if not name.startswith("bad-")] == []


def test_the_browser_finds_fault_with_what_is_not_cleaned(visit: Visit) -> None:
    found = visit.asked | visit.faults.keys()
    assert [text for number, text in enumerate(BAD) if f"bad-{number}" not in found] == []
