"""The frame in which a note's diagram is drawn.

Mermaid runs text of strangers, and its own guards are not enough: a style of the text's may fetch, and cover what is
round it. So each diagram has a document of its own, without an origin, that may run our two scripts and fetch nothing.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from notewell_server.pages.showing import Pages, View

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
)
HEADERS = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN"}


class Diagrams:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [Route("/diagram", self.frame)]

    async def frame(self, request: Request) -> Response:
        answer = await self._pages.show(request, View("diagram.html"))
        answer.headers.update(HEADERS)
        return answer
