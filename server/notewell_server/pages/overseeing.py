"""A project at a glance, and what wants to be looked after."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notewell_server.http.access.identity import ANONYMOUS
from notewell_server.http.operations.call_records import caller_of
from notewell_server.pages.asking import asked, query_of
from notewell_server.pages.finding import project_choices
from notewell_server.pages.links import prose
from notewell_server.pages.showing import Pages, View
from notewell_tools.definition import Call
from notewell_tools.project_overview import project_overview
from notewell_tools.upkeep_page import SHOWN, upkept

BOARDS = 4  # of a project, that its page shows


class Overseeing:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [Route("/projects/{slug}", self.project), Route("/check", self.check)]

    async def project(self, request: Request) -> Response:
        name = request.path_params["slug"]

        def ask(call: Call) -> View | Response:
            found = project_overview(call, name)
            slug = found.project.slug
            if slug != name:
                no_store = {"Cache-Control": "no-cache"}
                return RedirectResponse(f"/projects/{slug}", HTTPStatus.MOVED_PERMANENTLY, no_store)
            text = prose(found.page.html, found.page.title) if found.page else None
            is_on_the_web = (found.project.repo_url or "").startswith(("https://", "http://"))
            listed = asked(call, "list_notes", note_type="board", project=slug, limit=BOARDS)["notes"]
            boards = [asked(call, "board", ref=board["slug"], limit=1) for board in listed]
            return View(
                "project.html", {"found": found, "text": text, "is_on_the_web": is_on_the_web, "boards": boards}
            )

        return await self._pages.answer(request, "project", None, ask)

    async def check(self, request: Request) -> Response:
        """Takes longer than other pages, and is not for strangers."""
        project = query_of(request, ["project"])["project"]

        def ask(call: Call) -> View | Response:
            if caller_of(request.scope) is ANONYMOUS:
                return RedirectResponse("/sign-in?next=/check", HTTPStatus.SEE_OTHER)
            facts = {
                "found": upkept(call, project),
                "shown": SHOWN,
                "project": project,
                "project_choices": project_choices(call),
            }
            return View("check.html", facts)

        return await self._pages.answer(request, "check", None, ask)
