"""Finding a note by any of its names, and reading it as it stands."""

import json
from collections.abc import Sequence
from typing import Any

from notewell_store.contract import Connection
from notewell_store.errors import Deleted, NotFound
from notewell_store.models import ExplicitLink, Metadata, Note, NoteSummary
from notewell_store.references import Reference
from notewell_store.tables import revisions
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.parents import CHILD

SUMMARY_COLUMNS = """n.id, n.slug, n.title, n.note_type, n.status,
  (SELECT slug FROM projects WHERE id = n.project_id), n.tags, n.revision, n.updated_at, n.chars"""


def find(db: Connection, reference: Reference) -> int:
    """The id of the note that bears this name, be it alive or a tombstone. Raises NotFound."""
    note_id = find_slug(db, reference.name)
    if note_id is None:
        note_id = find_id(db, reference)
    if note_id is None:
        raise NotFound("note", reference.name, nearest_names(db, reference.name))
    return note_id


def find_id(db: Connection, reference: Reference) -> int | None:
    """The reference's number where a note has it, else None."""
    row = db.execute("SELECT id FROM notes WHERE id = ?", (reference.note_id,)).fetchone()
    return row[0] if row else None


def find_slug(db: Connection, slug: str) -> int | None:
    """The id of the note that has or had this slug, or None."""
    row = db.execute(
        "SELECT id FROM notes WHERE slug = ?1 UNION ALL SELECT note_id FROM aliases WHERE slug = ?1", (slug,)
    ).fetchone()
    return row[0] if row else None


def find_living(db: Connection, reference: Reference) -> int:
    """As find, but raises Deleted for a tombstone."""
    note_id = find(db, reference)
    slug, revision, deleted = db.execute(
        "SELECT slug, revision, deleted FROM notes WHERE id = ?", (note_id,)
    ).fetchone()
    if deleted:
        raise Deleted(slug, revision)
    return note_id


def is_deleted(db: Connection, note_id: int) -> bool:
    (deleted,) = db.execute("SELECT deleted FROM notes WHERE id = ?", (note_id,)).fetchone()
    return bool(deleted)


def slug_of(db: Connection, note_id: int) -> str:
    (slug,) = db.execute("SELECT slug FROM notes WHERE id = ?", (note_id,)).fetchone()
    return str(slug)


def load(db: Connection, note_id: int) -> Note:
    """The note as it stands now, whole. Raises Damaged when the text is not what was written."""
    row = db.execute(
        """SELECT n.slug, n.title, n.note_type, n.status, p.slug, n.tags, parent.slug, n.position, n.is_public,
             n.deleted, t.markdown, n.revision, n.seq, n.created_at, n.updated_at, n.actor, n.revised_by
           FROM notes n LEFT JOIN texts t ON t.note_id = n.id
             LEFT JOIN projects p ON p.id = n.project_id LEFT JOIN notes parent ON parent.id = n.parent_id
           WHERE n.id = ?""",
        (note_id,),
    ).fetchone()
    slug, title, note_type, status, project, tags, parent, position, is_public, deleted, markdown, *rest = row
    metadata = Metadata(
        slug=slug,
        title=title,
        note_type=note_type,
        status=status,
        project=project,
        tags=tuple(json.loads(tags)),
        parent=parent,
        position=position,
        is_public=bool(is_public),
        deleted=bool(deleted),
        links=explicit_links(db, note_id),
    )
    if deleted:
        markdown = revisions.text_at(db, note_id, rest[0])
    note = Note(note_id, metadata, markdown, *rest)
    revisions.check(db, note_id, note.revision, note.markdown)
    return note


def explicit_links(db: Connection, note_id: int) -> tuple[ExplicitLink, ...]:
    """The links of a note that were set on purpose, in a fixed order, under the names by which they were set: what a
    target is called now may be nobody's business who reads this note and not that one."""
    rows = db.execute(
        """SELECT DISTINCT relation, target, anchor FROM links
           WHERE source_id = ? AND relation != 'mentions' ORDER BY 1, 2, 3""",
        (note_id,),
    )
    return tuple(
        ExplicitLink(relation, target if anchor is None else f"{target}#{anchor}") for relation, target, anchor in rows
    )


def summaries(rows: Sequence[tuple[Any, ...]]) -> tuple[NoteSummary, ...]:
    """The summaries that rows of SUMMARY_COLUMNS stand for; what a row holds behind those is left out."""
    tags = json.loads(f"[{','.join(row[6] for row in rows)}]")  # at once: reading each alone took a fifth of a list
    fields = ((*row[:6], tuple(own), *row[7:10]) for row, own in zip(rows, tags, strict=True))
    return tuple(NoteSummary(*values) for values in fields)


def children(db: Connection, note_id: int, limit: int) -> tuple[int, tuple[NoteSummary, ...]]:
    """How many living children a note has, and the first `limit` of them in their order."""
    (total,) = db.execute(f"SELECT count(*) FROM notes n WHERE {CHILD} AND NOT n.deleted", (note_id,)).fetchone()
    rows = db.execute(
        f"""SELECT {SUMMARY_COLUMNS} FROM notes n WHERE {CHILD} AND NOT n.deleted
            ORDER BY n.position IS NULL, n.position, n.slug LIMIT ?""",
        (note_id, limit),
    ).fetchall()
    return total, summaries(rows)


def count_living(db: Connection) -> int:
    """How many notes there are. All less the deleted, for SQLite counts the rows of a table by its pages, and those
    of a condition one by one."""
    (count,) = db.execute(
        "SELECT (SELECT count(*) FROM notes) - (SELECT count(*) FROM notes WHERE deleted = 1)"
    ).fetchone()
    return int(count)


def aliases(db: Connection, note_id: int) -> tuple[str, ...]:
    rows = db.execute("SELECT slug FROM aliases WHERE note_id = ? ORDER BY slug", (note_id,))
    return tuple(slug for (slug,) in rows)


def is_below(db: Connection, note_id: int, ancestor: int) -> bool:
    """Whether `ancestor` is the note itself or stands above it."""
    above: int | None = note_id
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == ancestor:
            return True
        seen.add(above)
        (above,) = db.execute("SELECT parent_id FROM notes WHERE id = ?", (above,)).fetchone()
    return False
