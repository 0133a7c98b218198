"""The paths of what lies round the notes: projects, tags, changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from notewell_server.http.api.requests import arguments_of
from notewell_server.http.api.responses import json_response, list_response
from notewell_server.http.api.routes import BY_NAME, MOST_CHANGES, Handler
from notewell_server.http.calls import Calls
from notewell_server.http.refusal import Problem
from notewell_store import NotFound
from notewell_tools.definition import Call, Json
from notewell_tools.projects import FIELDS, projects
from notewell_tools.revisions import changes

USUAL_CHANGES = 100


class Listings:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def handlers(self) -> dict[str, Handler]:
        return {
            "list_projects": self.projects,
            "create_project": self.create_project,
            "write_project": self.write_project,
            "delete_project": self.delete_project,
            "list_project_notes": self.notes_of_project,
            "list_tags": self.tags,
            "list_changes": self.changes,
        }

    async def projects(self, request: Request) -> Response:
        asked = arguments_of(request, BY_NAME["list_projects"])
        return json_response(await self._calls.ask(request, "projects", asked))

    async def create_project(self, request: Request) -> Response:
        written = self._calls.write(request, BY_NAME["create_project"], complete=_with_name, condition=_is_new)
        (project,) = (await written)["projects"]
        return json_response(project, HTTPStatus.CREATED, {"Location": f"/projects/{project['slug']}/notes"})

    async def write_project(self, request: Request) -> Response:
        status = HTTPStatus.OK

        @contextmanager
        def looked(call: Call, request: Request, arguments: Json) -> Iterator[Json]:
            nonlocal status
            status = HTTPStatus.OK if _exists(call, arguments["slug"]) else HTTPStatus.CREATED
            yield arguments

        written = self._calls.write(request, BY_NAME["write_project"], complete=_with_name, condition=looked)
        (project,) = (await written)["projects"]
        return json_response(project, status)

    async def delete_project(self, request: Request) -> Response:
        return json_response(await self._calls.write(request, BY_NAME["delete_project"], condition=_whatever_it_is))

    async def notes_of_project(self, request: Request) -> Response:
        asked = arguments_of(request, BY_NAME["list_project_notes"])
        return list_response(request, await self._calls.ask(request, "list_notes", asked))

    async def tags(self, request: Request) -> Response:
        return json_response(await self._calls.ask(request, "tags", arguments_of(request, BY_NAME["list_tags"])))

    async def changes(self, request: Request) -> Response:
        asked = arguments_of(request, BY_NAME["list_changes"])
        unknown = ", ".join(asked.keys() - {"since", "limit"})
        if unknown:
            raise Problem(HTTPStatus.BAD_REQUEST, f"/changes has no argument {unknown}. It takes: since, limit")
        since, limit = number(asked, "since", 0, 2**62), number(asked, "limit", USUAL_CHANGES, MOST_CHANGES)
        found = await self._calls.read(request, "changes", None, lambda call: changes(call, since, limit))
        link = {"Link": f'</changes?since={found["next"]}&limit={limit}>; rel="next"'}
        return json_response(found, headers=link if found["more"] else {})


def _exists(call: Call, slug: str) -> bool:
    """Whether there is such a project that the caller may see."""
    try:
        projects(call, slug)
    except NotFound:
        return False
    return True


@contextmanager
def _whatever_it_is(call: Call, request: Request, arguments: Json) -> Iterator[Json]:
    """The tool itself looks whether the project is empty."""
    yield arguments


@contextmanager
def _is_new(call: Call, request: Request, arguments: Json) -> Iterator[Json]:
    """What a POST makes does not exist yet, unless the very same call made it."""
    slug = arguments["slug"]
    if not arguments.get("idempotency_key") and slug and _exists(call, slug):
        raise Problem(HTTPStatus.CONFLICT, f"there is a project {slug} already: PUT /projects/{slug} changes it")
    yield arguments


def _with_name(fields: dict[str, Any]) -> dict[str, Any]:
    """A project needs a name to be made; its slug will do."""
    if not isinstance(fields.get("slug"), str):
        raise Problem(HTTPStatus.BAD_REQUEST, "slug is required: a word such as web-app")
    told = any(fields.get(name) is not None for name in FIELDS)
    return fields if told else fields | {"name": fields["slug"]}


def number(asked: dict[str, Any], name: str, usual: int, most: int) -> int:
    """A number of the query. Raises Problem."""
    text = str(asked.get(name, usual))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name}={text[:40]!r}: send a whole number from 0 to {most}")
    return int(text)
