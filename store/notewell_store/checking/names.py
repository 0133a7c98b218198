"""Finding the notes that names stand for, many at once."""

import json
from collections.abc import Collection, Iterable
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.names import meant_paths, slug_of_path
from notewell_store.references import LARGEST_ID
from notewell_store.tables.origins import (
    is_foreign,
    note_at_path,
    path_of_note,
    resolve_path,
)

_COLUMNS = "n.id, n.slug, n.title, n.created_at, n.revision, n.deleted"


class Known(NamedTuple):
    """A note that a name stands for; `is_alias` when it was called so in former times."""

    id: int
    slug: str
    title: str
    created_at: str
    revision: int
    deleted: bool
    is_alias: bool = False


def find_names(db: Snapshot, names: Collection[str]) -> dict[str, Known]:
    """The notes that bear or bore these names in lower case, or have these numbers; tombstones too."""
    asked = json.dumps(sorted(names))
    numbers = json.dumps(sorted({int(name) for name in names if name.isdigit() and int(name[:20]) <= LARGEST_ID}))
    aliases = db.execute(
        f"""SELECT j.value, {_COLUMNS} FROM json_each(?) j CROSS JOIN aliases a ON a.slug = j.value
            JOIN notes n ON n.id = a.note_id""",
        (asked,),
    ).fetchall()
    ids = db.execute(
        f"SELECT CAST(j.value AS TEXT), {_COLUMNS} FROM json_each(?) j CROSS JOIN notes n ON n.id = j.value", (numbers,)
    ).fetchall()
    slugs = db.execute(
        f"SELECT j.value, {_COLUMNS} FROM json_each(?) j CROSS JOIN notes n ON n.slug = j.value", (asked,)
    ).fetchall()
    known = {name: Known(*row) for name, *row in ids}
    known |= {name: Known(*row)._replace(is_alias=True) for name, *row in aliases}
    return known | {name: Known(*row) for name, *row in slugs}


def find_paths(db: Snapshot, paths: Iterable[str], note_id: int | None) -> dict[str, Known | None]:
    """What relative paths lead to, seen from a stored note, or from anywhere. None is a path that should lead to a
    note and does not; one that leads out of the note's source, or that nothing is known of, is left out."""
    found: dict[str, Known | None] = {}
    for path in paths:
        if note_id is None:
            target = _from_anywhere(db, path)
            if target is not None:
                found[path] = _known(db, target)
        elif (resolved := resolve_path(path_of_note(db, note_id), path)) is not None:
            target = _from_note(db, note_id, resolved)
            found[path] = None if target is None else _known(db, target)
    return found


def _known(db: Snapshot, note_id: int) -> Known:
    return Known(*db.execute(f"SELECT {_COLUMNS} FROM notes n WHERE n.id = ?", (note_id,)).fetchone())


def _from_note(db: Snapshot, note_id: int, path: str) -> int | None:
    by_path = note_at_path(db, note_id, path)
    if by_path is not None:
        return by_path
    slug = slug_of_path(path)
    known = find_names(db, [slug]).get(slug)
    return None if known is None or is_foreign(db, known.id, note_id) else known.id


def _from_anywhere(db: Snapshot, path: str) -> int | None:
    """The living note that was imported from this path in any source, or bears the slug that the path makes."""
    clean = resolve_path(None, path) or path.lstrip("./")
    row = db.execute(
        """SELECT o.note_id FROM origins o JOIN notes n ON n.id = o.note_id
           WHERE o.source_id IN (SELECT id FROM sources) AND o.path IN (SELECT value FROM json_each(?))
             AND NOT n.deleted ORDER BY o.note_id LIMIT 1""",
        (json.dumps(meant_paths(clean)),),
    ).fetchone()
    if row:
        return int(row[0])
    slug = slug_of_path(clean)
    known = find_names(db, [slug]).get(slug)
    return None if known is None or known.deleted else known.id
