"""Finding the notes of a kind by the store's indexes, never by looking at all notes."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.errors import NextCommand
from notewell_store.tables.checksums import is_what_was_written
from notewell_store.tables.parents import CHILD
from notewell_store.vocabulary import KINDS, OVER, Kind, Standing, kind_of, standing

MOST = 50
"""Notes of one kind that are looked at unless told otherwise; where there are more, the answer says so."""

DAMAGED = f"The text of this note is damaged and not shown: {NextCommand('verify')} tells more."

COLUMNS = """n.id, n.slug, n.title, n.note_type, n.status, n.tags, n.revision, n.chars, n.updated_at, n.created_at,
  n.actor, n.project_id, n.parent_id"""


class Row(NamedTuple):
    """A living note without its text."""

    id: int
    slug: str
    title: str
    note_type: str | None
    status: str | None
    tags: tuple[str, ...]
    revision: int
    chars: int
    updated_at: str
    created_at: str
    actor: str
    project_id: int | None
    parent_id: int | None

    @property
    def kind(self) -> Kind:
        return kind_of(self.note_type, self.tags)

    @property
    def standing(self) -> Standing:
        return standing(self.status, self.tags)


class Project(NamedTuple):
    id: int
    slug: str
    name: str
    repo_url: str | None


class Found(NamedTuple):
    """Notes, newest first. `more` says that there are others, which were not looked at."""

    notes: tuple[Row, ...]
    more: bool


def project_named(db: Snapshot, slug: str) -> Project:
    """The project of that slug. Raises NotFound, naming the projects that look like it."""
    row = db.execute("SELECT id, slug, name, repo_url FROM projects WHERE slug = ?", (slug,)).fetchone()
    if row is None:
        from notewell_store.tables.projects import project_id  # which imports what only writers and errors need

        project_id(db, slug)
    return Project(*row)


def count_notes(db: Snapshot, project_id: int | None) -> int:
    """How many living notes the project has, or the store. Two counts of an index, so that no note is looked at."""
    which, values = ("project_id = ?", (project_id,)) if project_id is not None else ("TRUE", ())
    counts = "SELECT (SELECT count(*) FROM notes WHERE {0}), (SELECT count(*) FROM notes WHERE deleted = 1 AND +{0})"
    every, gone = db.execute(counts.format(which), values * 2).fetchone()
    return int(every - gone)


def note_by_id(db: Snapshot, note_id: int) -> Row | None:
    """The living note of that id."""
    return next(_rows(db, "WHERE n.id = ? AND NOT n.deleted", (note_id,)), None)


def note_by_slug(db: Snapshot, slug: str) -> Row | None:
    return next(_rows(db, "WHERE n.slug = ? AND NOT n.deleted", (slug,)), None)


def notes_of(
    db: Snapshot, kinds: Sequence[Kind], project_id: int | None, *, over: bool = False, most: int = MOST
) -> Found:
    """The notes of these kinds in a project (None: those of no project), newest made first; `over` takes those
    that are over as well."""
    found: dict[int, Row] = {}
    more = False
    for word in (word for kind in kinds for word in KINDS[kind]):
        taken = 0
        for row in _labelled(db, word, project_id, over=over):
            if row.id in found or row.kind not in kinds or (not over and row.standing == "over"):
                continue
            if taken == most:
                more = True
                break
            found[row.id] = row
            taken += 1
    newest = sorted(found.values(), key=lambda row: -row.id)
    return Found(tuple(newest[:most]), more or len(newest) > most)


def _labelled(db: Snapshot, word: str, project_id: int | None, *, over: bool) -> Iterator[Row]:
    """Newest first, read while they are asked for: SQLite merges the label's index with that of the project from their
    ends. Without a limit it would leave the order out, since the query around it names none."""
    standing = "" if over else f"WHERE {PLAIN_STATUS} NOT IN ({_WORDS_OVER})"
    newest = """SELECT note_id AS id FROM labels WHERE label = ? AND live = 1
      INTERSECT SELECT id FROM main.notes WHERE project_id IS ? ORDER BY id DESC LIMIT -1"""
    source = f"({newest}) newest CROSS JOIN notes n ON n.id = newest.id"
    return _rows(db, standing, (word, project_id), source)


PLAIN_STATUS = "replace(replace(replace(lower(ifnull(n.status, '')), '_', ''), '-', ''), ' ', '')"
_WORDS_OVER = ", ".join(f"'{word.replace('-', '')}'" for word in OVER.split())


def children_of(db: Snapshot, parent: Row, limit: int) -> list[Row]:
    """Living children in their order."""
    return list(
        _rows(
            db,
            f"WHERE {CHILD} AND NOT n.deleted ORDER BY n.position IS NULL, n.position, n.slug LIMIT ?",
            (parent.id, limit),
        )
    )


def count_children(db: Snapshot, note_id: int) -> int:
    (count,) = db.execute(f"SELECT count(*) FROM notes n WHERE {CHILD} AND NOT n.deleted", (note_id,)).fetchone()
    return int(count)


def linked(db: Snapshot, note_id: int, relation: str) -> list[Row]:
    """Living notes that the note is linked to by that relation, newest first."""
    return list(
        _rows(
            db,
            """WHERE n.id IN (SELECT target_id FROM links WHERE source_id = ? AND relation = ?) AND NOT n.deleted
               ORDER BY n.id DESC""",
            (note_id, relation),
        )
    )


def targets(db: Snapshot, note_ids: Iterable[int], relation: str) -> set[int]:
    """The ids of the notes that any of these is linked to by that relation."""
    rows = db.execute(
        """SELECT target_id FROM links
           WHERE source_id IN (SELECT value FROM json_each(?)) AND relation = ? AND target_id IS NOT NULL""",
        (json.dumps(list(note_ids)), relation),
    )
    return {target for (target,) in rows}


def neighbours(db: Snapshot, note_ids: Iterable[int], limit: int) -> list[Row]:
    """Living notes linked with one of these, in either direction and by any relation, or made below one; newest
    first."""
    ids = json.dumps(list(note_ids))
    return list(
        _rows(
            db,
            """WHERE n.id IN (
                 SELECT target_id FROM main.links WHERE source_id IN (SELECT value FROM json_each(?1))
                 UNION SELECT source_id FROM main.links WHERE target_id IN (SELECT value FROM json_each(?1))
                 UNION SELECT id FROM main.notes WHERE parent_id IN (SELECT value FROM json_each(?1)))
               AND NOT n.deleted ORDER BY n.id DESC LIMIT ?2""",
            (ids, limit),
        )
    )


def top_notes(db: Snapshot, project_id: int | None, limit: int) -> list[Row]:
    """Notes without a parent, in their order. Of a store with very many of them the first ones are looked at."""
    return list(
        _rows(
            db,
            """WHERE n.id IN (SELECT id FROM notes WHERE parent_id IS NULL ORDER BY position, id LIMIT 5000)
               AND n.project_id IS ? AND NOT n.deleted ORDER BY n.position IS NULL, n.position, n.id LIMIT ?""",
            (project_id, limit),
        )
    )


def text_of(db: Snapshot, note_id: int, start: int = 0, length: int = 1_000_000) -> str:
    """The Markdown, or so many characters of it; where it is not what was written, a sentence that says so."""
    row = db.execute(
        "SELECT t.markdown, n.revision FROM texts t JOIN notes n ON n.id = t.note_id WHERE t.note_id = ?", (note_id,)
    ).fetchone()
    if row is None:
        return ""
    markdown, revision = row
    whole = is_what_was_written(db, note_id, revision, markdown)
    return str(markdown)[start : start + length] if whole else DAMAGED


def _rows(db: Snapshot, rest: str, values: Sequence[object], source: str = "notes n") -> Iterator[Row]:
    for row in db.execute(f"SELECT {COLUMNS} FROM {source} {rest}", values):
        yield Row._make((*row[:5], tuple(json.loads(row[5])), *row[6:]))
