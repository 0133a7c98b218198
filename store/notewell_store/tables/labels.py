"""Labels: a note's tags, and its type, status and project, which count as tags in a filter."""

import re
import unicodedata

from notewell_store.contract import Connection
from notewell_store.errors import Invalid
from notewell_store.models import Metadata, TagCount

LONGEST_WORD = 100
UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
TYPE_SYNONYMS = {"arch": "architecture"}


def is_readable(text: str) -> bool:
    """Whether a title or a word can be shown. Joiners and marks of direction, which scripts need, are taken;
    `isprintable` would refuse them, and whatever is newer than Python's Unicode tables."""
    return not UNREADABLE.search(text) and any(unicodedata.category(char) != "Cf" for char in text)


def tag_word(text: str, argument: str = "tags") -> str:
    """A tag as it is kept: lower case, inner white space as hyphens. Raises Invalid when nothing is left."""
    word = re.sub(r"\s+", "-", text.strip().lower())
    if len(word) > LONGEST_WORD or "," in word or not is_readable(word):
        raise Invalid(
            f"{argument}={text[:80]!r}: send a word of at most {LONGEST_WORD} characters, without commas", argument
        )
    return word


def type_word(text: str) -> str:
    word = tag_word(text, "note_type")
    return TYPE_SYNONYMS.get(word, word)


def status_label(status: str) -> str:
    """A status as filters see it: `IN_PROGRESS`, `in-progress` and `In progress` are one."""
    return tag_word(status, "status").replace("_", "-")


def spellings(word: str) -> tuple[str, ...]:
    """The labels that a word in a filter means: statuses are labelled with `-`, tags as they were written."""
    return tuple(dict.fromkeys((word, word.replace("_", "-"))))


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
    where, values = ["l.live = TRUE"], []
    if prefix:
        where.append("l.label >= ? AND l.label < ?")
        values += [prefix, prefix + "\U0010ffff"]
    if project:
        where.append("l.note_id IN (SELECT id FROM notes WHERE project_id = (SELECT id FROM projects WHERE slug = ?))")
        values.append(project)
    rows = db.execute(
        f"""SELECT l.label, count(*) AS notes, count(*) OVER () FROM labels l WHERE {" AND ".join(where)}
            GROUP BY l.label ORDER BY notes DESC, l.label LIMIT ?""",
        [*values, limit],
    ).fetchall()
    return rows[0][2] if rows else 0, tuple(TagCount(label, notes) for label, notes, _ in rows)
