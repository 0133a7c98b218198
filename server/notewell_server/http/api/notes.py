"""The paths below `/notes`."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from notewell_server.http.api.requests import arguments_of, is_known, refuse_given, revision_wanted
from notewell_server.http.api.responses import (
    PRIVATE,
    etag_header,
    etag_of_page,
    json_response,
    list_response,
    path_of_note,
)
from notewell_server.http.api.routes import BY_NAME, Handler
from notewell_server.http.calls import Calls
from notewell_server.http.refusal import Problem
from notewell_store import Deleted, NotFound
from notewell_tools.definition import Call, Json
from notewell_tools.errors import ToolError
from notewell_tools.get_note import revision_of, whole_note
from notewell_tools.suggestions import suggestions

LONGEST_NUMBER = 9  # digits: of ETags too


class Notes:
    """Handlers of a few lines; which argument comes from where stands in the table of routes."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def handlers(self) -> dict[str, Handler]:
        return {
            "list_notes": self.list,
            "create_note": self.create,
            "update_notes": self.update,
            "read_note": self.read,
            "write_note": self.write,
            "delete_note": self.delete,
            "edit_note": self.edit,
            "read_links": self.links,
            "set_links": self.set_links,
            "read_suggestions": self.suggestions,
            "list_revisions": self.revisions,
            "read_revision": self.revision,
        }

    async def list(self, request: Request) -> Response:
        asked = arguments_of(request, BY_NAME["list_notes"])
        if "q" in asked:
            query = asked.pop("q")
            return json_response(await self._calls.ask(request, "search_notes", asked | {"query": query}))
        return list_response(request, await self._calls.ask(request, "list_notes", asked))

    async def create(self, request: Request) -> Response:
        return _saved(await self._calls.write(request, BY_NAME["create_note"], condition=_is_new))

    async def update(self, request: Request) -> Response:
        return json_response(await self._calls.write(request, BY_NAME["update_notes"], condition=_unconditional))

    async def read(self, request: Request) -> Response:
        slug = arguments_of(request, BY_NAME["read_note"])["ref"]
        found = await self._calls.read(request, "get_note", slug, lambda call: whole_note(call, slug))
        headers = {"ETag": etag_of_page(found)}
        if is_known(request, headers["ETag"]):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=PRIVATE | headers)
        return json_response(found, headers=headers | {"Content-Location": path_of_note(found["slug"])})

    async def write(self, request: Request) -> Response:
        return _saved(await self._calls.write(request, BY_NAME["write_note"], condition=_is_as_read))

    async def delete(self, request: Request) -> Response:
        deleted = await self._calls.write(request, BY_NAME["delete_note"], condition=_from_revision_read)
        return json_response(deleted)

    async def edit(self, request: Request) -> Response:
        edited = self._calls.write(request, BY_NAME["edit_note"], complete=_with_anchor, condition=_from_revision_read)
        return _saved(await edited)

    async def links(self, request: Request) -> Response:
        note = await self._calls.ask(request, "get_note", arguments_of(request, BY_NAME["read_links"]))
        kept = {name: note[name] for name in ("slug", "revision", "links", "links_total")}
        return json_response(kept, headers=etag_header(note["revision"]))

    async def set_links(self, request: Request) -> Response:
        return json_response(await self._calls.write(request, BY_NAME["set_links"], condition=_stands_as_read))

    async def suggestions(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        return json_response(await self._calls.read(request, "suggestions", slug, lambda call: suggestions(call, slug)))

    async def revisions(self, request: Request) -> Response:
        asked = arguments_of(request, BY_NAME["list_revisions"])
        return list_response(request, await self._calls.ask(request, "revisions", asked))

    async def revision(self, request: Request) -> Response:
        ref = arguments_of(request, BY_NAME["read_revision"])["ref"]
        number = request.path_params["number"]
        if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
            raise Problem(HTTPStatus.NOT_FOUND, f"{number[:40]} is no number of a revision")
        note = await self._calls.read(request, "get_note", ref, lambda call: whole_note(call, ref))
        return json_response(note, headers=etag_header(note["revision"]))


def _unconditional(call: Call, request: Request, arguments: Json) -> AbstractContextManager[Json]:
    return nullcontext(arguments)


def _revision_standing(call: Call, slug: str) -> int | None:
    """None where there is no note of that name, or none that the caller may see."""
    try:
        return revision_of(call, slug)[1]
    except (NotFound, Deleted):
        return None


@contextmanager
def _is_new(call: Call, request: Request, arguments: Json) -> Iterator[Json]:
    """What a POST makes does not exist yet, unless the very same call made it."""
    slug = str(arguments["slug"])
    if not arguments.get("idempotency_key") and slug and _revision_standing(call, slug) is not None:
        raise Problem(HTTPStatus.CONFLICT, f"there is a note {slug} already: PUT /notes/{quote(slug)} changes it")
    yield arguments


def _is_as_read(call: Call, request: Request, arguments: Json) -> AbstractContextManager[Json]:
    """A PUT makes what does not exist, and changes what does by the revision that was read."""
    wanted = revision_wanted(request) if "if-match" in request.headers else None
    if wanted and request.headers.get("if-none-match") != "*":
        return _met_by_tool(call, arguments, wanted)
    return _met_before(call, request, arguments, wanted)


@contextmanager
def _met_by_tool(call: Call, arguments: Json, wanted: int) -> Iterator[Json]:
    """The tool meets what came since the revision; that there is no such note it says in words of its own."""
    try:
        yield arguments | {"if_revision": wanted}
    except ToolError as error:
        if error.kind == "not-found" and _revision_standing(call, arguments["slug"]) is None:
            raise _absent(arguments["slug"]) from error
        raise


@contextmanager
def _met_before(call: Call, request: Request, arguments: Json, wanted: int | None) -> Iterator[Json]:
    """All other conditions are those of the note as it stands."""
    slug, has_match = arguments["slug"], "if-match" in request.headers
    standing = _revision_standing(call, slug)
    if standing is None:
        if has_match:
            raise _absent(slug)
        yield arguments
        return
    if request.headers.get("if-none-match") == "*":
        raise Problem(HTTPStatus.PRECONDITION_FAILED, f"there is a note {slug} already", etag_header(standing))
    if not has_match:
        detail = f'{slug} is at revision {standing}: send If-Match: "{standing}" if you have read that one'
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, detail, etag_header(standing))
    yield arguments | {"if_revision": standing if wanted is None else wanted}


