"""Pictures of notes: what stands round one, and a whole project as a map."""

from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notewell_server.pages.drawings.neighbours import MOST, neighbour, picture_of
from notewell_server.pages.drawings.treemap import treemap
from notewell_server.pages.reading import moved, tombstone
from notewell_server.pages.showing import Pages, View
from notewell_store import Deleted
from notewell_tools.definition import Call
from notewell_tools.note_page import note_page
from notewell_tools.project_map import project_map


class Picturing:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [Route("/notes/{slug}/graph", self.graph), Route("/map/{project}", self.map)]

    async def graph(self, request: Request) -> Response:
        name = request.path_params["slug"]

        def ask(call: Call) -> View | Response:
            try:
                found = note_page(call, name)
            except Deleted as deleted:
                return tombstone(call, deleted.slug)
            if found["slug"] != name:
                return moved(request, found["slug"], "/graph")
            incoming = [neighbour(one.slug, one.title, one.note_type, one.relation) for one in found["backlinks"]]
            targets = {link["target"].partition("#")[0]: link for link in found["links"] if link["exists"]}
            outgoing = [
                neighbour(slug, link.get("title"), None, link["relation"])
                for slug, link in targets.items()
                if slug != name
            ]
            facts = {
                "note": found["note"],
                "slug": name,
                "picture": picture_of(incoming, outgoing),
                "sides": [("Who links here", incoming), ("What it links to", outgoing)],
                "left_out": max(found["backlinks_total"] - MOST, 0) + max(len(outgoing) - MOST, 0),
            }
            return View("graph.html", facts)

        return await self._pages.answer(request, "get_note", name, ask)

    async def map(self, request: Request) -> Response:
        name = request.path_params["project"]

        def ask(call: Call) -> View | Response:
            found = project_map(call, name)
            if found["project"] != name:
                to = f"/map/{quote(found['project'], safe='')}"
                return RedirectResponse(to, HTTPStatus.MOVED_PERMANENTLY, {"Cache-Control": "no-cache"})
            return View("map.html", {**found, "boxes": treemap(found["places"])})

        return await self._pages.answer(request, "list_notes", None, ask)
