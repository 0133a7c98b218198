"""Notes made from their histories: everything about a note but its revisions can be made again.

First every row, then every name, then what is derived: a parent or a link may name any note, by any name it had.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from notewell_store.engines.sqlite.connection import Connection
from notewell_store.engines.sqlite.salvage.verified_rows import RowVerifier
from notewell_store.engines.sqlite.store import Store
from notewell_store.integrity import derived_rows
from notewell_store.integrity.revision_chain import Verified
from notewell_store.models import Metadata
from notewell_store.tables import bearers, notes, project_rows, revisions
from notewell_store.tables.checksums import metadata_text_at

BATCH = 100  # notes in one transaction


class Written(NamedTuple):
    """What was written of a note: its revisions with their change numbers, and its last name."""

    seqs: dict[int, int]
    slug: str | None


def write_history(db: Connection, verifier: RowVerifier) -> Written:
    """Write all that can be verified of a note, under its own numbers."""
    last: Verified | None = None
    seqs = {}
    for state in verifier.verified():
        if last is None:
            _insert_note(db, verifier.note_id, state)
        _insert_revision(db, verifier.note_id, last, state)
        seqs[state.kept.revision] = state.kept.seq
        last = state
    return Written(seqs, revisions.read_metadata(last.metadata).slug if last else None)


def _insert_note(db: Connection, note_id: int, first: Verified) -> None:
    """A row that its revisions can refer to; see rebuild_row for what it becomes."""
    at = first.kept.revised_at
    db.execute(
        """INSERT INTO notes (id, slug, title, tags, is_public, deleted, chars, revision, seq, created_at, updated_at,
             actor) VALUES (?, ?, '', '[]', 0, 0, 0, 0, 0, ?, ?, '')""",
        (note_id, f"not yet rebuilt: {note_id}", at, at),
    )


def _insert_revision(db: Connection, note_id: int, last: Verified | None, state: Verified) -> None:
    kept = state.kept
    head = revisions.Head(last.kept.revision, last.text) if last else None
    base, blob = revisions.encode(db, note_id, kept.revision, head, state.text)
    metadata = None if last and last.metadata == state.metadata else state.metadata
    db.execute(
        """INSERT INTO revisions (seq, note_id, revision, revised_at, actor, revised_by, reason, changed, base,
             metadata, text, sha256, door, client) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (kept.seq, note_id, kept.revision, *kept[2:7], base, metadata, blob, kept.sha256, *kept[-2:]),
    )


def each_note(store: Store, rebuild: Callable[[Connection, int], None]) -> None:
    """Do it for every note of the store, some in each transaction."""
    after = 0
    while after >= 0:
        with store.writing() as db:
            batch = db.execute(f"SELECT id FROM notes WHERE id > ? ORDER BY id LIMIT {BATCH}", (after,)).fetchall()
            for (note_id,) in batch:
                rebuild(db, note_id)
            after = batch[-1][0] if batch else -1


def _head(db: Connection, note_id: int) -> tuple[Metadata, str]:
    (newest,) = db.execute("SELECT max(revision) FROM revisions WHERE note_id = ?", (note_id,)).fetchone()
    kept = revisions.read_metadata(metadata_text_at(db, note_id, newest))
    metadata = replace(kept, project=project_rows.called_now(db, kept.project))
    return metadata, revisions.text_at(db, note_id, newest)


def rebuild_row(db: Connection, note_id: int) -> None:
    metadata, text = _head(db, note_id)
    project = project_rows.project_id(db, metadata.project) if metadata.project else None
    own = (metadata.slug, metadata.title, metadata.note_type, metadata.status, project, metadata.position)
    flags = (metadata.is_public, metadata.deleted, len(text), json.dumps(metadata.tags, ensure_ascii=False))
    db.execute(
        """UPDATE notes SET slug = ?, title = ?, note_type = ?, status = ?, project_id = ?, position = ?,
             is_public = ?, deleted = ?, chars = ?, tags = ?, (revision, seq, updated_at, actor, revised_by) =
               (SELECT revision, seq, revised_at, actor, revised_by FROM revisions
                WHERE note_id = notes.id ORDER BY revision DESC LIMIT 1)
           WHERE id = ?""",
        (*own, *flags, note_id),
    )
    if not metadata.deleted:
        db.execute("INSERT INTO texts (note_id, markdown) VALUES (?, ?)", (note_id, text))


def rebuild_names(db: Connection, note_id: int) -> None:
    """Every name that the note had before is an alias."""
    kept = db.execute("SELECT metadata FROM revisions WHERE note_id = ? AND metadata IS NOT NULL", (note_id,))
    for slug in {revisions.read_metadata(metadata).slug for (metadata,) in kept.fetchall()}:
        if notes.find_slug(db, slug) is None:
            db.execute("INSERT INTO aliases (slug, note_id) VALUES (?, ?)", (slug, note_id))


def rebuild_bearers(db: Connection, note_id: int) -> None:
    """Every name but slugs, for the links that are to be derived."""
    bearers.make_again(db, note_id)


def rebuild_derived(db: Connection, note_id: int) -> None:
    metadata, text = _head(db, note_id)
    parent = notes.find_slug(db, metadata.parent) if metadata.parent else None
    db.execute("UPDATE notes SET parent_id = ? WHERE id = ?", (parent, note_id))
    derived_rows.write(db, note_id, metadata, text)
