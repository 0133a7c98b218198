"""The HTML of notes, as it was stored with each or, where none is stored, made.

Rendering takes half a millisecond for each KB, so a write is answered first and its HTML stored after.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from html import unescape
from urllib.parse import quote

from notewell_store.contract import Connection
from notewell_store.errors import StoreError
from notewell_store.markdown.links import BodyLink, link_of_page
from notewell_store.models import Note
from notewell_store.resolution import Asked, Meant
from notewell_store.tables.bearers import asker_of, meant
from notewell_store.tables.links import asked_by
from notewell_store.tables.notes import slugs_by_id

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


_HREF = re.compile(r'<a (class="note-link" )?href="([^"]*)"')


def page_of(db: Connection, note: Note, start: int, end: int) -> str:
    """The same HTML with its links to notes leading where they do at this moment, for who reads it. Those that dangle
    are of class `missing`, or `ambiguous`."""
    html = html_of(db, note, start, end)
    found = {
        match.group(): link
        for match in _HREF.finditer(html)
        if (link := link_of_page(unescape(match.group(2)), is_wiki=match.group(1) is not None))
    }
    if not found:
        return html
    asker = asker_of(db, note.id)
    asked = {tag: one for tag, link in found.items() if (one := asked_by(link, asker))}
    to = meant(db, asker, asked.values())
    slugs = slugs_by_id(db, {one.note for one in to.values() if one.note is not None})
    tags = {tag: _tag(found[tag], one, to[one], slugs) for tag, one in asked.items()}
    return _HREF.sub(lambda match: tags.get(match.group()) or match.group(), html)


def _tag(link: BodyLink, asked: Asked, to: Meant, slugs: Mapping[int, str]) -> str | None:
    """The beginning of a link's tag; None where it stays as it is."""
    anchor = f"#{quote(link.anchor)}" if link.anchor else ""
    if to.note is not None and to.note in slugs:
        return f'<a class="note-link" href="{slugs[to.note]}{anchor}"'
    if link.form in ("file", "bare"):
        return None
    name = quote(link.target if link.form == "path" else asked.slug or link.target)
    return f'<a class="note-link {"ambiguous" if to.several else "missing"}" href="{name}{anchor}"'


def pack_html(markdown: str) -> bytes:
    """The HTML of a text, deflated as it is stored."""
    from notewell_store.markdown.rendering import render  # 40 ms, and only writers need it

    return zlib.compress(render(markdown).encode(), 6)


def store_pages(reading: Lent, writing: Lent, note_ids: Iterable[int]) -> None:
    """Render and store the HTML that these notes lack; a note that changes meanwhile is left to who changes it.

    `reading` and `writing` are a store's. What cannot be stored is made whenever it is asked for.
    """
    with suppress(StoreError):
        with reading() as db:
            texts = [text for note_id in note_ids for text in _without_page(db, note_id)]
        made = [(pack_html(markdown), note_id, markdown) for markdown, note_id in texts]
        with writing() as db:
            db.executemany("UPDATE texts SET html = ? WHERE note_id = ? AND markdown = ?", made)


def _without_page(db: Connection, note_id: int) -> list[tuple[str, int]]:
    return db.execute("SELECT markdown, note_id FROM texts WHERE note_id = ? AND html IS NULL", (note_id,)).fetchall()
