"""What the page of a board says: its columns with their limits, the moves that are allowed, which notes are its cards.

    columns: [Backlog, Doing (3), Review (2), Done]      # a column's status is its name, unless one is named
    moves: {Doing: [Backlog, Review]}                    # from a column without a line, anywhere
    filter: {project: web, note_type: todo, tags: [api]} # else its cards are its children

or the columns as the first table of the page whose first heading is `Column`, with `Status`, `Limit` and `Moves`
beside it. What cannot be read is told, and costs nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from notewell_store.boards.front import read_front
from notewell_store.errors import Invalid
from notewell_store.markdown.outside_code import blank_fences
from notewell_store.safe_text import one_line
from notewell_store.tables.labels import status_label, status_text
from notewell_store.vocabulary import Standing, standing

BOARD: Final = "board"
"""The type of note that is a board."""

LONGEST_PAGE = 20_000
"""Characters of a board's page in which its layout is looked for."""
MOST_COLUMNS = 20
MOST_WORDS = 20
LARGEST_LIMIT = 100_000
DEFAULT: Final = ("todo", "doing", "done")
FILTERS: Final = ("project", "note_type", "tags", "any_tags")


class Column(NamedTuple):
    """A column: cards of the status stand in it, however that is spelt (`label`). `to` are the labels of the columns
    that a card may move to from here; None is all."""

    name: str
    status: str
    label: str
    limit: int | None = None
    to: tuple[str, ...] | None = None

    @property
    def standing(self) -> Standing:
        return standing(self.status, ())


class CardFilter(NamedTuple):
    """Which notes are cards, as list_notes filters them."""

    project: str | None = None
    note_type: str | None = None
    tags: tuple[str, ...] = ()
    any_tags: tuple[str, ...] = ()


class Layout(NamedTuple):
    """`cards` is None where the cards are the board's children; `faults` are sentences about what could not be read."""

    columns: tuple[Column, ...]
    cards: CardFilter | None = None
    faults: tuple[str, ...] = ()

    def column_of(self, status: str | None) -> Column | None:
        """Where a card of that status stands; one without any is in the first column."""
        if not status:
            return self.columns[0]
        label = status_label(status)
        return next((column for column in self.columns if column.label == label), None)

    @property
    def done(self) -> tuple[Column, ...]:
        """The columns of what is over: by their status, else the last one."""
        return tuple(column for column in self.columns if column.standing == "over") or self.columns[-1:]

    @property
    def in_work(self) -> tuple[Column, ...]:
        """The columns of what was begun and is not over."""
        done = self.done
        return tuple(column for column in self.columns if column.standing != "waiting" and column not in done)


class _Said(NamedTuple):
    """A column as the page says it."""

    name: str
    status: str | None = None
    limit: str | None = None
    to: tuple[str, ...] | None = None


@lru_cache(256)
def layout_of(page: str) -> Layout:
    """The layout that the first LONGEST_PAGE characters of a page tell. Any page is one."""
    text = page[:LONGEST_PAGE]
    faults: list[str] = []
    try:
        front = read_front(text)
    except ValueError as error:
        front = {}
        faults.append(str(error))
    said = list(_in_front(front)) or list(_in_table(text)) or [_Said(name) for name in DEFAULT]
    columns = _columns(said, _words_of(front.get("limits")), _words_of(front.get("moves")), faults)
    return Layout(columns, _filter(front.get("filter"), faults), tuple(faults))


def _in_front(front: Mapping[str, Any]) -> Iterator[_Said]:
    """`Doing`, `Doing (3)`, `Doing: 3`, or a mapping with `name`, `status`, `limit` and `moves`."""
    columns = front.get("columns")
    if isinstance(columns, str):
        columns = columns.split(",")
    if isinstance(columns, dict):
        columns = [{name: limit} for name, limit in columns.items()]
    for column in columns if isinstance(columns, list) else ():
        if isinstance(column, dict) and "name" in column:
            to = _words(column["moves"]) if "moves" in column else None
            yield _Said(str(column["name"]), column.get("status"), column.get("limit"), to)
        elif isinstance(column, dict):
            yield from (_Said(name, None, None if limit is None else str(limit)) for name, limit in column.items())
        elif isinstance(column, str):
            yield _Said(column)


