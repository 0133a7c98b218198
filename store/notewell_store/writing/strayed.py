"""Links of a section that mean something else where it is moved to: paths are relative to a page, `#how` is its own."""

import re
from collections.abc import Iterator, Sequence

from notewell_store.contract import Snapshot
from notewell_store.markdown import Section
from notewell_store.markdown.links import BodyLink, find_links
from notewell_store.markdown.outside_code import blank_fences
from notewell_store.models import Note
from notewell_store.saved import StrayedLinks, Warned
from notewell_store.tables.bearers import asker_of, meant
from notewell_store.tables.text_links import asked_by

MOST_NAMED = 10  # links in a warning
_TO_ITSELF = re.compile(r"\]\(#([^)\s#]{1,200})\)|\[\[#([^\]|#\r\n]{1,200})")


def strayed(db: Snapshot, note: Note, section: Section, sections: Sequence[Section], to: Note) -> tuple[Warned, ...]:
    """A warning of the links by which the section named what they do not name in the note that it is moved to."""
    text = note.markdown[section.start : section.end]
    stay = {s.anchor.lower() for s in sections if not section.start <= s.start < section.end}
    found = dict.fromkeys((*_paths(db, text, note, to), *_own(text, stay)))
    return (StrayedLinks(to.metadata.slug, tuple(found)[:MOST_NAMED], len(found)),) if found else ()


def _paths(db: Snapshot, text: str, note: Note, to: Note) -> Iterator[str]:
    links = [link for link in find_links(text) if link.is_path]
    if links:
        here, there = _meanings(db, links, note), _meanings(db, links, to)
        for link, was, now in zip(links, here, there, strict=True):
            if was not in (None, now):
                yield link.name + (f"#{link.anchor}" if link.anchor else "")


def _meanings(db: Snapshot, links: Sequence[BodyLink], note: Note) -> list[int | None]:
    """The note that each of the links means on the page of this one."""
    asker = asker_of(db, note.id)
    asked = [asked_by(link, asker) for link in links]
    notes = meant(db, asker, filter(None, asked))
    return [notes[one].note if one else None for one in asked]


def _own(text: str, stay: set[str]) -> Iterator[str]:
    for match in _TO_ITSELF.finditer(blank_fences(text)):
        anchor = match[1] or match[2]
        if anchor.strip().lower() in stay:
            yield f"#{anchor}"
