"""That a request which changes something comes from a page of ours.

A browser sends its cookie, and a proxy its header, with whatever another site made it send. So an unsafe method needs
an Origin (that it is ours, the guard of hosts has seen to), and must not be said to come from elsewhere. No page holds
a token of its own, which would make it unfit to be kept by the browser.
"""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from notewell_server.http.guards.rate_limit import READING
from notewell_server.http.refusal import Refusal


class OwnPagesOnly:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READING or _is_ours(scope):
            return await self._app(scope, receive, send)
        refusal = Refusal(HTTPStatus.FORBIDDEN, "only a page of this server may send this")
        return await refusal(scope, receive, send)


def _is_ours(scope: Scope) -> bool:
    sent = [(name, value) for name, value in scope["headers"] if name in (b"origin", b"sec-fetch-site")]
    sites = [value for name, value in sent if name == b"sec-fetch-site"]
    return any(name == b"origin" for name, _ in sent) and sites in ([], [b"same-origin"])
