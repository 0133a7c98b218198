"""Labels: a note's tags, and its type, status and project, which count as tags in a filter."""

import re

from notewell_store.errors import Invalid
from notewell_store.models import Metadata, TagCount
from notewell_store.sqlite.connection import Connection

LONGEST_WORD = 100
TYPE_SYNONYMS = {"arch": "architecture"}


def tag_word(text: str, argument: str = "tags") -> str:
    """A tag as it is kept: lower case, inner white space as hyphens. Raises Invalid when nothing is left."""
    word = re.sub(r"\s+", "-", text.strip().lower())
    if not word or len(word) > LONGEST_WORD or "," in word or not word.isprintable():
        raise Invalid(f"{argument}={text!r}: send a word of at most {LONGEST_WORD} characters", argument)
    return word


def type_word(text: str) -> str:
    word = tag_word(text, "note_type")
    return TYPE_SYNONYMS.get(word, word)


def status_label(status: str) -> str:
    """A status as filters see it: `IN_PROGRESS`, `in-progress` and `In progress` are one."""
    return tag_word(status, "status").replace("_", "-")


def labels_of(metadata: Metadata) -> set[str]:
    """Every word that a filter by tags finds the note under."""
    words = set(metadata.tags)
    if metadata.note_type:
        words.add(metadata.note_type)
    if metadata.status:
        words.add(status_label(metadata.status))
    if metadata.project:
        words.add(metadata.project)
    return words


def write_labels(db: Connection, note_id: int, metadata: Metadata) -> None:
    db.execute("DELETE FROM labels WHERE note_id = ?", (note_id,))
    live = not metadata.deleted
    rows = [(label, live, note_id) for label in sorted(labels_of(metadata))]
    db.executemany("INSERT INTO labels (label, live, note_id) VALUES (?, ?, ?)", rows)


def count_labels(
    db: Connection, prefix: str = "", project: str | None = None, limit: int = 100
) -> tuple[int, tuple[TagCount, ...]]:
    """How many labels there are, and the most used of them, with the number of living notes under each."""
    where, values = ["l.live = 1"], []
    if prefix:
        where.append("l.label >= ? AND l.label < ?")
        values += [prefix, prefix + "\U0010ffff"]
    if project:
        where.append("l.note_id IN (SELECT note_id FROM labels WHERE label = ? AND live = 1)")
        values.append(project)
    counted = f"SELECT l.label, count(*) AS notes FROM labels l WHERE {' AND '.join(where)} GROUP BY l.label"
    (total,) = db.execute(f"SELECT count(*) FROM ({counted})", values).fetchone()
    rows = db.execute(f"{counted} ORDER BY notes DESC, l.label LIMIT ?", [*values, limit])
    return total, tuple(TagCount(label, notes) for label, notes in rows)
