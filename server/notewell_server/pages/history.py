"""A note's history: its revisions, what lies between any two, and back to one of them."""

from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from notewell_server.http.calls import Calls
from notewell_server.pages.asking import query_of
from notewell_server.pages.forms import fields_of, number_of
from notewell_server.pages.links import led, note_path
from notewell_server.pages.reading import may_write, moved
from notewell_server.pages.showing import Pages, View
from notewell_store.markdown.diffs import count_lines
from notewell_store.markdown.line_changes import line_changes
from notewell_store.markdown.page_changes import Block, page_changes
from notewell_tools.definition import Call
from notewell_tools.note_history import Difference, difference, history_page, revision_pages

SHOWN = 50  # revisions of one page
VIEWS = {"page": "On the page", "column": "One column", "sides": "Side by side"}
AROUND = 1  # blocks that are shown on either side of a change


class History:
    def __init__(self, pages: Pages, calls: Calls) -> None:
        self._pages = pages
        self._calls = calls

    def routes(self) -> list[Route]:
        return [
            Route("/notes/{slug}/history", self.history),
            Route("/notes/{slug}/diff", self.diff),
            Route("/notes/{slug}/restore", self.restore, methods=["POST"]),
        ]

    async def history(self, request: Request) -> Response:
        name, cursor = request.path_params["slug"], query_of(request, ["cursor"])["cursor"]

        def ask(call: Call) -> View | Response:
            found = history_page(call, name, SHOWN, cursor or None)
            if found["slug"] != name:
                return moved(request, found["slug"], "/history")
            return View("history.html", {**found, "may_edit": may_write(call, found["project"])})

        return await self._pages.answer(request, "revisions", name, ask)

    async def diff(self, request: Request) -> Response:
        name, asked = request.path_params["slug"], query_of(request, ["from", "to", "view", "whole"])
        old, new = _in_order(asked["from"], asked["to"])
        view, whole = asked["view"] if asked["view"] in VIEWS else "page", asked["whole"] != ""

        def ask(call: Call) -> View | Response:
            found = difference(call, name, old, new)
            if found["slug"] != name:
                return moved(request, found["slug"], "/diff")
            told = {"views": VIEWS, "whole": whole, "may_edit": may_write(call, found["project"])}
            return View("difference.html", {**found, **told} | _compared(call, found, view, whole))

        return await self._pages.answer(request, "revisions", name, ask)

    async def restore(self, request: Request) -> Response:
        """A former revision becomes the newest; without one, a deleted note comes back."""
        slug, sent = request.path_params["slug"], await fields_of(request)
        revision, reason = sent.get("rev", "").strip(), sent.get("reason", "").strip()
        arguments = {"ref": f"{slug}@{revision}" if revision else slug} | ({"reason": reason} if reason else {})
        saved = await self._calls.ask(request, "restore_note", arguments)
        return RedirectResponse(note_path(saved["slug"]), HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


def _in_order(one: str, other: str) -> tuple[int | None, int | None]:
    """The older and the newer of two revisions, as far as they are named; of one and itself, that one alone."""
    old, new = map(number_of, (one, other))
    if old is None or new is None or old < new:
        return old, new
    return (None, new) if old == new else (new, old)


def _compared(call: Call, found: Difference, view: str, whole: bool) -> dict[str, Any]:
    """The change as the view shows it. Where the pages are too much for one another, their lines are shown."""
    texts = found["texts"]
    if texts is None:
        return {"view": view, "too_much": "texts", "places": 0}
    changes = _on_the_page(call, found, whole) if view == "page" else None
    if changes:
        added, removed = count_lines(*texts)
        return {"view": view, "too_much": "", "added": added, "removed": removed, **changes}
    lines = line_changes(*texts, whole=whole)
    facts = {"added": lines.added, "removed": lines.removed, "places": lines.places, "lines": lines}
    return (
        {"view": "column", "too_much": "pages", **facts} if view == "page" else {"view": view, "too_much": "", **facts}
    )


def _on_the_page(call: Call, found: Difference, whole: bool) -> dict[str, Any] | None:
    old, new = revision_pages(call, found["slug"], (found["old"], found["new"]))
    changes = page_changes(led(old), led(new))
    return None if changes is None else {"places": changes.places, "blocks": _folded(changes.blocks, whole)}


def _folded(blocks: tuple[Block, ...], whole: bool) -> list[str | int]:
    """The HTML of what changed, with a block on either side, or of all; where some are left out, how many."""
    changed = [at for at, block in enumerate(blocks) if block.is_changed]
    near = {at + step for at in changed for step in range(-AROUND, AROUND + 1)}
    shown: list[str | int] = []
    for at, block in enumerate(blocks):
        if whole or at in near:
            shown.append(block.html)
        elif shown and isinstance(shown[-1], int):
            shown[-1] += 1
        else:
            shown.append(1)
    return shown
