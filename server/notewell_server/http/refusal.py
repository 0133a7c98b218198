"""Refusals as answers of HTTP: problem details (RFC 9457), the same from guards and from handlers."""

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


class Problem(Exception):
    """An answer that is given instead of the one that was asked for; it is raised where that is found out."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.answer = Refusal(status, detail, headers)


def too_many(what: str, seconds: float) -> Refusal:
    """429, with the whole seconds after which it is worth trying again."""
    wait = max(1, int(seconds + 0.999))
    detail = f"too many {what}: try again in {wait} s"
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})
