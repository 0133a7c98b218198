"""What a change of a text does to its anchors: those that a number tells apart, those that links lead to."""

import re
from collections import Counter
from collections.abc import Sequence
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
    there = {section.anchor.lower() for section in after}
    where, names = _whereabouts(note.markdown, before, text, after), _names_taken(note.markdown, before, text, after)
    meant = [section.anchor for section in before if section.anchor.lower() in linked]
    lost = [
        LostSection(slug, anchor, linked[anchor.lower()], where.get(anchor))
        for anchor in meant
        if anchor.lower() not in there
    ]
    moved = [
        MovedSection(slug, anchor, where.get(anchor), sources_of(db, note.id, anchor, MOST_NAMED))
        for anchor in islice((anchor for anchor in meant if anchor in names), MOST_NAMED)
    ]
    return (*lost[:MOST_NAMED], *moved)


Sections = Sequence[Section]


def _names_taken(before: str, sections: Sections, after: str, there: Sections) -> frozenset[str]:
    """The anchors that name another section now: one whose text stands elsewhere, or one that had another name."""
    was = {section.anchor: _own(before, section) for section in sections}
    now = {section.anchor: _own(after, section) for section in there}
    stand, stood = set(now.values()), set(was.values())
    return frozenset(
        anchor for anchor, own in was.items() if now.get(anchor, own) != own and (own in stand or now[anchor] in stood)
    )


def _whereabouts(before: str, sections: Sections, after: str, there: Sections) -> dict[str, str]:
    """The anchors of the sections that have another now, each with that: found by what stands in them, where no two
    say the same."""
    was, now = _told_apart(before, sections), _told_apart(after, there)
    return {anchor: now[said] for said, anchor in was.items() if said in now and now[said] != anchor}


def _told_apart(text: str, sections: Sections) -> dict[str, str]:
    """The anchors of sections that say something, by what stands below their headings."""
    said = [(text[section.body_start : section.own_end].strip(), section.anchor) for section in sections]
    often = Counter(words for words, _ in said)
    return {words: anchor for words, anchor in said if words and often[words] == 1}


def _own(text: str, section: Section) -> str:
    return text[section.start : section.own_end].strip()
