"""Sources: the folders and repositories that notes were imported from, and how far the import of each has come."""

from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.tables.note_rows import COUNTS


class Source(NamedTuple):
    """`name` identifies it. `tip` says how far an import has come; None of a new one."""

    id: int
    name: str
    tip: str | None


def open_source(db: Connection, name: str) -> Source:
    """The source of that name, which is made if it is new."""
    db.execute("INSERT INTO sources (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    return Source._make(db.execute("SELECT id, name, tip FROM sources WHERE name = ?", (name,)).fetchone())


def sources_named(db: Connection, name: str) -> list[str]:
    """The names of the sources that are called so, or so with a colon and more behind it, in their order."""
    rows = db.execute(
        "SELECT name FROM sources WHERE name = ?1 OR (name >= ?1 || ':' AND name < ?1 || ';') ORDER BY name", (name,)
    )
    return [name for (name,) in rows]


def source_named(db: Connection, name: str) -> Source | None:
    row = db.execute("SELECT id, name, tip FROM sources WHERE name = ?", (name,)).fetchone()
    return Source._make(row) if row else None


def move_tip(db: Connection, source_id: int, before: str | None, after: str | None) -> bool:
    """Say how far the import has come; False, and nothing is changed, where it does not stand at `before`."""
    same, values = db.same("tip", before)
    done = db.execute(f"UPDATE sources SET tip = ? WHERE id = ? AND {same}", (after, source_id, *values))
    return done.rowcount == 1


def home_of(db: Connection, source_id: int) -> str | None:
    """The project that all living notes of the source belong to, if there is one."""
    rows = db.execute(
        """SELECT DISTINCT p.slug FROM origins o JOIN notes n ON n.id = o.note_id
             LEFT JOIN projects p ON p.id = n.project_id WHERE o.source_id = ? AND NOT n.deleted LIMIT 2""",
        (source_id,),
    ).fetchall()
    return rows[0][0] if len(rows) == 1 else None


def living_sources(db: Connection) -> list[tuple[int, str, str | None]]:
    """The sources that living notes came from, the oldest first: their ids and names, and the project of a note."""
    return db.execute(
        """SELECT s.id, s.name, (SELECT p.slug FROM origins o JOIN notes n ON n.id = o.note_id
             JOIN projects p ON p.id = n.project_id WHERE o.source_id = s.id LIMIT 1)
           FROM sources s WHERE EXISTS (SELECT 1 FROM origins o JOIN notes n ON n.id = o.note_id
             WHERE o.source_id = s.id AND NOT n.deleted) ORDER BY s.id"""
    ).fetchall()


class Brought(NamedTuple):
    """What has come from a source by now: living notes, their aliases and links, and those of the links that dangle."""

    notes: int
    aliases: int
    links: int
    dangling: int


def count_brought(db: Connection, source_id: int) -> Brought:
    row = db.execute(
        f"""WITH mine AS (SELECT n.id FROM origins o JOIN notes n ON n.id = o.note_id
             WHERE o.source_id = ? AND NOT n.deleted),
           told AS (SELECT (SELECT t.id FROM notes t WHERE t.id = l.target_id AND NOT t.deleted) AS target
             FROM links l WHERE l.source_id IN (SELECT id FROM mine) AND {COUNTS})
           SELECT (SELECT count(*) FROM mine),
             (SELECT count(*) FROM aliases WHERE note_id IN (SELECT id FROM mine)),
             (SELECT count(*) FROM told), (SELECT count(*) FROM told WHERE target IS NULL)""",
        (source_id,),
    ).fetchone()
    return Brought._make(row)
