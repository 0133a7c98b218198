"""What a guard refuses, as a page: what is the matter, and what to do next.

Guards answer with problem details, for programs. On the pages' host a person reads them, so they are made a page on
their way out. Nothing is looked up for it: who is refused for the number of requests costs no more than that.
"""

import json
import re
from functools import lru_cache
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.rate_limit import READING
from notewell_server.http.refusal import Refusal
from notewell_server.pages.templates import Templates

AS_THEY_ARE = re.compile(r"/live|/healthz|/static/.*|/operations/runs/[^/]*/log")
"""What no person reads as a page."""
KEPT = (b"retry-after", b"allow", b"connection")
MOST = 200  # pages that are remembered
OF_THE_API = re.compile(r": see NOTEWELL_ALLOWED_\w+")
"""Settings that the pages do not heed."""

TITLES = {
    HTTPStatus.BAD_REQUEST: "This request cannot be understood",
    HTTPStatus.FORBIDDEN: "This may not be sent from there",
    HTTPStatus.REQUEST_TIMEOUT: "It took too long to come",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "This is too much at once",
    HTTPStatus.REQUEST_URI_TOO_LONG: "The address is too long",
    HTTPStatus.MISDIRECTED_REQUEST: "No pages are served under this name",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The browser sent too much beside the request",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many want something at this moment",
}
ADVICE = {
    HTTPStatus.BAD_REQUEST: "Follow a link or type the address anew. If a proxy stands in front, whoever keeps it "
    "should look at what it sends.",
    HTTPStatus.FORBIDDEN: "Load the page here anew, and send it from there. If that does not help, the proxy in front "
    "has to pass on the name by which the browser knows this server.",
    HTTPStatus.REQUEST_TIMEOUT: "Send it again where the connection is better.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Make several notes of it, or let whoever keeps the server import it.",
    HTTPStatus.REQUEST_URI_TOO_LONG: "Search for fewer words, or with fewer filters.",
    HTTPStatus.MISDIRECTED_REQUEST: "Whoever keeps the server says in NOTEWELL_PAGES_HOSTS under which names they are.",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "Delete the cookies of this site in the browser, and sign in anew.",
}


class AsPages:
    """Stands round guards. Streams, files and probes are refused as the guards say it."""

    def __init__(self, app: ASGIApp, templates: Templates) -> None:
        self._app = app
        self._page = lru_cache(MOST)(lambda *said: _rendered(templates, *said))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or AS_THEY_ARE.fullmatch(scope["path"]):
            return await self._app(scope, receive, send)
        refused: list[Message] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_refusal(message):
                refused.append(message)
            elif refused:
                await self._answer(refused[0], message.get("body", b""), scope)(scope, receive, send)
            else:
                await send(message)

        return await self._app(scope, receive, sending)

    def _answer(self, start: Message, body: bytes, scope: Scope) -> Response:
        """A refusal comes in one piece."""
        given = {name.decode(): value.decode("latin-1") for name, value in start["headers"] if name in KEPT}
        wait, was_sent = int(given.get("retry-after", 0)), scope["method"] not in READING
        html = self._page(HTTPStatus(start["status"]), json.loads(body)["detail"], wait, was_sent)
        headers = given | {"Cache-Control": "no-store"}
        return Response(html, start["status"], headers, "text/html; charset=utf-8")


def _is_refusal(start: Message) -> bool:
    return (b"content-type", Refusal.media_type.encode()) in start["headers"]


def _rendered(templates: Templates, status: HTTPStatus, detail: str, wait: int, was_sent: bool) -> bytes:
    words = OF_THE_API.sub("", detail)
    facts = {
        "status": status.value,
        "title": TITLES.get(status, status.phrase),
        "detail": "" if wait or status == HTTPStatus.MISDIRECTED_REQUEST else f"{words[:1].upper()}{words[1:]}.",
        "advice": f"Try again in {in_words(wait)}." if wait else ADVICE.get(status, ""),
        "was_sent": was_sent,
    }
    return templates.render("refused.html", facts).encode()


def in_words(seconds: int) -> str:
    """`a second`, `40 seconds`, `2 minutes`."""
    if seconds < 2:
        return "a second"
    if seconds <= 90:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"
