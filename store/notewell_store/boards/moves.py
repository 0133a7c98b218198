"""Whether cards may come to where a change puts them: the allowed moves of their boards, and how many cards a column
holds. Asked before anything is written, and again behind the lock where others wrote meanwhile."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from notewell_store.boards.cards import Board, as_board, count_cards
from notewell_store.boards.layout import BOARD, LONGEST_PAGE, Column
from notewell_store.contract import Snapshot
from notewell_store.errors import FullColumn, MoveNotAllowed
from notewell_store.models import Metadata, Note
from notewell_store.tables import boards, notes
from notewell_store.tables.boards import BoardRow
from notewell_store.tables.filters import checks_of, fits, groups_of
from notewell_store.tables.project_rows import project_id

MOST_NAMED = 3


class Change(NamedTuple):
    """A note as it is (None: not yet there) and as it is to be; whether that may bring it to another column. One that
    `follows` what it stands for elsewhere is held back by nothing."""

    note: Note | None
    after: Metadata
    may_move: bool
    follows: bool

    @property
    def before(self) -> Metadata | None:
        return self.note.metadata if self.note else None


def check_moves(db: Snapshot, changes: Iterable[Change]) -> None:
    """Raise MoveNotAllowed or FullColumn where a board that speaks of a card does not let it come."""
    every = [change for change in changes if change.after.note_type != BOARD]
    moved = [change for change in every if change.may_move]
    if not moved or not boards.any_board(db):
        return
    for row in _boards_of(db, moved):
        board = as_board(db, row)
        if not board.is_empty:
            _check(db, board, every)


def _boards_of(db: Snapshot, moved: list[Change]) -> list[BoardRow]:
    """The boards above these notes, and those that may speak of them: of their project, or of none."""
    found: dict[int, BoardRow] = {}
    for project in {change.after.project for change in moved}:
        rows = boards.boards_of(db, None if project is None else project_id(db, project), LONGEST_PAGE)
        found.update((row.id, row) for row in rows)
    for parent in {change.after.parent for change in moved if change.after.parent}:
        above = notes.find_slug(db, parent)
        row = boards.board_at(db, above, LONGEST_PAGE) if above is not None and above not in found else None
        if row is not None:
            found[row.id] = row
    return list(found.values())


def _check(db: Snapshot, board: Board, every: list[Change]) -> None:
    is_card = _taking(db, board)
    stands = [
        (change, _column(board, is_card, change.before), _column(board, is_card, change.after)) for change in every
    ]
    standing: Counter[Column | None] | None = None
    for change, was, will in stands:
        if change.follows or will is None or was == will:
            continue
        if was is not None and was.to is not None and will.label not in was.to:
            allowed = [column.status for column in board.layout.columns if column.label in was.to]
            raise MoveNotAllowed(board.row.slug, change.after.slug, was.status, will.status, allowed)
        if will.limit is not None:
            if standing is None:  # once for all of them: the write lock may be held
                standing = _standing(db, board, stands)
            if standing[will] > will.limit:
                raise FullColumn(board.row.slug, change.after.slug, will.status, will.limit, _named(db, board, will))


def _standing(
    db: Snapshot, board: Board, stands: Collection[tuple[Change, Column | None, Column | None]]
) -> Counter[Column | None]:
    """How many cards stand in each column once all has changed."""
    others = count_cards(db, board, [change.note.id for change, _, _ in stands if change.note is not None])
    return others + Counter(will for _, _, will in stands)


def _taking(db: Snapshot, board: Board) -> Callable[[Metadata], bool]:
    """Whether a state of a note is one of a card of the board."""
    wanted = board.wanted
    if wanted is None:
        return lambda then: then.parent is not None and notes.find_slug(db, then.parent) == board.row.id
    groups, checks = groups_of(wanted), checks_of(db, wanted)
    return lambda then: fits(wanted, groups, checks, then, "")


def _column(board: Board, is_card: Callable[[Metadata], bool], then: Metadata | None) -> Column | None:
    if then is None or then.deleted or not is_card(then):
        return None
    return board.layout.column_of(then.status)


def _named(db: Snapshot, board: Board, column: Column) -> tuple[str, ...]:
    rows = boards.read_cards(db, board.row.id, board.wanted, MOST_NAMED)
    return tuple(row.slug for row in rows if board.layout.column_of(row.status) == column)[:MOST_NAMED]
