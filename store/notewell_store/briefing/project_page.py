"""A project's page: the note that a session should read of it first."""

from collections.abc import Iterable

from notewell_store.contract import Snapshot
from notewell_store.tables.note_rows import (
    Found,
    Row,
    children_counts,
    note_by_slug,
    notes_by_slug,
    notes_of,
    top_notes,
)
from notewell_store.tables.project_rows import ProjectRow, former_slugs
from notewell_store.vocabulary import FOLDER_PAGES

NAMES = (*(name for name in FOLDER_PAGES if name.isalpha()), "home", "overview", "start")
MOST_TOPS = 60


def tops_of(db: Snapshot, project: ProjectRow | None) -> list[Row]:
    """The first of the notes without a parent."""
    return top_notes(db, project.id if project else None, MOST_TOPS)


def page_of(
    db: Snapshot, project: ProjectRow | None, tops: Iterable[Row] | None = None, found: Found | None = None
) -> Row | None:
    """The page of a project, or of the notes that belong to none.

    It is, first come first served: the note that bears the project's slug; a note of type `project`; and of the top
    notes that say anything, the one with most notes below it, since a folder's page becomes the parent of what is in
    the folder, then the oldest that is named index, readme or the like, as an import names them.
    `tops` are the top notes and `found` those of type `project`, where they are known already.
    """
    project_id = project.id if project else None
    bearing = notes_by_slug(db, _names(project))
    named = _named(db, project, bearing) if project else None
    if named is not None and named.project_id in (project_id, None) and named.chars:
        return named
    typed = (found or notes_of(db, ("project",), project_id)).notes
    if typed:
        return typed[-1]
    known = [row for row in bearing if row.project_id == project_id]
    all_tops = tops_of(db, project) if tops is None else tops
    candidates = {row.id: row for row in (*known, *all_tops) if row.chars and _may_be(row)}
    children = children_counts(db, candidates, project_id)
    ranked = sorted(candidates.values(), key=lambda row: (-children[row.id], not _is_named(row), row.id))
    return ranked[0] if ranked and (children[ranked[0].id] or _is_named(ranked[0])) else None


def _named(db: Snapshot, project: ProjectRow, bearing: Iterable[Row]) -> Row | None:
    """The note that bears the project's slug, or one that the project had before."""
    for row in bearing:
        if row.slug == project.slug:
            return row
    return next(filter(None, (note_by_slug(db, slug) for slug in former_slugs(db, project.id))), None)


def _may_be(row: Row) -> bool:
    return row.note_type not in {"template", "folder", "architecture"} and row.kind == "other"


def _is_named(row: Row) -> bool:
    return not set(row.slug.split("-")).isdisjoint(NAMES)


def _names(project: ProjectRow | None) -> tuple[str, ...]:
    return (project.slug, *(f"{project.slug}-{name}" for name in NAMES), *NAMES) if project else NAMES
