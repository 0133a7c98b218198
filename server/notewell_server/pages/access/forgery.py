"""That a request which changes something comes from a page of ours, and that no other site embeds what is here.

A browser sends its cookie, and a proxy its header, with whatever another site made it send. So an unsafe method needs
an Origin (that it is ours, the guard of hosts has seen to), and must not be said to come from elsewhere. No page holds
a token of its own, which would make it unfit to be kept by the browser.

What is read from elsewhere is read by following a link. As an image or a frame it could not be seen there, but would be
made, recorded as read by that person, or held open.
"""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from notewell_server.http.guards.rate_limit import READING
from notewell_server.http.refusal import Refusal

OURS: tuple[list[bytes], ...] = ([], [b"same-origin"])
"""What a browser says of who sends it, if it says so at all."""
FOR_ALL = "/static/"
"""The frame of a diagram loads files from here, and is of no site."""


class OwnPagesOnly:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (_is_opened if scope["method"] in READING else _is_ours)(scope):
            return await self._app(scope, receive, send)
        refusal = Refusal(HTTPStatus.FORBIDDEN, "only a page of this server may send this")
        return await refusal(scope, receive, send)


def _is_ours(scope: Scope) -> bool:
    return bool(_said(scope, b"origin")) and _said(scope, b"sec-fetch-site") in OURS


def _is_opened(scope: Scope) -> bool:
    """By a page of ours, by hand, or by a link of another site that somebody follows."""
    return (
        _said(scope, b"sec-fetch-site") in (*OURS, [b"none"])
        or _said(scope, b"sec-fetch-dest") == [b"document"]
        or scope["path"].startswith(FOR_ALL)
    )


def _said(scope: Scope, header: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == header]
