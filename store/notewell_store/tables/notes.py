"""Finding a note by any of its names, and reading it as it stands."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from notewell_store.contract import Connection
from notewell_store.errors import Damaged, Deleted, NotFound
from notewell_store.markdown.slugs import is_slug
from notewell_store.models import OF_TEXT, Attribution, ExplicitLink, Metadata, Note, NoteSummary
from notewell_store.names import slug_of_path
from notewell_store.references import Reference
from notewell_store.tables import revisions
from notewell_store.tables.checksums import PROOF, is_proved
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.note_rows import CHILD, IN_ORDER
from notewell_store.tables.project_rows import project_id

PLAIN = tuple(f.name for f in fields(Metadata) if f.name not in {"project", "tags", "parent", "links"})
"""What of a note's metadata stands in a column of the same name. A field that is added to Metadata is one of these: it
needs a column, and is then read, written and compared with all others."""

FLAGS = tuple(f.name for f in fields(Metadata) if isinstance(f.default, bool))
"""Those of them that are kept as 0 or 1."""

_KEPT = tuple(f.name for f in fields(Metadata) if f.name != "links")
_OF_OTHERS = {"project": "p.slug", "parent": "parent.slug"}
_TAGS = _KEPT.index("tags")
_FLAGS = tuple(map(_KEPT.index, FLAGS))

_EXPLICIT = f"source_id = {{note}} AND relation NOT IN {OF_TEXT}"
_WHOLE = f"""SELECT {", ".join(_OF_OTHERS.get(name, f"n.{name}") for name in _KEPT)},
    EXISTS (SELECT 1 FROM links WHERE {_EXPLICIT.format(note="n.id")}),
    n.id, t.markdown, n.revision, n.seq, n.created_at, n.updated_at, n.actor, n.revised_by, {PROOF}
  FROM notes n LEFT JOIN texts t ON t.note_id = n.id
    LEFT JOIN projects p ON p.id = n.project_id LEFT JOIN notes parent ON parent.id = n.parent_id
    LEFT JOIN revisions proved ON proved.note_id = n.id AND proved.revision = n.revision
  WHERE"""
_OF_SLUG, _OF_ID = f"{_WHOLE} n.slug = ?", f"{_WHOLE} n.id = ?"
_BEHIND = len(_KEPT) + 9  # columns before those of PROOF

SUMMARY_COLUMNS = """n.id, n.slug, n.title, n.note_type, n.status,
  (SELECT slug FROM projects WHERE id = n.project_id), n.tags, n.revision, n.updated_at, n.chars"""


def find(db: Connection, reference: Reference) -> int:
    """The id of the note that bears this name, be it alive or a tombstone: its slug, a former one, its number, else the
    path that it comes from, its title, or how its slug begins up to a number, where it alone has that. Raises
    NotFound."""
    note_id = find_slug(db, reference.name)
    if note_id is None:
        note_id = find_id(db, reference)
    return _find_named(db, reference.name) if note_id is None else note_id


def _find_named(db: Connection, name: str) -> int:
    from notewell_store.tables.bearers import meant_by_anybody  # only what is no slug needs it

    meant = meant_by_anybody(db, name)
    if meant.note is not None:
        return meant.note
    from notewell_store.tables.names import find_numbered

    numbered = None if meant.several else find_numbered(db, name)
    if numbered is not None:
        return numbered
    like = name if is_slug(name) or name.isdigit() else slug_of_path(name.lstrip("./")) or name
    raise NotFound("note", name, slugs_of(db, meant.several) or nearest_names(db, like))


def is_called(db: Connection, reference: Reference) -> bool:
    """Whether a note bears this name in any of these ways."""
    try:
        return find(db, reference) > 0
    except NotFound:
        return False


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
        f"""SELECT slug, id FROM notes WHERE slug IN {db.TEXTS}
            UNION ALL SELECT slug, note_id FROM aliases WHERE slug IN {db.TEXTS}""",
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


def project_below(db: Connection, note_id: int) -> str | None:
    """The project of what is made below the note. Who does not see everything writes at home, wherever that is."""
    return None if db.is_limited else project_of(db, note_id)


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


def load_living(db: Connection, reference: Reference) -> Note:
    """The note of that name as it stands now, whole. Raises NotFound, Deleted for a tombstone, Damaged."""
    row = db.execute(_OF_SLUG, (reference.name,)).fetchone()  # as most are asked for
    return load(db, find(db, reference), living=True) if row is None else _note_of(db, row, living=True)


def load(db: Connection, note_id: int, *, living: bool = False) -> Note:
    """The note as it stands now, whole. Raises Damaged when the text is not what was written; for a tombstone Deleted,
    where it is to be a `living` one."""
    return _note_of(db, db.execute(_OF_ID, (note_id,)).fetchone(), living=living)


def _note_of(db: Connection, row: tuple[Any, ...], *, living: bool) -> Note:
    kept, (links, note_id, markdown, *rest), proof = list(row[: len(_KEPT)]), row[len(_KEPT) : _BEHIND], row[_BEHIND:]
    kept[_TAGS] = tuple(json.loads(kept[_TAGS]))
    for flag in _FLAGS:
        kept[flag] = bool(kept[flag])
    kept.append(explicit_links(db, note_id) if links else ())
    metadata = Metadata(*kept)
    if metadata.deleted:
        if living:
            raise Deleted(metadata.slug, rest[0])
        markdown = revisions.text_at(db, note_id, rest[0])
    if not is_proved(proof, note_id, rest[0], markdown):
        raise Damaged(metadata.slug, rest[0])
    return Note(note_id, metadata, markdown, *rest)


def explicit_links(db: Connection, note_id: int) -> tuple[ExplicitLink, ...]:
    """The links of a note that were set on purpose, in a fixed order, under the names by which they were set: what a
    target is called now may be nobody's business who reads this note and not that one."""
    rows = db.execute(
        f"SELECT DISTINCT relation, target, anchor FROM links WHERE {_EXPLICIT.format(note='?')}",
        (note_id,),
    ).fetchall()
    rows.sort(key=lambda row: (row[0], row[1], row[2] is not None, row[2] or ""))
    return tuple(
        ExplicitLink(relation, target if anchor is None else f"{target}#{anchor}") for relation, target, anchor in rows
    )