_ROW = re.compile(r"^[ ]{0,3}\|(?P<cells>[^\r\n]*+)", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")
_HEADS = {
    "column": "name",
    "name": "name",
    "status": "status",
    "limit": "limit",
    "wip": "limit",
    "moves": "to",
    "moves to": "to",
    "to": "to",
}


def _in_table(text: str) -> Iterator[_Said]:
    heads: list[str] | None = None
    behind = 0
    text = blank_fences(text)
    for row in _ROW.finditer(text):
        cells = [cell.strip().strip("`*") for cell in _CELL.split(row["cells"].rstrip(" \t").removesuffix("|"))]
        if heads is None:
            if cells[0].lower() in ("column", "columns"):
                heads = ["name", *(_HEADS.get(cell.lower(), "") for cell in cells[1:])]
        elif text.count("\n", behind, row.start()) > 1:  # another table
            return
        elif set("".join(cells)) - set(":- "):
            told = dict(zip(heads, cells, strict=False))
            to = _words(told["to"]) if told.get("to") else None
            if told["name"]:
                yield _Said(told["name"], told.get("status"), told.get("limit"), to)
        behind = row.end()


def _columns(
    said: list[_Said], limits: Mapping[str, tuple[str, ...]], moves: Mapping[str, tuple[str, ...]], faults: list[str]
) -> tuple[Column, ...]:
    columns: dict[str, tuple[Column, tuple[str, ...] | None]] = {}
    for one in said[:MOST_COLUMNS]:
        name, limit = _with_limit(one.name)
        try:
            status = status_text(str(one.status or _hyphened(name)))
            label = status_label(status)
        except Invalid:
            faults.append(f"column {one_line(name, 40)!r} is no status")
            continue
        sent = next((found[0] for key in (name, status) if (found := limits.get(key.lower()))), one.limit or limit)
        to = next((moves[key.lower()] for key in (name, status) if key.lower() in moves), one.to)
        shown = one_line(name, 60)
        columns.setdefault(label, (Column(shown, status, label, _limit(sent, shown, faults)), to))
    if len(said) > MOST_COLUMNS:
        faults.append(f"it has {len(said):,} columns, of which {MOST_COLUMNS} count")
    if not columns:
        return tuple(Column(name, name, status_label(name)) for name in DEFAULT)
    return tuple(
        _with_moves(column, to, [each for each, _ in columns.values()], faults) for column, to in columns.values()
    )


def _hyphened(name: str) -> str:
    return "-".join(name.lower().split())


_LIMITED = re.compile(r"(?P<name>.*\S)\s*\((?P<limit>\d{1,9})\)\s*")


def _with_limit(name: str) -> tuple[str, str | None]:
    found = _LIMITED.fullmatch(name)
    return (found["name"].strip(), found["limit"]) if found else (name.strip(), None)


def _limit(sent: object, name: str, faults: list[str]) -> int | None:
    word = "" if sent is None else str(sent).strip()
    if word in ("", "-", "–", "~", "null", "none"):
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 10 and 0 < int(word) <= LARGEST_LIMIT):
        faults.append(f"the limit of column {name!r} is no number")
        return None
    return int(word)


def _with_moves(column: Column, to: tuple[str, ...] | None, columns: list[Column], faults: list[str]) -> Column:
    if to is None:
        return column
    labels = []
    for word in to:
        known = next((each.label for each in columns if word.lower() in (each.name.lower(), each.status.lower())), None)
        if known is None:
            faults.append(f"column {column.name!r} moves to {one_line(word, 40)!r}, which is no column")
        else:
            labels.append(known)
    return column._replace(to=tuple(labels))


def _words(value: object) -> tuple[str, ...]:
    """A list of words, or a text of them with commas."""
    items: Iterable[object] = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    words = (str(item).strip() for item in items if isinstance(item, str | int))
    return tuple(word for word in words if word and word not in ("-", "–"))[:MOST_WORDS]


def _words_of(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        return {}
    return {name.lower(): _words(str(held) if isinstance(held, int) else held) for name, held in value.items()}


def _filter(value: object, faults: list[str]) -> CardFilter | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not value:
        faults.append(f"its filter is none: it takes {', '.join(FILTERS)}")
        return None
    taken: dict[str, Any] = {}
    for name, held in value.items():
        if name in ("tags", "any_tags"):
            taken[name] = _words(held)
        elif name in FILTERS and isinstance(held, str) and held:
            taken[name] = held
        else:
            faults.append(f"its filter takes {', '.join(FILTERS)}, not {one_line(name, 40)!r}")
    return CardFilter(**taken) if any(taken.values()) else None
