"""Links between notes, stored once and read from both ends."""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.markdown.links import BodyLink
from notewell_store.models import MENTIONS, Dangling, ExplicitLink, Link
from notewell_store.names import slug_of_path
from notewell_store.references import Reference, parse_reference
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.notes import find_id, find_slugs
from notewell_store.tables.origins import is_foreign, note_at_path, path_of_note, resolve_path

MOST_LOOKED_AT = 2_000
LARGEST_SHOWN = 5  # dangling references for which near names are looked up; each costs a look at many slugs


class _New(NamedTuple):
    """A link to be kept; `path` is a relative target's, from the root of its source."""

    relation: str
    target: str
    anchor: str | None
    path: str | None


def write_body_links(db: Connection, note_id: int, found: tuple[BodyLink, ...]) -> None:
    """Replace the links that stand in the note's body. Links of a note to itself are not kept."""
    db.execute("DELETE FROM links WHERE source_id = ? AND relation = ?", (note_id, MENTIONS))
    own_path = path_of_note(db, note_id) if any(link.is_path for link in found) else None
    wanted: dict[tuple[str, str | None], _New] = {}
    for link in found:
        path = resolve_path(own_path, link.target) if link.is_path else None
        if link.is_path and path is None:
            continue
        target = slug_of_path(path) if path is not None else link.target
        if target:
            wanted.setdefault((target, link.anchor), _New(MENTIONS, target, link.anchor, path))
    _insert(db, note_id, wanted.values())


def write_explicit_links(db: Connection, note_id: int, links: tuple[ExplicitLink, ...]) -> None:
    """Replace the links that were set on purpose."""
    db.execute("DELETE FROM links WHERE source_id = ? AND relation != ?", (note_id, MENTIONS))
    references = [(link.relation, parse_reference(link.target)) for link in links]
    _insert(db, note_id, [_New(relation, to.name, to.anchor, None) for relation, to in references])


def _insert(db: Connection, note_id: int, links: Collection[_New]) -> None:
    if not links:
        return
    named = find_slugs(db, {link.target for link in links})
    rows = [(note_id, *link, _target_of(db, note_id, link, named.get(link.target))) for link in links]
    db.executemany(
        "INSERT INTO links (source_id, relation, target, anchor, path, target_id) VALUES (?, ?, ?, ?, ?, ?)",
        [row for row in rows if row[-1] != note_id],
    )


def _target_of(db: Connection, note_id: int, link: _New, named: int | None) -> int | None:
    """The note that the link leads to; `named` is the one that its target names as a slug."""
    if link.path is not None:
        by_path = note_at_path(db, note_id, link.path)
        if by_path is not None:
            return by_path
    if link.path is not None and named is not None and is_foreign(db, named, note_id):
        return None
    return note_of_number(db, link.target) if named is None else named


def note_of_number(db: Connection, target: str) -> int | None:
    """The id of the note whose number a link names, None where it names none."""
    return find_id(db, Reference(target)) if target.isdigit() else None


def resolve_dangling(db: Connection, note_id: int, slug: str) -> None:
    """Let the links that waited for this slug, or for the note's number, point at the note; its own go."""
    waiting = "target IN (?2, ?3) AND target_id IS NULL"
    names = (note_id, slug, str(note_id))
    db.execute(f"DELETE FROM links WHERE source_id = ?1 AND {waiting}", names)
    links = db.by_index("links", "links_unresolved")  # by that of all targets every dangling link would be read
    db.execute(f"UPDATE {links} SET target_id = ?1 WHERE {waiting}", names)


def resolve_paths(db: Connection, source_id: int) -> int:
    """Let links that waited for a path of this source point at the note that has come from it; how many did."""
    waiting = db.execute(
        """SELECT l.id, l.source_id, l.path FROM links l JOIN origins o ON o.note_id = l.source_id
           WHERE l.path IS NOT NULL AND l.target_id IS NULL AND o.source_id = ?""",
        (source_id,),
    ).fetchall()
    resolved = 0
    for link, note_id, path in waiting:
        target = note_at_path(db, note_id, path)
        if target is not None and target != note_id:
            db.execute("UPDATE links SET target_id = ? WHERE id = ?", (target, link))
            resolved += 1
    return resolved


