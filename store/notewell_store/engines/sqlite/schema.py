"""The schema, as sqlite-utils migrations. Imported only when a file is new or older: an open store needs none of it.

`PRAGMA user_version` counts the migrations, so that any connection can tell a file's age without this module.
"""

from typing import cast

from sqlite_utils import Database, Migrations

from notewell_store.contract import Connection, Progress
from notewell_store.engines.sqlite.driver import sqlite3

migrations = Migrations("notewell")


@migrations()
def lay_schema(db: Database) -> None:
    """The whole of version 1."""
    for statement in SCHEMA.split(";\n\n"):
        db.execute(statement)


@migrations()
def add_tokens(db: Database) -> None:
    """Version 2: who may come through a door that is open to others."""
    for statement in TOKENS.split(";\n\n"):
        db.execute(statement)


@migrations()
def make_labels_again(db: Database) -> None:
    """Version 3: notes are found by what their words mean as well, a runbook as an SOP."""
    from notewell_store.tables.labels import make_again

    make_again(cast(Connection, db.conn))


class Watched(Database):
    """A database whose migration tells how far it is."""

    def __init__(self, db: sqlite3.Connection, progress: Progress | None) -> None:
        super().__init__(db)
        self.progress = progress


@migrations()
def make_index_again(db: Database) -> None:
    """Version 4: index and labels hold words as they are compared now, and links what they are written by."""
    make_labels_again(db)
    from notewell_store.tables.link_rows import make_again
    from notewell_store.tables.passages import take_in_again

    db.execute("DROP TABLE search")
    db.execute(SEARCH)
    take_in_again(cast(Connection, db.conn), db.progress if isinstance(db, Watched) else None)
    db.execute("INSERT INTO search (search) VALUES ('optimize')")
    if "form" not in db["links"].columns_dict:
        for statement in NAMES.split(";\n\n"):
            db.execute(statement)
    make_again(cast(Connection, db.conn))
    db.execute("UPDATE texts SET html = NULL")  # its addresses are others now, and it is made when it is asked for


@migrations()
def add_redactions_and_former_projects(db: Database) -> None:
    """Version 5: what was taken out of revisions is known, and by which names projects were called before. An
    index holds the types of their notes."""
    for statement in f"{REDACTIONS};\n\n{FORMER_PROJECTS};\n\n{NOTES_BY_TYPE}".split(";\n\n"):
        db.execute(statement)


@migrations()
def add_doors(db: Database) -> None:
    """Version 6: by which door a revision came, and with which program. Of those before nobody knows."""
    for statement in DOORS.split(";\n\n"):
        db.execute(statement)


@migrations()
def add_lost_changes(db: Database) -> None:
    """Version 7: how many changes were lost is known, so that the others need not be counted."""
    from notewell_store.tables.revisions import keep_lost

    db.execute(LOST_CHANGES)
    keep_lost(cast(Connection, db.conn))


@migrations()
def add_meanings(db: Database) -> None:
    """Version 8: vectors of what passages mean, for stores that are asked by meaning; none is made here."""
    for statement in MEANINGS.split(";\n\n"):
        db.execute(statement)


