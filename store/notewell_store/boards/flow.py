"""What the history of a board's cards tells of the flow: how long they take, how many are done, how many stand where.

It is of the cards that are on the board today, whose statuses are read out of their revisions. Who may not read what a
card was before it became public sees it begin there.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from notewell_store.boards.cards import Board, as_board, count_cards, days_since
from notewell_store.boards.layout import LONGEST_PAGE, Column, Layout
from notewell_store.clock import now, of_second
from notewell_store.contract import Snapshot
from notewell_store.tables import boards, notes
from notewell_store.tables.boards import Entered

WEEKS = 12
"""How far back is looked, the week that runs included."""
MOST_CARDS = 2_000
"""Cards whose history is read, those that were made last."""
MOST_FINISHED = 100
MOST_OLD = 10


class Stay(NamedTuple):
    """That a card has stood in a column since then; None is no column of the board, or deleted."""

    since: str
    column: Column | None


class Finished(NamedTuple):
    """A card that was done, when, and how many days after it had come to the board."""

    slug: str
    at: str
    days: float


class Aged(NamedTuple):
    """A card in work, and how many days it has stood in its column."""

    slug: str
    column: Column
    days: float


class Week(NamedTuple):
    """The week that begins on this Monday: how many cards were done in it, and how many stood in each column at its
    end."""

    monday: str
    done: int
    counts: tuple[int, ...]


class Flow(NamedTuple):
    """`p50` and `p85` are the days within which that share of the cards that were `finished` was done; None where none
    was. `is_part` tells that the board has more cards than were looked at."""

    weeks: tuple[Week, ...]
    finished: tuple[Finished, ...]
    p50: float | None
    p85: float | None
    in_work: tuple[Aged, ...]
    is_part: bool


def flow_of(db: Snapshot, board: Board, at: str | None = None, most: int = MOST_CARDS) -> Flow:
    """The flow of the last WEEKS weeks, up to now. Reads the revisions of the newest cards by the index of each."""
    moment = at or now()
    ids = [] if board.is_empty else boards.card_ids(db, board.row.id, board.wanted, most + 1)
    shown = ids[:most]
    stays = stays_of(board.layout, boards.moves_of(db, shown))
    mondays = _mondays(moment)
    done_columns, work = board.layout.done, board.layout.in_work
    ended = ((card, _finished(done_columns, own)) for card, own in stays.items())
    done = {card: found for card, found in ended if found and found[0] >= mondays[0]}
    in_work = {card: own[-1] for card, own in stays.items() if own[-1].column in work}
    slugs = notes.slugs_by_id(db, {*done, *in_work})
    days = sorted(days for _, days in done.values())
    told = sorted((Finished(slugs[card], at, days) for card, (at, days) in done.items()), key=lambda one: one.at)
    ages = [
        Aged(slugs[card], stay.column, days_since(stay.since, moment)) for card, stay in in_work.items() if stay.column
    ]
    return Flow(
        tuple(_weeks(board.layout, mondays, moment, stays.values(), [at for at, _ in done.values()])),
        tuple(told[::-1]),
        percentile(days, 0.5),
        percentile(days, 0.85),
        tuple(sorted(ages, key=lambda one: (-one.days, one.slug))),
        len(ids) > most,
    )


class BoardFigures(NamedTuple):
    """A board's flow, by its slug, and how many cards stand in each column."""

    slug: str
    counts: tuple[tuple[str, int], ...]
    flow: Flow


CARDS_TOLD = 500
"""Cards of each whose history is read for that."""
MOST_TOLD = 10
"""Boards of a store whose figures are told together, those that were made last."""


def figures_of_boards(db: Snapshot) -> list[BoardFigures]:
    """As flow_of, of the newest boards of the store."""
    found = (as_board(db, row) for row in boards.newest_boards(db, MOST_TOLD, LONGEST_PAGE))
    return [
        BoardFigures(board.row.slug, tuple(_counts(db, board)), flow_of(db, board, most=CARDS_TOLD)) for board in found
    ]


def _counts(db: Snapshot, board: Board) -> Iterator[tuple[str, int]]:
    counted = count_cards(db, board)
    return ((column.status, counted[column]) for column in board.layout.columns)


def percentile(values: list[float], share: float) -> float | None:
    """The least of these sorted values that this share of them does not exceed."""
    return values[math.ceil(share * len(values)) - 1] if values else None


def stays_of(layout: Layout, moves: Iterable[Entered]) -> dict[int, list[Stay]]:
    """Where each card stood since when, oldest first. An import may keep times that run backwards: then a card came
    when it was told of."""
    found: dict[int, list[Stay]] = {}
    column_of = lru_cache(1_000)(layout.column_of)
    for move in moves:
        own = found.setdefault(move.card, [])
        column = None if move.deleted else column_of(move.status)
        if not own or own[-1].column != column:
            own.append(Stay(max(move.at, own[-1].since) if own else move.at, column))
    return found


def _finished(done: tuple[Column, ...], stays: list[Stay]) -> tuple[str, float] | None:
    """When a card that is done was, and how long after it came; None for one that is not, or was from the start."""
    if stays[-1].column not in done:
        return None
    entered = len(stays) - 1
    while entered and stays[entered - 1].column in done:
        entered -= 1
    return (stays[entered].since, days_since(stays[0].since, stays[entered].since)) if entered else None


def _mondays(moment: str) -> list[str]:
    """The first moments of the last WEEKS weeks, oldest first."""
    day = datetime.fromisoformat(moment).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = day - timedelta(days=day.weekday())
    return [of_second((monday - timedelta(weeks=back)).timestamp()) for back in range(WEEKS)][::-1]


def _weeks(
    layout: Layout, mondays: list[str], moment: str, stays: Iterable[list[Stay]], done: list[str]
) -> Iterator[Week]:
    histories = [own[::-1] for own in stays]
    for begin, end in zip(mondays, [*mondays[1:], moment + "~"], strict=True):  # what is behind every time of now
        stood = Counter(_at(own, end) for own in histories)
        counts = tuple(stood[each] for each in layout.columns)
        yield Week(begin[:10], sum(begin <= at < end for at in done), counts)


def _at(stays: list[Stay], end: str) -> Column | None:
    """Where a card stood before that time; the stays begin with the last."""
    for stay in stays:
        if stay.since < end:
            return stay.column
    return None
