"""Rendered pages: the HTML that was stored with a note, or is made where none is stored."""

import zlib
from contextlib import suppress

from notewell_store.models import Note
from notewell_store.sqlite.connection import Connection


def html_of(db: Connection, note: Note, start: int, end: int) -> str:
    """The note's text from `start` to `end` as sanitised HTML; the page as stored where all of it is wanted."""
    whole = start == 0 and end == len(note.markdown)
    row = db.execute(
        "SELECT html FROM texts JOIN notes ON id = note_id WHERE note_id = ? AND revision = ?", (note.id, note.revision)
    ).fetchone()
    if whole and row and row[0]:
        with suppress(zlib.error, UnicodeDecodeError):  # a damaged page is made anew
            return zlib.decompress(row[0]).decode()
    from notewell_store.markdown.rendering import render  # 40 ms, and stored pages need none

    return render(note.markdown[start:end])


def pack_html(markdown: str) -> bytes:
    """The rendered page, deflated as it is stored."""
    from notewell_store.markdown.rendering import render  # 40 ms, and only writers need it

    return zlib.compress(render(markdown).encode(), 6)
