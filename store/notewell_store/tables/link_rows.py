"""The rows of a note's links: which are to be written where its text has others, laid aside before the lock, written
behind it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from notewell_store.contract import Connection, Cursor
from notewell_store.markdown.links import find_links
from notewell_store.models import OF_TEXT, ExplicitLink
from notewell_store.resolution import CALLED, NOBODY, Asked, Asker, Meant
from notewell_store.tables import link_targets
from notewell_store.tables.bearers import asker_of, meant_of
from notewell_store.tables.bearers import make_again as make_names_again
from notewell_store.tables.note_rows import OWN, UNJUDGED
from notewell_store.tables.text_links import Row, TextLinks, explicit_rows, packed

MANY = 1_000
"""Links that are laid aside before the lock."""


class Change(NamedTuple):
    """What is to be written where a text has other links: its links from the number `gone` on go, `rows` come from the
    `first` of them on, which lead to the notes `to`; None where one of them leads nowhere. Of the rows those with the
    targets `again` lead elsewhere, and are to be led there once they are written."""

    gone: int | None
    rows: str | None
    to: frozenset[int] | None = frozenset()
    first: int = 0
    again: frozenset[str] = frozenset()


UNCHANGED = Change(None, None)


def are_kept(links: TextLinks, asker: Asker, kept: Iterable[Sequence[Any]]) -> bool:
    """Whether nothing is to be written of them: of many links those of a line more are the same."""
    return links.fits(asker) and _alike(kept, links.rows) == (len(links.rows), None)


def ask_kept(db: Connection, note_id: int) -> Cursor:
    """For the links of the note's body, as change_of takes them."""
    return db.execute(_KEPT, (note_id,))


_KEPT = f"""SELECT relation, target, anchor, NULL, name, key,
    CASE WHEN form LIKE '{OWN}%' THEN substr(form, {len(OWN) + 1}) ELSE form END, id
  FROM links WHERE source_id = ? AND relation IN {OF_TEXT} ORDER BY id"""
"""As TextLinks has the rows, before the number of each."""


def _alike(kept: Iterable[Sequence[Any]], rows: list[Row]) -> tuple[int, int | None]:
    """How many of the rows are kept already, from the first on, and the number of the first that is another."""
    own = iter(kept)
    alike = 0
    for wanted, row in zip(rows, own, strict=False):
        if row[:-1] != wanted:
            return alike, row[-1]
        alike += 1
    further = next(own, None)
    return alike, None if further is None else further[-1]


def _alike_of_others(kept: Iterable[Sequence[Any]], links: TextLinks) -> tuple[int, int | None]:
    """The same of links that were made ready: of those that call the note itself none is kept."""
    wanted = [(at, row) for at, row in enumerate(links.rows) if links.asked[at] not in links.calling]
    alike, gone = _alike(kept, [row for _, row in wanted])
    return wanted[alike][0] if alike < len(wanted) else len(links.rows), gone


def change_of(
    db: Connection, note_id: int, asker: Asker, links: TextLinks, kept: Iterable[Sequence[Any]] = ()
) -> Change:
    """Of a note whose body has these links now, and had those that are `kept`. As far as they are the same from the
    first on, they stay, for they lead where they do. Where the page came to have another path since they were read,
    they are read anew."""
    written = links if links.fits(asker) else TextLinks(links.found, asker)
    alike, gone = _alike(kept, written.rows)
    if alike == len(written.rows):
        return Change(gone, None)
    if written.foreseen is not None:
        other = written.foreseen.items() ^ _notes(meant_of(db, asker, written.names)).items()
        return _laid(written, alike, gone, {asked for asked, _ in other})
    rows = written.led(db, asker, note_id, alike)
    to = {row.target_id for row in rows if row.target_id is not None or row.form not in UNJUDGED}
    led = frozenset(one for one in to if one is not None)
    return Change(gone, written.packed if rows is written.rows else packed(rows), None if None in to else led)