FOREIGN = """CASE WHEN own.project_id != other.project_id
  THEN (SELECT p.slug FROM projects p WHERE p.id = other.project_id) END"""
"""Of a link between the notes `own` and `other` the project of the other, where both are of one, and not of the same.
What is of no project is everybody's, and nobody is foreign to it."""


def outgoing(db: Connection, note_id: int) -> tuple[Link, ...]:
    """Links of the note, those set on purpose first, then those of the body in their order."""
    rows = db.execute(
        f"""SELECT coalesce(other.slug, l.target), l.anchor, l.relation, other.title,
             other.id IS NOT NULL AND NOT other.deleted,
             {FOREIGN}
           FROM links l JOIN notes own ON own.id = l.source_id LEFT JOIN notes other ON other.id = l.target_id
           WHERE l.source_id = ? ORDER BY l.relation = 'mentions', l.relation, l.id""",
        (note_id,),
    )
    found = (
        Link(slug, anchor, relation, "out", bool(exists), title if exists and not foreign else None, foreign)
        for slug, anchor, relation, title, exists, foreign in rows
    )
    return tuple(dict.fromkeys(found))  # one note may be named by several of its names


def incoming(db: Connection, note_id: int) -> tuple[Link, ...]:
    """Links of living notes to the note, those of other projects last, those set on purpose first, one for each source,
    relation and anchor."""
    rows = db.execute(
        f"""SELECT DISTINCT other.slug, l.anchor, l.relation, other.title, {FOREIGN} AS foreign_to
           FROM links l JOIN notes other ON other.id = l.source_id JOIN notes own ON own.id = l.target_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ?) AND NOT other.deleted
           ORDER BY foreign_to IS NOT NULL, l.relation = 'mentions', l.relation, other.slug, l.anchor""",
        (note_id,),
    )
    return tuple(
        Link(slug, anchor, relation, "in", True, None if foreign else title, foreign)
        for slug, anchor, relation, title, foreign in rows
    )


def linked_anchors(db: Connection, note_id: int) -> Counter[str]:
    """The anchors of the note that living notes link to, in lower case, each with how many do. Looks at the first
    MOST_LOOKED_AT links to the note."""
    rows = db.execute(
        """SELECT DISTINCT s.id, lower(l.anchor) FROM links l JOIN notes s ON s.id = l.source_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ? LIMIT ?)
             AND l.anchor IS NOT NULL AND NOT s.deleted""",
        (note_id, MOST_LOOKED_AT),
    )
    return Counter(anchor for _, anchor in rows)


def dangling(db: Connection, note_id: int) -> tuple[Dangling, ...]:
    """The note's links whose target does not exist or is deleted, with existing names that look like it."""
    missing = dict.fromkeys(
        link.note if link.anchor is None else f"{link.note}#{link.anchor}"
        for link in outgoing(db, note_id)
        if not link.exists
    )
    return tuple(
        Dangling(ref, nearest_names(db, ref.partition("#")[0]) if shown < LARGEST_SHOWN else ())
        for shown, ref in enumerate(missing)
    )


def count_dangling(db: Connection) -> int:
    """How many links of living notes lead nowhere."""
    (count,) = db.execute(
        """SELECT count(*) FROM links l JOIN notes s ON s.id = l.source_id LEFT JOIN notes t ON t.id = l.target_id
           WHERE NOT s.deleted AND (t.id IS NULL OR t.deleted)"""
    ).fetchone()
    return int(count)


def count_unresolved(db: Connection) -> int:
    """How many links, of any note, name one that does not exist. Cheaper than count_dangling."""
    (count,) = db.execute("SELECT count(*) FROM links WHERE target_id IS NULL").fetchone()
    return int(count)
