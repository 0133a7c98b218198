"""The small tables of a damaged store, carried over as far as SQLite still reads them."""

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from notewell_store.clock import now
from notewell_store.engines.sqlite.connection import APPLICATION_ID, SCHEMA_VERSION, Connection, connect
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.salvage.database_pages import FILE_HEADER, PAGE_SIZE
from notewell_store.engines.sqlite.salvage.placeholders import SALVAGE
from notewell_store.errors import StoreError

MAGIC = b"SQLite format 3\0"
TABLES = {
    "projects": ("id, slug, name, platform, repo_url, deleted", "id"),
    "project_changes": ("project_id, name, platform, repo_url, actor, changed_at", "id"),
    "aliases": ("slug, note_id", "slug"),
    "receipts": ("key, call, answer, seq", "key"),
    "sources": ("id, name, tip", "id"),
    "origins": ("source_id, path, note_id, digest", "source_id, path"),
    "project_aliases": ("slug, project_id", "slug"),
    "redactions": ("note_id, revision, redacted_at, actor, reason", "note_id, revision"),
}
LATER = {"project_aliases", "redactions"}
"""Tables that a store of an older version has not."""
Rows = dict[str, list[tuple[Any, ...]]]


@contextmanager
def opened(copy: Path) -> Iterator[Connection | None]:
    """A copy that may be changed, by SQLite, with its header mended if need be; None where that does not help."""
    db = _opened(copy)
    if db is None:
        _mend_header(copy)
        db = _opened(copy)
    try:
        yield db
    finally:
        if db is not None:
            db.close()


def _opened(copy: Path) -> Connection | None:
    try:
        db = connect(copy)
    except StoreError:
        return None
    try:
        db.execute("SELECT count(*) FROM revisions WHERE seq = 0").fetchone()
    except Connection.DAMAGE:
        db.close()
        return None
    return db


def read_tables(db: Connection | None) -> tuple[Rows, list[str]]:
    """All rows that can be read, and the tables that could not be read whole."""
    found: Rows = {table: [] for table in TABLES}
    if db is None:
        return found, list(TABLES)
    unread = []
    for table, (columns, key) in TABLES.items():
        if table in LATER and not _is_there(db, table):
            continue
        found[table], whole = _rows(db, table, columns, key)
        if table == "projects" and not found[table]:  # an older version knew of none that was deleted
            found[table], whole = _rows(db, table, columns.replace("deleted", "0"), key)
        if not whole:
            unread.append(table)
    return found, unread


def _is_there(db: Connection, table: str) -> bool:
    try:
        return db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone() is not None
    except Connection.DAMAGE:
        return True


def _rows(db: Connection, table: str, columns: str, key: str) -> tuple[list[tuple[Any, ...]], bool]:
    """From the front and, where that breaks off, from the back."""
    found: dict[tuple[Any, ...], None] = {}
    backwards = ", ".join(f"{column} DESC" for column in key.split(", "))
    for order in (key, backwards):
        try:
            for row in db.execute(f"SELECT {columns} FROM {table} ORDER BY {order}"):
                found[row] = None
            return list(found), order == key
        except Connection.DAMAGE:
            continue
    return list(found), False


def _mend_header(copy: Path) -> None:
    """Write the first bytes anew: they are the same in every store of ours but for its size."""
    header = MAGIC + struct.pack(
        ">H6B12I20x2I",
        *(PAGE_SIZE, 2, 2, 0, 64, 32, 32),
        *(1, copy.stat().st_size // PAGE_SIZE, 0, 0, 1, 4, 0, 0, 1, SCHEMA_VERSION, 0, APPLICATION_ID),
        *(1, sqlite3.sqlite_version_info[0] * 1_000_000),
    )
    assert len(header) == FILE_HEADER
    with copy.open("r+b") as file:
        file.write(header)


def project_names(found: Rows) -> dict[int, str]:
    """The slugs of the projects by id, as far as they were read."""
    return {row[0]: row[1] for row in found["projects"] if isinstance(row[0], int) and isinstance(row[1], str)}


def write_projects(db: Connection, found: Rows) -> None:
    """Carry over the projects with their histories; those that only notes name get their slug as name."""
    kept = db.execute("SELECT metadata FROM revisions WHERE metadata IS NOT NULL")
    named = {project for (metadata,) in kept if (project := json.loads(metadata).get("project"))}
    changes: dict[int, list[tuple[Any, ...]]] = {}
    for project, *change in found["project_changes"]:
        changes.setdefault(project, []).append(tuple(change))
    known = {row[1]: row for row in found["projects"] if isinstance(row[0], int) and isinstance(row[1], str)}
    former = {slug: identity for slug, identity in found["project_aliases"] if isinstance(slug, str)}
    ids: dict[Any, int] = {}
    for slug in sorted({*known, *(named - former.keys())}):
        identity, _, name, platform, repo_url, deleted = known.get(slug, (None, slug, slug, None, None, 0))
        state = (name if isinstance(name, str) else slug, platform, repo_url)
        (ids[identity],) = db.execute(
            "INSERT INTO projects (slug, name, platform, repo_url, deleted) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (slug, *state, bool(deleted)),
        ).fetchone()
        history = [change for change in changes.get(identity, []) if all(isinstance(change[i], str) for i in (0, 3, 4))]
        if not history or history[-1][:3] != state or deleted:
            history.append((*state, SALVAGE, now()))
        db.executemany(
            """INSERT INTO project_changes (project_id, name, platform, repo_url, actor, changed_at, deleted)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            [(ids[identity], *change, bool(deleted and change is history[-1])) for change in history],
        )
    aliases = [(slug, ids[identity]) for slug, identity in former.items() if identity in ids and slug not in known]
    db.executemany("INSERT INTO project_aliases (slug, project_id) VALUES (?, ?)", aliases)


def write_names_and_origins(db: Connection, found: Rows) -> None:
    """Carry over aliases that an import gave, the files that notes came from, and the receipts of writes."""
    ids = {note_id for (note_id,) in db.execute("SELECT id FROM notes")}
    aliases = [row for row in found["aliases"] if row[1] in ids and isinstance(row[0], str)]
    db.executemany(
        """INSERT INTO aliases (slug, note_id) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM notes WHERE slug = ?1)
           ON CONFLICT DO NOTHING""",
        aliases,
    )
    sources = [row for row in found["sources"] if isinstance(row[0], int) and isinstance(row[1], str)]
    db.executemany("INSERT INTO sources (id, name, tip) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", sources)
    known = {source for source, *_ in sources}
    origins = [row for row in found["origins"] if row[0] in known and row[2] in ids and _is_json(row[3])]
    db.executemany("INSERT OR IGNORE INTO origins (source_id, path, note_id, digest) VALUES (?, ?, ?, ?)", origins)
    db.executemany(
        """INSERT OR IGNORE INTO redactions (note_id, revision, redacted_at, actor, reason, erased)
           SELECT note_id, revision, ?3, ?4, ?5, TRUE FROM revisions WHERE note_id = ?1 AND revision = ?2""",
        [row for row in found["redactions"] if all(isinstance(value, str) for value in row[2:])],
    )
    receipts = [row for row in found["receipts"] if _is_json(row[2]) and all(isinstance(row[i], str) for i in (0, 1))]
    db.executemany("INSERT OR IGNORE INTO receipts (key, call, answer, seq) VALUES (?, ?, ?, ?)", receipts)


def _is_json(text: object) -> bool:
    try:
        return text is None or isinstance(json.loads(str(text)), dict)
    except ValueError:
        return False
