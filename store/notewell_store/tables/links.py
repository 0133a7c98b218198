"""Links between notes as they are read, from both ends."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from notewell_store.contract import Connection
from notewell_store.markdown.links import BodyLink
from notewell_store.models import OF_TEXT, Link
from notewell_store.tables.note_rows import COUNTS
from notewell_store.tables.text_links import body_rows

MOST_LOOKED_AT = 2_000
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
           WHERE l.source_id = ? AND {COUNTS} ORDER BY l.relation IN {OF_TEXT}, l.relation, l.id""",
        (note_id,),
    )
    found = (
        Link(slug, anchor, relation, "out", bool(exists), title if exists and not foreign else None, foreign)
        for slug, anchor, relation, title, exists, foreign in rows
    )
    return tuple(dict.fromkeys(found))  # one note may be named by several of its names


def of_text(db: Connection, note_id: int, found: Iterable[BodyLink]) -> tuple[Link, ...]:
    """Those links of the note that stand in a part of its text, with the names by which they are written there."""
    written: dict[tuple[int | str, str | None], str | None] = {}
    for row in body_rows(db, note_id, found):
        written.setdefault((row.target if row.target_id is None else row.target_id, row.anchor), row.name)
    rows = db.execute(
        f"SELECT id, slug FROM notes WHERE id IN {db.VALUES}",
        (db.listed([target for target, _ in written if isinstance(target, int)]),),
    )
    ids = {slug: note for note, slug in rows}
    links = [(link, (ids.get(link.note, link.note), link.anchor)) for link in outgoing(db, note_id)]
    return tuple(
        replace(link, written=written[key] if written[key] != link.note else None)
        for link, key in links
        if link.relation in OF_TEXT and key in written
    )


def incoming(db: Connection, note_id: int) -> tuple[Link, ...]:
    """Links of living notes to the note, those of other projects last, those set on purpose first, one for each source,
    relation and anchor."""
    rows = db.execute(
        f"""SELECT DISTINCT other.slug, l.anchor, l.relation, other.title, {FOREIGN}
           FROM links l JOIN notes other ON other.id = l.source_id JOIN notes own ON own.id = l.target_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ?) AND NOT other.deleted""",
        (note_id,),
    )
    found = [
        Link(slug, anchor, relation, "in", True, None if foreign else title, foreign)
        for slug, anchor, relation, title, foreign in rows
    ]
    return tuple(sorted(found, key=_incoming_order))


def _incoming_order(link: Link) -> tuple[bool, bool, str, str, str]:
    return link.foreign is not None, link.relation in OF_TEXT, link.relation, link.note, link.anchor or ""


def superseding(db: Connection, note_ids: Iterable[int]) -> dict[int, str]:
    """The slug of the living note that supersedes each of these by a link; the newest one. Who writes in one project
    does not end the notes of another: only a note of the same project or of none is asked."""
    ids = list(note_ids)
    if len(ids) == 1:
        return dict(db.execute(_SUPERSEDING_ONE, ids).fetchall())
    return dict(db.execute(_superseding(f"IN {db.VALUES}"), (db.listed(ids),)).fetchall())


def _superseding(these: str) -> str:
    return f"""SELECT l.target_id, n.slug
        FROM links l JOIN notes n ON n.id = l.source_id JOIN notes o ON o.id = l.target_id
        WHERE l.id IN (SELECT id FROM main.links WHERE target_id {these}) AND l.relation = 'supersedes'
          AND NOT n.deleted AND (n.project_id IS NULL OR n.project_id = o.project_id) ORDER BY n.id"""


_SUPERSEDING_ONE = _superseding("= ?")
"""Of one note, as most are asked for, a plan is kept where one of many would be made anew each time."""


def linked_anchors(db: Connection, note_id: int) -> Counter[str]:
    """The anchors of the note that living notes link to, in lower case, each with how many do. Looks at the first
    MOST_LOOKED_AT links to the note."""
    rows = db.execute(
        f"""SELECT DISTINCT s.id, lower(l.anchor) FROM links l JOIN notes s ON s.id = l.source_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ? LIMIT {MOST_LOOKED_AT})
             AND l.anchor IS NOT NULL AND NOT s.deleted""",
        (note_id,),
    )
    return Counter(anchor for _, anchor in rows)


def sources_of(db: Connection, note_id: int, anchor: str, limit: int) -> tuple[str, ...]:
    """The slugs of the first living notes that link to this section."""
    rows = db.execute(
        f"""SELECT DISTINCT s.slug FROM links l JOIN notes s ON s.id = l.source_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ?) AND lower(l.anchor) = ? AND NOT s.deleted
           ORDER BY s.slug LIMIT {limit}""",
        (note_id, anchor.lower()),
    )
    return tuple(slug for (slug,) in rows)


def names_by_target(db: Connection, note_id: int) -> dict[str, str]:
    """What the wiki links of a note are written as, by their targets."""
    rows = db.execute("SELECT target, name FROM links WHERE source_id = ? AND form = 'wiki' ORDER BY id", (note_id,))
    return dict(rows.fetchall())
