"""Rows as they are, from one store into another: all that a store keeps, in an order in which each row stands behind
those that it refers to. What was taken into the full-text index is not among them (see passages.take_in_some), nor are
vectors, which are made behind the writes wherever there is an embedder, and come and go there.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from notewell_store.contract import Connection
from notewell_store.errors import NextCommand, Unusable

Row = tuple[Any, ...]

ANEW = NextCommand("copy", ("…", "…", "--anew"))
"""What begins a copy anew that cannot be gone on with."""

TRUTHS = {"deleted", "is_public", "live", "erased"}
"""Columns that one engine keeps as numbers, another as truths."""


class Part(NamedTuple):
    """Columns of the rows of a table, in the order of its key, the first of them. `where` says which rows.

    `later`: the rows are there already, and these columns are set in them. `made`: of the columns behind these it does
    not matter what stands there, since it is made again from the others.
    """

    table: str
    key: tuple[str, ...]
    others: tuple[str, ...] = ()
    where: str = ""
    later: bool = False
    made: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.key + self.others + self.made

    def key_of(self, row: Row) -> Row:
        return row[: len(self.key)]

    def kept_of(self, row: Row) -> Row:
        """The row without what is made again."""
        return row[: len(self.key) + len(self.others)]


def _part(table: str, key: str, others: str = "", **more: Any) -> Part:
    return Part(table, tuple(key.split()), tuple(others.split()), **more)


PARTS = (
    _part("projects", "id", "slug name platform repo_url deleted"),
    _part("project_changes", "id", "project_id name platform repo_url actor changed_at slug deleted"),
    _part("project_aliases", "slug", "project_id"),
    _part(
        "notes",
        "id",
        "slug title note_type status project_id tags position is_public deleted chars revision seq created_at "
        "updated_at actor revised_by",
    ),
    _part("notes", "id", "parent_id", where="parent_id IS NOT NULL", later=True),
    _part("aliases", "slug", "note_id"),
    _part(
        "revisions",
        "seq",
        "note_id revision revised_at actor revised_by reason changed base metadata text sha256 door client",
    ),
    _part("redactions", "note_id revision", "redacted_at actor reason erased"),
    _part("lost_changes", "up_to", "changes"),
    _part("receipts", "key", "call answer seq"),
    _part("sources", "id", "name tip"),
    _part("origins", "source_id path", "note_id digest"),
    _part("stale", "note_id"),
    _part("texts", "note_id", "markdown", made=("html",)),
    _part("labels", "note_id label live"),
    _part("names", "note_id way key"),
    _part("sections", "note_id number", 'anchor heading level start body_start own_end "end"'),
    _part("passages", "id", 'note_id section start "end" digest'),
    _part("links", "id", "source_id relation target anchor target_id name key form"),
)
"""All that is always copied."""
TOKENS = _part("tokens", "id", "name scope project digest created_at created_by expires_at revoked_at")


def read(db: Connection, part: Part, after: Row | None, most: int) -> list[Row]:
    """So many of the rows whose key comes after that one, in its order; from the first on where there is none."""
    conditions = [part.where] if part.where else []
    if after is not None:
        conditions.append(f"({', '.join(part.key)}) > ({', '.join('?' for _ in part.key)})")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = db.execute(
        f"SELECT {', '.join(part.columns)} FROM {part.table} {where} ORDER BY {', '.join(part.key)} LIMIT {most}",
        after or (),
    ).fetchall()
    truths = [place for place, column in enumerate(part.columns) if column in TRUTHS]
    return [_with_truths(row, truths) for row in rows] if truths else rows


def _with_truths(row: Sequence[Any], places: list[int]) -> Row:
    values = list(row)
    for place in places:
        values[place] = bool(values[place])
    return tuple(values)


def batches(db: Connection, part: Part, most: int) -> Iterator[list[Row]]:
    """All its rows, so many at a time."""
    after: Row | None = None
    while rows := read(db, part, after, most):
        yield rows
        after = part.key_of(rows[-1])


def lay(db: Connection, part: Part, rows: Sequence[Row]) -> None:
    """Write rows that another store has into one that has them not."""
    if part.later:
        setting = ", ".join(f"{column} = ?" for column in part.others)
        condition = " AND ".join(f"{column} = ?" for column in part.key)
        turned = [(*row[len(part.key) :], *part.key_of(row)) for row in rows]
        db.executemany(f"UPDATE {part.table} SET {setting} WHERE {condition}", turned)
    else:
        db.lay_rows(part.table, part.columns, rows)


def count(db: Connection, part: Part) -> int:
    where = f"WHERE {part.where}" if part.where else ""
    (rows,) = db.execute(f"SELECT count(*) FROM {part.table} {where}").fetchone()
    return int(rows)


def is_empty(db: Connection) -> bool:
    """Whether the store holds nothing that was ever written to it."""
    return not any(read(db, part, None, 1) for part in (*PARTS, TOKENS))


def must_be_of_today(db: Connection) -> None:
    """Raise Unusable for a store that waits for a migration: it lacks some of these columns."""
    if db.is_older():
        raise Unusable(
            "the store is of an older version and may not be changed here: bring it up to date with ",
            NextCommand("migrate"),
        )


def told(db: Connection) -> str:
    """What whoever fills a store wrote down there: see contract.Filling."""
    (text,) = db.execute("SELECT told FROM copying").fetchone()
    return str(text)


def tell(db: Connection, text: str) -> None:
    db.execute("UPDATE copying SET told = ?", (text,))
