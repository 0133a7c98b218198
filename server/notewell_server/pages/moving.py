"""What a person means who moves a card on a page: which notes are written, and what is said where it is refused."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from notewell_server.pages.forms import number_of
from notewell_store import StoreError
from notewell_store.boards.cards import places
from notewell_store.errors import Conflict, FullColumn, MoveNotAllowed
from notewell_tools.definition import Json
from notewell_tools.results import Board, BoardCard, BoardColumn

MOST_ELSE = 20
"""Other cards that are given a place so that one can stand where it is put."""

NO_ROOM = (
    f"More than {MOST_ELSE} cards would have to be given a place for that. "
    "Put it at the top or at the bottom; the others can be brought into order first."
)
NOT_THERE = "This card is on the board no more, or is not among those that the page shows. The board shows what is."
NO_COLUMN = "The board has no such column any more."


class CannotMove(Exception):
    """A move that cannot be meant any more, in words for whoever wanted it."""


class Move(NamedTuple):
    """As a form says it: `status` is that of a column, '' for its own; `place` is `first`, `last`, `up` or `down`,
    unless `before` names the card that it goes before."""

    card: str
    revision: int
    status: str
    place: str
    before: str = ""

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "Move":
        revision = number_of(sent.get("revision", "")) or 0
        words = (sent.get(name, "") for name in ("status", "place", "before"))
        return cls(sent.get("card", ""), revision, *words)


def writes_of(board: Board, move: Move) -> list[Json]:
    """The arguments of `upsert_note` for each note that changes, the card first; none where it stands there already.
    Raises CannotMove."""
    own, card = _found(board, move.card)
    target = own if move.status in ("", own["status"]) else _column(board, move.status)
    others = [one for one in target["cards"] if one is not card]
    now = own["cards"].index(card) if target is own else None
    at = _index(others, move, now)
    if at == now:
        return []
    order = [*others[:at], card, *others[at:]]
    written = places([one["position"] for one in order], at)
    if len(written) > 1 + MOST_ELSE:
        if move.before or move.place != "last":
            raise CannotMove(NO_ROOM)
        placed = [one for one in others if one["position"] is not None]
        at, order = len(placed), [*placed, card]
        written = places([one["position"] for one in order], at)
    moved: Json = {"slug": card["slug"], "if_revision": move.revision, "position": written[at]}
    if target is not own:
        moved["status"] = target["status"]
    reason = f"makes room for {card['slug']}"
    rest: list[Json] = [
        {"slug": order[index]["slug"], "position": position, "reason": reason}
        for index, position in written.items()
        if index != at
    ]
    return [moved, *rest]


def _found(board: Board, slug: str) -> tuple[BoardColumn, BoardCard]:
    for column in board["columns"]:
        for card in column["cards"]:
            if card["slug"] == slug:
                return column, card
    raise CannotMove(NOT_THERE)


def _column(board: Board, status: str) -> BoardColumn:
    for column in board["columns"]:
        if column["status"] == status:
            return column
    raise CannotMove(NO_COLUMN)


def _index(others: list[BoardCard], move: Move, now: int | None) -> int:
    """Among the others of its column; `now` where the card stands there already."""
    if move.before:
        return next((index for index, one in enumerate(others) if one["slug"] == move.before), len(others))
    if move.place == "first":
        return 0
    if move.place == "up" and now is not None:
        return max(now - 1, 0)
    if move.place == "down" and now is not None:
        return min(now + 1, len(others))
    return len(others)


class Refusal(NamedTuple):
    """Why a move was refused, what to do, and the notes that are meant by slug and title."""

    why: str
    then: str
    notes: list[tuple[str, str]]


def refusal(error: StoreError | None, board: Board) -> Refusal | None:
    """In the words of the board; None for what says no such thing."""
    names = {column["status"]: column["name"] for column in board["columns"]}
    titles = {card["slug"]: card["title"] for column in board["columns"] for card in column["cards"]}
    match error:
        case FullColumn():
            name, held = names.get(error.status, error.status), f"{error.limit} card{'' if error.limit == 1 else 's'}"
            why = f"{name} is full: it may hold {held}."
            return Refusal(
                why, "Move one of its cards on first.", [(slug, titles.get(slug, slug)) for slug in error.cards]
            )
        case MoveNotAllowed():
            was, to = (names.get(status, status) for status in (error.was, error.status))
            allowed = " or ".join(names.get(status, status) for status in error.allowed)
            why = f"From {was} a card does not move to {to}."
            return Refusal(why, f"Move it to {allowed}." if allowed else "Cards of this column stay.", [])
        case Conflict():
            return Refusal(
                _changed(error),
                "Look at it as it is now, and move it again if you still mean to.",
                [(error.slug, titles.get(error.slug, error.slug))],
            )
    return None


def _changed(error: Conflict) -> str:
    if not error.changes:
        return "The card was changed meanwhile."
    last: Any = error.changes[0]
    reason = f": {last.reason}" if last.reason else ""
    return f"The card was changed meanwhile, by {last.actor}{reason}."
