"""The paths of what lies round the notes: projects, tags, changes."""

from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from notewell_server.http.api.problems import Problem
from notewell_server.http.api.requests import body_of, only, page, query_of, shown
from notewell_server.http.api.routes import MOST_CHANGES, Handler
from notewell_server.http.backend import Door
from notewell_tools.errors import ToolError
from notewell_tools.revisions import changes

USUAL_CHANGES = 100


class Listings:
    def __init__(self, door: Door) -> None:
        self._door = door

    def handlers(self) -> dict[str, Handler]:
        return {
            "list_projects": self.projects,
            "create_project": self.create_project,
            "write_project": self.write_project,
            "list_project_notes": self.notes_of_project,
            "list_tags": self.tags,
            "list_changes": self.changes,
        }

    async def projects(self, request: Request) -> Response:
        only(query_of(request), *query_of(request))
        return shown(await self._door.ask(request, "projects", {}))

    async def create_project(self, request: Request) -> Response:
        fields = await body_of(request)
        slug = fields.get("slug")
        if not isinstance(slug, str):
            raise Problem(HTTPStatus.BAD_REQUEST, "slug is required: a word such as web-app")
        if slug and await self._exists(request, slug) and "idempotency_key" not in fields:
            raise Problem(HTTPStatus.CONFLICT, f"there is a project {slug} already: PUT /projects/{slug} changes it")
        (project,) = (await self._door.ask(request, "projects", _named(fields)))["projects"]
        return shown(project, HTTPStatus.CREATED, {"Location": f"/projects/{project['slug']}/notes"})

    async def write_project(self, request: Request) -> Response:
        fields = await body_of(request)
        only(fields, "slug")
        slug = request.path_params["slug"]
        existed = await self._exists(request, slug)
        (project,) = (await self._door.ask(request, "projects", _named(fields | {"slug": slug})))["projects"]
        return shown(project, HTTPStatus.OK if existed else HTTPStatus.CREATED)

    async def notes_of_project(self, request: Request) -> Response:
        asked = query_of(request)
        only(asked, "project")
        return page(
            request, await self._door.ask(request, "list_notes", asked | {"project": request.path_params["slug"]})
        )

    async def tags(self, request: Request) -> Response:
        return shown(await self._door.ask(request, "tags", query_of(request)))

    async def changes(self, request: Request) -> Response:
        asked = query_of(request)
        unknown = ", ".join(asked.keys() - {"since", "limit"})
        if unknown:
            raise Problem(HTTPStatus.BAD_REQUEST, f"/changes has no argument {unknown}. It takes: since, limit")
        since, limit = number(asked, "since", 0, 2**62), number(asked, "limit", USUAL_CHANGES, MOST_CHANGES)
        found = await self._door.read(request, "changes", None, lambda call: changes(call, since, limit))
        link = {"Link": f'</changes?since={found["next"]}&limit={limit}>; rel="next"'}
        return shown(found, headers=link if found["more"] else {})

    async def _exists(self, request: Request, slug: str) -> bool:
        try:
            return bool((await self._door.ask(request, "projects", {"slug": slug}))["projects"])
        except ToolError as error:
            if error.kind != "not-found":
                raise
            return False


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    """A project needs a name to be made; its slug will do."""
    told = any(fields.get(name) is not None for name in ("name", "platform", "repo_url"))
    return fields if told else fields | {"name": fields.get("slug")}


def number(asked: dict[str, Any], name: str, usual: int, most: int) -> int:
    """A number of the query. Raises Problem."""
    text = str(asked.get(name, usual))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name}={text[:40]!r}: send a whole number from 0 to {most}")
    return int(text)
