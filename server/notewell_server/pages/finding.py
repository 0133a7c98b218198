"""Lists of notes, and the search."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notewell_server.http.guards.response_cache import READ
from notewell_server.pages.asking import asked as asked_of
from notewell_server.pages.asking import query_of
from notewell_server.pages.drawings.activity import end_of_month, slider_of
from notewell_server.pages.forms import number_of
from notewell_server.pages.showing import Pages, View
from notewell_tools.definition import Call
from notewell_tools.notes_page import labels_used, months_of, past_notes

MORE = ("sort", "cursor", "as_of", "month", "deleted")
IN_THE_PAST = ("project", "note_type", "status", "parent")
FILTERS = ("project", "note_type", "status", "tags", "parent", "within")
SORTS = {"updated": "newest change", "oldest": "oldest change", "created": "newest", "title": "title"}
SHOWN = 50  # notes of one page
HITS = 20


class Finding:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [Route("/notes", self.notes), Route("/search", self.search)]

    async def notes(self, request: Request) -> Response:
        asked = query_of(request, (*FILTERS, *MORE))
        if asked["month"]:
            return _sent_to_month(request, number_of(asked["month"]))
        filters = {name: asked[name] for name in FILTERS}

        def ask(call: Call) -> View:
            months = months_of(call)
            facts = {
                "filters": filters,
                "sort": asked["sort"],
                "sorts": SORTS,
                "deleted": bool(asked["deleted"]),
                "as_of": asked["as_of"],
                "slider": slider_of(months, asked["as_of"]),
                "project_choices": project_choices(call),
            }
            listed = _then if asked["as_of"] else _today
            return View("notes.html", {**facts, **listed(call, request, filters, asked)})

        return await self._pages.answer(request, "list_notes", None, ask)

    async def search(self, request: Request) -> Response:
        query = query_of(request, ["q"])["q"]
        filters = query_of(request, ["project", "note_type"])
        is_typing = "hx-request" in request.headers  # each letter asks anew, and none of it was searched for
        unasked = False

        def ask(call: Call) -> View:
            asker = replace(call, recorder=None) if is_typing else call
            nonlocal unasked
            found = asked_of(asker, "search_notes", query=query, **filters, limit=HITS) if query else None
            unasked = found is not None and "meaning_not_asked" in found
            facts = {"query": query, "filters": filters, "found": found, "project_choices": project_choices(call)}
            return View("search.html", facts)

        answer = await self._pages.answer(request, "search_notes", None, ask)
        if unasked:  # and may be asked the next time, though nobody commits
            request.scope.pop(READ, None)
        return answer


def _today(call: Call, request: Request, filters: dict[str, str], asked: dict[str, str]) -> dict[str, Any]:
    more = {name: asked[name] for name in ("sort", "cursor")}
    found = asked_of(call, "list_notes", **filters, **more, deleted=bool(asked["deleted"]) or None, limit=SHOWN)
    labels = {} if more["cursor"] or asked["deleted"] else labels_used(call, filters["project"])
    return {**found, "labels": labels, "following": following(request, "cursor", found["next_cursor"])}


def _then(call: Call, request: Request, filters: dict[str, str], asked: dict[str, str]) -> dict[str, Any]:
    """Of the past it is not known how many there were, nor what was below a note."""
    wanted: dict[str, Any] = {name: filters[name] or None for name in IN_THE_PAST}
    wanted["tags"] = [tag for tag in filters["tags"].replace(",", " ").split() if tag]
    found = past_notes(call, asked["as_of"], asked["cursor"], SHOWN, **wanted)
    more = following(request, "cursor", found.following)
    return {"notes": found.notes, "at": found.at, "total": None, "labels": {}, "following": more}


def _sent_to_month(request: Request, month: int | None) -> Response:
    """From what the slider names to an address that people can read: the end of that month, or today."""
    today = datetime.now(UTC).date()
    day = today if month is None else end_of_month(month)
    kept = [
        (key, value) for key, value in request.query_params.multi_items() if key not in ("month", "as_of", "cursor")
    ]
    if day < today:
        kept.append(("as_of", day.isoformat()))
    kept = [(key, value) for key, value in kept if value]
    return RedirectResponse(f"/notes?{urlencode(kept)}" if kept else "/notes", HTTPStatus.SEE_OTHER)


def project_choices(call: Call) -> list[tuple[str, str]]:
    """For a choice: slug and name of each."""
    return [(project["slug"], project["name"]) for project in asked_of(call, "projects")["projects"]]


def following(request: Request, name: str, place: object) -> str | None:
    """The address of what follows, which goes on at that place; None where nothing does."""
    if place is None:
        return None
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != name]
    return f"{request.url.path}?{urlencode([*kept, (name, str(place))])}"
