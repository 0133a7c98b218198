"""Answers that are kept: for none but those who would get the same, and no longer than they are true."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from tests.server.http.conftest import Door, Site, serving

from notewell_server.http.access.identity import ANONYMOUS, Caller
from notewell_server.http.guards.response_cache import LARGEST, MOST_BYTES, READ, Reading, ResponseCache
from notewell_store.access.rights import Rights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request


def shown(door: Door, path: str) -> tuple[int, bytes]:
    answer = door.ask(path)
    return answer.status, answer.body


def test_the_same_question_is_answered_from_memory_while_nothing_changes(door: Door) -> None:
    door.data("PUT", "/notes/still", {"content": "# Still\n", "is_public": True})
    door.ask("/readyz")
    answers, before = [], door.readings()
    while (door.readings()[0] - before[0]) == (door.readings()[1] - before[1]):  # its page is stored a moment later
        answers.append(door.ask("/notes/still"))
        assert len(answers) < 1_000
    first, last = answers[0], answers[-1]
    assert (first.status, first.body) == (last.status, last.body)
    changing = {"date", "x-request-id"}
    assert {k: v for k, v in first.headers.items() if k not in changing} == {
        k: v for k, v in last.headers.items() if k not in changing
    }
    assert first.headers["x-request-id"] != last.headers["x-request-id"]


def test_what_another_process_writes_is_in_the_very_next_answer(door: Door) -> None:
    door.run("upsert-note", "shared", "--content", "# One\n", "--is-public", "--tags", "kept")
    for revision in range(2, 6):
        for path in ("/notes/shared", "/notes?tags=kept", "/notes/shared/revisions"):
            assert shown(door, path) == shown(door, path)
        door.run("edit-note", "shared", "--mode", "append", "--new-text", f"line {revision}")
        assert json.loads(shown(door, "/notes/shared")[1])["markdown"].endswith(f"line {revision}\n")
        assert json.loads(shown(door, "/notes?tags=kept")[1])["notes"][0]["revision"] == revision
        assert json.loads(shown(door, "/notes/shared/revisions")[1])["total"] == revision


def test_what_becomes_private_is_gone_with_the_answer_to_that_write(door: Door) -> None:
    door.data("PUT", "/notes/was-public", {"content": "# Quokka\n", "is_public": True})
    assert [shown(door, "/notes/was-public")[0] for _ in range(3)] == [200, 200, 200]
    door.data("PUT", "/notes/was-public", {"is_public": False}, If_Match="*")
    assert shown(door, "/notes/was-public")[0] == 404
    assert b"quokka" not in shown(door, "/notes?q=quokka")[1].lower()


def test_a_reader_with_a_token_and_one_without_never_get_each_others_answers(door: Door) -> None:
    door.data("PUT", "/notes/hidden", {"content": "# Hidden\n"})
    door.data("PUT", "/notes/open", {"content": "# Open\n", "is_public": True})
    for _ in range(3):
        assert door.send_json("GET", "/notes/hidden").status == 200
        assert door.ask("/notes/hidden").status == 404
        assert door.ask("/notes/open").status == 200
        assert door.ask("/notes/open", Authorization="Bearer nw_none").status == 401


def test_conditions_and_compression_hold_for_kept_answers_too(door: Door) -> None:
    door.data("PUT", "/notes/long", {"content": "# Long\n\n" + "word " * 500, "is_public": True})
    for _ in range(3):
        plain = door.ask("/notes/long")
        packed = door.ask("/notes/long", Accept_Encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert door.ask("/notes/long", If_None_Match='"1"').status == 304
        headed = door.ask("/notes/long", "HEAD")
        assert (headed.status, headed.body) == (200, b"")
        refused = door.ask("/notes/long", Content_Length="0", Transfer_Encoding="chunked")
        assert refused.status == 400


def test_what_is_asked_by_the_clock_is_read_anew(door: Door) -> None:
    def listings(path: str) -> int:
        """How many of three took a tool's time."""
        before = taken()
        assert [shown(door, path)[0] for _ in range(3)] == [200] * 3
        return taken() - before

    def taken() -> int:
        lines = door.ask("/metrics").body.decode().splitlines()
        name = 'notewell_call_seconds_count{door="rest",tool="list_notes"} '
        return sum(int(float(line.removeprefix(name))) for line in lines if line.startswith(name))

    for moment in ("7d", "Today", "2w", "99999w"):
        assert listings(f"/notes?updated_since={moment}") == 3
    # What a write leaves to be done behind it may be done between two of these, and nothing is kept over that.
    assert min(listings("/notes?updated_since=2026-11-21") for _ in range(5)) <= 1


