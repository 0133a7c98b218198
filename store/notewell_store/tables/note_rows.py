"""Living notes without their texts, as the brief and the prompts choose among them: found by the store's indexes, never
by looking at all notes.

They are named tuples, and little is imported: a hook that starts with every session pays for each import, and
dataclasses cost it a third of what it may take. See decision 0011. What is for all callers stands in `notes`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from notewell_store.contract import Condition, Connection, Cursor
from notewell_store.vocabulary import KINDS, OVER, UNHEEDED, Kind, Standing, kind_of, standing

CHILDREN = "(SELECT id FROM main.notes WHERE parent_id = ?)"
CHILD = f"n.id IN {CHILDREN}"
"""Of the notes `n` that are seen, those whose parent is a note that is seen. Where not all is seen parents are worked
out, and have no index."""

DESCENDANTS = """(WITH RECURSIVE below(id) AS (
    SELECT n.id FROM main.notes c CROSS JOIN notes n WHERE c.parent_id = ? AND n.id = c.id
    UNION SELECT n.id FROM below CROSS JOIN main.notes c CROSS JOIN notes n WHERE c.parent_id = below.id AND n.id = c.id
  ) SELECT id FROM below)"""
"""The ids of all notes below one, as far as notes that are seen lead to them: it reads these and no others."""

HEEDED = "(n.project_id IS NULL OR n.project_id = ?)"
"""Of the notes `n` those that may speak of a project: its own, and those of none. Where the project is none, those of
none alone: whoever writes in another must not speak here, whatever they link to or place their notes below."""

OF_PROJECT = HEEDED.replace("?", "(SELECT id FROM projects WHERE slug = ?)")

OWN = "own-"
"""What begins the form of a link that leads to its own note, which is none as long as it does."""
UNJUDGED = ("file", "loose", *(f"{OWN}{form}" for form in ("wiki", "page", "bare", "loose", "path", "file")))
"""The forms of links that are none until they lead somewhere: what they name may be a file that is no page."""
COUNTS = f"(l.target_id IS NOT NULL OR l.form NOT IN {UNJUDGED})"
"""The condition that a link is one."""


def and_heeded(project: str | None) -> Condition:
    """As HEEDED by the project's slug, to stand behind another condition; nothing where all notes are heeded."""
    return ("", []) if project is None else (f" AND {OF_PROJECT}", [project])


MOST = 50
"""Notes of one kind that are looked at unless told otherwise; where there are more, the answer says so."""


COLUMNS = """n.id, n.slug, n.title, n.note_type, n.status, n.tags, n.revision, n.chars, n.updated_at, n.created_at,
  n.actor, n.project_id, n.parent_id"""


IN_ORDER = "n.position IS NULL, n.position, n.slug"
"""The order of notes below the same parent."""


class Row(NamedTuple):
    """A living note without its text. `tags` are as they are kept, a JSON list, read where type or status leave
    anything to say."""

    id: int
    slug: str
    title: str
    note_type: str | None
    status: str | None
    tags: str
    revision: int
    chars: int
    updated_at: str
    created_at: str
    actor: str
    project_id: int | None
    parent_id: int | None

    @property
    def kind(self) -> Kind:
        return kind_of(self.note_type, _each(self.tags))

    @property
    def standing(self) -> Standing:
        return standing(self.status, _each(self.tags))


def _each(tags: str) -> Iterator[str]:
    yield from json.loads(tags)


class Found(NamedTuple):
    """Notes, newest first. `more` says that there are others, which were not looked at."""

    notes: tuple[Row, ...]
    more: bool


def count_notes(db: Connection, project_id: int | None) -> int:
    """How many living notes the project has, or the store. Two counts of an index, so that no note is looked at."""
    own, values = ("project_id = ?", (project_id,)) if project_id is not None else ("TRUE", ())
    gone_of_own = f"deleted = TRUE AND {own.replace('project_id', db.aside('project_id'))}"
    every, gone = db.execute(
        f"SELECT (SELECT count(*) FROM notes WHERE {own}), (SELECT count(*) FROM notes WHERE {gone_of_own})", values * 2
    ).fetchone()
    return int(every - gone)


def note_by_id(db: Connection, note_id: int) -> Row | None:
    """The living note of that id."""
    return next(_rows(db, "WHERE n.id = ? AND NOT n.deleted", (note_id,)), None)


def note_by_slug(db: Connection, slug: str) -> Row | None:
    return next(_rows(db, "WHERE n.slug = ? AND NOT n.deleted", (slug,)), None)


def notes_by_slug(db: Connection, slugs: Iterable[str]) -> list[Row]:
    """The living notes of these slugs, in no order."""
    return list(_rows(db, f"WHERE n.slug IN {db.TEXTS} AND NOT n.deleted", (db.listed(slugs),)))