SCHEMA = """
CREATE TABLE projects (
  id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  platform TEXT,
  repo_url TEXT
);

CREATE TABLE project_changes (
  id INTEGER PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects(id),
  name TEXT NOT NULL,
  platform TEXT,
  repo_url TEXT,
  actor TEXT NOT NULL,
  changed_at TEXT NOT NULL
);

CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  note_type TEXT,
  status TEXT,
  project_id INTEGER REFERENCES projects(id),
  tags TEXT NOT NULL,
  parent_id INTEGER REFERENCES notes(id),
  position INTEGER,
  is_public INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  chars INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  actor TEXT NOT NULL,
  revised_by TEXT
);

CREATE INDEX notes_by_change ON notes (deleted, seq);

CREATE INDEX notes_by_update ON notes (updated_at);

CREATE INDEX notes_by_title ON notes (deleted, title COLLATE NOCASE);

CREATE INDEX notes_by_parent ON notes (parent_id, position);

CREATE INDEX notes_by_project ON notes (project_id);

CREATE TABLE texts (
  note_id INTEGER PRIMARY KEY REFERENCES notes(id),
  markdown TEXT NOT NULL,
  html BLOB
);

CREATE TABLE aliases (
  slug TEXT PRIMARY KEY,
  note_id INTEGER NOT NULL REFERENCES notes(id)
) WITHOUT ROWID;

CREATE INDEX aliases_by_note ON aliases (note_id);

CREATE TABLE labels (
  label TEXT NOT NULL,
  live INTEGER NOT NULL,
  note_id INTEGER NOT NULL REFERENCES notes(id),
  PRIMARY KEY (label, live, note_id)
) WITHOUT ROWID;

CREATE INDEX labels_by_note ON labels (note_id);

CREATE TABLE sections (
  note_id INTEGER NOT NULL REFERENCES notes(id),
  number INTEGER NOT NULL,
  anchor TEXT NOT NULL,
  heading TEXT NOT NULL,
  level INTEGER NOT NULL,
  start INTEGER NOT NULL,
  body_start INTEGER NOT NULL,
  own_end INTEGER NOT NULL,
  end INTEGER NOT NULL,
  PRIMARY KEY (note_id, number)
) WITHOUT ROWID;

CREATE INDEX sections_by_anchor ON sections (note_id, anchor);

CREATE TABLE passages (
  id INTEGER PRIMARY KEY,
  note_id INTEGER NOT NULL REFERENCES notes(id),
  section INTEGER,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  digest BLOB NOT NULL
);

CREATE INDEX passages_by_note ON passages (note_id);

CREATE VIRTUAL TABLE search USING fts5(
  title, heading, body, names,
  content='', tokenize='porter unicode61 remove_diacritics 2'
);

CREATE TABLE links (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES notes(id),
  relation TEXT NOT NULL,
  target TEXT NOT NULL,
  anchor TEXT,
  path TEXT,
  target_id INTEGER REFERENCES notes(id)
);

CREATE INDEX links_by_source ON links (source_id);

CREATE INDEX links_by_target ON links (target_id);

CREATE INDEX links_unresolved ON links (target) WHERE target_id IS NULL;

CREATE INDEX links_by_path ON links (path) WHERE path IS NOT NULL;

CREATE TABLE revisions (
  seq INTEGER PRIMARY KEY,
  note_id INTEGER NOT NULL REFERENCES notes(id),
  revision INTEGER NOT NULL,
  revised_at TEXT NOT NULL,
  actor TEXT NOT NULL,
  revised_by TEXT,
  reason TEXT,
  changed TEXT NOT NULL,
  base INTEGER NOT NULL,
  metadata TEXT,
  text BLOB,
  sha256 BLOB NOT NULL,
  UNIQUE (note_id, revision)
);

CREATE INDEX revisions_by_account ON revisions (revised_by) WHERE revised_by IS NOT NULL;

CREATE INDEX revisions_by_actor ON revisions (actor);

CREATE INDEX revisions_by_time ON revisions (revised_at);

CREATE TRIGGER revisions_are_kept BEFORE UPDATE ON revisions
BEGIN SELECT RAISE(ABORT, 'revisions are never changed'); END;

CREATE TRIGGER revisions_stay BEFORE DELETE ON revisions
BEGIN SELECT RAISE(ABORT, 'revisions are never deleted'); END;

CREATE TABLE receipts (
  key TEXT PRIMARY KEY,
  call TEXT NOT NULL,
  answer TEXT NOT NULL,
  seq INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  tip TEXT
);

CREATE TABLE origins (
  source_id INTEGER NOT NULL REFERENCES sources(id),
  path TEXT NOT NULL,
  note_id INTEGER NOT NULL REFERENCES notes(id),
  digest TEXT,
  PRIMARY KEY (source_id, path)
) WITHOUT ROWID;

CREATE INDEX origins_by_note ON origins (note_id);

CREATE TABLE stale (
  note_id INTEGER PRIMARY KEY REFERENCES notes(id)
)
"""

SEARCH = """
CREATE VIRTUAL TABLE search USING fts5(
  title, heading, body, names,
  content='', tokenize="porter unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'"
)
"""

NAMES = """
CREATE TABLE names (
  key TEXT NOT NULL,
  way INTEGER NOT NULL,
  note_id INTEGER NOT NULL REFERENCES notes(id),
  PRIMARY KEY (key, way, note_id)
) WITHOUT ROWID;

CREATE INDEX names_by_note ON names (note_id, way);

DROP INDEX links_by_path;

ALTER TABLE links DROP COLUMN path;

ALTER TABLE links ADD COLUMN name TEXT;

ALTER TABLE links ADD COLUMN key TEXT;

ALTER TABLE links ADD COLUMN form TEXT NOT NULL DEFAULT 'name';

CREATE INDEX links_by_key ON links (key) WHERE key IS NOT NULL
"""

TOKENS = """
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  scope TEXT NOT NULL,
  project TEXT REFERENCES projects(slug),
  digest BLOB NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT
) WITHOUT ROWID;

CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL
"""

REDACTIONS = """
CREATE TABLE redactions (
  note_id INTEGER NOT NULL REFERENCES notes(id),
  revision INTEGER NOT NULL,
  redacted_at TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  erased INTEGER NOT NULL,
  PRIMARY KEY (note_id, revision)
) WITHOUT ROWID
"""

FORMER_PROJECTS = """
CREATE TABLE project_aliases (
  slug TEXT PRIMARY KEY,
  project_id INTEGER NOT NULL REFERENCES projects(id)
) WITHOUT ROWID;

CREATE INDEX project_aliases_by_project ON project_aliases (project_id);

ALTER TABLE projects ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;

ALTER TABLE project_changes ADD COLUMN slug TEXT;

ALTER TABLE project_changes ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0
"""

DOORS = """
ALTER TABLE revisions ADD COLUMN door TEXT;

ALTER TABLE revisions ADD COLUMN client TEXT
"""

LOST_CHANGES = """
CREATE TABLE lost_changes (
  up_to INTEGER PRIMARY KEY,
  changes INTEGER NOT NULL
)
"""

MEANINGS = """
CREATE TABLE spaces (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  dimensions INTEGER NOT NULL
);

CREATE TABLE meanings (
  id INTEGER PRIMARY KEY,
  space_id INTEGER NOT NULL,
  digest BLOB NOT NULL,
  vectors BLOB NOT NULL,
  UNIQUE (space_id, digest)
);

CREATE TABLE meant (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  passage_id INTEGER NOT NULL,
  space_id INTEGER NOT NULL,
  digest BLOB NOT NULL,
  meaning_id INTEGER NOT NULL,
  signature BLOB NOT NULL,
  UNIQUE (passage_id, space_id, digest)
);

CREATE TABLE filling (
  id INTEGER PRIMARY KEY,
  holder TEXT NOT NULL,
  until TEXT NOT NULL
)
"""

NOTES_BY_TYPE = """
CREATE INDEX notes_by_type ON notes (note_type, project_id, deleted, seq)
"""
