"""Rows exactly as they are kept, for whoever looks whether they are what was written.

Any of them may be damaged, in any way: each function raises Unreadable for what cannot be read, and those that look
through a whole table tell what they found besides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from notewell_store.contract import Connection
from notewell_store.errors import StoreError
from notewell_store.findings import Numbers
from notewell_store.models import Attribution, Door
from notewell_store.resolution import Way
from notewell_store.tables.changes import MISSING
from notewell_store.tables.revisions import digest
from notewell_store.tables.text_links import Row

LONGEST = 160  # characters of an error's words
SMALLEST, LARGEST = -(2**63), 2**63 - 1
ABSENT = type(None)


class Unreadable(StoreError):
    """Rows that cannot be read. Its text is one short line."""


@contextmanager
def as_unreadable(db: Connection) -> Iterator[None]:
    """Whatever damage makes the engine raise in the block, as Unreadable."""
    try:
        yield
    except db.DAMAGE as error:
        raise Unreadable(words(error)) from error


def words(error: Exception) -> str:
    """What an error says, on one short line: engines quote what they find, whatever that is."""
    said = " ".join("".join(char if char.isprintable() else " " for char in str(error)).split())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def _rows(db: Connection, query: str, *values: object) -> list[Any]:
    try:
        return db.execute(query, values).fetchall()
    except db.DAMAGE as error:
        raise Unreadable(words(error)) from error


def _row(db: Connection, query: str, *values: object) -> Any:
    found = _rows(db, query, *values)
    return found[0] if found else None


def numbers(db: Connection, onwards: str, backwards: str = "") -> Numbers:
    """The numbers that a query gives in batches after its parameter; where that breaks off, those that the other
    query gives from the end."""
    found: set[int] = set()
    fault = _collect(found, db, onwards, SMALLEST)
    if fault is not None and backwards:
        _collect(found, db, backwards, LARGEST)
    return Numbers(found, fault)


def _collect(found: set[int], db: Connection, query: str, start: int) -> str | None:
    try:
        while True:
            batch = [key for (key,) in db.execute(query, (start,)) if isinstance(key, int)]
            if not batch or found.issuperset(batch):
                return None
            found.update(batch)
            start = batch[-1]
    except db.DAMAGE as error:
        return words(error)


NOTES = (
    "SELECT id FROM notes WHERE id > ? ORDER BY id LIMIT 500",
    "SELECT id FROM notes WHERE id < ? ORDER BY id DESC LIMIT 500",
)
HISTORIES = (
    "SELECT DISTINCT note_id FROM revisions WHERE note_id > ? ORDER BY note_id LIMIT 500",
    "SELECT DISTINCT note_id FROM revisions WHERE note_id < ? ORDER BY note_id DESC LIMIT 500",
)
TEXTS = (
    "SELECT note_id FROM texts WHERE note_id > ? ORDER BY note_id LIMIT 500",
    "SELECT note_id FROM texts WHERE note_id < ? ORDER BY note_id DESC LIMIT 500",
)


def note_ids(db: Connection) -> dict[str, Numbers]:
    """The ids of all notes that each table knows of: a broken page of one does not hide what another has."""
    return {"notes": numbers(db, *NOTES), "histories": numbers(db, *HISTORIES), "texts": numbers(db, *TEXTS)}


def unfinished(db: Connection) -> set[int]:
    """The ids of the notes whose derived rows an import has yet to make."""
    return {note_id for (note_id,) in _rows(db, "SELECT note_id FROM stale")}


COLUMNS = (
    *("slug", "title", "note_type", "status", "project", "tags", "parent_id", "position", "is_public"),
    *("deleted", "chars", "revision", "seq", "created_at", "updated_at", "actor", "revised_by"),
)


def note_row(db: Connection, note_id: int) -> dict[str, Any] | None:
    """A note's row by the names of its columns, with the slug of its project; None where there is none."""
    found = _row(
        db,
        """SELECT n.slug, n.title, n.note_type, n.status, p.slug, n.tags, n.parent_id, n.position,
             n.is_public, n.deleted, n.chars, n.revision, n.seq, n.created_at, n.updated_at, n.actor, n.revised_by
           FROM notes n LEFT JOIN projects p ON p.id = n.project_id WHERE n.id = ?""",
        note_id,
    )
    return dict(zip(COLUMNS, found, strict=True)) if found else None


def parents(db: Connection) -> dict[int, int]:
    """The parent of each note that has one, tombstones too."""
    rows = _rows(db, "SELECT id, parent_id FROM notes WHERE parent_id IS NOT NULL")
    return {note_id: parent for note_id, parent in rows if isinstance(note_id, int) and isinstance(parent, int)}


def slug_of(db: Connection, note_id: int) -> str:
    """A note's name; its number where the name cannot be read."""
    found = _row(db, "SELECT slug FROM notes WHERE id = ?", note_id)
    return found[0] if found and isinstance(found[0], str) else f"note {note_id}"


def text_and_page(db: Connection, note_id: int) -> tuple[Any, Any] | None:
    """A note's newest Markdown and its packed page; None where it has no such row."""
    found: tuple[Any, Any] | None = _row(db, "SELECT markdown, html FROM texts WHERE note_id = ?", note_id)
    return found


