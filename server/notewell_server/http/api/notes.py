"""The paths below `/notes`."""

from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from notewell_server.http.api.problems import Problem
from notewell_server.http.api.requests import (
    PRIVATE,
    body_of,
    etag_of,
    is_known,
    only,
    page,
    query_of,
    revision_wanted,
    shown,
)
from notewell_server.http.api.routes import Handler
from notewell_server.http.backend import Door
from notewell_tools.errors import ToolError
from notewell_tools.get_note import revision_of, whole_note

LONGEST_NUMBER = 9  # digits: of ETags too


class Notes:
    """Handlers of a few lines: each says what of the request is an argument of which tool."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def handlers(self) -> dict[str, Handler]:
        return {
            "list_notes": self.list,
            "create_note": self.create,
            "read_note": self.read,
            "write_note": self.write,
            "delete_note": self.delete,
            "edit_note": self.edit,
            "read_links": self.links,
            "set_links": self.set_links,
            "list_revisions": self.revisions,
            "read_revision": self.revision,
        }

    async def list(self, request: Request) -> Response:
        asked = query_of(request)
        if "q" in asked:
            return shown(await self._door.ask(request, "search_notes", {**_without(asked, "q"), "query": asked["q"]}))
        return page(request, await self._door.ask(request, "list_notes", asked))

    async def create(self, request: Request) -> Response:
        await self._door.writing(request, "upsert_note", None)
        fields = await body_of(request)
        slug = str(fields.get("slug", ""))
        if slug and await self._standing(request, slug) is not None and "idempotency_key" not in fields:
            detail = f"there is a note {slug} already: PUT /notes/{quote(slug)} changes it"
            raise await self._door.refuse(request, "upsert_note", slug, Problem(HTTPStatus.CONFLICT, detail))
        saved = await self._door.ask(request, "upsert_note", fields)
        return _saved(saved, HTTPStatus.CREATED)

    async def read(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        only(query_of(request), *query_of(request))
        if "if-none-match" in request.headers and "@" not in slug:
            _, revision = await self._door.read(request, "get_note", slug, lambda call: revision_of(call, slug))
            if is_known(request, etag_of(revision)):
                return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={**PRIVATE, "ETag": etag_of(revision)})
        note = await self._door.read(request, "get_note", slug, lambda call: whole_note(call, slug))
        if is_known(request, etag_of(note["revision"])):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={**PRIVATE, "ETag": etag_of(note["revision"])})
        return shown(note, headers={"ETag": etag_of(note["revision"]), "Content-Location": _path(note["slug"])})

    async def write(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        await self._door.writing(request, "upsert_note", slug)
        fields = await body_of(request)
        only(fields, "slug", "if_revision")
        standing = await self._standing(request, slug)
        problem = _unmet(request, slug, standing)
        if problem is not None:
            raise await self._door.refuse(request, "upsert_note", slug, problem)
        if standing is None:
            return _saved(await self._door.ask(request, "upsert_note", fields | {"slug": slug}), HTTPStatus.CREATED)
        wanted = revision_wanted(request.headers["if-match"])
        wanted = standing if wanted is None else wanted
        return _saved(await self._door.ask(request, "upsert_note", fields | {"slug": slug, "if_revision": wanted}))

    async def delete(self, request: Request) -> Response:
        asked = query_of(request)
        only(asked, "ref", "if_revision")
        match = request.headers.get("if-match")
        wanted = revision_wanted(match) if match is not None else None
        arguments = {**asked, "ref": request.path_params["slug"], "if_revision": wanted}
        return shown(await self._door.ask(request, "delete_note", arguments))

    async def edit(self, request: Request) -> Response:
        fields = await body_of(request)
        only(fields, "ref")
        anchor = fields.pop("anchor", None)
        if not isinstance(anchor, str | None):
            raise Problem(HTTPStatus.BAD_REQUEST, "anchor: send the anchor of a section as a string, such as roll-out")
        slug = request.path_params["slug"]
        ref = f"{slug}#{anchor}" if anchor else slug
        match = request.headers.get("if-match")
        if match is not None:
            only(fields, "if_revision")
            fields["if_revision"] = revision_wanted(match)
        return _saved(await self._door.ask(request, "edit_note", fields | {"ref": ref}))

    async def links(self, request: Request) -> Response:
        only(query_of(request), *query_of(request))
        arguments = {"ref": request.path_params["slug"], "view": "meta", "include": ["links"]}
        note = await self._door.ask(request, "get_note", arguments)
        kept = {name: note[name] for name in ("slug", "revision", "links", "links_total")}
        return shown(kept, headers=_etag(note["revision"]))

    async def set_links(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        await self._door.writing(request, "link_notes", slug)
        fields = await body_of(request)
        only(fields, "source", "mode")
        match = request.headers.get("if-match", "*")
        standing = await self._standing(request, slug)
        if revision_wanted(match) not in (None, standing):
            detail = f"{slug} is at revision {standing}, you sent If-Match: {match[:40]}"
            problem = Problem(HTTPStatus.PRECONDITION_FAILED, detail, _etag(standing) if standing else None)
            raise await self._door.refuse(request, "link_notes", slug, problem)
        arguments = fields | {"source": slug, "mode": "set"}
        return shown(await self._door.ask(request, "link_notes", arguments))

    async def revisions(self, request: Request) -> Response:
        asked = query_of(request)
        only(asked, "ref")
        return page(request, await self._door.ask(request, "revisions", {**asked, "ref": request.path_params["slug"]}))

    async def revision(self, request: Request) -> Response:
        only(query_of(request), *query_of(request))
        number = request.path_params["number"]
        if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
            raise Problem(HTTPStatus.NOT_FOUND, f"{number[:40]} is no number of a revision")
        ref = f"{request.path_params['slug']}@{number}"
        note = await self._door.read(request, "get_note", ref, lambda call: whole_note(call, ref))
        return shown(note, headers=_etag(note["revision"]))

    async def _standing(self, request: Request, slug: str) -> int | None:
        """The revision of the note, None where there is none (or none that the caller may see)."""
        try:
            _, revision = await self._door.read(request, "get_note", slug, lambda call: revision_of(call, slug))
        except ToolError as error:
            if error.kind != "not-found":
                raise
            return None
        return revision


def _unmet(request: Request, slug: str, standing: int | None) -> Problem | None:
    """Which condition of a PUT does not hold of the note as it stands."""
    match = request.headers.get("if-match")
    if standing is None:
        detail = f"there is no note {slug}: send it without If-Match"
        return Problem(HTTPStatus.PRECONDITION_FAILED, detail) if match is not None else None
    if request.headers.get("if-none-match") == "*":
        return Problem(HTTPStatus.PRECONDITION_FAILED, f"there is a note {slug} already", _etag(standing))
    if match is None:
        detail = f'{slug} is at revision {standing}: send If-Match: "{standing}" if you have read that one'
        return Problem(HTTPStatus.PRECONDITION_REQUIRED, detail, _etag(standing))
    return None


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


def _etag(revision: int) -> dict[str, str]:
    return {"ETag": etag_of(revision)}


def _path(slug: str) -> str:
    return f"/notes/{quote(slug, safe='')}"


def _saved(saved: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """What was written; a creation that had been made already is answered as the change that it was not."""
    created = status is HTTPStatus.CREATED and saved["outcome"] == "created" and saved.get("diff") is None
    headers = {"ETag": etag_of(saved["revision"])}
    where = {"Location": _path(saved["slug"])} if created else {}
    return shown(saved, HTTPStatus.CREATED if created else HTTPStatus.OK, headers | where)