def make_ready(db: Connection, links: TextLinks, asker: Asker) -> None:
    """Lay the rows of many links aside before the lock, each leading where it does now."""
    if len(links.rows) < MANY or not links.fits(asker):
        return
    to = meant_of(db, asker, links.names)
    links.foreseen = {asked: None if note == asker.note else note for asked, note in _notes(to).items()}
    links.calling = frozenset(asked for asked, note in to.items() if note.note == asker.note and note.way in CALLED)
    if links.foreseen:
        targets = map(links.foreseen.get, links.asked)
        links.packed = packed([row._replace(target_id=note) for row, note in zip(links.rows, targets, strict=True)])
    db.lay_aside(Row._fields, links.packed)


def foreseen_change(links: TextLinks, kept: Iterable[Sequence[Any]]) -> Change:
    """The same of links that were made ready, as long as nobody has written since."""
    alike, gone = _alike_of_others(kept, links)
    if alike == len(links.rows):
        return Change(gone, None)
    foreseen = links.foreseen or {}
    change = _laid(links, alike, gone, {asked for asked, note in foreseen.items() if note is None})
    asked = links.asked[alike:]
    rows = zip(links.rows[alike:], asked, strict=True)
    if any(one not in foreseen and row.form not in UNJUDGED for row, one in rows):
        return change
    return change._replace(to=frozenset(note for note in map(foreseen.get, asked) if note is not None))


def _notes(to: Mapping[Asked, Meant]) -> dict[Asked, int | None]:
    """Where the names lead that lead anywhere."""
    return {asked: meant.note for asked, meant in to.items() if meant.note is not None}


def _laid(links: TextLinks, alike: int, gone: int | None, other: Collection[Asked]) -> Change:
    """Of links whose rows were laid aside; the names of the `other` lead elsewhere than these do."""
    rows = zip(links.rows[alike:], links.asked[alike:], strict=True) if other else ()
    return Change(gone, links.packed, None, alike, frozenset(row.target for row, asked in rows if asked in other))


def write_change(db: Connection, note_id: int, change: Change) -> None:
    if change.gone is not None:
        gone = f"DELETE FROM links WHERE source_id = ? AND id >= ? AND relation IN {OF_TEXT}"
        db.execute(gone, (note_id, change.gone))
    if change.rows is not None:
        _insert(db, note_id, change.rows, change.first)
    if change.again:
        link_targets.resolve_targets(db, note_id, change.again)


def write_body_links(db: Connection, note_id: int, links: TextLinks) -> None:
    """Let the links that stand in the note's body be these."""
    asker = asker_of(db, note_id) if links.found else NOBODY
    write_change(db, note_id, change_of(db, note_id, asker, links, ask_kept(db, note_id)))


def write_explicit_links(db: Connection, note_id: int, links: tuple[ExplicitLink, ...]) -> None:
    """Replace the links that were set on purpose. One to the note itself is kept in its metadata alone."""
    db.execute(f"DELETE FROM links WHERE source_id = ? AND relation NOT IN {OF_TEXT}", (note_id,))
    if links:
        _insert(db, note_id, packed([row for row in explicit_rows(db, links) if row.target_id != note_id]))


def _insert(db: Connection, note_id: int, rows: str, first: int = 0) -> None:
    db.insert_rows("links", Row._fields, rows, first, source_id=note_id)


def make_again(db: Connection) -> None:
    """Make the names of all notes and the links of their texts, which an older version kept without what they are
    written by. Rows that are damaged stay as they are, for `verify` to tell."""
    faults: tuple[type[Exception], ...] = (AttributeError, TypeError, *db.DAMAGE)
    db.execute("DELETE FROM names")
    for (note_id,) in db.execute("SELECT id FROM notes").fetchall():
        with suppress(*faults):
            make_names_again(db, note_id)
    for (note_id,) in db.execute("SELECT note_id FROM texts").fetchall():
        with suppress(*faults):
            (markdown,) = db.execute("SELECT markdown FROM texts WHERE note_id = ?", (note_id,)).fetchone()
            found = find_links(markdown)
            write_body_links(db, note_id, TextLinks(found, asker_of(db, note_id)))
