"""What the tests of the pages share: a store, its pages on a real server, and who asks for them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from tests.server.http.conftest import Answer, Site, serving

from notewell_server.http.backend import Backend
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.pages.access.sessions import Sessions
from notewell_server.pages.app import made_pages
from notewell_server.pages.settings import PageSettings
from notewell_server.settings import Settings
from notewell_store import Store, open_store
from notewell_store.access import tokens
from notewell_store.files.importing import import_folder
from notewell_store.hands import hand
from notewell_store.models import Door
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXAMPLES = Path(__file__).parents[3] / "examples"
MANY = GuardSettings(anonymous_rate=100_000, write_rate=100_000)


@dataclass
class Reader:
    """Somebody who reads pages at a site, with the cookies that were set."""

    site: Site
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Answer:
        return self._sent("GET", path, None, headers)

    def page(self, path: str) -> str:
        """The HTML of a page that there is."""
        answer = self.get(path)
        assert answer.status == 200, (path, answer.status, answer.body)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return answer.body.decode()

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> Answer:
        """As a browser sends a form of our own page; `headers` replace what it says of itself."""
        return self.send(path, fields, headers)

    def send(self, path: str, fields: Mapping[str, str], headers: dict[str, str] | None = None) -> Answer:
        """The same of fields whose names are no Python names."""
        own = {"Origin": f"http://127.0.0.1:{self.site.port}", "Sec_Fetch_Site": "same-origin"}
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        return self._sent("POST", path, urlencode(fields).encode(), kind | (own if headers is None else headers))

    def _sent(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.site.ask(path, method, body, **headers, **({"Cookie": cookies} if cookies else {}))
        for name, value in re.findall(r"(?:^|, )([\w-]+)=([^;,]*);", answer.headers.get("set-cookie", "")):
            self.cookies[name] = value.strip('"')
        return answer


class Pages:
    """A store, and its pages at a port of this machine."""

    def __init__(self, database: Path, store: Store, site: Site) -> None:
        self.database = database
        self.store = store
        self.site = site

    def call(self, tool: str, *, by: str = "ann", **arguments: Any) -> Any:
        """As agents call, and people do on pages."""
        door: Door = "stdio" if hand(by, None).kind == "agent" else "pages"
        return call_tool(lambda: Call(self.store, by, door=door), tool, arguments).data

    def anybody(self) -> Reader:
        return Reader(self.site)

    def owner(self) -> Reader:
        """Who came in by a link that is used once."""
        reader = Reader(self.site)
        answer = reader.get(f"/sign-in?once={Sessions(self.database).offer('owner')}")
        assert (answer.status, answer.headers["location"]) == (303, "/")
        return reader

    def holder(self, text: str) -> Reader:
        """Who signed in by a token."""
        reader = Reader(self.site)
        assert reader.post("/sign-in", token=text, next="/notes").headers["location"] == "/notes"
        return reader

    def make_token(self, name: str, scope: Any, **more: Any) -> str:
        return tokens.create(self.store, name, scope, "tester", **more)[0]

    @property
    def log(self) -> str:
        """The audit log, as text."""
        folder = self.database.with_name(f"{self.database.name}.audit")
        return "".join(path.read_text() for path in folder.iterdir())


@contextmanager
def served(
    database: Path, settings: PageSettings | None = None, guards: GuardSettings = MANY, *, reads: bool = True
) -> Iterator[Pages]:
    store = open_store(database)
    backend = Backend(Settings(str(database), None, None, reads=reads))
    app = made_pages(backend, CallRecords(database), guards, settings or PageSettings(), is_alone=False)
    with serving(app) as site:
        yield Pages(database, store, site)
    backend.close()
    store.close()


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with served(tmp_path / "notewell.db") as running:
        yield running


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """The sample knowledge, which no test changes."""
    with served(tmp_path_factory.mktemp("pages") / "notewell.db") as running:
        import_folder(running.store, EXAMPLES)
        yield running
