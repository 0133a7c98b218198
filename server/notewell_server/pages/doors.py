"""One process, two doors: which of them a request came to."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notewell_server.http.guards.authorities import read_authority
from notewell_server.pages.settings import PageSettings


class Doors:
    """Requests at the pages' port, or for a name of theirs, are for pages; all others for the API."""

    def __init__(self, api: ASGIApp, pages: ASGIApp, settings: PageSettings) -> None:
        self._api = api
        self._pages = pages
        self._port = settings.port
        self._hosts = settings.hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await live_within(self._api, self._pages, scope, receive, send)
        door = self._pages if self._is_for_pages(scope) else self._api
        return await door(scope, receive, send)

    def _is_for_pages(self, scope: Scope) -> bool:
        if (scope.get("server") or (None, None))[1] == self._port:
            return True
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        return len(named) == 1 and read_authority(named[0]) in self._hosts


async def live_within(outer: ASGIApp, inner: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Begin and end both: the inner one once the outer has begun, and before it ends."""
    has_begun = False

    async def receive_outer() -> Message:
        nonlocal has_begun
        if has_begun:
            return {"type": "lifespan.shutdown"}
        has_begun = True
        return await receive()

    async def send_outer(message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            await inner(scope, begun(receive), without_end(send))
        else:
            await send(message)

    await outer(scope, receive_outer, send_outer)


def begun(receive: Receive) -> Receive:
    """What is received by one who begins later than the first message came."""
    first: list[Message] = [{"type": "lifespan.startup"}]

    async def receiving() -> Message:
        return first.pop() if first else await receive()

    return receiving


def without_end(send: Send) -> Send:
    """All messages but that all has ended, which another has still to say."""

    async def sending(message: Message) -> None:
        if message["type"] != "lifespan.shutdown.complete":
            await send(message)

    return sending
