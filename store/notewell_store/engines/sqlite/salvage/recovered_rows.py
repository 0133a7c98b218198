"""What was found in a damaged store, unverified, in a scratch database: there may be more of it than memory holds."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from notewell_store.engines.sqlite.connection import Connection
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.salvage.database_pages import Values, rows_in
from notewell_store.markdown.slugs import is_slug
from notewell_store.tables.kept_rows import KeptRevision, as_revision

REVISION_COLUMNS, TEXT_COLUMNS, NOTE_COLUMNS = 14, 3, 18
OLDER_REVISION_COLUMNS = 12
"""Of a row that was written before its door and its client were kept."""
BY_INDEX = """SELECT seq, note_id, revision, revised_at, actor, revised_by, reason, changed, base, metadata, text,
  sha256, door, client FROM revisions INDEXED BY sqlite_autoindex_revisions_1 ORDER BY note_id, revision"""
BY_INDEX_BACKWARDS = BY_INDEX.replace("ORDER BY note_id, revision", "ORDER BY note_id DESC, revision DESC")
OLDER_BY_INDEX = tuple(query.replace("door, client", "NULL, NULL") for query in (BY_INDEX, BY_INDEX_BACKWARDS))
SHA256 = 12 + 2 * 32  # how SQLite numbers the kind of a blob of 32 bytes
SCHEMA = """
CREATE TABLE revisions (note_id, revision, seq, revised_at, actor, revised_by, reason, changed, base, metadata,
  text, sha256, door, client, mark BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE texts (note_id, markdown, mark BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE notes (id, slug, title, note_type, status, project_id, tags, parent_id, position, is_public, deleted,
  revision, seq, mark BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class Row(NamedTuple):
    """What a note's own row said of it."""

    slug: str
    title: str
    note_type: str | None
    status: str | None
    project_id: int | None
    tags: str
    parent_id: int | None
    position: int | None
    is_public: int
    deleted: int
    revision: int
    seq: int


class RecoveredRows:
    """Rows that look like revisions, newest texts and notes. Several may claim to be the same one."""

    def __init__(self, scratch: Path) -> None:
        self._db: sqlite3.Connection = sqlite3.connect(scratch, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF").fetchone()
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        self._db.close()

    def gather(self, database: Path, wal: Path | None) -> None:
        """Take in whatever the pages of the file and of its -wal hold."""
        self._db.execute("BEGIN")
        for rowid, values in rows_in(database, wal, _looks_like_ours):
            if len(values) in (REVISION_COLUMNS, OLDER_REVISION_COLUMNS):
                self._take_revision(rowid, values)
            elif len(values) == TEXT_COLUMNS:
                mark = _mark(rowid, values[1])
                self._db.execute("INSERT OR IGNORE INTO texts VALUES (?, ?, ?)", (rowid, values[1], mark))
            elif isinstance(values[1], str) and is_slug(values[1]):
                facts = rowid, *values[1:11], *values[12:14]
                marks = "?, " * len(facts)
                self._db.execute(f"INSERT OR IGNORE INTO notes VALUES ({marks}?)", (*facts, _mark(*facts)))
        self._db.execute("COMMIT")

    def gather_by_index(self, db: Connection) -> None:
        """Take in the revisions as SQLite reaches them: its index may know better whose a row is than the row."""
        self._db.execute("BEGIN")
        for query in (BY_INDEX, BY_INDEX_BACKWARDS) if _keeps_doors(db) else OLDER_BY_INDEX:
            try:
                for seq, *values in db.execute(query):
                    self._take_revision(seq, [None, *values])
                break
            except Connection.DAMAGE:
                continue
        self._db.execute("COMMIT")

    def order(self) -> None:
        """What was gathered is going to be asked for note by note."""
        self._db.execute("CREATE INDEX revisions_by_note ON revisions (note_id, revision)")
        self._db.execute("CREATE INDEX texts_by_note ON texts (note_id)")
        self._db.execute("CREATE INDEX notes_by_id ON notes (id, seq)")

    def _take_revision(self, seq: int, values: Values) -> None:
        row = [*values[1:3], seq, *values[3:], *[None] * (REVISION_COLUMNS - len(values))]
        if as_revision(row[1:]) is not None:
            marks = "?, " * REVISION_COLUMNS
            self._db.execute(f"INSERT OR IGNORE INTO revisions VALUES ({marks}?)", (*row, _mark(*row)))

    def note_ids(self) -> list[int]:
        """Of all notes that any row speaks of."""
        query = "SELECT note_id FROM revisions UNION SELECT note_id FROM texts UNION SELECT id FROM notes"
        return sorted(note_id for (note_id,) in self._db.execute(query) if note_id > 0)

    def histories(self, note_id: int) -> Iterator[list[KeptRevision]]:
        """The note's revisions in their order, each with all rows that claim to be it."""
        numbers = self._db.execute("SELECT DISTINCT revision FROM revisions WHERE note_id = ?", (note_id,)).fetchall()
        for (revision,) in sorted(numbers):
            rows = self._db.execute(
                """SELECT revision, seq, revised_at, actor, revised_by, reason, changed, base, metadata, text, sha256,
                     door, client
                   FROM revisions WHERE note_id = ? AND revision = ? ORDER BY mark""",
                (note_id, revision),
            )
            yield [KeptRevision(*row) for row in rows.fetchall()]

    def texts(self, note_id: int) -> list[str]:
        """All that is found of the note's newest text, now or once."""
        rows = self._db.execute("SELECT markdown FROM texts WHERE note_id = ?", (note_id,))
        return [markdown for (markdown,) in rows.fetchall()]

    def row_of(self, note_id: int) -> Row | None:
        """The newest row that speaks of the note."""
        query = "SELECT * FROM notes WHERE id = ? ORDER BY seq DESC LIMIT 1"
        found = self._db.execute(query, (note_id,)).fetchone()
        return Row(*found[1:-1]) if found else None


def _keeps_doors(db: Connection) -> bool:
    """Whether the store is of a version that does."""
    try:
        return "door" in {name for (name,) in db.execute("SELECT name FROM pragma_table_info('revisions')")}
    except Connection.DAMAGE:
        return True


def _looks_like_ours(kinds: list[int]) -> bool:
    if not kinds or kinds[0] != 0:  # the key stands outside of the row
        return False
    if len(kinds) in (REVISION_COLUMNS, OLDER_REVISION_COLUMNS):
        return kinds[OLDER_REVISION_COLUMNS - 1] == SHA256 and all(map(_is_integer, kinds[1:3]))
    if len(kinds) == TEXT_COLUMNS:
        return _is_text(kinds[1])
    return len(kinds) == NOTE_COLUMNS and _is_text(kinds[1]) and all(map(_is_integer, kinds[12:14]))


def _is_integer(kind: int) -> bool:
    return 1 <= kind <= 9 and kind != 7


def _is_text(kind: int) -> bool:
    return kind >= 13 and kind % 2 == 1


def _mark(*values: object) -> bytes:
    return hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).digest()
