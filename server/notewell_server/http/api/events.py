"""`/events`: changes as server-sent events, whichever process makes them.

They are woken by the process's one watch of the store: see http.watch.
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus

import anyio
import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from notewell_server.http.api.listings import number
from notewell_server.http.api.requests import arguments_of
from notewell_server.http.api.routes import BY_NAME, EVENTS, Handler
from notewell_server.http.calls import Calls
from notewell_server.http.refusal import Problem
from notewell_server.http.watch import Watch
from notewell_store import Store
from notewell_store.access.tokens import Refused
from notewell_tools.errors import ToolError
from notewell_tools.revisions import changes, newest_change

HEARTBEAT = 15.0  # seconds after which a silent stream says that it is there
AT_ONCE = 200
RETRY = "retry: 2000\n\n"  # milliseconds after which a client that was cut off comes again


class Events:
    def __init__(self, calls: Calls, store: Callable[[], Store], watch: Watch) -> None:
        self._calls = calls
        self._store = store
        self._watch = watch

    def handlers(self) -> dict[str, Handler]:
        return {"events": self.stream}

    async def stream(self, request: Request) -> Response:
        """`Last-Event-ID` (or `since`) is the change number to go on from; without it only what is new is told."""
        asked = arguments_of(request, BY_NAME["events"])
        if asked.keys() - {"since"}:
            raise Problem(HTTPStatus.BAD_REQUEST, "/events takes since, a change number, and nothing else")
        last = request.headers.get("last-event-id")
        if last:
            asked["since"] = last
        await anyio.to_thread.run_sync(self._calls.identify, request.scope)
        if request.method != "HEAD":
            self._calls.begin_stream(request.scope)
        newest = await self._calls.read(request, "events", None, lambda call: self._look())
        since = number(asked, "since", newest, 2**62)
        if request.method == "HEAD":
            return Response(media_type=EVENTS, headers={"Cache-Control": "no-store"})
        told = self._told(request, since)
        return StreamingResponse(told, media_type=EVENTS, headers={"Cache-Control": "no-store"})

    async def _told(self, request: Request, since: int) -> AsyncIterator[str]:
        yield RETRY
        with self._watch.awaited(), suppress(ToolError, Refused):  # then the client comes again, and goes on from there
            while True:
                news = self._watch.news
                found = await self._calls.read_on(request, "events", partial(changes, since=since, limit=AT_ONCE))
                for change in found["changes"]:
                    since = change["seq"]
                    yield f"id: {since}\nevent: change\ndata: {json.dumps(change, ensure_ascii=False)}\n\n"
                if found["more"]:
                    continue
                with anyio.move_on_after(HEARTBEAT):
                    await news.wait()
                    continue
                yield ": still here\n\n"

    def _look(self) -> int:
        return newest_change(self._store())
