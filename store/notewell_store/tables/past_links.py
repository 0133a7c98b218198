"""Links as they were: of the text that stood then, resolved by the names that notes have had since."""

from collections.abc import Iterator
from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.markdown.links import find_links
from notewell_store.models import OF_TEXT, Link, Metadata, Note
from notewell_store.tables import notes, text_links
from notewell_store.tables.note_rows import UNJUDGED
from notewell_store.tables.past import Moment, metadata_at
from notewell_store.tables.revisions import load_at, text_at

MOST_READ = 5_000
"""Former texts that are looked at for links to one note; each takes half a millisecond."""


class Incoming(NamedTuple):
    links: tuple[Link, ...]
    unread: int
    """Notes changed since whose former texts were too many to look at."""


class _Named(NamedTuple):
    relation: str
    target: str
    anchor: str | None
    target_id: int | None


def outgoing_at(db: Connection, note: Note, moment: Moment) -> tuple[Link, ...]:
    """The links of a former state of a note, each with whether its target existed then."""
    named = _named(db, note.id, note.metadata, note.markdown)
    return tuple(dict.fromkeys(_link_at(db, note.metadata.project, name, moment) for name in named))


def incoming_at(db: Connection, note_id: int, moment: Moment) -> Incoming:
    """The links to a note as they were then.

    A note that has not changed since links as it does today; of the others the former text is read.
    """
    column, value = ("seq", moment[1]) if isinstance(moment[1], int) else ("updated_at", moment[1])
    rows = db.execute(
        f"""SELECT DISTINCT s.slug, l.anchor, l.relation, s.title, p.slug
            FROM links l JOIN notes s ON s.id = l.source_id LEFT JOIN projects p ON p.id = s.project_id
            WHERE l.target_id = ? AND NOT s.deleted AND s.{column} <= ?""",
        (note_id, value),
    ).fetchall()
    own = metadata_at(db, note_id, moment)
    project = own.project if own else None
    found = [_incoming(project, *row) for row in rows]
    changed = db.execute(
        f"SELECT id FROM notes WHERE deleted IN (FALSE, TRUE) AND {column} > ? AND id != ?", (value, note_id)
    ).fetchall()
    for (source_id,) in changed[:MOST_READ]:
        found += _links_to(db, source_id, note_id, project, moment)
    found.sort(key=_place)
    return Incoming(tuple(dict.fromkeys(found)), max(0, len(changed) - MOST_READ))


def _place(link: Link) -> tuple[bool, bool, str, str, str]:
    return link.foreign is not None, link.relation in OF_TEXT, link.relation, link.note, link.anchor or ""


def _incoming(own: str | None, slug: str, anchor: str | None, relation: str, title: str, project: str | None) -> Link:
    foreign = _foreign(own, project)
    return Link(slug, anchor, relation, "in", True, None if foreign else title, foreign)


def _foreign(own: str | None, project: str | None) -> str | None:
    return project if own is not None and project != own else None


def refs_at(db: Connection, note_id: int, revision: int) -> frozenset[str]:
    """What a revision of a note linked to, as Unresolved names it; a tombstone links to nothing."""
    then = load_at(db, note_id, notes.slug_of(db, note_id), revision)
    if then.metadata.deleted:
        return frozenset()
    named = _named(db, note_id, then.metadata, then.markdown)
    return frozenset(_ref(db, link) for link in named)


def _ref(db: Connection, link: _Named) -> str:
    present = link.target if link.target_id is None else notes.slug_of(db, link.target_id)
    return present if link.anchor is None else f"{present}#{link.anchor}"


def _links_to(db: Connection, source_id: int, note_id: int, project: str | None, moment: Moment) -> Iterator[Link]:
    then = metadata_at(db, source_id, moment)
    if then is None or then.deleted:
        return
    condition, value = moment
    (revision,) = db.execute(
        f"SELECT r.revision FROM revisions r WHERE r.note_id = ? AND {condition} ORDER BY r.seq DESC LIMIT 1",
        (source_id, value),
    ).fetchone()
    for link in _named(db, source_id, then, text_at(db, source_id, revision)):
        if link.target_id == note_id:
            yield _incoming(project, then.slug, link.anchor, link.relation, then.title, then.project)


def _named(db: Connection, note_id: int, then: Metadata, markdown: str) -> Iterator[_Named]:
    """What a note's links name, those set on purpose first."""
    rows = [*text_links.explicit_rows(db, then.links), *text_links.body_rows(db, note_id, find_links(markdown))]
    for row in rows:
        if row.target_id != note_id and (row.target_id is not None or row.form not in UNJUDGED):
            yield _Named(row.relation, row.target, row.anchor, row.target_id)


def _link_at(db: Connection, own: str | None, named: _Named, moment: Moment) -> Link:
    then = None if named.target_id is None else metadata_at(db, named.target_id, moment)
    exists = then is not None and not then.deleted
    slug = then.slug if then else named.target
    foreign = _foreign(own, then.project) if then else None
    title = then.title if then and exists and not foreign else None
    return Link(slug, named.anchor, named.relation, "out", exists, title, foreign)
