"""Passages: where each stands in its note's text, kept in step with the index that finds them by their words.

An index may keep no text of its own, so a passage is taken out by saying again what was taken in: `digest` finds the
equal ones, which stay as they are when a note changes elsewhere.
"""

import json
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from notewell_store.contract import Connection, Progress
from notewell_store.errors import NextCommand, Unusable
from notewell_store.markdown.passages import Indexed, Passage, passage_at, passages_of
from notewell_store.tables.sections import read_sections


class _Kept(NamedTuple):
    """A row of `passages`."""

    id: int
    section: int | None
    start: int
    end: int
    digest: bytes


def write_index(db: Connection, note_id: int, before: Indexed | None, after: Indexed | None) -> None:
    """Bring the index from one state of the note to another; None is a note that is not searched."""
    kept: dict[bytes, list[_Kept]] = {}
    rows = db.execute('SELECT id, section, start, "end", digest FROM passages WHERE note_id = ?', (note_id,))
    for row in map(_Kept._make, rows.fetchall()):
        kept.setdefault(bytes(row.digest), []).append(row)
    for passage in passages_of(after) if after else ():
        same = kept.get(passage.digest)
        if same:
            _move(db, same.pop(), passage)
        else:
            _insert(db, note_id, passage)
    for row in chain.from_iterable(kept.values()):
        _delete(db, note_id, row, before)


def _move(db: Connection, row: _Kept, passage: Passage) -> None:
    place = (passage.section, passage.start, passage.end)
    if place != (row.section, row.start, row.end):
        db.execute('UPDATE passages SET section = ?, start = ?, "end" = ? WHERE id = ?', (*place, row.id))


def _insert(db: Connection, note_id: int, passage: Passage) -> None:
    (identity,) = db.execute(
        'INSERT INTO passages (note_id, section, start, "end", digest) VALUES (?, ?, ?, ?, ?) RETURNING id',
        (note_id, passage.section, passage.start, passage.end, passage.digest),
    ).fetchone()
    db.index.take_in(identity, passage.text)


def _delete(db: Connection, note_id: int, row: _Kept, note: Indexed | None) -> None:
    old = None
    with suppress(IndexError):
        old = passage_at(note, row.section, row.start, row.end) if note else None
    if old is None or old.digest != row.digest:
        raise Unusable(f"what is searched of note {note_id} does not fit its text: see ", NextCommand("verify"))
    db.execute("DELETE FROM passages WHERE id = ?", (row.id,))
    db.index.take_out(row.id, old.text)


def take_in_again(db: Connection, progress: Progress | None = None) -> None:
    """Take all passages into an index that is empty, each where it stands. Those of a note whose rows are damaged stay
    out, for `verify` to tell."""
    faults: tuple[type[Exception], ...] = (IndexError, TypeError, *db.DAMAGE)
    notes = db.execute("SELECT DISTINCT note_id FROM passages ORDER BY note_id").fetchall()
    for done, (note_id,) in enumerate(notes, start=1):
        try:
            made = _made_again(db, note_id)
        except faults:
            made = {}
        for identity, passage in made.items():
            db.execute("UPDATE passages SET digest = ? WHERE id = ?", (passage.digest, identity))
            db.index.take_in(identity, passage.text)
        if progress is not None:
            progress(done, len(notes))


def _made_again(db: Connection, note_id: int) -> dict[int, Passage]:
    """The passages that are kept of a note, by their ids."""
    title, slug, tags, markdown = db.execute(
        "SELECT n.title, n.slug, n.tags, t.markdown FROM notes n JOIN texts t ON t.note_id = n.id WHERE n.id = ?",
        (note_id,),
    ).fetchone()
    note = Indexed(title, " ".join([slug, *json.loads(tags)]), markdown, read_sections(db, note_id))
    rows = db.execute('SELECT id, section, start, "end" FROM passages WHERE note_id = ?', (note_id,))
    return {identity: passage_at(note, *place) for identity, *place in rows}
