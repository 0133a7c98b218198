"""Finding a note by any of its names, and reading it as it stands."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from notewell_store.contract import Connection
from notewell_store.errors import Deleted, NotFound
from notewell_store.models import Attribution, ExplicitLink, Metadata, Note, NoteSummary
from notewell_store.references import Reference
from notewell_store.tables import revisions
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.note_rows import CHILD, IN_ORDER
from notewell_store.tables.project_rows import project_id

PLAIN = tuple(f.name for f in fields(Metadata) if f.name not in {"project", "tags", "parent", "links"})
"""What of a note's metadata stands in a column of the same name. A field that is added to Metadata is one of these: it
needs a column, and is then read, written and compared with all others."""

FLAGS = tuple(f.name for f in fields(Metadata) if isinstance(f.default, bool))
"""Those of them that are kept as 0 or 1."""

_WHOLE = f"""SELECT {", ".join(f"n.{name}" for name in PLAIN)}, p.slug, n.tags, parent.slug, t.markdown,
    n.revision, n.seq, n.created_at, n.updated_at, n.actor, n.revised_by
  FROM notes n LEFT JOIN texts t ON t.note_id = n.id
    LEFT JOIN projects p ON p.id = n.project_id LEFT JOIN notes parent ON parent.id = n.parent_id
  WHERE n.id = ?"""

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


def find_slugs(db: Connection, slugs: Iterable[str]) -> dict[str, int]:
    """The ids of the notes that have or had these slugs; as many as there are."""
    asked = db.listed(slugs)
    rows = db.execute(
        f"""SELECT slug, id FROM notes WHERE slug IN {db.VALUES}
            UNION ALL SELECT slug, note_id FROM aliases WHERE slug IN {db.VALUES}""",
        (asked, asked),
    )
    return dict(rows.fetchall())


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


def is_living(db: Connection, note_id: int) -> bool:
    """Whether there is a note of that id, and it is no tombstone."""
    row = db.execute("SELECT deleted FROM notes WHERE id = ?", (note_id,)).fetchone()
    return row is not None and not row[0]


def is_slug_of_living(db: Connection, slug: str) -> bool:
    """Whether a living note is called so now."""
    return db.execute("SELECT 1 FROM notes WHERE slug = ? AND NOT deleted", (slug,)).fetchone() is not None


def slug_of(db: Connection, note_id: int) -> str:
    (slug,) = db.execute("SELECT slug FROM notes WHERE id = ?", (note_id,)).fetchone()
    return str(slug)


def slugs_by_id(db: Connection, note_ids: Iterable[int]) -> dict[int, str]:
    """The slugs of those of these notes that live."""
    rows = db.execute(
        f"SELECT id, slug FROM notes WHERE id IN {db.VALUES} AND NOT deleted", (db.listed(sorted(note_ids)),)
    )
    return dict(rows.fetchall())


def slugs_of(db: Connection, note_ids: Iterable[int]) -> tuple[str, ...]:
    """The slugs of these notes, in the order of the alphabet."""
    rows = db.execute(f"SELECT slug FROM notes WHERE id IN {db.VALUES} ORDER BY slug", (db.listed(note_ids),))
    return tuple(slug for (slug,) in rows)


def head_of(db: Connection, note_id: int) -> tuple[str, int]:
    """The note's slug and the number of its newest revision."""
    slug, revision = db.execute("SELECT slug, revision FROM notes WHERE id = ?", (note_id,)).fetchone()
    return str(slug), int(revision)


def project_of(db: Connection, note_id: int) -> str | None:
    """The slug of the note's project."""
    row = db.execute(
        "SELECT p.slug FROM notes n JOIN projects p ON p.id = n.project_id WHERE n.id = ?", (note_id,)
    ).fetchone()
    return row[0] if row else None


def parent_of(db: Connection, note_id: int) -> int | None:
    """The id of the note's parent."""
    (parent,) = db.execute("SELECT parent_id FROM notes WHERE id = ?", (note_id,)).fetchone()
    return None if parent is None else int(parent)


def has_children(db: Connection, note_id: int) -> bool:
    """Whether a living note stands below it."""
    child = "SELECT 1 FROM notes WHERE parent_id = ? AND NOT deleted LIMIT 1"
    return db.execute(child, (note_id,)).fetchone() is not None


def newest_id(db: Connection) -> int:
    """The id of the note that was made last, be it a tombstone by now; 0 where there is none."""
    (newest,) = db.execute("SELECT coalesce(max(id), 0) FROM notes").fetchone()
    return int(newest)


