"""The notes that names stand for, many at once: slugs, former slugs, numbers, and how names begin."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from notewell_store.contract import Connection, number_of
from notewell_store.tables.note_rows import and_heeded

_COLUMNS = """n.id, n.slug, n.title, n.created_at, n.revision, n.deleted,
  (SELECT p.slug FROM projects p WHERE p.id = n.project_id)"""

NUMBERED = re.compile(r"[a-z]+-\d{2,6}")
"""How the names of numbered notes begin, such as decision-0007."""


class Known(NamedTuple):
    """A note that a name stands for; `is_alias` when it was called so in former times."""

    id: int
    slug: str
    title: str
    created_at: str
    revision: int
    deleted: bool
    project: str | None
    is_alias: bool = False


def find_names(db: Connection, names: Collection[str]) -> dict[str, Known]:
    """The notes that bear or bore these names in lower case, or have these numbers; tombstones too."""
    asked = db.listed(sorted(names))
    numbers = db.listed(sorted({number for name in names if (number := number_of(name)) is not None}))
    aliases = db.execute(
        f"""SELECT j.value, {_COLUMNS} FROM {db.TEXTS} j CROSS JOIN aliases a JOIN notes n ON n.id = a.note_id
            WHERE a.slug = j.value""",
        (asked,),
    ).fetchall()
    ids = db.execute(
        f"SELECT n.id, {_COLUMNS} FROM {db.VALUES} j CROSS JOIN notes n WHERE n.id = j.value", (numbers,)
    ).fetchall()
    slugs = db.execute(
        f"SELECT n.slug, {_COLUMNS} FROM {db.TEXTS} j CROSS JOIN notes n WHERE n.slug = j.value", (asked,)
    ).fetchall()
    known = {str(name): Known(*row) for name, *row in ids}
    known |= {name: Known(*row)._replace(is_alias=True) for name, *row in aliases}
    return known | {name: Known(*row) for name, *row in slugs}


def find_begun(db: Connection, beginnings: Collection[str], project: str | None) -> dict[str, Known]:
    """The living notes whose slugs begin with these and a hyphen, where it is one alone that a project heeds."""
    heeded, values = and_heeded(project)
    rows = db.execute(
        f"""SELECT j.value, {_COLUMNS} FROM {db.TEXTS} j CROSS JOIN notes n
            WHERE n.id IN (SELECT n.id FROM notes n WHERE n.slug > j.value || '-' AND n.slug < j.value || '.'
                             AND NOT n.deleted{heeded} LIMIT 2)""",
        (db.listed(sorted(beginnings)), *values),
    ).fetchall()
    found = {name: Known(*row) for name, *row in rows}
    names = [name for name, *_ in rows]
    return {name: known for name, known in found.items() if names.count(name) == 1}


def find_numbered(db: Connection, name: str) -> int | None:
    """The id of the one living note whose slug begins with this and a hyphen, where it looks like the beginning of a
    numbered one, such as decision-0007."""
    begun = find_begun(db, (name,), None) if NUMBERED.fullmatch(name) else {}
    return begun[name].id if begun else None


def known_by_id(db: Connection, note_ids: Iterable[int]) -> dict[int, Known]:
    """The notes of these ids."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM notes n WHERE n.id IN {db.VALUES}", (db.listed(set(note_ids)),))
    return {row[0]: Known(*row) for row in rows}


def called_or_labelled(
    db: Connection, slugs: Iterable[str], label: str, project: str | None
) -> list[tuple[bool, int, str, str, str]]:
    """The living notes that are called so, then the oldest that bears the label, of those that a project heeds: of each
    whether it is called so, its id, slug, title and when it was made."""
    heeded, values = and_heeded(project)
    return db.execute(
        f"""SELECT 1, n.id, n.slug, n.title, n.created_at FROM notes n
            WHERE n.slug IN {db.TEXTS} AND NOT n.deleted{heeded}
            UNION ALL
            SELECT * FROM (SELECT 0, n.id, n.slug, n.title, n.created_at FROM labels l
              JOIN notes n ON n.id = l.note_id
              WHERE l.label = ? AND l.live = TRUE{heeded} ORDER BY n.id LIMIT 1) oldest""",
        (db.listed(slugs), *values, label, *values),
    ).fetchall()


def common_beginnings(db: Connection, beginnings: Iterable[str], enough: int, project: str | None) -> set[str]:
    """Those of the beginnings with which, and a hyphen, the slugs of at least `enough` living notes begin that a
    project heeds."""
    heeded, values = and_heeded(project)
    rows = db.execute(
        f"""SELECT j.value FROM {db.TEXTS} j WHERE (SELECT count(*) FROM
              (SELECT 1 FROM notes n
               WHERE n.slug > j.value || '-' AND n.slug < j.value || '.' AND NOT n.deleted{heeded}
               LIMIT {enough}) alike) = ?""",
        (db.listed(beginnings), *values, enough),
    )
    return {beginning for (beginning,) in rows}


def is_numbering(db: Connection, word: str, project: str | None) -> bool:
    """Whether a living note that a project heeds is called by the word, a hyphen and a number."""
    heeded, values = and_heeded(project)
    row = db.execute(
        f"""SELECT 1 FROM notes n WHERE n.slug >= ? || '-0' AND n.slug < ? || '-:' AND NOT n.deleted{heeded} LIMIT 1""",
        (word, word, *values),
    ).fetchone()
    return row is not None


def is_beginning_of_type(db: Connection, word: str, types: Iterable[str], most: int, project: str | None) -> bool:
    """Whether, of the first `most` living notes that a project heeds and whose slugs begin with the word and a hyphen,
    one is of these types."""
    heeded, values = and_heeded(project)
    (found,) = db.execute(
        f"""SELECT count(*) FROM (SELECT n.note_type FROM notes n
              WHERE n.slug > ? || '-' AND n.slug < ? || '.' AND NOT n.deleted{heeded} LIMIT {most}) alike
            WHERE note_type IN {db.TEXTS}""",
        (word, word, *values, db.listed(types)),
    ).fetchone()
    return bool(found)
