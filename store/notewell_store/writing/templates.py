"""Templates: the note `template-plan`, of type `template`, lists the headings that a note of type `plan` needs.

A write that leaves one out is done with a warning, which a write that changes nothing of what is missing does not
repeat; where the template bears the tag `strict` it is refused. What a note lacked before may be added a piece at a
time.
"""

import re
from dataclasses import replace

from notewell_store.contract import Snapshot
from notewell_store.errors import Incomplete
from notewell_store.markdown.sections import parse_sections
from notewell_store.models import Note
from notewell_store.saved import MissingHeadings
from notewell_store.tables import notes
from notewell_store.writing.drafts import Draft

TEMPLATE = "template"
STRICT = "strict"
OPTIONAL = re.compile(r"\(\s*+optional\s*+\)", re.IGNORECASE)
PLACEHOLDER = re.compile(r"\s*(?:<.*>|\{.*\}|\[.*\])\s*")
NUMBER = re.compile(r"(?<!\s)\s*+(?<!\d)\d++(?:[.)]\d*+){0,30}+[.):]?\s++")


def checked(db: Snapshot, draft: Draft) -> Draft:
    """The draft, with a warning when its text lacks headings that its type's template lists, and lacked others before.

    Raises Incomplete when the template is strict and the text that was there had those headings or was of another type.
    """
    before, kind = draft.before, draft.metadata.note_type
    is_same = before is not None and (before.markdown, before.metadata.note_type) == (draft.markdown, kind)
    if kind is None or draft.metadata.deleted or is_same:
        return draft
    template = template_of(db, kind, draft.metadata.project)
    if template is None:
        return draft
    lacking = _lacking(template.markdown, draft.markdown)
    if not lacking:
        return draft
    had = _lacking(template.markdown, before.markdown) if before and before.metadata.note_type == kind else {}
    if lacking == had:
        return draft
    missing = MissingHeadings(draft.metadata.slug, kind, template.metadata.slug, tuple(lacking.values()))
    if STRICT in template.metadata.tags and not lacking.keys() <= had.keys():
        raise Incomplete(missing)
    return replace(draft, warnings=(*draft.warnings, missing))


def template_of(db: Snapshot, kind: str, project: str | None) -> Note | None:
    """The note that says which headings notes of this type need, if there is one: of the project or of none, for one
    of another project must not rule this one."""
    template_id = notes.find_slug(db, f"{TEMPLATE}-{kind}")
    if template_id is None or notes.is_deleted(db, template_id):
        return None
    template = notes.load(db, template_id)
    governs = template.metadata.note_type == TEMPLATE and template.metadata.project in (None, project)
    return template if governs else None


def missing_headings(db: Snapshot, kind: str | None, project: str | None, text: str) -> tuple[str, ...]:
    """What the template of this type lists and a text lacks."""
    template = template_of(db, kind, project) if kind else None
    return tuple(_lacking(template.markdown, text).values()) if template else ()


def headings_of(template: str) -> list[str]:
    """What a template lists, the optional too. Its title is its own, and a placeholder stands for any heading."""
    listed = (section.heading for section in parse_sections(template) if section.level > 1)
    return [heading for heading in listed if not PLACEHOLDER.fullmatch(heading)]


def _lacking(template: str, text: str) -> dict[str, str]:
    """The headings of the template that the text has not, by their keys."""
    there = {heading_key(section.heading) for section in parse_sections(text)}
    needed = {heading_key(heading): heading for heading in headings_of(template) if not OPTIONAL.search(heading)}
    return {key: heading for key, heading in needed.items() if key and key not in there}


def heading_key(heading: str) -> str:
    """What two headings share that mean the same: `2. Next steps:` and `Next Steps` are `next steps`."""
    words = NUMBER.sub("", heading, count=1).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in words).split())