def is_newest(db: Connection, note_id: int, revision: int) -> bool:
    """Whether the note is there, and that is its newest revision."""
    row = db.execute("SELECT revision FROM notes WHERE id = ?", (note_id,)).fetchone()
    return row is not None and int(row[0]) == revision


def load(db: Connection, note_id: int) -> Note:
    """The note as it stands now, whole. Raises Damaged when the text is not what was written."""
    row = db.execute(_WHOLE, (note_id,)).fetchone()
    plain = dict(zip(PLAIN, row, strict=False))
    project, tags, parent, markdown, *rest = row[len(PLAIN) :]
    metadata = Metadata(
        **plain | {name: bool(plain[name]) for name in FLAGS},
        project=project,
        tags=tuple(json.loads(tags)),
        parent=parent,
        links=explicit_links(db, note_id),
    )
    if metadata.deleted:
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
    """How many living children a note has, and the first `limit` of them in their order, those of other projects
    last."""
    (total,) = db.execute(f"SELECT count(*) FROM notes n WHERE {CHILD} AND NOT n.deleted", (note_id,)).fetchone()
    rows = db.execute(
        f"""SELECT {SUMMARY_COLUMNS} FROM notes n WHERE {CHILD} AND NOT n.deleted
            ORDER BY CASE WHEN n.project_id != (SELECT project_id FROM notes WHERE id = ?) THEN 1 ELSE 0 END,
              {IN_ORDER} LIMIT ?""",
        (note_id, note_id, limit),
    ).fetchall()
    return total, summaries(rows)


def count_living(db: Connection) -> int:
    """How many notes there are. All less the deleted, for SQLite counts the rows of a table by its pages, and those
    of a condition one by one."""
    (count,) = db.execute(
        "SELECT (SELECT count(*) FROM notes) - (SELECT count(*) FROM notes WHERE deleted = TRUE)"
    ).fetchone()
    return int(count)


def living_by_slug(db: Connection, project: str | None, after: str) -> Iterator[tuple[int, str, int]]:
    """The ids, slugs and sizes of a project's living notes, or of all, in the order of their slugs from `after` on.
    They are read while they are asked for."""
    condition = "" if project is None else "AND project_id = (SELECT id FROM projects WHERE slug = ?)"
    values = (after,) if project is None else (after, project)
    rows = db.execute(
        f"SELECT id, slug, chars FROM notes WHERE NOT deleted AND slug > ? {condition} ORDER BY slug", values
    )
    return iter(rows)


def is_below(db: Connection, note_id: int, ancestor: int) -> bool:
    """Whether `ancestor` is the note itself or stands above it, with whatever is not seen between them: that no
    parents form a circle is so of the whole store, or it is not so."""
    above: int | None = note_id
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == ancestor:
            return True
        seen.add(above)
        (above,) = db.execute("SELECT parent_id FROM main.notes WHERE id = ?", (above,)).fetchone()
    return False


def insert_note(db: Connection, note_id: int, metadata: Metadata, created_at: str) -> None:
    """Make a row that the note's first revision can refer to; update_note writes what it is to say."""
    db.execute(
        """INSERT INTO notes (id, slug, title, tags, is_public, deleted, chars, revision, seq, created_at,
             updated_at, actor) VALUES (?, ?, ?, '[]', FALSE, FALSE, 0, 0, 0, ?, ?, '')""",
        (note_id, metadata.slug, metadata.title, created_at, created_at),
    )


def update_note(
    db: Connection,
    note_id: int,
    before: Metadata | None,
    metadata: Metadata,
    *,
    chars: int,
    revision: int,
    seq: int,
    updated_at: str,
    by: Attribution,
) -> None:
    """Write what the note's newest revision says of it. SQLite writes an index anew for each column that is set, even
    to what it was: only what is otherwise than `before` is set."""
    values = {
        "chars": chars,
        "revision": revision,
        "seq": seq,
        "updated_at": updated_at,
        "actor": by.actor,
        "revised_by": by.revised_by,
        **_changed_columns(db, before, metadata),
    }
    columns = ", ".join(f"{column} = ?" for column in values)
    db.execute(f"UPDATE notes SET {columns} WHERE id = ?", (*values.values(), note_id))


def _changed_columns(db: Connection, before: Metadata | None, metadata: Metadata) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(metadata, name)
        for name in PLAIN
        if before is None or getattr(before, name) != getattr(metadata, name)
    }
    if before is None or before.tags != metadata.tags:
        values["tags"] = json.dumps(metadata.tags, ensure_ascii=False)
    if before is None or before.project != metadata.project:
        values["project_id"] = project_id(db, metadata.project) if metadata.project else None
    if before is None or before.parent != metadata.parent:
        values["parent_id"] = find_slug(db, metadata.parent) if metadata.parent else None
    return values
