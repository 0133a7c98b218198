"""Drafts of notes in whose text a part is changed, or a section moved."""

from notewell_store.contract import Snapshot
from notewell_store.errors import A_SECTION, Invalid, NextArgument, NoMatch
from notewell_store.markdown import Section
from notewell_store.markdown.sections import parse_sections, pick_section
from notewell_store.models import Edit, Note
from notewell_store.references import Reference
from notewell_store.tables import notes
from notewell_store.tables.sections import sections_of
from notewell_store.writing.anchors import is_numbered, refuse_numbered, unsettled
from notewell_store.writing.drafts import Draft, living, met
from notewell_store.writing.edits import as_it_ends, edited_text, inserted_behind, without
from notewell_store.writing.fields import check_text
from notewell_store.writing.merging import State, conflict, unseen_revisions

OF_A_SECTION = frozenset({"replace_section", "delete_section"})
"""What takes a section away as its writer read it: what came to it since must not go with it unseen."""


def edit(db: Snapshot, reference: Reference, change: Edit, if_revision: int | None) -> Draft:
    """Change a part of the note's text; the bytes outside the edit stay as they are."""
    note = living(db, notes.find(db, reference))

    def edited(base: Note) -> State:
        section = None
        if base is note and change.anchor is not None:
            sections = sections_of(db, note)
            section = pick_section(sections, change.anchor, note.metadata.slug)
            if if_revision is None and is_numbered(change.anchor):
                refuse_numbered(note, sections, section)
        return base.metadata, edited_text(note.metadata.slug, base.markdown, change, section)

    if if_revision is not None and (change.mode in OF_A_SECTION or is_numbered(change.anchor)):
        return met(db, note, if_revision, edited)
    # The others find their place in the newest text, so nothing that came since can be overwritten.
    unseen = unseen_revisions(db, note, if_revision)
    try:
        metadata, text = edited(note)
    except NoMatch:
        if unseen:
            raise conflict(db, note, if_revision, ("content",)) from None
        raise
    check_text(text)
    replaced = _occurrences(note.markdown, change) if change.mode == "replace_all" else None
    return Draft(note, metadata, text, unsettled(db, note, text), unseen, replaced=replaced)


def _occurrences(text: str, change: Edit) -> int:
    section = pick_section(parse_sections(text), change.anchor, "") if change.anchor is not None else None
    start, end = (section.start, section.end) if section else (0, len(text))
    return text.count(as_it_ends(text, change.old_text or "", start, end) or "\0", start, end) or 1


def move(db: Snapshot, reference: Reference, to: Reference, if_revision: int | None) -> Draft:
    """Move a section with its heading and subsections behind another one, or to the end of a note. Raises Invalid."""
    if reference.anchor is None:
        raise Invalid(("mode='move' needs a section: send ", NextArgument("ref", A_SECTION)), "ref")
    note, target = living(db, notes.find(db, reference)), living(db, notes.find_living(db, to))
    sections = sections_of(db, note)
    section = pick_section(sections, reference.anchor, note.metadata.slug)
    unseen = unseen_revisions(db, note, if_revision)
    rest = without(note.markdown, section)
    is_within = note.id == target.id
    standing = rest if is_within else target.markdown
    at = len(standing)
    if to.anchor is not None:
        place = pick_section(sections_of(db, target), to.anchor, target.metadata.slug)
        at = _place_without(section, place, str(to), len(note.markdown) - len(rest)) if is_within else place.end
    text = inserted_behind(standing, min(at, len(standing)), note.markdown[section.start : section.end])
    check_text(text)
    anchor = _anchor_of(text, section.heading, at)
    if is_within:
        return Draft(note, note.metadata, text, unsettled(db, note, text), unseen, anchor=anchor)
    other = Draft(target, target.metadata, text, unsettled(db, target, text), anchor=anchor)
    from notewell_store.writing.strayed import strayed  # for moves alone

    warnings = (*unsettled(db, note, rest), *strayed(db, note, section, sections, target))
    return Draft(note, note.metadata, rest, warnings, unseen, (other,))


def _place_without(moved: Section, place: Section, name: str, size: int) -> int:
    """Where a section of the same note ends once the one of that size that moves is gone. Raises Invalid."""
    if moved.start <= place.start < moved.end:
        raise Invalid(f"to={name!r} is the section itself or stands in it: name a place outside", "to")
    return place.end if place.end <= moved.start else place.end - size


def _anchor_of(text: str, heading: str, at: int) -> str | None:
    """What the section is called that was put behind that place."""
    found = [s.anchor for s in parse_sections(text) if s.heading == heading and s.end > at]
    return found[0] if found else None