def owners(db: Connection, slug: str) -> list[Any]:
    """The ids of all notes that have or had this slug, one for each row that says so."""
    now = _rows(db, "SELECT id FROM notes WHERE slug = ?", slug)
    before = _rows(db, "SELECT note_id FROM aliases WHERE slug = ?", slug)
    return [owner for (owner,) in (*now, *before)]


class KeptRevision(NamedTuple):
    """A row of the table of revisions, but for its note."""

    revision: int
    seq: int
    revised_at: str
    actor: str
    revised_by: str | None
    reason: str | None
    changed: str
    base: int
    metadata: str | None
    text: bytes | None
    sha256: bytes
    door: Door | None
    client: str | None

    def is_checksum_of(self, note_id: int, metadata: str, text: str) -> bool:
        """Whether this row with this metadata and text is what was written."""
        by = Attribution(self.actor, self.revised_by, self.reason, door=self.door, client=self.client)
        kinds = tuple(self.changed.split(","))
        facts = note_id, self.revision, self.seq, self.revised_at, by, kinds
        return digest(*facts, metadata, text) == self.sha256


TYPES: tuple[Any, ...] = (
    int,
    int,
    str,
    str,
    (str, ABSENT),
    (str, ABSENT),
    str,
    int,
    (str, ABSENT),
    (bytes, ABSENT),
    bytes,
    (str, ABSENT),
    (str, ABSENT),
)


def as_revision(values: list[Any]) -> KeptRevision | None:
    """The row of these values; None where any is of another kind than it was."""
    fits = all(isinstance(value, kind) for value, kind in zip(values, TYPES, strict=True))
    return KeptRevision(*values) if fits else None


def revision_row(db: Connection, note_id: int, revision: int) -> tuple[Any, ...] | None:
    """The row, reached as every reader reaches it: the note that it says it is of, and its other values."""
    found: tuple[Any, ...] | None = _row(
        db,
        """SELECT note_id, revision, seq, revised_at, actor, revised_by, reason, changed, base, metadata, text, sha256,
             door, client
           FROM revisions WHERE note_id = ? AND revision = ?""",
        note_id,
        revision,
    )
    return found


def revision_numbers(db: Connection, note_id: int) -> Numbers:
    """The numbers of a note's revisions, as far as they can be read from both ends."""
    found: set[int] = set()
    fault: str | None = None
    for order in ("", " DESC"):
        query = f"SELECT revision FROM revisions WHERE note_id = ? ORDER BY revision{order}"
        try:
            for (revision,) in db.execute(query, (note_id,)):
                if isinstance(revision, int):
                    found.add(revision)
            break
        except db.DAMAGE as error:
            fault = words(error)
    return Numbers(found, fault)


def change(db: Connection, seq: int) -> list[Any]:
    """Of which note, at which revision and with which SHA-256 a change was kept, one for each row that says so."""
    return _rows(db, "SELECT note_id, revision, sha256 FROM revisions WHERE seq = ?", seq)


def missing_changes(db: Connection) -> int:
    """How many changes the numbers up to the newest lack, those not counted that are known to be lost."""
    known = "(SELECT coalesce(sum(changes), 0) FROM lost_changes)"
    (missing,) = _row(db, f"SELECT changes - {known} FROM ({MISSING}) missing")
    return int(missing)


def label_rows(db: Connection, note_id: int) -> set[Any]:
    """A note's labels, each with whether it counts as that of a living note."""
    return set(_rows(db, "SELECT label, live FROM labels WHERE note_id = ?", note_id))


def are_of_another_rule(db: Connection) -> bool:
    """Whether labels and passages may be those of an older version, which a migration would make again."""
    with as_unreadable(db):
        return db.is_older()


def link_rows(db: Connection, note_id: int) -> list[Row]:
    """A note's links, those of its body in their order."""
    query = "SELECT relation, target, anchor, target_id, name, key, form FROM links WHERE source_id = ? ORDER BY id"
    return [Row(*row) for row in _rows(db, query, note_id)]


def name_rows(db: Connection, note_id: int) -> set[Any]:
    """The keys by which a note is found, less those of the names that its file gives."""
    return set(_rows(db, "SELECT key, way FROM names WHERE note_id = ? AND way != ?", note_id, Way.WORD))


def passage_rows(db: Connection, note_id: int) -> list[Any]:
    """Section, start, end and digest of each passage by which a note is searched."""
    return _rows(db, 'SELECT section, start, "end", digest FROM passages WHERE note_id = ?', note_id)


def changed_projects(db: Connection) -> list[str]:
    """The slugs of the projects that are not as their newest change left them."""
    found = _rows(
        db,
        """SELECT p.slug, p.name, p.platform, p.repo_url, p.deleted, c.name, c.platform, c.repo_url,
             CASE WHEN c.slug != p.slug THEN NULL ELSE c.deleted END FROM projects p
           LEFT JOIN project_changes c ON c.id = (SELECT max(id) FROM project_changes WHERE project_id = p.id)""",
    )
    return [slug for slug, *states in found if states[:4] != states[4:]]
