"""All that is derived of a note, as it is kept: what a change of its text is held against."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from notewell_store.contract import Connection, Cursor
from notewell_store.markdown import Section
from notewell_store.resolution import Asker
from notewell_store.tables import bearers, links, passages, sections, stale
from notewell_store.tables.passages import NOTHING, Present


class Kept(NamedTuple):
    """`asker` is whose text it is; `links` are as links.change_of takes them. Of a stale note not all is there."""

    asker: Asker
    sections: tuple[Section, ...] = ()
    links: tuple[tuple[Any, ...], ...] = ()
    passages: Present = NOTHING
    is_stale: bool = False


def kept_of(db: Connection, note_id: int) -> Kept:
    asker, own_sections, own_links, rows, newest, marked = (
        answer.fetchall() for answer in db.at_once(_questions(db, note_id))
    )
    present = Present(tuple(map(passages.Kept._make, rows)), int(newest[0][0]))
    return Kept(Asker(*asker[0]), tuple(map(Section._make, own_sections)), tuple(own_links), present, bool(marked))


def kept_of_new(db: Connection, asker: Asker) -> Kept:
    """Of a note that is yet to be made."""
    (newest,) = passages.ask_newest(db).fetchone()
    return Kept(asker, passages=Present(newest=int(newest)))


def _questions(db: Connection, note_id: int) -> Iterator[Cursor]:
    yield bearers.ask_asker(db, note_id)
    yield sections.ask_sections(db, note_id)
    yield links.ask_kept(db, note_id)
    yield passages.ask_kept(db, note_id)
    yield passages.ask_newest(db)
    yield stale.ask_marked(db, note_id)