Wanted = tuple[Sequence[Kind], "int | None", int]
"""Kinds, a project (None: of no project), and how many of them at most."""


def notes_of(
    db: Connection, kinds: Sequence[Kind], project_id: int | None, *, over: bool = False, most: int = MOST
) -> Found:
    """The notes of these kinds in a project (None: those of no project), newest made first; `over` takes those
    that are over as well. Of the notes that bear a word of a kind so many are looked at, and no others."""
    return notes_of_each(db, [(kinds, project_id, most)], over=over)[0]


def notes_of_each(db: Connection, wanted: Sequence[Wanted], *, over: bool = False) -> list[Found]:
    """As notes_of, of each; all are asked for together. Of most kinds a store has notes under one word, if under any:
    which words it knows is one small question."""
    known = _known_labels(db, {word for kinds, _, _ in wanted for kind in kinds for word in KINDS[kind]})
    words = [[word for kind in kinds for word in KINDS[kind] if word in known] for kinds, _, _ in wanted]
    asked = (
        _labelled(db, word, project, LOOKED_AT * most, over=over)
        for (_, project, most), own in zip(wanted, words, strict=True)
        for word in own
    )
    answers = iter(db.at_once(asked))
    return [
        _found((next(answers) for _ in own), kinds, most, over=over)
        for (kinds, _, most), own in zip(wanted, words, strict=True)
    ]


def _found(answers: Iterable[Iterable[Sequence[Any]]], kinds: Sequence[Kind], most: int, *, over: bool) -> Found:
    found: dict[int, Row] = {}
    more = False
    for labelled in answers:
        taken = 0
        for number, row in enumerate(_as_rows(labelled), start=1):
            more = more or number == LOOKED_AT * most
            if row.id in found or row.kind not in kinds or (not over and row.standing == "over"):
                continue
            if taken == most:
                more = True
                break
            found[row.id] = row
            taken += 1
    newest = sorted(found.values(), key=lambda row: -row.id)
    return Found(tuple(newest[:most]), more or len(newest) > most)


def _known_labels(db: Connection, words: Iterable[str]) -> set[str]:
    """Which of these words any living note bears, whoever may see it: whose they are is asked afterwards."""
    rows = db.execute(
        f"""SELECT value FROM {db.TEXTS} words
            WHERE EXISTS (SELECT 1 FROM main.labels WHERE label = value AND live = TRUE)""",
        (db.listed(sorted(words)),),
    )
    return {word for (word,) in rows}


def _labelled(db: Connection, word: str, project_id: int | None, most: int, *, over: bool) -> Cursor:
    """Newest first, read while they are asked for: SQLite merges the label's index with that of the project from their
    ends. Without a limit, be it of no effect, it would leave the order out, since the query around it names none."""
    standing = "" if over else f" AND {_NOT_OVER}"
    own, values = db.same("project_id", project_id)
    labelled = "SELECT note_id AS id FROM labels WHERE label = ? AND live = TRUE"
    if db.KNOWS_WHAT_IS_RARE:
        source, rest = f"({labelled}) newest JOIN notes n ON n.{own}", " ORDER BY newest.id DESC"
    else:
        merged = f"INTERSECT SELECT id FROM main.notes WHERE {own} ORDER BY id DESC LIMIT {MOST_IN_A_STORE}"
        source, rest = f"({labelled} {merged}) newest CROSS JOIN notes n", ""
    rows = f"SELECT {COLUMNS} FROM {source} WHERE n.id = newest.id{standing}{rest} LIMIT {most}"
    return db.execute(rows, (word, *values))


MOST_IN_A_STORE = 2**62
LOOKED_AT = 5  # times as many as are wanted, for some are of another kind, or over by another word
QUOTE = "'"


def joined(status: str) -> str:
    """A column of statuses, less what the spellings of one differ in, as vocabulary.joined_status is of one that we
    know."""
    for letter in UNHEEDED:
        status = f"replace({status}, '{letter * 2 if letter == QUOTE else letter}', '')"
    return f"lower({status})"


_WORDS_OVER = ", ".join(f"'{word}'" for word in OVER.split())
_NOT_OVER = f"lower(coalesce(n.status, '')) NOT IN ({_WORDS_OVER})"
"""So that notes that are over are passed over; who asks drops those whose status is spelt otherwise or is a tag."""


def children_of(db: Connection, parent: Row, project_id: int | None, limit: int) -> list[Row]:
    """Living children in their order, of those that may speak of the project."""
    return list(
        _rows(
            db,
            f"WHERE {CHILD} AND {HEEDED} AND NOT n.deleted ORDER BY {IN_ORDER} LIMIT {limit}",
            (parent.id, project_id),
        )
    )


