"""Stale notes: those whose text an import has changed, while what is derived from it is still to be made.

Links, sections, index and HTML are made once for the newest text, not for each revision that an import
brings. Until then the note is in the table `stale`, its passages are out of the index, and no HTML is stored;
every write of the note by anyone makes it fresh (see writing.deriving).
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from notewell_store.contract import Snapshot, Store
from notewell_store.errors import StoreError
from notewell_store.models import Note
from notewell_store.resolution import Asker
from notewell_store.tables import bearers, link_rows, notes, passages, sections, stale, texts
from notewell_store.writing.deriving import Derived, derive, indexed

MOST_NOTES = 50  # in one transaction
MOST_CHARS = 1_000_000
MERGING_PATIENCE = 1.0  # seconds that one step of it waits for other writers


def mark_stale(db: Snapshot, before: Note | None, note_id: int) -> None:
    """Mark the note before its text or names change: what is indexed of it is taken out while it can be told,
    and its sections go, since they would cut a new text at the places of the old one."""
    if stale.mark(db, note_id) and before is not None:
        was = indexed(before.metadata, before.markdown, sections.read_sections(db, note_id))
        passages.write_index(db, note_id, was, None)
        sections.write_sections(db, note_id, ())


def derive_stale(store: Store, done: Callable[[int], None] = lambda number: None) -> int:
    """Make all stale notes fresh, and answer how many. One that changes meanwhile is left to who changes it."""
    fresh = after = 0
    while batch := _next_batch(store, after):
        after = batch[-1][0].id
        made = [
            (note, None if note.metadata.deleted else derive(note.markdown, html=True, asker=asker))
            for note, asker in batch
        ]
        with store.writing() as db:
            for note, derived in made:
                _make_fresh(db, note, derived)
        fresh += len(batch)
        done(fresh)
    if fresh and _are_many(store, fresh):
        with suppress(StoreError):  # all is there, and found: in parts it is only found a little later
            passages.merge_index(partial(store.writing, MERGING_PATIENCE))
    return fresh


def _are_many(store: Store, fresh: int) -> bool:
    """Whether so many are half of all notes that are found by words."""
    with store.reading() as db:
        return passages.count_notes(db) <= 2 * fresh


def _next_batch(store: Store, after: int) -> list[tuple[Note, Asker]]:
    batch: list[tuple[Note, Asker]] = []
    with store.reading() as db:
        chars = 0
        for note_id, size in stale.marked_after(db, after, MOST_NOTES):
            chars += size
            if batch and chars > MOST_CHARS:
                break
            batch.append((notes.load(db, note_id), bearers.asker_of(db, note_id)))
    return batch


def _make_fresh(db: Snapshot, read: Note, derived: Derived | None) -> None:
    """`derived` is of the note as it was read; it is of no use if the note has changed since."""
    note = notes.load(db, read.id)
    if note.markdown != read.markdown or note.metadata.deleted != read.metadata.deleted:
        return
    if not stale.unmark(db, note.id):
        return
    if derived is not None:
        was = indexed(note.metadata, note.markdown, sections.read_sections(db, note.id))
        sections.write_sections(db, note.id, derived.sections)
        link_rows.write_body_links(db, note.id, derived.links)
        texts.write_page(db, note.id, derived.html)
        passages.write_index(db, note.id, was, indexed(note.metadata, note.markdown, derived.sections))
