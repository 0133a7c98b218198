"""Writing: the form of a note, its preview, what is saved, and what is settled where somebody else wrote meanwhile.

Nothing that was typed is kept here between two requests: a form carries it all, and comes back with it where it cannot
be saved.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notewell_server.http.api.problems import STATUS_OF
from notewell_server.http.calls import Calls
from notewell_server.pages.asking import asked, query_of
from notewell_server.pages.forms import fields_of, number_of, with_ends_of, with_line_feeds
from notewell_server.pages.links import note_path, prose
from notewell_server.pages.reading import moved
from notewell_server.pages.settling import Settling, Typed, outcome, settling
from notewell_server.pages.showing import Pages, View
from notewell_store import Conflict
from notewell_store.markdown.sections import title_of
from notewell_store.markdown.slugs import is_slug, slugify
from notewell_tools.admission import check_always
from notewell_tools.catalogue import CATALOGUE
from notewell_tools.definition import Call, Json
from notewell_tools.draft_page import (
    Fields,
    Meeting,
    Preview,
    arguments_of,
    fields_of_nothing,
    meeting,
    opened,
    opened_at,
    preview,
)
from notewell_tools.errors import ToolError

T = TypeVar("T")

SIGNED_OUT = "You are no longer signed in. Sign in in another tab, then save here."
EMPTY = "There is no text: a note that is not wanted any more is deleted on its page."
TYPES = ("architecture", "convention", "decision", "note", "plan", "project", "review", "sop", "template", "todo")
STATUSES = ("active", "draft", "proposed", "accepted", "in-progress", "blocked", "completed", "superseded", "archived")


class Editing:
    def __init__(self, pages: Pages, calls: Calls) -> None:
        self._pages = pages
        self._calls = calls

    def routes(self) -> list[Route]:
        return [
            Route("/new", self.begin, methods=["GET"]),
            Route("/new", self.make, methods=["POST"]),
            Route("/notes/{slug}/edit", self.edit, methods=["GET"]),
            Route("/notes/{slug}/edit", self.save, methods=["POST"]),
            Route("/notes/{slug}/resolve", self.resolve, methods=["POST"]),
            Route("/notes/{slug}/confirm", self.confirm, methods=["POST"]),
            Route("/notes/{slug}/delete", self.delete, methods=["POST"]),
            Route("/preview", self.preview, methods=["POST"]),
        ]

    async def edit(self, request: Request) -> Response:
        name = request.path_params["slug"]

        def ask(call: Call) -> View | Response:
            check_may_write(call)
            note = opened(call, name)
            if note["slug"] != name:
                return moved(request, note["slug"], "/edit")
            typed = Typed(note["text"], note["fields"], "", note["revision"])
            return form(note["slug"], typed, projects=_projects(call))

        return await self._pages.answer(request, "get_note", name, ask)

    async def begin(self, request: Request) -> Response:
        named = query_of(request, ["name", "project", "parent", "note_type"])

        def ask(call: Call) -> View:
            check_may_write(call)
            slug, title = proposed(named["name"])
            given = {name: named[name] for name in ("project", "parent", "note_type")}
            fields = fields_of_nothing() | given | {"title": title}
            return form(slug, Typed(f"# {title}\n\n" if title else "", fields, "", 0), projects=_projects(call))

        return await self._pages.answer(request, "upsert_note", None, ask)

    async def make(self, request: Request) -> Response:
        sent = await fields_of(request)
        typed = typed_of(sent)
        slug = sent.get("slug", "").strip() or slugify(typed.fields["title"].strip() or title_of(typed.text) or "")
        if "show" in sent:
            return await self._with_preview(request, slug, typed)
        if not typed.text.strip():
            return await self._again(request, slug, typed, EMPTY)
        arguments = _arguments(slug, typed, typed.text) | arguments_of(fields_of_nothing(), typed.fields)
        try:
            return await self._written(request, arguments)
        except ToolError as error:
            said = f"There is a note called {slug} already." if isinstance(error.facts, Conflict) else worded(error)
            return await self._again(request, slug, typed, said, STATUS_OF[error.kind])

    async def save(self, request: Request) -> Response:
        slug, sent = request.path_params["slug"], await fields_of(request)
        typed = typed_of(sent)
        if "show" in sent:
            return await self._with_preview(request, slug, typed)
        return await self._save(request, slug, typed)

    async def _save(self, request: Request, slug: str, typed: Typed) -> Response:
        """Save what was typed; else the form again, or the places where it meets what others wrote."""
        if not typed.text.strip():
            return await self._again(request, slug, typed, EMPTY)

        def ask(call: Call) -> Json:
            before = opened_at(call, slug, typed.revision)
            text = with_ends_of(before["text"], typed.text)
            return _arguments(slug, typed, text) | arguments_of(before["fields"], typed.fields)

        try:
            return await self._written(request, await self._read(request, slug, ask))
        except ToolError as error:
            if isinstance(error.facts, Conflict) and error.facts.overlap:
                return await self._conflict(request, slug, typed)
            return await self._again(request, slug, typed, worded(error), STATUS_OF[error.kind])

    async def resolve(self, request: Request) -> Response:
        slug, sent = request.path_params["slug"], await fields_of(request)
        typed, newest = typed_of(sent), number_of(sent.get("newest", ""))
        try:
            met, found = await self._met(request, slug, typed, newest, sent)
        except ToolError as error:
            return await self._again(request, slug, typed, worded(error), STATUS_OF[error.kind])
        if not found.is_whole:
            return await self._pages.show(request, conflict(met, typed, found, is_again=True))
        return await self._save(request, slug, await run_sync(outcome, met, found, typed))

    async def _conflict(self, request: Request, slug: str, typed: Typed) -> Response:
        try:
            met, found = await self._met(request, slug, typed, None, {})
        except ToolError as error:
            return await self._again(request, slug, typed, worded(error), STATUS_OF[error.kind])
        return await self._pages.show(request, conflict(met, typed, found, is_again=False))

    async def _met(
        self, request: Request, slug: str, typed: Typed, newest: int | None, sent: Mapping[str, str]
    ) -> tuple[Meeting, Settling]:
        """Where what was typed meets what others wrote, and what a form chose of it."""

        def ask(call: Call) -> tuple[Meeting, Settling]:
            text = with_ends_of(opened_at(call, slug, typed.revision)["text"], typed.text)
            met = meeting(call, slug, typed.revision, text, typed.fields, newest)
            return met, settling(met, sent)

        return await self._read(request, slug, ask)

    async def confirm(self, request: Request) -> Response:
        slug, sent = request.path_params["slug"], await fields_of(request)
        arguments = {"slug": slug, "confirm": True, "if_revision": number_of(sent.get("revision", ""))}
        try:
            return await self._written(request, arguments | _reason(sent))
        except ToolError as error:
            if not isinstance(error.facts, Conflict):
                raise
            return sent_on(slug, saved="newer")

    async def delete(self, request: Request) -> Response:
        slug, sent = request.path_params["slug"], await fields_of(request)
        arguments = {"ref": slug, "if_revision": number_of(sent.get("revision", ""))} | _reason(sent)
        try:
            await self._calls.ask(request, "delete_note", arguments)
        except ToolError as error:
            if not isinstance(error.facts, Conflict):
                raise
            return sent_on(slug, saved="newer")
        return sent_on(slug)

    async def preview(self, request: Request) -> Response:
        sent = await fields_of(request)
        typed, slug = typed_of(sent), sent.get("slug", "")
        found = await self._read(request, slug, lambda call: preview(call, slug, typed.text, typed.fields))
        return await self._pages.show(request, View("preview.html", {"live": True, "preview": shown(found)}))

    async def _with_preview(self, request: Request, slug: str, typed: Typed) -> Response:
        try:
            found = await self._read(request, slug, lambda call: preview(call, slug, typed.text, typed.fields))
        except ToolError as error:
            return await self._again(request, slug, typed, worded(error), STATUS_OF[error.kind])
        return await self._pages.show(request, form(slug, typed, found=found))

    async def _again(
        self, request: Request, slug: str, typed: Typed, said: str, status: int = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> Response:
        """The form with all that was typed, and why it was not saved."""
        return await self._pages.show(request, form(slug, typed, said=said, status=status))

    async def _read(self, request: Request, slug: str, question: Callable[[Call], T]) -> T:
        """What only those may ask who may write."""

        def ask(call: Call) -> T:
            check_may_write(call)
            return question(call)

        return await self._calls.read(request, "get_note", slug or None, ask)

    async def _written(self, request: Request, arguments: Json) -> Response:
        """On to the note, or first to what the write warns of. Raises ToolError."""
        saved = await self._calls.ask(request, "upsert_note", arguments)
        if saved["warnings"]:
            return await self._pages.show(request, View("saved.html", {"saved": saved}))
        return sent_on_saved(saved)


def check_may_write(call: Call) -> None:
    """Raise ToolError unless who looks may write something."""
    check_always(CATALOGUE["upsert_note"], call.rights)


def form(
    slug: str,
    typed: Typed,
    *,
    said: str = "",
    found: Preview | None = None,
    projects: list[str] | None = None,
    status: int = HTTPStatus.OK,
) -> View:
    """The page on which a note is written. That of a new one has revision 0."""
    facts = {
        "slug": slug,
        "typed": typed,
        "said": said,
        "preview": shown(found) if found else None,
        "live": False,
        "projects": projects or [],
        "types": TYPES,
        "statuses": STATUSES,
    }
    return View("edit.html", facts, status)


def shown(found: Preview) -> Mapping[str, Any]:
    """A preview with its links leading to pages."""
    return {**found, "html": None if found["html"] is None else prose(found["html"], "").html}


def conflict(met: Meeting, typed: Typed, found: Settling, *, is_again: bool) -> View:
    """The places to settle; `is_again` where a form of them left some open."""
    facts = {"met": met, "typed": typed, "found": found, "is_again": is_again}
    return View("conflict.html", facts, HTTPStatus.UNPROCESSABLE_ENTITY if is_again else HTTPStatus.CONFLICT)


def typed_of(sent: Mapping[str, str]) -> Typed:
    """What a form of a note has; what it has not is as of a note of which nothing is said."""
    fields: Fields = {name: sent.get(name, "").strip() for name in fields_of_nothing()}
    text = with_line_feeds(sent.get("content", ""))
    return Typed(text, fields, sent.get("reason", "").strip(), number_of(sent.get("revision", "")) or 0)


def proposed(name: str) -> tuple[str, str]:
    """The slug and the title of a note that something is called for by this name."""
    if is_slug(name):
        return name, name.replace("-", " ").capitalize()
    return slugify(name), name


def worded(error: ToolError) -> str:
    return SIGNED_OUT if error.kind == "unauthorized" else error.message


def _arguments(slug: str, typed: Typed, text: str) -> Json:
    arguments: Json = {"slug": slug, "content": text, "if_revision": typed.revision, "is_whole": True}
    return arguments | ({"reason": typed.reason} if typed.reason else {})


def _reason(sent: Mapping[str, str]) -> Json:
    reason = sent.get("reason", "").strip()
    return {"reason": reason} if reason else {}


def sent_on_saved(saved: Mapping[str, Any]) -> Response:
    merged = ",".join(map(str, saved.get("merged_with", ())))
    return sent_on(saved["slug"], saved=saved["outcome"], **({"merged": merged} if merged else {}))


def sent_on(slug: str, **said: str) -> Response:
    """To the note, which tells what was done."""
    query = f"?{urlencode(said)}" if said else ""
    return RedirectResponse(f"{note_path(slug)}{query}", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def _projects(call: Call) -> list[str]:
    return [project["slug"] for project in asked(call, "projects")["projects"]]
