"""The filters that list_notes and search_notes share, as arguments and as the store's Filter."""

from collections.abc import Sequence
from typing import Annotated

from notewell_store import Filter, Invalid, parse_reference
from notewell_store.clock import parse_time
from notewell_store.contract import Snapshot
from notewell_store.tables import labels, notes
from notewell_store.tables.project_rows import present_slug
from notewell_tools.arguments import Field
from notewell_tools.definition import Name, Words

Tags = Annotated[Words, Field(description="all of these; types, statuses, projects count")]
AnyTags = Annotated[Words, Field(description="one of these")]
Parent = Annotated[Name | None, Field(description="its children; 'none': top notes")]
Within = Annotated[Name | None, Field(description="all below this note")]
Since = Annotated[str | None, Field(description="time, as 2026-11-21")]


MOST_TAGS = 50


def make_filter(
    db: Snapshot,
    *,
    tags: Sequence[str] = (),
    any_tags: Sequence[str] = (),
    note_type: str | None = None,
    project: str | None = None,
    status: str | None = None,
    parent: str | None = None,
    within: str | None = None,
    updated_since: str | None = None,
    updated_before: str | None = None,
    unlinked: bool = False,
    deleted: bool = False,
) -> Filter:
    """The filter, its words in the form in which they are kept. Raises NotFound for an unknown project or parent."""
    if len(tags) + len(any_tags) > MOST_TAGS:
        raise Invalid(f"{len(tags) + len(any_tags):,} tags are too many for a filter: send at most {MOST_TAGS}", "tags")
    return Filter(
        tags=tuple(labels.type_word(tag, "tags") for tag in tags),
        any_tags=tuple(labels.type_word(tag, "tags") for tag in any_tags),
        note_type=labels.type_word(note_type) if note_type else None,
        project=None if project is None else present_slug(db, project),
        status=status,
        parent=_parent(db, parent),
        within=None if within is None else notes.find(db, parse_reference(within)),
        updated_since=parse_time(updated_since, "updated_since") if updated_since else None,
        updated_before=parse_time(updated_before, "updated_before") if updated_before else None,
        unlinked=unlinked,
        deleted=deleted,
    )


def _parent(db: Snapshot, parent: str | None) -> int | None:
    if parent is None:
        return None
    return 0 if parent == "none" else notes.find(db, parse_reference(parent))
