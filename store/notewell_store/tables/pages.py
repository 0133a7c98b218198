"""Pages as they are shown: the stored HTML of notes, its links leading where they do at the moment."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from html import unescape
from urllib.parse import quote, unquote

from notewell_store.contract import Connection
from notewell_store.markdown.links import BodyLink, link_of_page
from notewell_store.models import Note
from notewell_store.resolution import Asked, Meant
from notewell_store.tables.bearers import asker_of, meant
from notewell_store.tables.links import names_by_target
from notewell_store.tables.notes import slug_of, slugs_by_id
from notewell_store.tables.past import Moment, metadata_at
from notewell_store.tables.rendered import html_of
from notewell_store.tables.text_links import asked_by

_HREF = re.compile(r'<a (class="note-link" )?href="([^"]*)"')


def page_of(db: Connection, note: Note, start: int, end: int, *, then: Moment | None = None) -> str:
    """The note's text from `start` to `end` as HTML, its links to notes leading where they do now for who reads
    it. Those that dangle are of class `missing`, or `ambiguous`; not those to notes that lived `then`, if that is
    said."""
    return _led(db, html_of(db, note, start, end), note.id, then)


def page_with_lines(db: Connection, note: Note) -> str:
    """The same of the whole text, where each block bears the number of its first line (`data-line`)."""
    from notewell_store.markdown.rendering import render_with_lines  # 40 ms, and only who asks for it needs it

    return _led(db, render_with_lines(note.markdown), note.id)


def draft_page(db: Connection, markdown: str, note_id: int | None) -> str:
    """The same of a text that is not stored: of what that note is to become, or of a note that there is not yet."""
    from notewell_store.markdown.rendering import render  # 40 ms, and only drafts and writers need it

    return _led(db, render(markdown), note_id)


def _led(db: Connection, html: str, note_id: int | None, then: Moment | None = None) -> str:
    tags = {match.group(): (match.group(1) is not None, unescape(match.group(2))) for match in _HREF.finditer(html)}
    written = names_by_target(db, note_id) if tags and note_id is not None else {}
    found = {tag: link for tag, href in tags.items() if (link := _link(*href, written))}
    if not found:
        return html
    asker = asker_of(db, note_id)
    asked = {tag: one for tag, link in found.items() if (one := asked_by(link, asker))}
    to = meant(db, asker, asked.values())
    slugs = _slugs(db, {one.note for one in to.values() if one.note is not None}, then)
    led = {tag: _tag(found[tag], one, to[one], slugs) for tag, one in asked.items()}
    return _HREF.sub(lambda match: led.get(match.group()) or match.group(), html)


def _slugs(db: Connection, note_ids: AbstractSet[int], then: Moment | None) -> dict[int, str]:
    """What the notes are called that live, or lived then."""
    living = slugs_by_id(db, note_ids)
    if then is None:
        return living
    states = ((one, metadata_at(db, one, then)) for one in note_ids - living.keys())
    return living | {one: slug_of(db, one) for one, state in states if state is not None and not state.deleted}


def _link(is_wiki: bool, href: str, written: Mapping[str, str]) -> BodyLink | None:
    """The link that stands in the page so; of a wiki link the page may have the slug only."""
    name, mark, anchor = href.partition("#")
    return link_of_page(
        f"{quote(written.get(name, unquote(name)))}{mark}{anchor}" if is_wiki else href, is_wiki=is_wiki
    )


def _tag(link: BodyLink, asked: Asked, to: Meant, slugs: Mapping[int, str]) -> str | None:
    """The beginning of a link's tag; None where it stays as it is."""
    anchor = f"#{quote(link.anchor)}" if link.anchor else ""
    if to.note is not None and to.note in slugs:
        return f'<a class="note-link" href="{slugs[to.note]}{anchor}"'
    if link.form in ("file", "bare"):
        return None
    name = quote(link.target if link.form == "path" else asked.slug or link.target)
    return f'<a class="note-link {"ambiguous" if to.several else "missing"}" href="{name}{anchor}"'
