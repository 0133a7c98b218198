"""What changed: the first page, and the stream by which open pages hear of what changes meanwhile."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from notewell_server.http.access.identity import Caller
from notewell_server.http.api.events import AT_ONCE, HEARTBEAT, RETRY
from notewell_server.http.api.routes import EVENTS
from notewell_server.http.calls import Calls
from notewell_server.http.watch import Watch
from notewell_server.pages import marks
from notewell_server.pages.access.callers import PageCallers
from notewell_server.pages.asking import query_of
from notewell_server.pages.drawings.activity import bars_of_weeks
from notewell_server.pages.finding import following, project_choices
from notewell_server.pages.showing import Pages, View
from notewell_server.pages.templates import Templates
from notewell_store.access.tokens import Refused
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError
from notewell_tools.feed_page import FeedAsked, FeedEntry, around, feed_after, feed_part
from notewell_tools.note_page import newest_change

FILTERS = ("actor", "project", "since")
SPANS = (("1d", "a day"), ("7d", "a week"), ("30d", "a month"), ("365d", "a year"))
MOST_BEHIND = 500
"""Changes that a page is told of which was left for long; what was before, its reader finds by opening it again."""
NOT_KEPT = {"Cache-Control": "no-store"}


class Following:
    """`watch` is that of the process."""

    def __init__(self, pages: Pages, calls: Calls, callers: PageCallers, templates: Templates, watch: Watch) -> None:
        self._pages = pages
        self._calls = calls
        self._callers = callers
        self._templates = templates
        self._watch = watch

    def routes(self) -> list[Route]:
        return [Route("/", self.changes), Route("/live", self.live)]

    async def changes(self, request: Request) -> Response:
        asked = query_of(request, (*FILTERS, "before"))

        def ask(call: Call) -> View:
            part = feed_part(call, FeedAsked(**asked))
            beside = None if asked["before"] else around(call)
            facts = {
                "part": part,
                "filters": {name: asked[name] for name in FILTERS},
                "spans": SPANS,
                "is_first": not asked["before"],
                "older": following(request, "before", part.before),
                "project_choices": project_choices(call),
                "around": beside,
                "bars": bars_of_weeks(beside.activity) if beside else None,
            }
            return View("changes.html", facts)

        return await self._pages.answer(request, "changes", None, ask)

    async def live(self, request: Request) -> Response:
        """`Last-Event-ID`, or `since`, is the number of the last change that is known; without it only what is new is
        told."""
        if request.method == "HEAD":
            return Response(media_type=EVENTS, headers=NOT_KEPT)
        await anyio.to_thread.run_sync(self._calls.identify, request.scope)
        self._calls.begin_stream(request.scope)

        def begin(call: Call) -> tuple[int, Caller]:
            return newest_change(call), self._callers.of(request.scope)

        newest, caller = await self._calls.read(request, "live", None, begin)
        told = self._told(request, caller, _since(request, newest))
        return StreamingResponse(told, media_type=EVENTS, headers=NOT_KEPT)

    async def _told(self, request: Request, caller: Caller, since: int) -> AsyncIterator[str]:
        """Ends when the reader is no longer who began to read: a token was revoked, or the session is over."""

        def look(call: Call) -> tuple[FeedEntry, ...] | None:
            if self._callers.of(request.scope) != caller:
                return None
            return feed_after(call, since, AT_ONCE)

        yield RETRY
        with self._watch.awaited(), suppress(ToolError, Refused):  # the browser comes again, and goes on from there
            while True:
                news = self._watch.news
                found = await self._calls.read_on(request, "live", look)
                if found is None:
                    return
                for entry in found:
                    since = entry.seq
                    yield self._event(entry)
                if len(found) == AT_ONCE:
                    continue
                with anyio.move_on_after(HEARTBEAT):
                    await news.wait()
                    continue
                yield ": still here\n\n"

    def _event(self, entry: FeedEntry) -> str:
        row = self._templates.render("change.html", {"entry": entry})
        who = marks.who(entry.actor, entry.door, entry.client)
        shown = {"hand": who.kind, "sign": who.sign, "did": marks.did(entry.changed), "row": row}
        return f"id: {entry.seq}\nevent: change\ndata: {json.dumps(entry._asdict() | shown, ensure_ascii=False)}\n\n"


def _since(request: Request, newest: int) -> int:
    text = request.headers.get("last-event-id") or request.query_params.get("since", "")
    known = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else newest
    return max(known, newest - MOST_BEHIND)
