"""`/openapi.json` against a real server: every path, what it answers and how it refuses, as the description says."""

from __future__ import annotations

import json
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator
from tests.server.http.conftest import Answer, Door, opened_door

from notewell_server.http.api.openapi import ALWAYS
from notewell_server.http.api.routes import BY_NAME, OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FAULT = 500  # of the program: none is known
NOTE = {"content": "# A\n\n## One\n\nSee [[nowhere]] and [[sop-a]].\n"}
APPEND = {"mode": "append", "new_text": "more\n"}


class Asked(NamedTuple):
    """A request, and the status of its answer."""

    operation: str
    path: str
    status: int
    body: Any = None
    token: str | None = "admin"
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


STORY = [
    Asked("list_projects", "/projects", 200),
    Asked("create_project", "/projects", 201, {"slug": "web", "name": "Web", "platform": "github"}),
    Asked("create_project", "/projects", 409, {"slug": "web", "name": "Web"}),
    Asked("create_project", "/projects", 400, {"slug": "No Slug", "name": "Web"}),
    Asked("create_project", "/projects", 403, {"slug": "shop", "name": "Shop"}, token="write"),
    Asked("create_project", "/projects", 415, {"slug": "shop"}, headers={"Content_Type": "text/plain"}),
    Asked("write_project", "/projects/web", 200, {"repo_url": "https://github.com/a/web"}),
    Asked("write_project", "/projects/shop", 201, {"name": "Shop"}),
    Asked("write_project", "/projects/shop", 415, {}, headers={"Content_Type": "text/plain"}),
    Asked("list_projects", "/projects", 200),
    Asked("create_note", "/notes", 201, {"slug": "sop-a", "content": "# S\n", "note_type": "sop", "project": "web"}),
    Asked("create_note", "/notes", 200, {"slug": "new", "content": "x\n", "dry_run": True}),
    Asked("create_note", "/notes", 400, {"slug": "new", "contents": "x\n"}),
    Asked("create_note", "/notes", 401, {"slug": "new", "content": "x\n"}, token=None),
    Asked("create_note", "/notes", 403, {"slug": "new", "content": "x\n"}, token="read"),
    Asked("create_note", "/notes", 404, {"slug": "new", "content": "x\n", "project": "wep"}),
    Asked("create_note", "/notes", 409, {"slug": "sop-a", "content": "x\n"}),
    Asked("create_note", "/notes", 415, {"slug": "new"}, headers={"Content_Type": "text/plain"}),
    Asked("write_note", "/notes/a", 201, NOTE),
    Asked("write_note", "/notes/a", 428, NOTE),
    Asked("write_note", "/notes/a", 200, {"tags": ["x"], "is_public": True}, headers={"If_Match": '"1"'}),
    Asked("write_note", "/notes/a", 412, NOTE, headers={"If_Match": '"9"'}),
    Asked("write_note", "/notes/a", 412, NOTE, headers={"If_None_Match": "*"}),
    Asked("write_note", "/notes/a", 404, {"project": "wep"}, headers={"If_Match": "*"}),
    Asked("write_note", "/notes/a", 400, {"new_slug": "sop-a"}, headers={"If_Match": "*"}),
    Asked("write_note", "/notes/a", 415, NOTE, headers={"Content_Type": "text/plain"}),
    Asked("read_note", "/notes/a", 200),
    Asked("read_note", "/notes/a", 200, token=None),
    Asked("read_note", "/notes/a", 304, headers={"If_None_Match": "*"}),
    Asked("read_note", "/notes/b", 404),
    Asked("edit_note", "/notes/a/edits", 200, {"anchor": "one", **APPEND}),
    Asked("edit_note", "/notes/a/edits", 200, {**APPEND, "dry_run": True}, headers={"If_Match": '"1"'}),
    Asked("edit_note", "/notes/b/edits", 404, APPEND),
    Asked("edit_note", "/notes/a/edits", 409, {**APPEND, "if_revision": 9}),
    Asked("edit_note", "/notes/a/edits", 412, APPEND, headers={"If_Match": '"9"'}),
    Asked("edit_note", "/notes/a/edits", 415, APPEND, headers={"Content_Type": "text/plain"}),
    Asked("update_notes", "/notes", 200, {"refs": ["a", "sop-a"], "add_tags": ["both"]}),
    Asked("update_notes", "/notes", 404, {"refs": ["a", "nowhere"], "status": "done"}),
    Asked("update_notes", "/notes", 415, {"refs": ["a"]}, headers={"Content_Type": "text/plain"}),
    Asked("set_links", "/notes/a/links", 200, {"targets": ["sop-a"], "relation": "implements"}),
    Asked("set_links", "/notes/a/links", 404, {"targets": ["nowhere"]}),
    Asked("set_links", "/notes/a/links", 412, {"targets": ["sop-a"]}, headers={"If_Match": '"9"'}),
    Asked("set_links", "/notes/a/links", 415, {"targets": []}, headers={"Content_Type": "text/plain"}),
    Asked("read_links", "/notes/a/links", 200),
    Asked("read_links", "/notes/b/links", 404),
    Asked("read_suggestions", "/notes/a/suggestions", 200),
    Asked("read_suggestions", "/notes/b/suggestions", 404),
    Asked("list_revisions", "/notes/a/revisions", 200),
    Asked("list_revisions", "/notes/a/revisions?diff=1..3", 200),
    Asked("list_revisions", "/notes/a/revisions?blame=true", 200),
    Asked("list_revisions", "/notes/b/revisions", 404),
    Asked("read_revision", "/notes/a/revisions/1", 200),
    Asked("read_revision", "/notes/a/revisions/9", 404),
    Asked("list_notes", "/notes?tags=x", 200),
    Asked("list_notes", "/notes?limit=1", 200),
    Asked("list_notes", "/notes?q=nowehre", 200),
    Asked("list_notes", "/notes?project=wep", 404),
    Asked("list_notes", "/notes?limit=0", 400),
    Asked("list_project_notes", "/projects/web/notes", 200),
    Asked("list_project_notes", "/projects/wep/notes", 404),
    Asked("write_project", "/projects/shop", 200, {"new_slug": "store"}),
    Asked("write_project", "/projects/wep", 404, {"new_slug": "web-two"}),
    Asked("delete_project", "/projects/wep", 404),
    Asked("delete_project", "/projects/store", 200),
    Asked("write_note", "/notes/a", 200, {"project": "web"}, headers={"If_Match": "*"}),
    Asked("delete_project", "/projects/web", 409),
    Asked("list_tags", "/tags", 200),
    Asked("list_tags", "/tags?project=wep", 404),
    Asked("list_changes", "/changes?limit=2", 200),
    Asked("list_changes", "/changes?since=x", 400),
    Asked("openapi", "/openapi.json", 200),
    Asked("delete_note", "/notes/b", 404),
    Asked("delete_note", "/notes/a", 412, headers={"If_Match": '"9"'}),
    Asked("delete_note", "/notes/a", 200),
    Asked("read_revision", "/notes/a/revisions/5", 200),
]

