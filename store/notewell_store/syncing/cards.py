"""Drafts of the cards that stand for something elsewhere: new ones, and those that follow what became of it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from notewell_store.boards.cards import STEP, Board
from notewell_store.boards.layout import Column
from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid
from notewell_store.models import Change, ExplicitLink
from notewell_store.tables import boards
from notewell_store.tables.boards import CardState
from notewell_store.writing import drafts
from notewell_store.writing.drafts import Draft

MOST_AT_ONCE = drafts.MOST_TOGETHER - 1
"""Cards that one call makes or moves, beside the board itself."""

State = Literal["waiting", "in work", "done"]


class Source(NamedTuple):
    """What a card stands for, by the slug that the card has; `link` is set from it. A card that `follows` has the title
    of its source whenever that changes, and goes back to the first column when its source is no longer done."""

    slug: str
    title: str
    content: str
    note_type: str
    state: State
    tags: tuple[str, ...] = ()
    link: ExplicitLink | None = None
    parent: str | None = None
    follows: bool = False


class Synced(NamedTuple):
    """What a call would do: the board's draft with those of the cards; names that notes have which are no cards here,
    or were deleted; how many more are to be made or changed, by the same call again."""

    draft: Draft
    taken: tuple[str, ...]
    left: int


def sync(db: Snapshot, board: Board, sources: Iterable[Source]) -> Synced:
    """The drafts that bring a board up to its sources. Raises Invalid where the board cannot have cards."""
    if board.is_empty:
        raise Invalid(f"{board.row.slug} has no cards: {board.faults[-1]}", "ref")
    every = list({source.slug: source for source in sources}.values())
    own = own_cards(db, board)
    states = boards.states_of(db, [source.slug for source in every])
    position = boards.last_position(db, board.row.id, board.wanted)
    added: list[Draft] = []
    moved: list[Draft] = []
    taken: list[str] = []
    left = 0
    for source in every:
        state = states.get(source.slug)
        change = None if state is None else _followed(board, source, state)
        if state is not None and (state.deleted or state.id not in own):
            taken.append(state.slug)
        elif len(added) + len(moved) >= MOST_AT_ONCE:
            left += state is None or change is not None
        elif state is None:
            position += STEP
            added.append(_made(db, board, source, position))
        elif change is not None:
            made = drafts.upsert(db, state.slug, change, None)
            moved.append(replace(made, follows=True))
    note = drafts.living(db, board.row.id)
    draft = Draft(note, note.metadata, note.markdown, others=(*added, *moved))
    return Synced(draft, tuple(taken), left)


def own_cards(db: Snapshot, board: Board) -> frozenset[int]:
    """The cards of the board, as far as they are looked at."""
    return frozenset(boards.card_ids(db, board.row.id, board.wanted, boards.MOST_CARDS))


def orphans(linked: Iterable[tuple[int, str]], own: Collection[int], slugs: Collection[str]) -> Iterator[str]:
    """Of the cards that stand for something of one place, those whose source is there no more."""
    return (slug for card, slug in linked if card in own and slug not in slugs)


def _followed(board: Board, source: Source, card: CardState) -> Change | None:
    """What changes of a card that is there: its status where its source is done, or is no longer; its title."""
    column = board.layout.column_of(card.status)
    done = board.layout.done
    status = None
    if source.state == "done" and column not in done:
        status = done[0].status
    elif source.follows and source.state != "done" and column in done:
        status = _column(board, source).status
    title = source.title if source.follows and source.title != card.title else None
    return Change(status=status, title=title) if status or title else None


def _column(board: Board, source: Source) -> Column:
    layout = board.layout
    if source.state == "done":
        return layout.done[0]
    return layout.in_work[0] if source.state == "in work" and layout.in_work else layout.columns[0]


def _made(db: Snapshot, board: Board, source: Source, position: int) -> Draft:
    wanted = board.wanted
    tags = {*source.tags, *(wanted.tags if wanted else ()), *(wanted.any_tags[:1] if wanted else ())}
    change = Change(
        title=source.title,
        content=source.content,
        note_type=(wanted.note_type if wanted else None) or source.note_type,
        status=_column(board, source).status,
        project=board.project or "none",
        tags=tuple(sorted(tags)),
        parent=board.row.slug if wanted is None else source.parent,
        position=position,
    )
    made = drafts.upsert(db, source.slug, change, None)
    links = (source.link,) if source.link else ()
    return replace(made, metadata=replace(made.metadata, links=links), follows=True)
