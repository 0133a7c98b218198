"""What a tool refuses, as an answer of HTTP: problem details (RFC 9457), in one place for all paths."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from notewell_server.http.access.identity import challenge
from notewell_server.http.api.wording import as_requests
from notewell_server.http.refusal import Problem, Refusal
from notewell_store import Conflict, Invalid, StoreError
from notewell_store.access.tokens import Refused
from notewell_tools.errors import FAULT, ToolError, said, to_stranger, to_tool_error

STATUS_OF = {
    "invalid": HTTPStatus.BAD_REQUEST,
    "not-found": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "unusable": HTTPStatus.SERVICE_UNAVAILABLE,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
}
RETRY = "1"  # seconds

_log = logging.getLogger(__name__)


def of_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.answer


def of_tool(request: Request, error: Exception) -> Response:
    """A conflict is one with If-Match, where that was sent, and names the revision that stands."""
    assert isinstance(error, ToolError)
    status = STATUS_OF[error.kind]
    headers: dict[str, str] = {}
    if isinstance(error.facts, Conflict):
        headers["ETag"] = f'"{error.facts.current}"'
        status = HTTPStatus.PRECONDITION_FAILED if "if-match" in request.headers else status
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = challenge(None, metadata_url(request))
    if error.kind == "busy":
        headers["Retry-After"] = RETRY
    return Refusal(status, error.worded(as_requests), headers)


def of_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    headers = {"WWW-Authenticate": challenge(error, metadata_url(request))}
    return Refusal(HTTPStatus.UNAUTHORIZED, f"these credentials are not taken: {error.reason}", headers)


def of_store(request: Request, error: Exception) -> Response:
    assert isinstance(error, StoreError)
    return of_tool(request, told(to_tool_error(error, writing=False), request.url.path))


def told(error: ToolError, what: str) -> ToolError:
    """The error as it is told over HTTP, by every path and method; what is not, stands in the log."""
    shown = to_stranger(error)
    if shown is not error:
        _log.error("%s: %s", what, error.message)
    return shown


def of_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, Invalid)
    return Refusal(HTTPStatus.BAD_REQUEST, said(error.text, as_requests))


def of_fault(request: Request, error: Exception) -> Response:
    return Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, FAULT)


def of_http(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: a path or a method that there is not."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(_methods(request)))
        return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"this path takes {allowed}", {"Allow": allowed})
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Refusal(HTTPStatus.NOT_FOUND, "there is no such path: /openapi.json tells of all")
    return Refusal(HTTPStatus(error.status_code), error.detail, error.headers)


def _methods(request: Request) -> set[str]:
    """Of all routes of the path; Starlette names those of the first."""
    routes = (route for route in request.app.routes if isinstance(route, Route))
    return {method for route in routes if route.path_regex.match(request.url.path) for method in route.methods or ()}


def metadata_url(request: Request) -> str:
    """Where an MCP client learns who may let it in (RFC 9728, section 3.1)."""
    return f"{request.url.scheme}://{request.url.netloc}/.well-known/oauth-protected-resource/mcp"


def _at_once(answer: Callable[[Request, Exception], Response]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Not on a worker thread, where Starlette would call it."""

    async def handle(request: Request, error: Exception) -> Response:
        return answer(request, error)

    return handle


HANDLERS = {
    Problem: _at_once(of_problem),
    ToolError: _at_once(of_tool),
    Refused: _at_once(of_refused),
    Invalid: _at_once(of_invalid),
    StoreError: _at_once(of_store),
    HTTPException: _at_once(of_http),
    Exception: _at_once(of_fault),
}
