"""Notes made from their histories: everything about a note but its revisions can be made again."""

from notewell_store.keeping.history import Proved
from notewell_store.keeping.proving import Prover
from notewell_store.models import Metadata
from notewell_store.sqlite import revisions
from notewell_store.sqlite.connection import Connection
from notewell_store.sqlite.store import Store

BATCH = 100  # notes in one transaction


def write_history(db: Connection, prover: Prover) -> list[tuple[int, int]]:
    """Write all that can be proved of a note, under its own numbers; the answer are revisions and their seqs."""
    last: Proved | None = None
    written = []
    for state in prover.proved():
        if last is None:
            _insert_note(db, prover.note_id, state)
        _insert_revision(db, prover.note_id, last, state)
        written.append((state.kept.revision, state.kept.seq))
        last = state
    return written


def _insert_note(db: Connection, note_id: int, first: Proved) -> None:
    """A row that its revisions can refer to; see rebuild_notes for what it becomes."""
    at = first.kept.revised_at
    db.execute(
        """INSERT INTO notes (id, slug, title, tags, is_public, deleted, chars, revision, seq, created_at, updated_at,
             actor) VALUES (?, ?, '', '[]', 0, 0, 0, 0, 0, ?, ?, '')""",
        (note_id, f"not yet rebuilt: {note_id}", at, at),
    )


def _insert_revision(db: Connection, note_id: int, last: Proved | None, state: Proved) -> None:
    kept = state.kept
    head = revisions.Head(last.kept.revision, last.text) if last else None
    base, blob = revisions.encode(db, note_id, kept.revision, head, state.text)
    metadata = None if last and last.metadata == state.metadata else state.metadata
    db.execute(
        """INSERT INTO revisions (seq, note_id, revision, revised_at, actor, revised_by, reason, changed, base, metadata,
             text, sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (kept.seq, note_id, *kept[:1], *kept[2:7], base, metadata, blob, kept.sha256),
    )


def rebuild_notes(store: Store) -> None:
    """Make every note's row, text and names from its newest revision, then what is derived from them.

    In three rounds, since a parent or a link may name any note, by any name that it ever had.
    """
    for round_of_all in (_rebuild_row, _rebuild_names, _rebuild_rest):
        after = 0
        while after >= 0:
            with store.writing() as db:
                batch = db.execute("SELECT id FROM notes WHERE id > ? ORDER BY id LIMIT ?", (after, BATCH)).fetchall()
                for (note_id,) in batch:
                    round_of_all(db, note_id)
                after = batch[-1][0] if batch else -1


def _head(db: Connection, note_id: int) -> tuple[int, Metadata]:
    (revision,) = db.execute("SELECT max(revision) FROM revisions WHERE note_id = ?", (note_id,)).fetchone()
    return revision, revisions.read_metadata(revisions.metadata_text_at(db, note_id, revision))


def _rebuild_row(db: Connection, note_id: int) -> None:
    revision, metadata = _head(db, note_id)
    text = revisions.text_at(db, note_id, revision)
    db.execute(
        """UPDATE notes SET slug = ?, title = ?, note_type = ?, status = ?, tags = ?, position = ?, is_public = ?,
             deleted = ?, chars = ?, project_id = ?,
             created_at = (SELECT revised_at FROM revisions WHERE note_id = ?1 ORDER BY revision LIMIT 1),
             (revision, seq, updated_at, actor, revised_by) = (SELECT revision, seq, revised_at, actor, revised_by
               FROM revisions WHERE note_id = ?2 AND revision = ?3)
           WHERE id = ?2""",
        (metadata.slug,),
    )
    db.execute("INSERT INTO texts (note_id, markdown) VALUES (?, ?)", (note_id, text))
