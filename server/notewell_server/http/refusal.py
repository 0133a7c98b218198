"""Answers of the guards, which stand before any handler: problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response


class Refusal(Response):
    """A problem of the type `about:blank`; `detail` says what the caller can do."""

    media_type = "application/problem+json"

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
        super().__init__(json.dumps(body), status.value, headers)


def too_many(what: str, seconds: float) -> Refusal:
    """429, with the whole seconds after which it is worth trying again."""
    wait = max(1, int(seconds + 0.999))
    detail = f"too many {what}: try again in {wait} s"
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})
