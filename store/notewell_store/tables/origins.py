"""Where imported notes came from: the path of each in its folder or repository.

A path names a note in links of other imported notes, and tells a later import what it already has.
"""

import posixpath

from notewell_store.contract import Connection
from notewell_store.names import meant_paths


def resolve_path(own_path: str | None, target: str) -> str | None:
    """A link's target as a path from the root of its source, or None when it leads out of it.

    A note that was not imported has no path of its own: its relative links start at the root.
    """
    folder = posixpath.dirname(own_path or "")
    path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
    return None if path in {".", ".."} or path.startswith("../") else path


def path_of_note(db: Connection, note_id: int) -> str | None:
    row = db.execute("SELECT path FROM origins WHERE note_id = ?", (note_id,)).fetchone()
    return row[0] if row else None


def note_at_path(db: Connection, from_note: int, path: str) -> int | None:
    """The note imported from `path`, or from the file or folder that it means, by the source of `from_note`.

    A living note comes before a deleted one, the path itself before what it may stand for.
    """
    ways = meant_paths(path)
    marks = ",".join("?" * len(ways))
    rows = db.execute(
        f"""SELECT n.deleted, o.path, o.note_id FROM origins o JOIN notes n ON n.id = o.note_id
            WHERE o.path IN ({marks}) AND o.source_id = (SELECT source_id FROM origins WHERE note_id = ?)""",
        (*ways, from_note),
    )
    found = sorted((deleted, ways.index(own), note_id) for deleted, own, note_id in rows)
    return found[0][2] if found else None


def is_foreign(db: Connection, note_id: int, from_note: int) -> bool:
    """Whether a note came from another folder or repository than `from_note`, whose paths cannot mean it."""
    row = db.execute(
        """SELECT source_id != (SELECT source_id FROM origins WHERE note_id = ?2) FROM origins WHERE note_id = ?1""",
        (note_id, from_note),
    ).fetchone()
    return bool(row and row[0])


def source_id(db: Connection, name: str) -> int:
    """The id of the imported folder or repository of that name, which is made if it is new."""
    db.execute("INSERT INTO sources (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    (identity,) = db.execute("SELECT id FROM sources WHERE name = ?", (name,)).fetchone()
    return int(identity)


def write_origin(db: Connection, source: int, path: str, note_id: int, digest: str | None) -> None:
    """Record that the note now comes from `path`, and from nowhere else."""
    db.execute("DELETE FROM origins WHERE note_id = ?", (note_id,))
    db.execute(
        """INSERT INTO origins (source_id, path, note_id, digest) VALUES (?, ?, ?, ?)
           ON CONFLICT (source_id, path) DO UPDATE SET note_id = excluded.note_id, digest = excluded.digest""",
        (source, path, note_id, digest),
    )
