"""A board as it is read: its columns, and the cards that stand in them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from notewell_store.boards.layout import BOARD, LONGEST_PAGE, CardFilter, Column, Layout, layout_of
from notewell_store.clock import now
from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid, NextCall, NotFound
from notewell_store.models import Filter
from notewell_store.references import parse_reference
from notewell_store.tables import boards, labels, notes
from notewell_store.tables.boards import BoardRow, CardRow
from notewell_store.tables.project_rows import present_slug

STEP = 1_000
"""Between the positions of two cards, so that others find room between them."""


class Board(NamedTuple):
    """A board: its note, its layout, and what its filter takes (None: its children). What a filter names that there is
    not is among the faults; then it has no cards."""

    row: BoardRow
    layout: Layout
    wanted: Filter | None
    faults: tuple[str, ...]
    is_empty: bool = False

    @property
    def project(self) -> str | None:
        """The project of its cards, as far as one is named: the filter's, else its own."""
        return self.wanted.project if self.wanted and self.wanted.project else self.row.project


class Standing(NamedTuple):
    """The cards of a column, of those that are there (`total`) the first; the column is None for cards whose status is
    of no column."""

    column: Column | None
    total: int
    cards: tuple[CardRow, ...]


def find_board(db: Snapshot, ref: str) -> Board:
    """The board of that name. Raises NotFound, Deleted, and Invalid for a note that is no board."""
    note_id = notes.find_living(db, parse_reference(ref))
    row = boards.board_at(db, note_id, LONGEST_PAGE)
    if row is None:
        slug = notes.slug_of(db, note_id)
        make = NextCall("upsert_note", {"slug": slug, "note_type": BOARD})
        others = NextCall("list_notes", {"note_type": BOARD})
        raise Invalid((f"{slug} is no board: ", make, " makes it one; ", others, " names those that there are"), "ref")
    return as_board(db, row)


def as_board(db: Snapshot, row: BoardRow) -> Board:
    layout = layout_of(row.page)
    if layout.cards is None:
        return Board(row, layout, None, layout.faults)
    try:
        return Board(row, layout, filter_of(db, layout.cards, row.project), layout.faults)
    except Invalid:
        fault = "its filter names what is no type or tag"
    except NotFound:
        fault = "its filter names a project that there is not"
    return Board(row, layout, Filter(), (*layout.faults, fault), is_empty=True)


def filter_of(db: Snapshot, cards: CardFilter, project: str | None) -> Filter:
    """What it takes: of the board's own project, unless it names another. Raises NotFound, Invalid."""
    named = cards.project or project
    return Filter(
        tags=tuple(labels.type_word(tag, "tags") for tag in cards.tags),
        any_tags=tuple(labels.type_word(tag, "tags") for tag in cards.any_tags),
        note_type=labels.type_word(cards.note_type) if cards.note_type else None,
        project=None if named is None else present_slug(db, named),
    )


def standings(db: Snapshot, board: Board, each: int) -> list[Standing]:
    """All columns in their order, then, where there are any, the cards that stand in none of them."""
    rows = [] if board.is_empty else boards.read_cards(db, board.row.id, board.wanted, each)
    columns = board.layout.columns
    held: dict[Column | None, list[CardRow]] = {column: [] for column in columns}
    totals: dict[Column | None, dict[str | None, int]] = {column: {} for column in columns}
    for row in rows:
        column = board.layout.column_of(row.status)
        held.setdefault(column, []).append(row)
        totals.setdefault(column, {})[row.status] = row.alike
    return [Standing(column, sum(totals[column].values()), tuple(held[column][:each])) for column in held]


def count_cards(db: Snapshot, board: Board, without: Iterable[int] = ()) -> Counter[Column | None]:
    """How many cards stand in each column, less those of these ids; None is none of the columns."""
    counted: Counter[Column | None] = Counter()
    for status, number in [] if board.is_empty else boards.count_statuses(db, board.row.id, board.wanted, without):
        counted[board.layout.column_of(status)] += number
    return counted


def next_position(standing: Standing) -> int | None:
    """What puts a card last in a column of which all cards are at hand."""
    if len(standing.cards) < standing.total:
        return None
    return max((card.position or 0 for card in standing.cards), default=0) + STEP


def between(before: int | None, after: int | None) -> int | None:
    """The position in the middle of two, of which either may be absent; None where there is no room."""
    if before is None:
        return STEP if after is None else after - STEP
    if after is None:
        return before + STEP
    middle = (before + after) // 2
    return middle if before < middle < after else None


def places(order: Sequence[int | None], at: int) -> dict[int, int]:
    """The positions to write, by index, so that the card at that index stands there; `order` holds those that there
    are, and its own does not count. Its own alone, where there is room; else also those of the cards before it that
    have none, and of as many behind it as have to make room."""
    written: dict[int, int] = {}
    last: int | None = None
    for index, position in enumerate(order):
        if index < at:
            last = position if position is not None else (last or 0) + STEP
        elif index == at:
            found = between(last, order[at + 1] if at + 1 < len(order) else None)
            last = found if found is not None else (last or 0) + STEP
        elif position is None or last is None or position > last:
            break
        else:
            last += STEP
        if index == at or last != position:
            written[index] = last
    return written


def days_since(time: str, moment: str | None = None) -> float:
    """Days from one time to another, or to now; never less than none."""
    end, start = (datetime.fromisoformat(text) for text in (moment or now(), time))
    return max((end - start).total_seconds() / 86_400, 0.0)
