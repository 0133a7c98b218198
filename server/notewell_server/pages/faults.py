"""What is refused or goes wrong, as a page."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from notewell_server.http.access.identity import ANONYMOUS
from notewell_server.http.api.problems import STATUS_OF, told
from notewell_server.http.operations.call_records import caller_of
from notewell_server.http.refusal import Problem
from notewell_server.pages.showing import Pages, View
from notewell_store import NotFound, StoreError
from notewell_store.access.tokens import Refused
from notewell_tools.errors import FAULT, ToolError, to_tool_error

Handler = Callable[[Request, Exception], Awaitable[Response]]


def handlers(pages: Pages) -> dict[Any, Handler]:
    """For each kind of error that comes as far as the app."""

    def by(view_of: Callable[[Request, Any], View]) -> Handler:
        async def handle(request: Request, error: Exception) -> Response:
            answer = await pages.show(request, view_of(request, error))
            if isinstance(error, HTTPException):
                answer.headers.update(error.headers or {})  # such as which methods there are
            return answer

        return handle

    return {
        ToolError: by(_of_tool),
        StoreError: by(lambda request, error: _of_tool(request, told(to_tool_error(error), request.url.path))),
        Refused: by(lambda _, error: _view(HTTPStatus.UNAUTHORIZED, error.reason)),
        Problem: by(lambda _, error: _view(HTTPStatus(error.answer.status_code), str(error))),
        HTTPException: by(lambda _, error: _view(HTTPStatus(error.status_code))),
        Exception: by(lambda _, error: _view(HTTPStatus.INTERNAL_SERVER_ERROR, FAULT)),
    }


def _of_tool(request: Request, error: ToolError) -> View:
    missing = error.__cause__ if isinstance(error.__cause__, NotFound) else error.facts
    if isinstance(missing, NotFound):
        return _missing(request, missing)
    if error.kind == "unauthorized":
        return _strange(request)
    return _view(STATUS_OF[error.kind], error.message)


def _missing(request: Request, missing: NotFound) -> View:
    """A name that nothing bears, or nothing that the reader may see, who is told the same."""
    facts = {
        "name": missing.name,
        "kind": missing.kind,
        "nearest": list(missing.nearest) if missing.kind == "note" else [],
        "may_sign_in": caller_of(request.scope) is ANONYMOUS,
    }
    return View("missing.html", facts, HTTPStatus.NOT_FOUND)


def _strange(request: Request) -> View:
    """For a stranger, who is told how people come in, and not how programs do."""
    then = request.url.path if request.method == "GET" else "/"
    return View("sign_in_first.html", {"then": then}, HTTPStatus.UNAUTHORIZED)


def _view(status: HTTPStatus, detail: str = "") -> View:
    return View("error.html", {"status": status.value, "title": status.phrase, "detail": detail}, status)
