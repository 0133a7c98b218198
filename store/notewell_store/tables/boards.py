"""Boards and their cards: which boards there are, which cards stand where, and since when."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from notewell_store.contract import Condition, Connection
from notewell_store.models import Filter
from notewell_store.tables import notes
from notewell_store.tables.listing import conditions
from notewell_store.tables.note_rows import CHILDREN, HEEDED, IN_ORDER

MOST_CARDS = 10_000
"""Cards of one board that are looked at."""
MOST_BOARDS = 50
"""Boards on which a card is looked for, those that were made last."""
MOST_MOVES = 40_000
"""Revisions of cards that are read for the flow of one board."""


class CardRow(NamedTuple):
    """A card: a living note, its place, and how many cards of its status there are."""

    id: int
    slug: str
    title: str
    note_type: str | None
    status: str | None
    project: str | None
    tags: tuple[str, ...]
    position: int | None
    revision: int
    updated_at: str
    actor: str
    door: str | None
    """Of the newest revision, as `actor`."""
    alike: int


class BoardRow(NamedTuple):
    """A board, and the beginning of its page."""

    id: int
    slug: str
    project: str | None
    page: str


class CardState(NamedTuple):
    """What a note that may be a card is now."""

    id: int
    slug: str
    title: str
    status: str | None
    deleted: bool


class DatedRow(NamedTuple):
    """A note that may stand on a timeline, and the beginning of its page."""

    id: int
    slug: str
    title: str
    note_type: str | None
    status: str | None
    tags: tuple[str, ...]
    created_at: str
    updated_at: str
    page: str


class Entered(NamedTuple):
    """A revision that may have brought a card to another column: the status that it had then, None while it was
    deleted."""

    card: int
    at: str
    status: str | None
    deleted: bool


NO_BOARD = "coalesce(n.note_type, '') != 'board'"


def cards_condition(db: Connection, board: int, wanted: Filter | None) -> Condition:
    """The condition on `notes n` that one is a card: a child of the board or, where there is a filter, what it takes.
    No board is a card."""
    if wanted is None:
        return f"n.id IN {CHILDREN} AND NOT n.deleted AND {NO_BOARD}", [board]
    where, values = conditions(db, wanted)
    return f"{where} AND {NO_BOARD} AND n.id != ?", [*values, board]


def read_cards(db: Connection, board: int, wanted: Filter | None, each: int) -> list[CardRow]:
    """The first `each` cards of every status, in their order. Of more cards than MOST_CARDS those that were made last
    are looked at."""
    where, values = cards_condition(db, board, wanted)
    order = IN_ORDER.replace("n.", "c.")
    rows = db.execute(
        f"""SELECT n.id, n.slug, n.title, n.note_type, n.status, (SELECT slug FROM projects WHERE id = n.project_id),
              n.tags, n.position, n.revision, n.updated_at, n.actor,
              (SELECT r.door FROM revisions r WHERE r.seq = n.seq), placed.alike
            FROM (SELECT c.id, row_number() OVER (PARTITION BY c.status ORDER BY {order}) AS place,
                    count(*) OVER (PARTITION BY c.status) AS alike
                  FROM (SELECT n.id, n.status, n.position, n.slug FROM notes n WHERE {where}
                        ORDER BY {db.aside("n.id")} DESC LIMIT {MOST_CARDS}) c) placed
              CROSS JOIN notes n
            WHERE n.id = placed.id AND placed.place <= ? ORDER BY {IN_ORDER}""",
        (*values, each),
    )
    return [CardRow._make((*row[:6], tuple(json.loads(row[6])), *row[7:])) for row in rows]


def card_ids(db: Connection, board: int, wanted: Filter | None, most: int) -> list[int]:
    """The newest made cards."""
    where, values = cards_condition(db, board, wanted)
    rows = db.execute(f"SELECT n.id FROM notes n WHERE {where} ORDER BY {db.aside('n.id')} DESC LIMIT {most}", values)
    return [card for (card,) in rows]


def count_statuses(
    db: Connection, board: int, wanted: Filter | None, without: Iterable[int] = ()
) -> list[tuple[str | None, int]]:
    """How many cards of each status there are, less those of these ids."""
    where, values = cards_condition(db, board, wanted)
    rows = db.execute(
        f"SELECT n.status, count(*) FROM notes n WHERE {where} AND n.id NOT IN {db.VALUES} GROUP BY n.status",
        (*values, db.listed(without)),
    )
    return [(status, number) for status, number in rows]


_BOARD = "SELECT n.id, n.slug, (SELECT slug FROM projects WHERE id = n.project_id), substr(t.markdown, 1, {})"


def board_at(db: Connection, note_id: int, longest: int) -> BoardRow | None:
    """The board that a note is."""
    row = db.execute(
        f"""{_BOARD.format(longest)}
            FROM notes n JOIN texts t ON t.note_id = n.id WHERE n.id = ? AND n.note_type = 'board' AND NOT n.deleted""",
        (note_id,),
    ).fetchone()
    return BoardRow._make(row) if row else None


def title_of(db: Connection, note_id: int) -> tuple[str, int]:
    """A note's title, and the number of its newest revision."""
    title, revision = db.execute("SELECT title, revision FROM notes WHERE id = ?", (note_id,)).fetchone()
    return str(title), int(revision)