def children_counts(db: Connection, note_ids: Iterable[int], project_id: int | None) -> dict[int, int]:
    """How many living children each of these notes has, of those that may speak of the project."""
    ids = list(note_ids)
    if not ids:
        return {}
    rows = db.execute(
        f"""SELECT c.parent_id, count(*) FROM main.notes c CROSS JOIN notes n
            WHERE c.parent_id IN {db.VALUES} AND n.id = c.id AND {HEEDED} AND NOT n.deleted GROUP BY c.parent_id""",
        (db.listed(ids), project_id),
    )
    return dict.fromkeys(ids, 0) | dict(rows.fetchall())


def linked(db: Connection, note_id: int, relation: str, project_id: int | None) -> list[Row]:
    """Living notes that the note is linked to by that relation, of those that may speak of the project; newest
    first."""
    return list(
        _rows(
            db,
            f"""WHERE n.id IN (SELECT target_id FROM links WHERE source_id = ? AND relation = ?) AND {HEEDED}
               AND NOT n.deleted ORDER BY n.id DESC""",
            (note_id, relation, project_id),
        )
    )


def targets(db: Connection, note_ids: Iterable[int], relation: str) -> set[int]:
    """The ids of the notes that any of these is linked to by that relation."""
    rows = db.execute(
        f"""SELECT target_id FROM links
            WHERE source_id IN {db.VALUES} AND relation = ? AND target_id IS NOT NULL""",
        (db.listed(note_ids), relation),
    )
    return {target for (target,) in rows}


def neighbours(db: Connection, note_ids: Iterable[int], project_id: int | None, limit: int) -> list[Row]:
    """Living notes linked with one of these, in either direction and by any relation, or made below one, of those that
    may speak of the project; newest first."""
    ids = db.listed(note_ids)
    return list(
        _rows(
            db,
            f"""WHERE n.id IN (
                  SELECT target_id FROM main.links WHERE source_id IN {db.VALUES}
                  UNION SELECT source_id FROM main.links WHERE target_id IN {db.VALUES}
                  UNION SELECT id FROM main.notes WHERE parent_id IN {db.VALUES})
                AND {HEEDED} AND NOT n.deleted ORDER BY n.id DESC LIMIT {limit}""",
            (ids, ids, ids, project_id),
        )
    )


class Required(NamedTuple):
    """A note that `source` requires to be read first; `foreign` names the project of one that may not speak here."""

    source: int
    target: int
    slug: str
    foreign: str | None


def required_by(db: Connection, note_ids: Iterable[int], project_id: int | None) -> list[Required]:
    """The living notes that these require to be read first, by slug."""
    rows = db.execute(
        f"""SELECT DISTINCT l.source_id, l.target_id, n.slug,
              CASE WHEN {HEEDED} THEN NULL ELSE (SELECT p.slug FROM projects p WHERE p.id = n.project_id) END
            FROM links l JOIN notes n ON n.id = l.target_id
            WHERE l.source_id IN {db.VALUES} AND l.relation = 'requires-reading' AND NOT n.deleted
            ORDER BY l.source_id, n.slug""",
        (project_id, db.listed(note_ids)),
    )
    return list(map(Required._make, rows))


def top_notes(db: Connection, project_id: int | None, limit: int) -> list[Row]:
    """Notes without a parent, in their order. Of a store with very many of them the first ones are looked at, and the
    oldest of the project: those of others must not be so many that none of its own is. An engine that knows what is
    rare finds those of the project by itself."""
    same, values = db.same("project_id", project_id)
    is_top, asked = "n.parent_id IS NULL", values
    if not db.KNOWS_WHAT_IS_RARE:
        tops = f"SELECT id FROM notes WHERE parent_id IS NULL ORDER BY position, id LIMIT {MOST_TOPS}"
        own = f"SELECT id, parent_id FROM notes WHERE {same} ORDER BY id LIMIT {MOST_TOPS}"
        is_crowded = f"(SELECT count(*) FROM ({tops}) counted) = {MOST_TOPS}"
        is_top = f"""n.id IN (SELECT id FROM ({tops}) first
          UNION ALL SELECT id FROM ({own}) own WHERE {is_crowded} AND parent_id IS NULL)"""
        asked = [*values, *values]
    order = "n.position IS NULL, n.position, n.id"
    rest = f"WHERE {is_top} AND n.{same} AND NOT n.deleted ORDER BY {order} LIMIT {limit}"
    return list(_rows(db, rest, asked))


MOST_TOPS = 5_000


def _rows(db: Connection, rest: str, values: Sequence[object]) -> Iterator[Row]:
    return _as_rows(db.execute(f"SELECT {COLUMNS} FROM notes n {rest}", values))


def _as_rows(found: Iterable[Sequence[Any]]) -> Iterator[Row]:
    return map(Row._make, found)
