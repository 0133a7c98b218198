"""The stream by which open pages hear of what changes, whichever process changes it."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing, contextmanager
from http.client import HTTPResponse
from itertools import islice
from typing import TYPE_CHECKING, Any

from tests.server.conftest import NOTEWELL, environment
from tests.server.http.conftest import PATIENCE
from tests.server.pages.conftest import MANY, served

from notewell_server.http.guards.settings import GuardSettings
from notewell_store.access import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.pages.conftest import Pages, Reader


class Stream:
    """What a browser reads of `/live`, a packed answer being as good to it as any."""

    def __init__(self, response: HTTPResponse) -> None:
        self.response = response

    def changes(self) -> Iterator[dict[str, Any]]:
        """As they come; the end of the stream ends them. None is waited for longer than the stream is silent."""
        while line := self.response.readline():
            assert line != b": still here\n"
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))


@contextmanager
def live(reader: Reader, query: str = "", **headers: str) -> Iterator[Stream]:
    """Open, and read as far as the server says that it is."""
    named = {"Host": f"127.0.0.1:{reader.site.port}", "Accept-Encoding": "gzip"} | headers
    named["Cookie"] = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
    lines = [f"GET /live{query} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in named.items())]
    with reader.site.connected() as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        with closing(HTTPResponse(connection)) as response:
            response.begin()
            if response.status == 200:
                assert response.readline() == b"retry: 2000\n"
            yield Stream(response)


def test_what_another_process_writes_is_told_at_once_with_its_row(pages: Pages) -> None:
    pages.call("upsert_note", slug="a", content="# The *title*\n")
    command = [str(NOTEWELL), "edit-note", "a", "--mode", "append", "--new-text", "More.", "--reason", "<b>why</b>"]
    with live(pages.owner()) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["content-encoding"] is None
        assert stream.response.headers["cache-control"] == "no-store"
        subprocess.run(
            command, env=environment(pages.database, {"NOTEWELL_ACTOR": "claude-code"}), check=True, timeout=PATIENCE
        )
        change = next(stream.changes())
    told = ("seq", "slug", "revision", "actor", "hand", "did", "changed", "reason")
    assert [change[name] for name in told] == [2, "a", 2, "claude-code", "agent", "changed", ["content"], "<b>why</b>"]
    assert change["row"].strip() in pages.owner().page("/")


def test_a_stream_goes_on_after_the_change_that_is_known(pages: Pages) -> None:
    for number in range(4):
        pages.call("upsert_note", slug=f"n-{number}", content=f"# {number}\n")
    owner = pages.owner()
    with live(owner, "?since=1") as stream:
        assert [change["seq"] for change in islice(stream.changes(), 3)] == [2, 3, 4]
    with live(owner, "?since=1", Last_Event_ID="3") as stream:
        assert next(stream.changes())["seq"] == 4


def test_nobody_is_told_of_what_they_may_not_read(pages: Pages) -> None:
    pages.call("projects", slug="web", name="Web")
    of_web = pages.holder(pages.make_token("web-agent", "read", project="web"))
    with live(pages.anybody()) as anybody, live(of_web) as web:
        pages.call("upsert_note", slug="secret", content="# Secret\n")
        pages.call("upsert_note", slug="of-web", content="# Of web\n", project="web")
        pages.call("upsert_note", slug="open", content="# Open\n", is_public=True)
        assert next(anybody.changes())["slug"] == "open"
        assert [change["slug"] for change in islice(web.changes(), 2)] == ["of-web", "open"]


def test_a_stream_ends_when_its_token_is_revoked(pages: Pages) -> None:
    with live(pages.holder(pages.make_token("agent", "read"))) as stream:
        tokens.revoke(pages.store, "agent")
        assert list(stream.changes()) == []


def test_a_stream_tells_nothing_more_after_its_reader_has_signed_out(pages: Pages) -> None:
    reader = pages.owner()
    with live(reader) as stream:
        reader.post("/sign-out")
        pages.call("upsert_note", slug="a", content="# A\n", is_public=True)
        assert list(stream.changes()) == []


def test_streams_have_a_bound_of_their_own(tmp_path: Path) -> None:
    few = GuardSettings(anonymous_rate=MANY.anonymous_rate, max_streams=1)
    with served(tmp_path / "notewell.db", guards=few) as pages:
        owner = pages.owner()
        with live(owner), live(owner) as second:
            assert second.response.status == 503
            assert owner.get("/notes").status == 200


def test_a_stream_is_one_call_however_long_it_is_followed(pages: Pages) -> None:
    with live(pages.owner()) as stream:
        for number in range(3):
            pages.call("upsert_note", slug=f"n-{number}", content="# N\n")
            assert next(stream.changes())["slug"] == f"n-{number}"
    assert pages.log.count('"what": "live"') == 1
