"""The newest text of each living note, the page that is stored with it, and all that was derived of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from notewell_store.contract import Connection, Cursor
from notewell_store.markdown import Section
from notewell_store.resolution import NOBODY, Asker
from notewell_store.tables import bearers, link_rows, passages, sections, stale


class Kept(NamedTuple):
    """What is derived of a text, as it is kept. `asker` is whose text it is; `links` are as link_rows.change_of takes
    them, to be gone through once. Of a stale note not all is there."""

    asker: Asker
    sections: tuple[Section, ...] = ()
    links: Iterable[Sequence[Any]] = ()
    present: passages.Present = passages.NOTHING
    is_stale: bool = False


def kept_of(db: Connection, note_id: int) -> Kept:
    """Of the links, which may be many, no more are read than are gone through in this transaction."""
    own_links = link_rows.ask_kept(db, note_id)
    asker, own_sections, own_passages, marked = (answer.fetchall() for answer in db.at_once(_questions(db, note_id)))
    present = passages.present_in(own_passages)
    return Kept(Asker(*asker[0]), tuple(map(Section._make, own_sections)), own_links, present, bool(marked))


def kept_for_later(db: Connection, note_id: int) -> Kept:
    """With all links, as often as one likes."""
    kept = kept_of(db, note_id)
    return kept._replace(links=tuple(kept.links))


def searched_of(db: Connection, note_id: int) -> Kept:
    """Of a note whose text stays no more than by what it is searched."""
    own_sections, own_passages = db.at_once(ask(db, note_id) for ask in (sections.ask_sections, passages.ask_present))
    present = passages.present_in(own_passages)
    return Kept(NOBODY, tuple(map(Section._make, own_sections)), present=present)


def _questions(db: Connection, note_id: int) -> Iterator[Cursor]:
    yield bearers.ask_asker(db, note_id)
    yield sections.ask_sections(db, note_id)
    yield passages.ask_present(db, note_id)
    yield stale.ask_marked(db, note_id)


def read_text(db: Connection, note_id: int) -> str | None:
    """The Markdown as it stands beside the note, unproved; None of a tombstone."""
    row = db.execute("SELECT markdown FROM texts WHERE note_id = ?", (note_id,)).fetchone()
    return str(row[0]) if row else None


def write_text(db: Connection, note_id: int, markdown: str) -> None:
    """Let the note have this text, and no page of the former one."""
    db.execute(
        """INSERT INTO texts (note_id, markdown) VALUES (?, ?)
           ON CONFLICT (note_id) DO UPDATE SET markdown = excluded.markdown, html = NULL""",
        (note_id, markdown),
    )


def write_page(db: Connection, note_id: int, html: bytes | None) -> None:
    """Store the page of the note's text, packed by rendered.pack_html, or None."""
    db.execute("UPDATE texts SET html = ? WHERE note_id = ?", (html, note_id))


def remove_text(db: Connection, note_id: int) -> None:
    """Leave the text of a tombstone to its history."""
    db.execute("DELETE FROM texts WHERE note_id = ?", (note_id,))
