"""Labels: a note's tags, and its type, status and project, which count as tags in a filter.

A type and a tag are labels under what they mean as well: a runbook, which is an SOP to the brief, is found as one. What
`folding` writes otherwise is a label in both spellings.
"""

import json
import re
from collections.abc import Iterable

from notewell_store.contract import Condition, Connection
from notewell_store.errors import Invalid
from notewell_store.folding import folded
from notewell_store.models import Metadata, TagCount
from notewell_store.names import is_readable, on_one_line
from notewell_store.tables.note_rows import and_heeded
from notewell_store.vocabulary import TYPES_IN_FULL, meaning, spelt

LONGEST_WORD = 100


def tag_word(text: str, argument: str = "tags") -> str:
    """A tag as it is kept: lower case, inner white space as hyphens. Raises Invalid when nothing is left."""
    word = re.sub(r"\s+", "-", text.strip().lower())
    if len(word) > LONGEST_WORD or "," in word or not is_readable(word):
        raise Invalid(
            f"{argument}={text[:80]!r}: send a word of at most {LONGEST_WORD} characters, without commas", argument
        )
    return word


def type_word(text: str, argument: str = "note_type") -> str:
    word = tag_word(text, argument)
    return TYPES_IN_FULL.get(word, word)


def status_label(status: str) -> str:
    """A status as filters see it: `IN_PROGRESS`, `in-progress` and `In progress` are one, `won't fix` is `wontfix`."""
    return spelt(tag_word(status, "status").replace("_", "-"))


def status_text(text: str) -> str:
    """A status as it is kept: as it was written, on one line."""
    status_label(text)
    return on_one_line(text)


def spellings(word: str) -> tuple[str, ...]:
    """The labels that a word in a filter means: a status is labelled in one spelling, tags as they were written too,
    and as words are compared."""
    hyphened = word.replace("_", "-")
    return tuple(dict.fromkeys((word, hyphened, spelt(hyphened), folded(word))))


def labels_of(metadata: Metadata) -> set[str]:
    """Every word that a filter by tags finds the note under."""
    named = (*metadata.tags, *([metadata.note_type] if metadata.note_type else []))
    words = {*named, *map(meaning, named)}
    if metadata.status:
        words.add(status_label(metadata.status))
    if metadata.project:
        words.add(metadata.project)
    return words | set(map(folded, words))


def make_again(db: Connection) -> None:
    """Write the labels of all notes where they are not those of the note's metadata. A note whose row is damaged keeps
    what it has, for `verify` to tell."""
    _make_again(db, db.execute("SELECT id FROM notes").fetchall())


def make_again_of_project(db: Connection, project: int) -> None:
    """As make_again, of the project's notes."""
    _make_again(db, db.execute("SELECT id FROM notes WHERE project_id = ?", (project,)).fetchall())


def _make_again(db: Connection, rows: list[tuple[int]]) -> None:
    for (note_id,) in rows:
        try:
            metadata = _labelled(db, note_id)
            wanted = labels_of(metadata)
        except (ValueError, TypeError, AttributeError, Invalid):
            continue
        if wanted != {label for (label,) in db.execute("SELECT label FROM labels WHERE note_id = ?", (note_id,))}:
            write_labels(db, note_id, metadata)


def _labelled(db: Connection, note_id: int) -> Metadata:
    """What a note's labels are made of."""
    query = """SELECT n.slug, n.title, n.note_type, n.status, p.slug, n.tags, n.deleted FROM notes n
      LEFT JOIN projects p ON p.id = n.project_id WHERE n.id = ?"""
    slug, title, note_type, status, project, tags, deleted = db.execute(query, (note_id,)).fetchone()
    return Metadata(slug, title, note_type, status, project, tuple(json.loads(tags)), deleted=bool(deleted))


def write_labels(db: Connection, note_id: int, metadata: Metadata, *, is_new: bool = False) -> None:
    """Let these be the note's labels, and no others; a new note has none."""
    if not is_new:
        db.execute("DELETE FROM labels WHERE note_id = ?", (note_id,))
    live = not metadata.deleted
    rows = [(label, live, note_id) for label in sorted(labels_of(metadata))]
    db.executemany("INSERT INTO labels (label, live, note_id) VALUES (?, ?, ?)", rows)


def count_labels(
    db: Connection, prefix: str = "", project: str | None = None, limit: int = 100
) -> tuple[int, tuple[TagCount, ...]]:
    """How many labels there are, and the most used of them, with the number of living notes under each."""
    where, values = ["l.live = TRUE"], []
    if prefix:
        where.append("l.label >= ? AND l.label < ?")
        values += [prefix, prefix + "\U0010ffff"]
    if project:
        where.append("l.note_id IN (SELECT id FROM notes WHERE project_id = (SELECT id FROM projects WHERE slug = ?))")
        values.append(project)
    rows = db.execute(
        f"""SELECT l.label, count(*) AS notes, count(*) OVER () FROM labels l WHERE {" AND ".join(where)}
            GROUP BY l.label ORDER BY notes DESC, l.label LIMIT {limit}""",
        values,
    ).fetchall()
    return rows[0][2] if rows else 0, tuple(TagCount(label, notes) for label, notes, _ in rows)


def count_namespaces(db: Connection, namespaces: Iterable[str], most: int, project: str | None) -> dict[str, int]:
    """How many labels that begin `namespace:` are in use of each, counted up to `most`, on notes that a project
    heeds."""
    heeded, values = _on_heeded(project)
    rows = db.execute(
        f"""SELECT j.value, (SELECT count(*) FROM (SELECT DISTINCT l.label FROM labels l
              WHERE l.label >= j.value || ':' AND l.label < j.value || ';' AND l.live = TRUE{heeded} LIMIT {most}) used)
            FROM {db.TEXTS} j""",
        (*values, db.listed(namespaces)),
    )
    return dict(rows.fetchall())


def labels_in_namespace(db: Connection, namespace: str, most: int, project: str | None) -> list[str]:
    """At most so many of the labels in use that begin `namespace:`, on notes that a project heeds."""
    heeded, values = _on_heeded(project)
    rows = db.execute(
        f"""SELECT DISTINCT l.label FROM labels l WHERE l.label >= ? AND l.label < ? AND l.live = TRUE{heeded}
           LIMIT {most}""",
        (f"{namespace}:", f"{namespace};", *values),
    )
    return [label for (label,) in rows]


def labels_in_use(db: Connection, words: Iterable[str], project: str | None) -> set[str]:
    """Those of the words that are labels of living notes which a project heeds."""
    heeded, values = _on_heeded(project)
    rows = db.execute(
        f"""SELECT j.value FROM {db.TEXTS} j
            WHERE EXISTS (SELECT 1 FROM labels l WHERE l.label = j.value AND l.live = TRUE{heeded})""",
        (db.listed(words), *values),
    )
    return {label for (label,) in rows}


def _on_heeded(project: str | None) -> Condition:
    heeded, values = and_heeded(project)
    return (f" AND EXISTS (SELECT 1 FROM notes n WHERE n.id = l.note_id{heeded})" if heeded else "", values)
