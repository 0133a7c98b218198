"""Where imported notes came from: the path of each in its folder or repository.

A path names a note in links of other imported notes, and tells a later import what it already has.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from notewell_store.contract import Connection
from notewell_store.errors import Invalid
from notewell_store.tables.bearers import write_path


class Unfit(Exception):
    """What was to be written does not fit what is there."""


@contextmanager
def as_unfit(db: Connection) -> Iterator[None]:
    """What the engine raises for such a row, as Unfit. The transaction is of no use any more."""
    try:
        yield
    except db.REFUSED as error:
        raise Unfit(str(error)) from error
    except Invalid as error:
        raise Unfit(str(error)) from error


def settle(db: Connection) -> None:
    """Have all that was written done, so that what does not fit is told now."""
    db.settle()


def path_of_note(db: Connection, note_id: int) -> str | None:
    row = db.execute("SELECT path FROM origins WHERE note_id = ?", (note_id,)).fetchone()
    return row[0] if row else None


def notes_from_paths(db: Connection, paths: Iterable[str]) -> list[tuple[str, str]]:
    """The slugs and titles of the living notes that came from these paths, whatever the source."""
    return db.execute(
        f"""SELECT n.slug, n.title FROM origins o JOIN notes n ON n.id = o.note_id
            WHERE o.source_id IN (SELECT id FROM sources) AND o.path IN {db.TEXTS} AND NOT n.deleted""",
        (db.listed(paths),),
    ).fetchall()


def write_origin(db: Connection, source: int, path: str, note_id: int, digest: str | None) -> dict[int, set[str]]:
    """Record that the note now comes from `path`, and from nowhere else. The answer is the keys that it, and the note
    that came from there before, are found by from now on, or no more."""
    here = db.execute("SELECT note_id FROM origins WHERE source_id = ? AND path = ?", (source, path)).fetchone()
    db.execute("DELETE FROM origins WHERE note_id = ?", (note_id,))
    db.execute(
        """INSERT INTO origins (source_id, path, note_id, digest) VALUES (?, ?, ?, ?)
           ON CONFLICT (source_id, path) DO UPDATE SET note_id = excluded.note_id, digest = excluded.digest""",
        (source, path, note_id, digest),
    )
    changed = {note_id: write_path(db, note_id, path)}
    if here and here[0] != note_id:
        changed[here[0]] = write_path(db, here[0], None)
    return changed


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


def origins_of_note(db: Connection, note_id: int) -> list[tuple[int, str, str | None]]:
    """The source and path that the note comes from, with what is kept of it."""
    return db.execute("SELECT source_id, path, digest FROM origins WHERE note_id = ?", (note_id,)).fetchall()
