"""Where imported notes came from: the path of each in its folder or repository.

A path names a note in links of other imported notes, and tells a later import what it already has.
"""

import posixpath
from collections.abc import Iterable, Mapping

from notewell_store.contract import Connection
from notewell_store.names import meant_paths
from notewell_store.tables.note_rows import and_heeded


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


def notes_from_paths(db: Connection, paths: Iterable[str]) -> list[tuple[str, str]]:
    """The slugs and titles of the living notes that came from these paths, whatever the source."""
    return db.execute(
        f"""SELECT n.slug, n.title FROM origins o JOIN notes n ON n.id = o.note_id
            WHERE o.source_id IN (SELECT id FROM sources) AND o.path IN {db.VALUES} AND NOT n.deleted""",
        (db.listed(paths),),
    ).fetchall()


def first_note_from(db: Connection, paths: Iterable[str], project: str | None) -> int | None:
    """The oldest of the living notes that came from these paths, whatever the source, and that a project heeds."""
    heeded, values = and_heeded(project)
    row = db.execute(
        f"""SELECT o.note_id FROM origins o JOIN notes n ON n.id = o.note_id
            WHERE o.source_id IN (SELECT id FROM sources) AND o.path IN {db.VALUES}
              AND NOT n.deleted{heeded} ORDER BY o.note_id LIMIT 1""",
        (db.listed(paths), *values),
    ).fetchone()
    return int(row[0]) if row else None


def is_foreign(db: Connection, note_id: int, from_note: int) -> bool:
    """Whether a note came from another folder or repository than `from_note`, whose paths cannot mean it."""
    row = db.execute(
        """SELECT source_id != (SELECT source_id FROM origins WHERE note_id = ?2) FROM origins WHERE note_id = ?1""",
        (note_id, from_note),
    ).fetchone()
    return bool(row and row[0])


def write_origin(db: Connection, source: int, path: str, note_id: int, digest: str | None) -> None:
    """Record that the note now comes from `path`, and from nowhere else."""
    db.execute("DELETE FROM origins WHERE note_id = ?", (note_id,))
    db.execute(
        """INSERT INTO origins (source_id, path, note_id, digest) VALUES (?, ?, ?, ?)
           ON CONFLICT (source_id, path) DO UPDATE SET note_id = excluded.note_id, digest = excluded.digest""",
        (source, path, note_id, digest),
    )


def read_origins(db: Connection, source_id: int) -> list[tuple[str, int, str | None]]:
    """Each path of the source with its note and what is kept of it. The path of a folder without a page ends in a
    slash."""
    return db.execute("SELECT path, note_id, digest FROM origins WHERE source_id = ?", (source_id,)).fetchall()


def write_digests(db: Connection, source_id: int, digests: Mapping[str, str]) -> None:
    """Write anew what is kept of paths that are there already."""
    db.executemany(
        "UPDATE origins SET digest = ? WHERE source_id = ? AND path = ?",
        [(digest, source_id, path) for path, digest in digests.items()],
    )


def places_of_living(db: Connection) -> list[tuple[int, str, str | None, int | None]]:
    """Every living note's id and slug, the path and the source that it came from; by these, then those of no source
    by slug."""
    return db.execute(
        """SELECT n.id, n.slug, o.path, o.source_id FROM notes n LEFT JOIN origins o ON o.note_id = n.id
           WHERE NOT n.deleted ORDER BY o.path IS NULL, o.source_id, o.path, n.slug"""
    ).fetchall()
