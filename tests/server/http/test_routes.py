"""One table says which paths there are: what is served and what is described are both made from it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from starlette.routing import Route

from notewell_server.http.api.openapi import described
from notewell_server.http.api.routes import OPERATIONS, Operation, routed
from notewell_server.http.app import make_app
from notewell_server.http.backend import Backend
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.settings import Settings
from notewell_tools.catalogue import CATALOGUE

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

NOT_REST = {"/mcp", "/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"}


def test_every_path_that_is_served_is_in_the_table_and_every_one_of_the_table_is_served(tmp_path: Path) -> None:
    database = tmp_path / "notewell.db"
    app = make_app(Backend(Settings(str(database), None, None)), CallRecords(database))
    routes = [route for route in app.routes if isinstance(route, Route) and route.path not in NOT_REST]
    served = [(method, route.path, route.name) for route in routes for method in (route.methods or set()) - {"HEAD"}]
    assert sorted(served) == sorted((operation.method, operation.path, operation.name) for operation in OPERATIONS)
    assert len(app.routes) == len(routes) + len(NOT_REST)


def test_the_description_has_what_the_table_has_and_nothing_else() -> None:
    paths = described()["paths"]
    told = [(method, path, it["operationId"]) for path, methods in paths.items() for method, it in methods.items()]
    assert sorted(told) == sorted((op.method.lower(), op.path, op.name) for op in OPERATIONS)
    for operation in OPERATIONS:
        answers = paths[operation.path][operation.method.lower()]["responses"]
        assert {str(status) for status in operation.statuses} <= answers.keys(), operation.name


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_gives_its_tool_arguments_that_the_tool_has(operation: Operation) -> None:
    tool = CATALOGUE.get(operation.asks)
    if tool is None:
        assert operation.asks in ("changes", "events", "openapi", "suggestions")
        assert not operation.given
        return
    known = tool.arguments.model_fields.keys()
    assert set(operation.given) <= known
    assert not operation.own.keys() & known
    needed = {name for name, argument in tool.arguments.model_fields.items() if argument.is_required()}
    assert operation.takes == "body" or needed <= set(operation.given)
    in_path = set(re.findall(r"{\w+}", operation.path))
    assert in_path == set(re.findall(r"{\w+}", " ".join(operation.path_arguments.values())))


def test_a_path_without_a_handler_and_a_handler_without_a_path_are_found_at_the_start() -> None:
    async def answer(request: Request) -> Response:
        raise NotImplementedError

    handlers = dict.fromkeys((operation.name for operation in OPERATIONS), answer)
    assert len(routed(handlers)) == len(OPERATIONS)
    for wrong in (handlers | {"list_books": answer}, {name: answer for name in handlers if name != "read_note"}):
        with pytest.raises(AssertionError):
            routed(wrong)
