"""What a request says (its query, body and conditions), and what is answered: JSON, with links to what follows."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from notewell_server.http.api.problems import Problem

ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')
PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""Answers may be kept by who asked, and are asked for again with their ETag."""

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def query_of(request: Request) -> dict[str, Any]:
    """The query's arguments; one that comes several times is a list."""
    names = dict.fromkeys(request.query_params.keys())
    found = {name: request.query_params.getlist(name) for name in names}
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


async def body_of(request: Request) -> dict[str, Any]:
    """The body's fields, with the Idempotency-Key among them. Raises Problem for what is no JSON object."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send a JSON object with Content-Type: application/json")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body as it is, without Content-Encoding")
    try:
        fields = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is no JSON: send an object in UTF-8") from None
    if not isinstance(fields, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is JSON but no object: send the fields by their names")
    key = request.headers.get("idempotency-key")
    return fields if key is None else fields | {"idempotency_key": key}


def only(fields: Mapping[str, Any], *taken: str) -> None:
    """Raise Problem for a field that stands elsewhere already, such as the slug in the path."""
    for name in taken:
        if name in fields:
            raise Problem(HTTPStatus.BAD_REQUEST, f"{name} is given by the path: leave it out of the body or the query")


def revision_wanted(header: str) -> int | None:
    """The revision of an If-Match; None for `*`. Raises Problem for what is no ETag of ours."""
    if header.strip() == "*":
        return None
    match = ETAG.fullmatch(header.strip())
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


def etag_of(revision: int) -> str:
    return f'"{revision}"'


def shown(data: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The data as JSON in UTF-8."""
    body = _encoded(data).encode("utf-8", "replace")
    return Response(body, status, {**PRIVATE, **(headers or {})}, "application/json")


def page(request: Request, data: Mapping[str, Any]) -> Response:
    """A list, with a Link to what follows (RFC 8288)."""
    cursor = data.get("next_cursor")
    if not cursor:
        return shown(data)
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "cursor"])
    url = f"{request.url.path}?{query}{'&' if query else ''}{urlencode({'cursor': cursor})}"
    return shown(data, headers={"Link": f'<{url}>; rel="next"'})
