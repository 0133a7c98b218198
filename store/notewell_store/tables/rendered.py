"""The HTML of notes, as it was stored with each or, where none is stored, made.

Rendering takes half a millisecond for each KB, so a write is answered first and its HTML stored after.
"""

import zlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress

from notewell_store.contract import Connection
from notewell_store.errors import StoreError
from notewell_store.models import Note

Lent = Callable[[], AbstractContextManager[Connection]]


def html_of(db: Connection, note: Note, start: int, end: int) -> str:
    """The note's text from `start` to `end` as sanitised HTML; as it was stored where all of it is wanted."""
    whole = start == 0 and end == len(note.markdown)
    row = db.execute(
        "SELECT html FROM texts JOIN notes ON id = note_id WHERE note_id = ? AND revision = ?", (note.id, note.revision)
    ).fetchone()
    if whole and row and row[0]:
        with suppress(zlib.error, UnicodeDecodeError):  # what is damaged is made anew
            return zlib.decompress(row[0]).decode()
    from notewell_store.markdown.rendering import render  # 40 ms, and what is stored needs none

    return render(note.markdown[start:end])


def pack_html(markdown: str) -> bytes:
    """The HTML of a text, deflated as it is stored."""
    from notewell_store.markdown.rendering import render  # 40 ms, and only writers need it

    return zlib.compress(render(markdown).encode(), 6)


def store_pages(reading: Lent, writing: Lent, note_ids: Iterable[int]) -> None:
    """Render and store the HTML that these notes lack; a note that changes meanwhile is left to who changes it. And let
    the index bring together what writing them has parted.

    `reading` and `writing` are a store's. What cannot be stored is made whenever it is asked for.
    """
    with suppress(StoreError):
        with reading() as db:
            texts = [text for note_id in note_ids for text in _without_page(db, note_id)]
        made = [(pack_html(markdown), note_id, markdown) for markdown, note_id in texts]
        with writing() as db:
            db.executemany("UPDATE texts SET html = ? WHERE note_id = ? AND markdown = ?", made)
            db.index.merge_some()


def _without_page(db: Connection, note_id: int) -> list[tuple[str, int]]:
    return db.execute("SELECT markdown, note_id FROM texts WHERE note_id = ? AND html IS NULL", (note_id,)).fetchall()
