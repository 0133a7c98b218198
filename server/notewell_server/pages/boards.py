"""Boards: which there are, their columns, moves of cards, and what the history tells of the flow."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from notewell_server.http.calls import Calls
from notewell_server.pages.asking import asked, query_of
from notewell_server.pages.drawings.flow import counts_of, throughput_of, times_of
from notewell_server.pages.forms import fields_of
from notewell_server.pages.links import board_path, note_path
from notewell_server.pages.moving import CannotMove, Move, Refusal, refusal, writes_of
from notewell_server.pages.showing import Pages, View
from notewell_server.thread_limits import on_thread
from notewell_store import Invalid
from notewell_store.access.rights import Rights
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError
from notewell_tools.results import Board, BoardCard

LISTED = 20  # boards of one page
SHOWN = 60  # cards of a column
READ = 200  # cards of a column among which a place is looked for


class Boards:
    def __init__(self, pages: Pages, calls: Calls) -> None:
        self._pages = pages
        self._calls = calls

    def routes(self) -> list[Route]:
        return [
            Route("/boards", self.all),
            Route("/boards/{slug}", self.board),
            Route("/boards/{slug}/columns", self.columns),
            Route("/boards/{slug}/flow", self.flow),
            Route("/boards/{slug}/move", self.move, methods=["POST"]),
        ]

    async def all(self, request: Request) -> Response:
        cursor = query_of(request, ["cursor"])["cursor"]

        def ask(call: Call) -> View:
            found = asked(call, "list_notes", note_type="board", limit=LISTED, cursor=cursor)
            boards = [asked(call, "board", ref=note["slug"], limit=1) for note in found["notes"]]
            following = f"/boards?cursor={quote(found['next_cursor'])}" if found["next_cursor"] else None
            return View("boards.html", {"boards": boards, "total": found["total"], "following": following})

        return await self._pages.answer(request, "list_notes", None, ask)

    async def board(self, request: Request) -> Response:
        return await self._shown(request, "board.html", "", include=["timeline"])

    async def columns(self, request: Request) -> Response:
        """The columns alone, to take the place of those that a page shows."""
        return await self._shown(request, "board_columns.html", "/columns", include=[])

    async def _shown(self, request: Request, template: str, below: str, include: list[str]) -> Response:
        name = request.path_params["slug"]

        def ask(call: Call) -> View | Response:
            found = board_named(call, name, below, include=include, limit=SHOWN)
            if isinstance(found, Response):
                return found
            may_move = partial(_may_move, call.rights)
            return View(template, {"board": found, "may_move": may_move, "moves_any": _moves_any(found, may_move)})

        return await self._pages.answer(request, "board", name, ask)

    async def flow(self, request: Request) -> Response:
        name = request.path_params["slug"]

        def ask(call: Call) -> View | Response:
            found = board_named(call, name, "/flow", include=["flow"], limit=READ)
            return found if isinstance(found, Response) else View("flow.html", _flow(found))

        return await self._pages.answer(request, "board", name, ask)

    async def move(self, request: Request) -> Response:
        """To the board again, at the card; or why it does not move, with 409."""
        slug, sent = request.path_params["slug"], await fields_of(request)
        move = Move.read(sent)
        refused = await on_thread("upsert_note", self._move, request.scope, slug, move)
        if refused is not None:
            return await self._pages.show(request, refused)
        onwards = "/columns" if "fragment" in sent else f"#card/{quote(move.card, safe='')}"
        return RedirectResponse(f"{board_path(slug)}{onwards}", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})

    def _move(self, scope: Scope, slug: str, move: Move) -> View | None:
        """Raises ToolError for what is wrong otherwise."""
        board: Any = self._calls.run(scope, "board", {"ref": slug, "limit": READ}).data
        try:
            for arguments in writes_of(board, move):
                self._calls.run(scope, "upsert_note", arguments)
        except CannotMove as error:
            return _refused(board, Refusal(str(error), "", []))
        except ToolError as error:
            told = refusal(error.facts, board)
            if told is None:
                raise
            return _refused(board, told)
        return None


def board_named(call: Call, name: str, below: str, **arguments: Any) -> Board | Response:
    """The board, or where it is: at its own name, or, being no board, as a note. Raises ToolError."""
    try:
        found: Board = asked(call, "board", ref=name, **arguments)
    except ToolError as error:
        if isinstance(error.facts, Invalid):
            return RedirectResponse(note_path(name), HTTPStatus.SEE_OTHER, {"Cache-Control": "no-cache"})
        raise
    if found["slug"] == name:
        return found
    to = f"{board_path(found['slug'])}{below}"
    return RedirectResponse(to, HTTPStatus.MOVED_PERMANENTLY, {"Cache-Control": "no-cache"})


def _flow(board: Board) -> dict[str, Any]:
    flow = board["flow"]
    return {
        "board": board,
        "flow": flow,
        "titles": {card["slug"]: card["title"] for column in board["columns"] for card in column["cards"]},
        "names": {column["status"]: column["name"] for column in board["columns"]},
        "counts": counts_of(flow, board["columns"]),
        "times": times_of(flow),
        "throughput": throughput_of(flow),
        "lately": sum(week["done"] for week in flow["weeks"][-4:]),
        "oldest": max([1.0, *(card["days"] for card in flow["oldest"])]),
    }


def _may_move(rights: Rights, card: BoardCard) -> bool:
    return rights.allow("write") and rights.project in (None, card["project"])


def _moves_any(board: Board, may_move: Callable[[BoardCard], bool]) -> bool:
    return any(may_move(card) for column in board["columns"] for card in column["cards"])


def _refused(board: Board, told: Refusal) -> View:
    facts = {"slug": board["slug"], "title": board["title"], "told": told}
    return View("move_refused.html", facts, HTTPStatus.CONFLICT)
