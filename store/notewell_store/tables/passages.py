"""Passages: where each stands in its note's text, kept in step with the index that finds them by their words.

An index may keep no text of its own, so a passage is taken out by saying again what was taken in: `digest` finds the
equal ones, which stay as they are when a note changes elsewhere.
"""

from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.errors import NextCommand, Unusable
from notewell_store.markdown.passages import Indexed, Passage, passage_at, passages_of


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
