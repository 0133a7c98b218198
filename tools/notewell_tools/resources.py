"""The store as resources: `note://slug` for each note, `brief://project` for each project; and what completes them."""

from typing import NamedTuple
from urllib.parse import unquote

from notewell_store import NotFound, Store
from notewell_store.contract import Snapshot
from notewell_store.models import Filter, NoteSummary, Project
from notewell_store.safe_text import as_field, without_tags
from notewell_store.tables import listing
from notewell_store.tables.change_feed import changed_since
from notewell_store.tables.changes import newest_change
from notewell_store.tables.completion import complete_projects, complete_slugs
from notewell_store.tables.projects import list_projects
from notewell_store.writing.limits import LARGEST_TEXT
from notewell_tools.brief import brief
from notewell_tools.definition import Call, excess_of
from notewell_tools.errors import ToolError
from notewell_tools.get_note import one_note
from notewell_tools.reads import Read

NOTE, BRIEF = "note://", "brief://"
PAGE = 100  # notes listed at once
MOST_COMPLETED = 100


class Resource(NamedTuple):
    """What a list says of one resource. `modified` is a time."""

    uri: str
    name: str
    title: str
    description: str
    modified: str | None


class Content(NamedTuple):
    """A resource's text, and which revision of which note it is (None: a brief)."""

    text: str
    revision: str | None


class Resources(NamedTuple):
    items: list[Resource]
    next_cursor: str | None


class ChangedResources(NamedTuple):
    """The resources that changed up to the change number `seq`; `is_listed` says that the list of all did too."""

    seq: int
    uris: tuple[str, ...]
    is_listed: bool


class Completed(NamedTuple):
    values: list[str]
    more: bool


def list_resources(call: Call, cursor: str | None) -> Resources:
    """The briefs of all projects, then all notes, newest change first, a page at a time."""
    _refuse_excess("cursor", cursor or "")
    with call.store.reading() as db:
        projects = list_projects(db) if cursor is None else ()
        page = listing.list_notes(db, Filter(), "updated", PAGE, cursor)
    return Resources([*map(_brief, projects), *map(_note, page.items)], page.next_cursor)


def _brief(project: Project) -> Resource:
    name = f"brief-{project.slug}"
    return Resource(f"{BRIEF}{project.slug}", name, f"Brief of {_field(project.name)}", "what to know first", None)


def _note(note: NoteSummary) -> Resource:
    words = [word for word in (note.note_type, note.status, note.project) if word]
    return Resource(f"{NOTE}{note.slug}", note.slug, _field(note.title), _field(" ".join(words)), note.updated_at)


def _field(text: str) -> str:
    return without_tags(as_field(text))


def read_resource(call: Call, uri: str) -> Content:
    """The Markdown of `note://` and a reference (slug, slug@7, slug#anchor), or the brief of a project.

    Raises NotFound for what names neither, ToolError for what is too long to.
    """
    _refuse_excess("uri", uri)
    rest = unquote(uri.partition("://")[2]).rstrip("/")
    if uri.startswith(NOTE) and rest:
        note = one_note(call, rest, LARGEST_TEXT)
        return Content(note["markdown"], f"{note['slug']}@{note['revision']}")
    if uri.startswith(BRIEF) and rest:
        made = brief(call, project=rest)
        call.record(Read("brief", project=made["project"]))
        return Content(made["text"], None)
    raise NotFound("resource", uri, [f"{NOTE}slug", f"{BRIEF}project"])


def _refuse_excess(name: str, value: str) -> None:
    if excess := excess_of(value):
        raise ToolError(f"{name} {excess}.", "invalid")


def changed_resources(store: Store, after: int) -> ChangedResources:
    """What has changed after that change number: notes under all their names, and the briefs of their projects."""
    with store.reading() as db:
        newest = newest_change(db)
        changed = changed_since(db, after) if newest != after else ()
    notes = dict.fromkeys(f"{NOTE}{name}" for note in changed for name in note.names)
    briefs = dict.fromkeys(f"{BRIEF}{note.project}" for note in changed if note.project)
    return ChangedResources(newest, (*notes, *briefs), any(note.is_listed for note in changed))


def complete(call: Call, argument: str, typed: str) -> Completed:
    """What `typed` may become: a project's slug for `project`, a note's for `slug` and `ref`, else nothing."""
    with call.store.reading() as db:
        found = completions(db, argument, typed)
    return Completed(found[:MOST_COMPLETED], len(found) > MOST_COMPLETED)


def completions(db: Snapshot, argument: str, typed: str) -> list[str]:
    """The same of a snapshot, of which one more than MOST_COMPLETED."""
    ways = {"project": complete_projects, "slug": complete_slugs, "ref": complete_slugs}
    return ways[argument](db, typed[:200], MOST_COMPLETED + 1) if argument in ways else []
