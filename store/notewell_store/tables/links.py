"""Links between notes, stored once and read from both ends."""

from collections import Counter

from notewell_store.contract import Connection
from notewell_store.markdown.links import BodyLink
from notewell_store.models import MENTIONS, Dangling, ExplicitLink, Link
from notewell_store.names import slug_of_path
from notewell_store.references import parse_reference
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.notes import find_slug
from notewell_store.tables.origins import is_foreign, note_at_path, path_of_note, resolve_path

MOST_LOOKED_AT = 2_000
LARGEST_SHOWN = 5  # dangling references for which near names are looked up; each costs a look at many slugs


def write_body_links(db: Connection, note_id: int, found: tuple[BodyLink, ...]) -> None:
    """Replace the links that stand in the note's body. Links of a note to itself are not kept."""
    db.execute("DELETE FROM links WHERE source_id = ? AND relation = ?", (note_id, MENTIONS))
    own_path = path_of_note(db, note_id)
    seen: set[tuple[str, str | None]] = set()
    for link in found:
        path = resolve_path(own_path, link.target) if link.is_path else None
        if link.is_path and path is None:
            continue
        target = slug_of_path(path) if path is not None else link.target
        if not target or (target, link.anchor) in seen:
            continue
        seen.add((target, link.anchor))
        _insert(db, note_id, MENTIONS, target, link.anchor, path)


def write_explicit_links(db: Connection, note_id: int, links: tuple[ExplicitLink, ...]) -> None:
    """Replace the links that were set on purpose."""
    db.execute("DELETE FROM links WHERE source_id = ? AND relation != ?", (note_id, MENTIONS))
    for link in links:
        reference = parse_reference(link.target)
        _insert(db, note_id, link.relation, reference.name, reference.anchor, None)


def _insert(db: Connection, note_id: int, relation: str, target: str, anchor: str | None, path: str | None) -> None:
    target_id = _target_of(db, note_id, target, path)
    if target_id == note_id:
        return
    db.execute(
        "INSERT INTO links (source_id, relation, target, anchor, path, target_id) VALUES (?, ?, ?, ?, ?, ?)",
        (note_id, relation, target, anchor, path, target_id),
    )


def _target_of(db: Connection, note_id: int, target: str, path: str | None) -> int | None:
    if path is not None:
        by_path = note_at_path(db, note_id, path)
        if by_path is not None:
            return by_path
    found = find_slug(db, target)
    if path is not None and found is not None and is_foreign(db, found, note_id):
        return None
    if found is None and target.isdigit():
        row = db.execute("SELECT id FROM notes WHERE id = ?", (int(target[:18]),)).fetchone()
        found = row[0] if row else None
    return found


def resolve_dangling(db: Connection, note_id: int, slug: str) -> None:
    """Let the links that waited for this slug, or for the note's number, point at the note; its own go."""
    waiting = "target IN (?2, ?3) AND target_id IS NULL"
    names = (note_id, slug, str(note_id))
    db.execute(f"DELETE FROM links WHERE source_id = ?1 AND {waiting}", names)
    links = db.by_index("links", "links_unresolved")  # by that of all targets every dangling link would be read
    db.execute(f"UPDATE {links} SET target_id = ?1 WHERE {waiting}", names)


def outgoing(db: Connection, note_id: int) -> tuple[Link, ...]:
    """Links of the note, those set on purpose first, then those of the body in their order."""
    rows = db.execute(
        """SELECT coalesce(t.slug, l.target), l.anchor, l.relation, t.title, t.id IS NOT NULL AND NOT t.deleted
           FROM links l LEFT JOIN notes t ON t.id = l.target_id
           WHERE l.source_id = ? ORDER BY l.relation = 'mentions', l.relation, l.id""",
        (note_id,),
    )
    found = (
        Link(slug, anchor, relation, "out", bool(exists), title if exists else None)
        for slug, anchor, relation, title, exists in rows
    )
    return tuple(dict.fromkeys(found))  # one note may be named by several of its names


def incoming(db: Connection, note_id: int) -> tuple[Link, ...]:
    """Links of living notes to the note, those set on purpose first, one for each source, relation and anchor."""
    rows = db.execute(
        """SELECT DISTINCT s.slug, l.anchor, l.relation, s.title
           FROM links l JOIN notes s ON s.id = l.source_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ?) AND NOT s.deleted
           ORDER BY l.relation = 'mentions', l.relation, s.slug, l.anchor""",
        (note_id,),
    )
    return tuple(Link(slug, anchor, relation, "in", True, title) for slug, anchor, relation, title in rows)


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