class Versioned:
    """A store of which the version is told, and an app that reads it."""

    def __init__(self) -> None:
        self.version: tuple[int, ...] | None = (1,)
        self.read = 0
        self.caller = ANONYMOUS
        self.again: list[str] = []
        self.size = 10

    async def answer(self, request: Request) -> Response:
        self.read += 1
        request.scope[READ] = Reading("reading", None, self.caller)
        if "changes" in request.query_params:
            self.version = (self.read, self.read)
        return Response(str(self.read).rjust(self.size), int(request.query_params.get("status", 200)))

    def app(self) -> ResponseCache:
        inner = Starlette(routes=[Route("/{name}", self.answer)])
        return ResponseCache(inner, lambda: self.version, lambda scope, reading: self.again.append(reading.what))


@pytest.fixture
def versioned() -> Versioned:
    return Versioned()


@pytest.fixture
def site_of(versioned: Versioned) -> Iterator[Site]:
    with serving(versioned.app()) as running:
        yield running


def test_nothing_is_kept_where_no_version_can_be_told(site_of: Site, versioned: Versioned) -> None:
    versioned.version = None
    assert [int(site_of.ask("/a").body) for _ in range(3)] == [1, 2, 3]
    versioned.version = (1,)
    assert [int(site_of.ask("/a").body) for _ in range(3)] == [4, 4, 4]
    assert versioned.again == ["reading", "reading"]
    versioned.version = (2,)
    assert int(site_of.ask("/a").body) == 5


def test_nothing_is_kept_for_who_is_known_by_a_provider(site_of: Site, versioned: Versioned) -> None:
    versioned.caller = Caller(Rights("read"), "ann", "jwt")
    assert [int(site_of.ask("/a", Authorization="Bearer a.b.c").body) for _ in range(3)] == [1, 2, 3]
    versioned.caller = Caller(Rights("read"), "ann", "token")
    assert [int(site_of.ask("/a", Authorization="Bearer nwl_1").body) for _ in range(3)] == [4, 4, 4]
    assert [int(site_of.ask("/a", Authorization="Bearer nwl_2").body) for _ in range(3)] == [5, 5, 5]
    assert [int(site_of.ask("/a").body) for _ in range(2)] == [6, 6]


def test_an_answer_that_was_overtaken_by_a_change_is_not_kept(site_of: Site, versioned: Versioned) -> None:
    assert [int(site_of.ask("/a?changes").body) for _ in range(3)] == [1, 2, 3]


def test_refusals_are_not_kept(site_of: Site) -> None:
    assert [int(site_of.ask("/a?status=404").body) for _ in range(2)] == [1, 2]


def test_what_is_kept_has_a_bound(site_of: Site, versioned: Versioned) -> None:
    versioned.size = LARGEST + 1
    assert [int(site_of.ask("/a").body) for _ in range(2)] == [1, 2]
    versioned.size = LARGEST // 2
    names = [f"/{number}" for number in range(2 * MOST_BYTES // LARGEST + 10)]
    assert [int(site_of.ask(name).body) for name in names] == list(range(3, len(names) + 3))
    assert int(site_of.ask(names[-1]).body) == len(names) + 2
    assert int(site_of.ask(names[0]).body) == len(names) + 3
