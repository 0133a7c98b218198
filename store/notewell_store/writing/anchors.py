"""What a change of a text does to its anchors: those that a number tells apart, those that links lead to."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid, NextArgument
from notewell_store.markdown import Section
from notewell_store.markdown.sections import parse_sections, twins_of
from notewell_store.markdown.text_change import text_change
from notewell_store.models import Note
from notewell_store.saved import LostSection, MovedSection, Warned
from notewell_store.tables.links import linked_anchors, sources_of
from notewell_store.tables.sections import sections_of

MOST_NAMED = 10  # sections in the warnings of one write

_NUMBERED = re.compile(r"-\d+\Z")


def is_numbered(anchor: str | None) -> bool:
    """Whether an anchor may be one that a number tells from those of equal headings."""
    return anchor is not None and _NUMBERED.search(anchor) is not None


def refuse_numbered(note: Note, sections: tuple[Section, ...], section: Section) -> None:
    """Raise Invalid for a section that only its number tells from others of that heading: each edit may give it
    another."""
    twins = twins_of(sections, section)
    if not twins:
        return
    lines = [note.markdown.count("\n", 0, twin.start) + 1 for twin in twins[:MOST_NAMED]]
    named = ", ".join(f"#{twin.anchor} (line {line})" for twin, line in zip(twins, lines, strict=False))
    raise Invalid(
        (
            f"#{section.anchor} is one of {len(twins)} sections of that heading, whose numbers change with the text; "
            f"in {note.metadata.slug}@{note.revision} they are {named}. To name one send the revision that you read: ",
            NextArgument("if_revision", note.revision),
        ),
        "ref",
    )


def unsettled(db: Snapshot, note: Note, text: str) -> tuple[Warned, ...]:
    """A warning of each section that other notes link to and that a new text of the note has no more, or has under
    another anchor."""
    linked = linked_anchors(db, note.id) if text != note.markdown else {}
    if not linked:
        return ()
    slug, before = note.metadata.slug, sections_of(db, note)
    change = text_change(note.markdown, text, before)
    if change is not None and change.end == change.first + 1:
        return ()
    after = parse_sections(text)
    meant = [section for section in before if section.anchor.lower() in linked]
    there = {section.anchor.lower() for section in after}
    lost = [
        LostSection(slug, one.anchor, linked[one.anchor.lower()]) for one in meant if one.anchor.lower() not in there
    ]
    moved = [
        MovedSection(slug, one.anchor, now, sources_of(db, note.id, one.anchor, MOST_NAMED))
        for one, now in islice(_moved(note.markdown, meant, text, after), MOST_NAMED)
    ]
    return (*lost[:MOST_NAMED], *moved)


def _moved(
    before: str, meant: Iterable[Section], after: str, sections: tuple[Section, ...]
) -> Iterator[tuple[Section, str]]:
    """Those whose anchor names another section now, each with the anchor under which its own text stands."""
    texts = {section.anchor: after[section.start : section.own_end].strip() for section in sections}
    anchors = {text: anchor for anchor, text in reversed(texts.items())}
    for section in meant:
        own = before[section.start : section.own_end].strip()
        now = anchors.get(own)
        if now is not None and section.anchor in texts and texts[section.anchor] != own:
            yield section, now