def summaries(rows: Sequence[tuple[Any, ...]]) -> tuple[NoteSummary, ...]:
    """The summaries that rows of SUMMARY_COLUMNS stand for; what a row holds behind those is left out."""
    tags = json.loads(f"[{','.join(row[6] for row in rows)}]")  # at once: reading each alone took a fifth of a list
    fields = ((*row[:6], tuple(own), *row[7:10]) for row, own in zip(rows, tags, strict=True))
    return tuple(map(NoteSummary._make, fields))


def children(db: Connection, note_id: int, limit: int) -> tuple[int, tuple[NoteSummary, ...]]:
    """How many living children a note has, and the first `limit` of them in their order, those of other projects
    last."""
    rows = db.execute(
        f"""SELECT {SUMMARY_COLUMNS} FROM notes n WHERE {CHILD} AND NOT n.deleted
            ORDER BY CASE WHEN n.project_id != (SELECT project_id FROM notes WHERE id = ?) THEN 1 ELSE 0 END,
              {IN_ORDER} LIMIT {limit + 1}""",
        (note_id, note_id),
    ).fetchall()
    if len(rows) <= limit:
        return len(rows), summaries(rows)
    (total,) = db.execute(f"SELECT count(*) FROM notes n WHERE {CHILD} AND NOT n.deleted", (note_id,)).fetchone()
    return total, summaries(rows[:limit])


def above(db: Connection, note_id: int) -> Iterator[NoteSummary]:
    """The living notes above a note, the nearest first, up to one that is not seen."""
    seen: set[int] = set()
    parent = parent_of(db, note_id)
    while parent is not None and parent not in seen:
        seen.add(parent)
        row = db.execute(
            f"SELECT {SUMMARY_COLUMNS}, n.parent_id FROM notes n WHERE n.id = ? AND NOT n.deleted", (parent,)
        ).fetchone()
        if row is None:
            return
        yield summaries([row])[0]
        parent = row[-1]


def parents_of(db: Connection, ids: Iterable[int]) -> dict[int, int]:
    """The id of the note above each of these, of those that have one."""
    rows = db.execute(
        f"SELECT n.id, n.parent_id FROM notes n WHERE n.id IN {db.VALUES} AND n.parent_id IS NOT NULL",
        (db.listed(ids),),
    )
    return dict(rows.fetchall())


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


def insert_note(
    db: Connection,
    note_id: int,
    columns: Mapping[str, object],
    *,
    chars: int,
    seq: int,
    created_at: str,
    by: Attribution,
) -> None:
    """Make the row of a note whose first revision, the change `seq`, is kept next; for `columns` see columns_of."""
    values = {
        "id": note_id,
        "chars": chars,
        "revision": 1,
        "seq": seq,
        "created_at": created_at,
        "updated_at": created_at,
        "actor": by.actor,
        "revised_by": by.revised_by,
        **columns,
    }
    marks = ", ".join("?" for _ in values)
    db.execute(f"INSERT INTO notes ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))


def update_note(
    db: Connection,
    note_id: int,
    columns: Mapping[str, object],
    *,
    chars: int,
    revision: int,
    seq: int,
    updated_at: str,
    by: Attribution,
) -> None:
    """Write what the note's newest revision says of it; for `columns` see columns_of."""
    values = {
        "chars": chars,
        "revision": revision,
        "seq": seq,
        "updated_at": updated_at,
        "actor": by.actor,
        "revised_by": by.revised_by,
        **columns,
    }
    marks = ", ".join(f"{column} = ?" for column in values)
    db.execute(f"UPDATE notes SET {marks} WHERE id = ?", (*values.values(), note_id))


def columns_of(db: Connection, before: Metadata | None, metadata: Metadata) -> dict[str, Any]:
    """What a note's row says of its metadata. SQLite writes an index anew for each column that is set, even to what it
    was: only what is otherwise than `before` is among them."""
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
