"""What a request says: its query, body and conditions, and the arguments that these give."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request

from notewell_server.http.api.routes import Operation
from notewell_server.http.refusal import Problem

ETAG = re.compile(r'(?:W/)?"(\d{1,9})(?:-[0-9a-f]{16})?"')


def arguments_of(request: Request, operation: Operation, body: bytes = b"") -> dict[str, Any]:
    """All that the request gives for the operation, with its own fields beside the tool's arguments. Raises Problem."""
    sent = _fields_of(request, body) if operation.takes == "body" else query_of(request)
    refuse_given(sent, operation.given if operation.takes else tuple(sent))
    return sent | operation.arguments_in(request.path_params)


def query_of(request: Request) -> dict[str, Any]:
    """The query's arguments; one that comes several times is a list."""
    names = dict.fromkeys(request.query_params.keys())
    found = {name: request.query_params.getlist(name) for name in names}
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _fields_of(request: Request, body: bytes) -> dict[str, Any]:
    """The body's fields, with the Idempotency-Key among them. Raises Problem for what is no JSON object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send a JSON object with Content-Type: application/json")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body as it is, without Content-Encoding")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is no JSON: send an object in UTF-8") from None
    if not isinstance(fields, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is JSON but no object: send the fields by their names")
    key = request.headers.get("idempotency-key")
    return fields if key is None else fields | {"idempotency_key": key}


def refuse_given(fields: Mapping[str, Any], given: tuple[str, ...]) -> None:
    """Raise Problem for a field that is given otherwise already, such as the slug by the path."""
    for name in given:
        if name in fields:
            raise Problem(HTTPStatus.BAD_REQUEST, f"{name} is given by the path: leave it out of the body or the query")


def revision_wanted(request: Request) -> int | None:
    """The revision that If-Match names; None without one, and for `*`. Raises Problem for what is no ETag of ours."""
    header = request.headers.get("if-match", "*").strip()
    if header == "*":
        return None
    match = ETAG.fullmatch(header)
    if match is None:
        detail = f'If-Match={header[:80]}: send the ETag that was read, such as "7"'
        raise Problem(HTTPStatus.PRECONDITION_FAILED, detail)
    return int(match[1])


def is_known(request: Request, etag: str) -> bool:
    """Whether If-None-Match names what would be answered: `W/"7"` does as well, for whoever packs an answer on its way
    may have weakened its ETag (RFC 9110, 13.1.2)."""
    known = request.headers.get("if-none-match")
    if known is None:
        return False
    return known.strip() == "*" or etag in [word.strip().removeprefix("W/") for word in known.split(",")]
