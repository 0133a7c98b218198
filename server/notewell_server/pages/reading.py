"""A note, and who wrote what of it."""

from http import HTTPStatus
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notewell_server.pages.asking import asked, query_of
from notewell_server.pages.blame import HERE, margin
from notewell_server.pages.links import SEARCHED, note_path, prose
from notewell_server.pages.showing import Pages, View
from notewell_store import Deleted
from notewell_store.markdown.slugs import is_slug
from notewell_tools.definition import Call
from notewell_tools.note_page import metadata_of, note_page
from notewell_tools.reads import note_read


class Reading:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [Route("/notes/{slug}", self.note)]

    async def note(self, request: Request) -> Response:
        name, revision = request.path_params["slug"], request.query_params.get("rev", "")
        as_of = query_of(request, ["as_of"])["as_of"] or None
        blame = "" if revision or as_of else request.query_params.get("blame", "")

        def ask(call: Call) -> View | Response:
            try:
                found = note_page(call, f"{name}@{revision}" if revision.isdigit() and is_slug(name) else name, as_of)
            except Deleted as deleted:
                return tombstone(call, deleted.slug)
            note = found["note"]
            if found["slug"] != name:
                return moved(request, found["slug"], "")
            call.record(note_read(note))
            may_edit = may_write(call, note["project"])
            missing = made_here(note["project"]) if may_edit else SEARCHED
            text = prose(note["html_content"], note["title"], missing)
            contents = [entry for entry in found["contents"] if entry["anchor"] != text.anchor]
            told = {"said": said_of(request), "may_edit": may_edit, "missing": missing, "blame": blame}
            margins = margin(call, name, note["title"], missing) if blame == HERE else {}
            return View("note.html", {**found, **told, "prose": text, "contents": contents, **margins})

        return await self._pages.answer(request, "get_note", name, ask)


SAID = {
    "created": "Made.",
    "updated": "Saved.",
    "confirmed": "You said that it still holds.",
    "unchanged": "It reads so already: nothing was changed.",
    "newer": "Somebody changed it since you read it, so nothing was done. This is how it stands now.",
}


def said_of(request: Request) -> str:
    """What was done on the page from which one comes; '' of nothing."""
    told = query_of(request, ["saved", "merged"])
    others = [f"r{number}" for number in told["merged"].split(",") if number.isdecimal()]
    if told["saved"] == "merged" and others:
        return f"Saved together with {', '.join(others[:10])}, which came while you wrote. No places met."
    return SAID.get(told["saved"], "")


def may_write(call: Call, project: str | None) -> bool:
    """Whether who looks may write notes of the project."""
    return call.rights.allow("write") and call.rights.project in (None, project)


def made_here(project: str | None) -> str:
    """The beginning of the address at which a note of a name is made."""
    return f"/new?{urlencode({'project': project})}&name=" if project else "/new?name="


def tombstone(call: Call, slug: str) -> View:
    """Of a deleted note: what it was called, and who deleted it, when and why."""
    known = metadata_of(call, slug)
    last = asked(call, "revisions", ref=known.slug, limit=1)["revisions"][0]
    facts = {"slug": known.slug, "title": known.title, "last": last, "may_edit": may_write(call, known.project)}
    return View("tombstone.html", facts, HTTPStatus.GONE)


def moved(request: Request, slug: str, below: str) -> Response:
    """To where the note is that was asked for by a former name, its number or its title."""
    query = urlencode(request.query_params.multi_items())
    url = f"{note_path(slug)}{below}{f'?{query}' if query else ''}"
    return RedirectResponse(url, HTTPStatus.MOVED_PERMANENTLY, {"Cache-Control": "no-cache"})