ELSEWHERE = {
    ("events", 200),  # has no end: see the test of what follows
    ("write_note", 409),  # somebody makes the note between the look and the write
}


@pytest.fixture(scope="module")
def tokens(door: Door) -> dict[str, str]:
    return {"admin": door.token, **{scope: door.make_token(scope, scope) for scope in ("read", "write")}}


@pytest.fixture(scope="module")
def answered(door: Door, tokens: dict[str, str]) -> list[tuple[Asked, Answer]]:
    return [(asked, answer_to(door, tokens, asked)) for asked in STORY]


def answer_to(door: Door, tokens: dict[str, str], asked: Asked) -> Answer:
    method = BY_NAME[asked.operation].method
    token = {"Authorization": f"Bearer {tokens.get(asked.token, asked.token)}"} if asked.token else {}
    body = None if asked.body is None else json.dumps(asked.body).encode()
    kind = {} if body is None else {"Content_Type": "application/json"}
    return door.ask(asked.path, method, body, **(token | kind | asked.headers))


@pytest.fixture(scope="module")
def described(door: Door) -> dict[str, Any]:
    told: dict[str, Any] = door.data("GET", "/openapi.json", token=None)
    return told


def is_as_described(described: Mapping[str, Any], operation: str, answer: Answer) -> bool:
    """Whether the description has such an answer, of this status, kind and shape. Raises for a wrong shape."""
    row = BY_NAME[operation]
    told = described["paths"][row.path][row.method.lower()]["responses"][str(answer.status)]
    if "content" not in told:
        return answer.body == b""
    (kind,) = told["content"]
    text = answer.body.decode()
    shown = text if kind == row.media_type != "application/json" else json.loads(text)
    schema = {**told["content"][kind]["schema"], "components": described["components"]}
    Draft202012Validator(schema).validate(shown)
    return bool(answer.headers["content-type"].partition(";")[0] == kind)


def test_every_answer_is_as_described(described: dict[str, Any], answered: list[tuple[Asked, Answer]]) -> None:
    for asked, answer in answered:
        assert answer.status == asked.status, (asked, answer.body)
        assert is_as_described(described, asked.operation, answer), asked


def test_every_status_that_is_described_is_answered_by_some_request() -> None:
    told = {(row.name, status) for row in OPERATIONS for status in (*row.done, *row.statuses)}
    assert sorted(told - {(asked.operation, asked.status) for asked in STORY}) == sorted(ELSEWHERE)


def test_what_follows_as_events_is_as_described(door: Door, described: dict[str, Any]) -> None:
    with door.connected() as connection:
        connection.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{door.port}\r\n\r\n".encode())
        response = HTTPResponse(connection)
        response.begin()
        headers = {"content-type": response.headers["content-type"]}
        assert is_as_described(described, "events", Answer(response.status, headers, response.read1()))


def test_what_any_request_may_be_answered_is_as_described(tmp_path: Path, described: dict[str, Any]) -> None:
    database = tmp_path / "notewell.db"
    limits = {"NOTEWELL_ANONYMOUS_RATE": "30", "NOTEWELL_BODY_SECONDS": "1", "NOTEWELL_MAX_BODY": "1000"}
    with opened_door(database, 1, **limits) as door:
        here = f"127.0.0.1:{door.port}"
        slow = f"POST /notes HTTP/1.1\r\nHost: {here}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{{"
        answers = [
            door.send_json("GET", "/notes?limit=0"),
            door.send_json("GET", "/notes", token="none-of-ours"),
            door.send_json("GET", "/notes", Origin="https://elsewhere.example"),
            door.send(slow.encode()),
            door.send_json("POST", "/notes", {"slug": "a", "content": "x" * 2_000}),
            door.send_json("GET", f"/notes?q={'x' * 9_000}"),
            door.send_json("GET", "/notes", Host="elsewhere.example"),
            door.send_json("GET", "/notes", X="x" * 40_000),
        ]
        database.rename(tmp_path / "away.db")
        answers.append(door.send_json("GET", "/notes"))
        answers.append([door.send_json("GET", "/notes", token=None) for _ in range(60)][-1])
    assert sorted(answer.status for answer in answers) == [status for status in ALWAYS if status != FAULT]
    for answer in answers:
        assert is_as_described(described, "create_note" if answer.status == 408 else "list_notes", answer)
