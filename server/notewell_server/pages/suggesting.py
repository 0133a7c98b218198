"""What may be done about a note, shown beside it to those who may do it, and taken with one press."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from notewell_server.http.calls import Calls
from notewell_server.pages.editing import check_may_write, sent_on, sent_on_saved
from notewell_server.pages.forms import fields_of, number_of
from notewell_server.pages.reading import moved, tombstone
from notewell_server.pages.showing import Pages, View
from notewell_store import Conflict, Deleted
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError
from notewell_tools.suggestions import suggestions
from notewell_tools.take_suggestion import Taken, taken_field, taken_mention


class Suggesting:
    def __init__(self, pages: Pages, calls: Calls) -> None:
        self._pages = pages
        self._calls = calls

    def routes(self) -> list[Route]:
        return [
            Route("/notes/{slug}/suggestions", self.show, methods=["GET"]),
            Route("/notes/{slug}/suggestions", self.take, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        name = request.path_params["slug"]

        def ask(call: Call) -> View | Response:
            check_may_write(call)
            try:
                found = suggestions(call, name)
            except Deleted as deleted:
                return tombstone(call, deleted.slug)
            if found["slug"] != name:
                return moved(request, found["slug"], "/suggestions")
            return View("suggestions.html", {"found": found})

        return await self._pages.answer(request, "suggestions", name, ask)

    async def take(self, request: Request) -> Response:
        """Make the edit that a suggestion stands for, of the revision for which it was made: the note as it is now is
        shown where somebody changed the same meanwhile, or the suggestion is none any more."""
        slug, sent = request.path_params["slug"], await fields_of(request)
        taken = await self._taken(request, slug, sent)
        if taken is None:
            return sent_on(slug, saved="newer")
        try:
            saved = await self._calls.ask(request, taken.tool, taken.arguments)
        except ToolError as error:
            if not isinstance(error.facts, Conflict):
                raise
            return sent_on(slug, saved="newer")
        return sent_on_saved({"slug": slug, **saved})

    async def _taken(self, request: Request, slug: str, sent: Mapping[str, str]) -> Taken | None:
        revision = number_of(sent.get("revision", "")) or 0
        value, words = sent.get("value", ""), sent.get("words", "")
        if not (revision and value):
            return None
        if not words:
            return taken_field(slug, revision, sent.get("field", ""), value)

        def ask(call: Call) -> Taken | None:
            check_may_write(call)
            return taken_mention(call, slug, revision, words, value)

        return await self._calls.read(request, "suggestions", slug, ask)