def _absent(slug: str) -> Problem:
    return Problem(HTTPStatus.PRECONDITION_FAILED, f"there is no note {slug}: send it without If-Match")


@contextmanager
def _from_revision_read(call: Call, request: Request, arguments: Json) -> Iterator[Json]:
    """What the tool does, it does to the revision of If-Match, where that is sent."""
    if "if-match" in request.headers:
        refuse_given(arguments, ("if_revision",))
        arguments = arguments | {"if_revision": revision_wanted(request)}
    yield arguments


@contextmanager
def _stands_as_read(call: Call, request: Request, arguments: Json) -> Iterator[Json]:
    """For a tool that knows no revisions: the note is at the one of If-Match, where that is sent."""
    wanted, slug = revision_wanted(request), arguments["source"]
    standing = None if wanted is None else _revision_standing(call, slug)
    if wanted != standing:
        detail = f"{slug} is at revision {standing}, you sent If-Match: {request.headers['if-match'][:40]}"
        raise Problem(HTTPStatus.PRECONDITION_FAILED, detail, etag_header(standing) if standing else None)
    yield arguments


def _with_anchor(fields: dict[str, Any]) -> dict[str, Any]:
    """The anchor stands beside the slug of the path in one reference."""
    anchor = fields.pop("anchor", None)
    if not isinstance(anchor, str | None):
        raise Problem(HTTPStatus.BAD_REQUEST, "anchor: send the anchor of a section as a string, such as roll-out")
    return fields | {"ref": f"{fields['ref']}#{anchor}"} if anchor else fields


def _saved(saved: Mapping[str, Any]) -> Response:
    """What was written; a creation that had been made already is answered as the change that it was not."""
    created = saved["outcome"] == "created" and saved.get("diff") is None
    headers = etag_header(saved["revision"])
    where = {"Location": path_of_note(saved["slug"])} if created else {}
    return json_response(saved, HTTPStatus.CREATED if created else HTTPStatus.OK, headers | where)
