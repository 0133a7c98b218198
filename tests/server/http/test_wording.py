"""What comes next, as REST says it: requests that it serves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from notewell_server.http.api.wording import as_requests
from notewell_store.errors import A_SECTION, ANY, OTHERS, NextArgument, NextCall, NextCommand

if TYPE_CHECKING:
    from tests.server.http.conftest import Door

REQUESTS: list[tuple[str, dict[str, Any] | None, str]] = [
    ("get_note", {"ref": "sop-deploy"}, "GET /notes/sop-deploy"),
    ("get_note", {"ref": "plan@3"}, "GET /notes/plan/revisions/3"),
    ("get_note", None, "GET /notes/{slug}"),
    ("edit_note", None, "POST /notes/{slug}/edits"),
    ("delete_note", {"ref": "plan"}, "DELETE /notes/plan"),
    ("revisions", {"ref": "plan"}, "GET /notes/plan/revisions"),
    ("list_notes", None, "GET /notes"),
    ("list_notes", {"project": "web", "tags": ["sop", "a b"]}, "GET /projects/web/notes?tags=sop,a+b"),
    ("list_notes", {"tags": ["sop"], "limit": 5}, "GET /notes?tags=sop&limit=5"),
    ("search_notes", None, "GET /notes?q=…"),
    ("search_notes", {"query": "one store", "limit": 3}, "GET /notes?q=one+store&limit=3"),
    ("projects", {}, "GET /projects"),
    ("projects", {"slug": ANY, "name": ANY}, "POST /projects"),
    ("get_note", {"ref": "plan", "view": "meta", "include": ["links"]}, "GET /notes/plan/links"),
    ("tags", {}, "GET /tags"),
    ("upsert_note", {"slug": "plan", "parent": ANY}, "PUT /notes/plan"),
    ("edit_note", {"ref": "plan", "mode": "append", OTHERS: ANY}, "POST /notes/plan/edits"),
]


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        (NextArgument("if_revision", 7), '`If-Match: "7"`'),
        (NextArgument("ref", A_SECTION), '`"anchor": …`'),
        (NextArgument("idempotency_key"), "Idempotency-Key"),
        (NextArgument("old_text"), "old_text"),
    ],
)
def test_an_argument_is_said_as_a_request_bears_it(argument: NextArgument, words: str) -> None:
    assert as_requests(argument) == words


@pytest.mark.parametrize(("tool", "arguments", "request_line"), REQUESTS, ids=[line for _, _, line in REQUESTS])
def test_a_call_is_said_as_a_request(tool: str, arguments: dict[str, Any] | None, request_line: str) -> None:
    assert as_requests(NextCall(tool, arguments)) == f"`{request_line}`"


def test_every_request_that_is_said_is_one_that_is_served(door: Door) -> None:
    paths = door.data("GET", "/openapi.json")["paths"]
    for _, _, line in REQUESTS:
        method, _, path = line.partition(" ")
        served = [
            known
            for known in paths
            if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(known)), path.partition("?")[0])
        ]
        assert any(method.lower() in paths[known] for known in served), line


@pytest.mark.parametrize(
    "step",
    [
        NextCall("get_note", {"ref": "plan", "view": "toc"}),
        NextCall("get_note", {"ref": "plan#vision"}),
        NextCall("revisions", {"since": "7"}),
        NextCall("restore_note", {"ref": "plan"}),
        NextCall("brief", {"project": "web"}),
        NextArgument("allow_missing", True),
        NextCommand("verify"),
    ],
)
def test_what_no_path_does_is_said_as_a_model_would(step: Any) -> None:
    assert as_requests(step) == str(step)


def test_a_condition_is_sent_as_a_header() -> None:
    assert as_requests(NextArgument("if_revision", 7)) == '`If-Match: "7"`'
