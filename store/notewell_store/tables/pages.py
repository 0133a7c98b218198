"""Pages as they are shown: the stored HTML of notes, its links leading where they do at the moment."""

import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import quote, unquote

from notewell_store.contract import Connection
from notewell_store.markdown.links import BodyLink, link_of_page
from notewell_store.models import Note
from notewell_store.resolution import Asked, Meant
from notewell_store.tables.bearers import asker_of, meant
from notewell_store.tables.links import asked_by, names_by_target
from notewell_store.tables.notes import slugs_by_id
from notewell_store.tables.rendered import html_of

_HREF = re.compile(r'<a (class="note-link" )?href="([^"]*)"')


def page_of(db: Connection, note: Note, start: int, end: int) -> str:
    """The note's text from `start` to `end` as HTML, its links to notes leading where they do now for who reads
    it. Those that dangle are of class `missing`, or `ambiguous`."""
    html = html_of(db, note, start, end)
    tags = {match.group(): (match.group(1) is not None, unescape(match.group(2))) for match in _HREF.finditer(html)}
    written = names_by_target(db, note.id) if tags else {}
    found = {tag: link for tag, href in tags.items() if (link := _link(*href, written))}
    if not found:
        return html
    asker = asker_of(db, note.id)
    asked = {tag: one for tag, link in found.items() if (one := asked_by(link, asker))}
    to = meant(db, asker, asked.values())
    slugs = slugs_by_id(db, {one.note for one in to.values() if one.note is not None})
    led = {tag: _tag(found[tag], one, to[one], slugs) for tag, one in asked.items()}
    return _HREF.sub(lambda match: led.get(match.group()) or match.group(), html)


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
