"""What a map of a project shows: its notes, how large and how old each is, and what stands above it."""

from typing_extensions import TypedDict

from notewell_store.models import Filter
from notewell_store.tables.listing import list_notes
from notewell_store.tables.notes import parents_of
from notewell_store.tables.projects import list_projects
from notewell_tools.definition import Call

MOST = 1_000
"""Notes of one map, those that changed last."""


class Place(TypedDict):
    """A note; `above` is the id of the one that it stands below."""

    id: int
    slug: str
    title: str
    chars: int
    updated_at: str
    above: int | None


class ProjectMap(TypedDict):
    project: str
    name: str
    total: int
    places: list[Place]


def project_map(call: Call, project: str) -> ProjectMap:
    """The notes of a project that changed last. Raises NotFound for a project that there is not."""
    with call.store.reading() as db:
        (found,) = list_projects(db, project)
        listed = list_notes(db, Filter(project=found.slug), "updated", MOST)
        above = parents_of(db, [note.id for note in listed.items])
        return {
            "project": found.slug,
            "name": found.name,
            "total": listed.total,
            "places": [
                {
                    "id": note.id,
                    "slug": note.slug,
                    "title": note.title,
                    "chars": note.chars,
                    "updated_at": note.updated_at,
                    "above": above.get(note.id),
                }
                for note in listed.items
            ],
        }
