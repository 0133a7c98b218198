"""What is answered: JSON, with ETags, and with links to what follows."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from notewell_tools.results import WholeNote

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""Answers may be kept by who asked, and are asked for again with their ETag."""

_LED = re.compile(r'<a class="note-link[^>]*')

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def etag_of(revision: int) -> str:
    return f'"{revision}"'


def etag_header(revision: int) -> dict[str, str]:
    return {"ETag": etag_of(revision)}


def etag_of_page(note: WholeNote) -> str:
    """Of a note as it is shown: its revision and, where other notes have a say in what is shown, what that is now."""
    said = [note["parent"] or "", *_LED.findall(note["html_content"])]
    now = hashlib.sha256("\n".join(said).encode()).hexdigest()[:16] if any(said) else ""
    return f'"{note["revision"]}-{now}"' if now else etag_of(note["revision"])


def path_of_note(slug: str) -> str:
    return f"/notes/{quote(slug, safe='')}"


def json_response(data: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The data as JSON in UTF-8."""
    body = _encoded(data).encode("utf-8", "replace")
    return Response(body, status, {**PRIVATE, **(headers or {})}, "application/json")


def list_response(request: Request, data: Mapping[str, Any]) -> Response:
    """A list, with a Link to what follows (RFC 8288) where there is more."""
    cursor = data.get("next_cursor")
    if not cursor:
        return json_response(data)
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "cursor"])
    url = f"{request.url.path}?{query}{'&' if query else ''}{urlencode({'cursor': cursor})}"
    return json_response(data, headers={"Link": f'<{url}>; rel="next"'})
