"""Passages: where each stands in its note's text, kept in step with the index that finds them by their words.

An index may keep no text of its own, so a passage is taken out by saying again what was taken in: `digest` finds the
equal ones, which stay as they are when a note changes elsewhere.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from notewell_store.contract import Connection, Cursor, Progress
from notewell_store.errors import NextCommand, Unusable
from notewell_store.index_query import PassageText
from notewell_store.markdown.passages import Indexed, Passage, passage_at, passages_of, passages_of_sections
from notewell_store.tables.sections import read_sections

if TYPE_CHECKING:
    from notewell_store.markdown.text_change import TextChange


class Kept(NamedTuple):
    """A row of `passages`."""

    id: int
    section: int | None
    start: int
    end: int
    digest: bytes


class Present(NamedTuple):
    """The passages that are kept of a note, and the number of the store's newest one, where that is known."""

    rows: Sequence[Kept] = ()
    newest: int | None = None


NOTHING = Present()
"""Of a new note."""


def ask_present(db: Connection, note_id: int) -> Cursor:
    """For the rows that present_in reads."""
    query = f'SELECT id, section, start, "end", digest, ({_NEWEST}) FROM passages WHERE note_id = ?'
    return db.execute(query, (note_id,))


def present_in(rows: Iterable[Sequence[Any]]) -> Present:
    found = list(rows)
    return Present(tuple(Kept._make(row[:-1]) for row in found), found[0][-1] if found else None)


_NEWEST = "SELECT coalesce(max(id), 0) FROM passages"


def newest(db: Connection) -> int:
    """The number of the store's newest passage; 0 where there is none."""
    (number,) = db.execute(_NEWEST).fetchone()
    return int(number)


Place = tuple[int | None, int, int]
"""The number of a section, and where a passage begins and ends."""
Moved = tuple[int | None, int, int, int]
"""The place of a passage, and its number."""


class Change(NamedTuple):
    """What is to be written where other passages are searched of a note."""

    moved: Sequence[Moved] = ()
    gone: Sequence[tuple[int, PassageText]] = ()
    new: Sequence[Passage] = ()


UNCHANGED = Change()


def write_index(
    db: Connection, note_id: int, before: Indexed | None, after: Indexed | None, present: Present | None = None
) -> None:
    """Bring the index from one state of the note to another; None is a note that is not searched. What is `present` is
    asked for where it is not known."""
    present = present or present_in(ask_present(db, note_id))
    write_change(db, note_id, change_of(note_id, before, after, present), present.newest)


def change_of(
    note_id: int, before: Indexed | None, after: Indexed | None, present: Present, change: "TextChange | None" = None
) -> Change:
    """Of a note of which these passages are kept. It takes as long as the text is long, or, where its `change` is
    known, the sections are that changed, and no store."""
    rows, moved = present.rows, list[Moved]()
    if change is not None and before and after and (before.title, before.names) == (after.title, after.names):
        rows, moved = _touched(rows, change)
        passages = passages_of_sections(after, change.first, change.end)
    else:
        passages = passages_of(after) if after else ()
    kept: dict[bytes, list[Kept]] = {}
    for row in rows:
        kept.setdefault(bytes(row.digest), []).append(row)
    new: list[Passage] = []
    for passage in passages:
        same = kept.get(passage.digest)
        if not same:
            new.append(passage)
        elif (row := same.pop())[1:4] != (place := (passage.section, passage.start, passage.end)):
            moved.append((*place, row.id))
    left = list(chain.from_iterable(kept.values()))
    cut = passages_of(before) if before is not None and 2 * len(left) > len(present.rows) else ()
    by_place = {(one.section, one.start, one.end): one for one in cut}
    return Change(moved, [(row.id, _text_of(note_id, row, before, by_place)) for row in left], new)


def _touched(rows: Sequence[Kept], change: "TextChange") -> tuple[list[Kept], list[Moved]]:
    """The rows of the sections that hold another text, and where those stand now that come behind them."""
    touched: list[Kept] = []
    moved: list[Moved] = []
    for row in rows:
        if row.section is None or row.section < change.first:
            continue
        if row.section < change.end:
            touched.append(row)
        elif change.shift:
            moved.append((row.section, row.start + change.shift, row.end + change.shift, row.id))
    return touched, moved