def boards_of(db: Connection, project: int | None, longest: int) -> list[BoardRow]:
    """The boards that may speak of a project's notes, its own and those of none, newest made first."""
    return _newest(db, (HEEDED, [project]), MOST_BOARDS, longest)


def newest_boards(db: Connection, most: int, longest: int) -> list[BoardRow]:
    """The boards of the whole store that were made last."""
    return _newest(db, ("TRUE", []), most, longest)


def _newest(db: Connection, taken: Condition, most: int, longest: int) -> list[BoardRow]:
    where, values = taken
    rows = db.execute(
        f"""{_BOARD.format(longest)} FROM labels l CROSS JOIN notes n CROSS JOIN texts t
            WHERE l.label = 'board' AND l.live = TRUE AND n.id = l.note_id AND n.note_type = 'board' AND {where}
              AND t.note_id = n.id
            ORDER BY l.note_id DESC LIMIT {most}""",
        values,
    )
    return list(map(BoardRow._make, rows))


def states_of(db: Connection, slugs: Iterable[str]) -> dict[str, CardState]:
    """The notes that have or had these slugs, by them."""
    named = notes.find_slugs(db, slugs)
    rows = db.execute(
        f"SELECT id, slug, title, status, deleted FROM notes WHERE id IN {db.VALUES}",
        (db.listed(sorted(set(named.values()))),),
    )
    found = {row[0]: CardState._make((*row[:4], bool(row[4]))) for row in rows}
    return {slug: found[note_id] for slug, note_id in named.items()}


def last_position(db: Connection, board: int, wanted: Filter | None) -> int:
    """The largest position of a card, 0 where none has any."""
    where, values = cards_condition(db, board, wanted)
    (position,) = db.execute(f"SELECT max(n.position) FROM notes n WHERE {where}", values).fetchone()
    return int(position or 0)


def linked_cards(db: Connection, target: int, relation: str) -> list[tuple[int, str]]:
    """The living notes with a link of that relation to a note, by slug."""
    rows = db.execute(
        """SELECT DISTINCT n.id, n.slug FROM links l JOIN notes n ON n.id = l.source_id
           WHERE l.target_id = ? AND l.relation = ? AND NOT n.deleted ORDER BY n.slug""",
        (target, relation),
    )
    return [(note_id, slug) for note_id, slug in rows]


def named_like(db: Connection, prefix: str) -> list[tuple[int, str]]:
    """The living notes whose slugs begin so, in their order."""
    rows = db.execute(
        f"""SELECT n.id, n.slug FROM notes n WHERE n.slug >= ? AND n.slug < ? AND {db.aside("n.deleted")} = FALSE
            ORDER BY n.slug LIMIT {MOST_CARDS}""",
        (prefix, f"{prefix}~"),
    )
    return [(note_id, slug) for note_id, slug in rows]


def dated_notes(db: Connection, wanted: Filter, most: int) -> list[DatedRow]:
    """The notes that the filter takes and that changed last."""
    where, values = conditions(db, wanted)
    rows = db.execute(
        f"""SELECT n.id, n.slug, n.title, n.note_type, n.status, n.tags, n.created_at, n.updated_at,
              (SELECT substr(t.markdown, 1, 2000) FROM texts t WHERE t.note_id = n.id)
            FROM notes n WHERE {where} ORDER BY {db.aside("n.seq")} DESC LIMIT {most}""",
        values,
    )
    return [DatedRow._make((*row[:5], tuple(json.loads(row[5])), *row[6:8], row[8] or "")) for row in rows]


def any_board(db: Connection) -> bool:
    """Whether anything is called a board."""
    return db.execute("SELECT 1 FROM main.labels WHERE label = 'board' AND live = TRUE LIMIT 1").fetchone() is not None


_ENTERS = " OR ".join(
    f"r.changed LIKE '%{kind}%'" for kind in ("created", "status", "public", "project", "deleted", "restored")
)
"""The revisions by which a card may have come to where it is, as far as a reader sees."""


def entered_since(db: Connection, cards: Iterable[int]) -> dict[int, str]:
    """Since when each of these cards has had its status, by its history: one range of an index for each."""
    rows = db.execute(
        f"""SELECT r.note_id, r.revised_at FROM revisions r WHERE r.note_id IN {db.VALUES} AND ({_ENTERS})
            ORDER BY r.note_id, r.revision""",
        (db.listed(cards),),
    )
    return dict(rows.fetchall())


def moves_of(db: Connection, cards: Iterable[int]) -> list[Entered]:
    """What became of these cards, oldest first; of very long histories the newest MOST_MOVES revisions."""
    rows = db.execute(
        f"""SELECT r.note_id, r.revised_at, r.metadata FROM revisions r
            WHERE r.note_id IN {db.VALUES} AND r.metadata IS NOT NULL AND ({_ENTERS})
            ORDER BY r.seq DESC LIMIT {MOST_MOVES}""",
        (db.listed(cards),),
    )
    told = ((card, at, json.loads(kept)) for card, at, kept in rows)  # which leave out what is as by default
    return [Entered(card, at, then.get("status"), bool(then.get("deleted"))) for card, at, then in told][::-1]