def write_change(db: Connection, note_id: int, change: Change, last: int | None = None) -> None:
    """The store's `last` passage is asked for where it is not known.

    First all rows, then all words: an index may have to write down what it has taken in whenever a row comes between.
    """
    if change.moved:
        db.executemany('UPDATE passages SET section = ?, start = ?, "end" = ? WHERE id = ?', change.moved)
    if change.gone:
        gone = db.listed([identity for identity, _ in change.gone])
        db.execute(f"DELETE FROM passages WHERE id IN {db.VALUES}", (gone,))
    numbered = _inserted(db, note_id, change.new, last)
    if change.gone:
        db.index.take_out(change.gone)
    if numbered:
        db.index.take_in((identity, passage.text) for identity, passage in numbered)


def get_ready(db: Connection, change: Change) -> None:
    """Do before the lock what takes time of write_change."""
    db.index.get_ready(one.text for one in change.new)


def _inserted(db: Connection, note_id: int, new: Sequence[Passage], last: int | None) -> list[tuple[int, Passage]]:
    """The new passages with the numbers that they have got."""
    if not new:
        return []
    numbered = list(enumerate(new, start=(newest(db) if last is None else last) + 1))
    db.executemany(
        'INSERT INTO passages (id, note_id, section, start, "end", digest) VALUES (?, ?, ?, ?, ?, ?)',
        [(identity, note_id, one.section, one.start, one.end, one.digest) for identity, one in numbered],
    )
    return numbered


def _text_of(note_id: int, row: Kept, note: Indexed | None, cut: Mapping[Place, Passage]) -> PassageText:
    """What was taken in of a passage, to the letter."""
    place = row.section, row.start, row.end
    old = cut.get(place)
    if old is None and note is not None:
        with suppress(IndexError):
            old = passage_at(note, *place)
    if old is None or old.digest != row.digest:
        raise Unusable(f"what is searched of note {note_id} does not fit its text: see ", NextCommand("verify"))
    return old.text


def take_in_again(db: Connection, progress: Progress | None = None) -> None:
    """Take all passages into an index that is empty, each where it stands. Those of a note whose rows are damaged stay
    out, for `verify` to tell."""
    notes = db.execute("SELECT DISTINCT note_id FROM passages ORDER BY note_id").fetchall()
    for done, (note_id,) in enumerate(notes, start=1):
        made = _made_again_if_whole(db, note_id)
        for identity, passage in made.items():
            db.execute("UPDATE passages SET digest = ? WHERE id = ?", (passage.digest, identity))
        db.index.take_in((identity, passage.text) for identity, passage in made.items())
        if progress is not None:
            progress(done, len(notes))


def take_in_some(db: Connection, after: int, most: int) -> int | None:
    """Take the passages of so many notes, those whose ids come after that one, into an index that lacks them. The
    answer is the last of these ids, None where there was none. See take_in_again for damaged rows."""
    notes = db.execute(
        f"SELECT DISTINCT note_id FROM passages WHERE note_id > ? ORDER BY note_id LIMIT {most}", (after,)
    ).fetchall()
    made = (_made_again_if_whole(db, note_id) for (note_id,) in notes)
    db.index.take_in([(identity, passage.text) for each in made for identity, passage in each.items()])
    return int(notes[-1][0]) if notes else None


def merge_index(writing: Callable[[], AbstractContextManager[Connection]]) -> None:
    """Bring the parts of the index together, which is written anew for that: after many notes were taken in."""
    begins = is_left = True
    while is_left:
        with writing() as db:
            is_left = db.index.merge(begins=begins)
        begins = False


def count_notes(db: Connection, up_to: int | None = None) -> int:
    """How many notes have passages; those whose ids are no larger, where one is given."""
    where, values = ("", ()) if up_to is None else ("WHERE note_id <= ?", (up_to,))
    (notes,) = db.execute(f"SELECT count(DISTINCT note_id) FROM passages {where}", values).fetchone()
    return int(notes)


def _made_again_if_whole(db: Connection, note_id: int) -> dict[int, Passage]:
    faults: tuple[type[Exception], ...] = (IndexError, TypeError, *db.DAMAGE)
    try:
        return made_again(db, note_id)
    except faults:
        return {}


def made_again(db: Connection, note_id: int) -> dict[int, Passage]:
    """The passages that are kept of a note, by their ids."""
    title, slug, tags, markdown = db.execute(
        "SELECT n.title, n.slug, n.tags, t.markdown FROM notes n JOIN texts t ON t.note_id = n.id WHERE n.id = ?",
        (note_id,),
    ).fetchone()
    note = Indexed(title, " ".join([slug, *json.loads(tags)]), markdown, read_sections(db, note_id))
    rows = db.execute('SELECT id, section, start, "end" FROM passages WHERE note_id = ?', (note_id,))
    return {identity: passage_at(note, *place) for identity, *place in rows}
