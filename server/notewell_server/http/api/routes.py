"""The table of REST: what each method of each path asks, which arguments it takes from where, how it may answer.

Routing, the reading of requests and `/openapi.json` are made from it. What is not here is no REST: `/mcp` and what its
clients look up (mcp.py), probes and figures (operations).
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from notewell_tools import results
from notewell_tools.projects import FIELDS

Handler = Callable[[Request], Awaitable[Response]]
Schema = Mapping[str, Any]

MOST_CHANGES = 1_000
NOTHING: Mapping[str, Any] = MappingProxyType({})

SINCE: Schema = {"type": "integer", "minimum": 0}
EVENTS = "text/event-stream"


class Operation(NamedTuple):
    """One method of one path, by OpenAPI's word for it.

    `asks` is a tool of the catalogue, or a question that no tool answers (`changes`, `suggestions`, `events`,
    `openapi`). The tool's arguments come from the path (`path_arguments`: a template of path parameters for each), from
    the operation itself (`fixed`), and the others, less those in `not_taken`, from where `takes` says: the query, the
    fields of a JSON body, or nowhere. `own` are fields beside them that are no arguments of the tool.
    `answer` is the type of what is answered, where that is not the tool's answer as it is. `done` are the statuses of
    success, `statuses` come on top of them and of those that any request may get.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    summary: str
    asks: str
    takes: Literal["query", "body"] | None = None
    path_arguments: Mapping[str, str] = NOTHING
    fixed: Mapping[str, Any] = NOTHING
    not_taken: tuple[str, ...] = ()
    own: Mapping[str, Schema] = NOTHING
    required: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    done: tuple[int, ...] = (200,)
    statuses: tuple[int, ...] = ()
    answer: Any = None
    media_type: str = "application/json"

    @property
    def given(self) -> tuple[str, ...]:
        """The tool's arguments that a query or body may not name: they are given otherwise."""
        return (*self.path_arguments, *self.fixed, *self.not_taken)

    def arguments_in(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """The arguments that the path gives, and those that are always the same."""
        of_path = {name: template.format(**parameters) for name, template in self.path_arguments.items()}
        return {**of_path, **self.fixed}


OF_NOTE = {"ref": "{slug}"}

OPERATIONS = (
    Operation("list_projects", "GET", "/projects", "All projects", "projects"),
    Operation(
        "create_project",
        "POST",
        "/projects",
        "Make a project",
        "projects",
        "body",
        not_taken=("new_slug", "delete"),
        required=("slug",),
        headers=("Idempotency-Key",),
        done=(201,),
        statuses=(409, 415),
        answer=results.Project,
    ),
    Operation(
        "write_project",
        "PUT",
        "/projects/{slug}",
        "Make, change or rename a project",
        "projects",
        "body",
        path_arguments={"slug": "{slug}"},
        not_taken=("delete",),
        headers=("Idempotency-Key",),
        done=(200, 201),
        statuses=(404, 415),
        answer=results.Project,
    ),
    Operation(
        "delete_project",
        "DELETE",
        "/projects/{slug}",
        "Delete it, if it is empty",
        "projects",
        "query",
        path_arguments={"slug": "{slug}"},
        fixed={"delete": True},
        not_taken=FIELDS,
        statuses=(404, 409),
    ),
    Operation(
        "list_project_notes",
        "GET",
        "/projects/{slug}/notes",
        "Its notes",
        "list_notes",
        "query",
        path_arguments={"project": "{slug}"},
        statuses=(404,),
    ),
    Operation("list_tags", "GET", "/tags", "Tags in use", "tags", "query", statuses=(404,)),
    Operation(
        "list_changes",
        "GET",
        "/changes",
        "What came after a change, oldest first",
        "changes",
        "query",
        own={"since": SINCE, "limit": {"type": "integer", "minimum": 0, "maximum": MOST_CHANGES}},
        answer=results.Changes,
    ),
    Operation(
        "list_notes",
        "GET",
        "/notes",
        "Notes that fit all filters, or with q those that a search finds",
        "list_notes",
        "query",
        own={"q": {"type": "string"}},
        statuses=(404,),
        answer=results.NoteList | results.SearchResult,
    ),
    Operation(
        "create_note",
        "POST",
        "/notes",
        "Make a note",
        "upsert_note",
        "body",
        headers=("Idempotency-Key",),
        done=(200, 201),
        statuses=(404, 409, 415),
    ),
    Operation(
        "update_notes",
        "PATCH",
        "/notes",
        "Change the same of many notes, or of none",
        "update_notes",
        "body",
        headers=("Idempotency-Key",),
        statuses=(404, 415),
    ),
    Operation(
        "read_note",
        "GET",
        "/notes/{slug}",
        "A note, Markdown and page",
        "get_note",
        path_arguments=OF_NOTE,
        headers=("If-None-Match",),
        statuses=(304, 404),
        answer=results.WholeNote,
    ),
    Operation(
        "write_note",
        "PUT",
        "/notes/{slug}",
        "Make a note, or a revision of it",
        "upsert_note",
        "body",
        path_arguments={"slug": "{slug}"},
        not_taken=("if_revision",),
        headers=("If-Match", "If-None-Match", "Idempotency-Key"),
        done=(200, 201),
        statuses=(404, 409, 412, 415, 428),
    ),
    Operation(
        "delete_note",
        "DELETE",
        "/notes/{slug}",
        "Make it a tombstone",
        "delete_note",
        "query",
        path_arguments=OF_NOTE,
        not_taken=("if_revision",),
        headers=("If-Match",),
        statuses=(404, 412),
    ),
    Operation(
        "edit_note",
        "POST",
        "/notes/{slug}/edits",
        "Change a part of it",
        "edit_note",
        "body",
        path_arguments=OF_NOTE,
        own={"anchor": {"type": ["string", "null"], "description": "the section that is meant"}},
        headers=("If-Match", "Idempotency-Key"),
        statuses=(404, 409, 412, 415),
    ),
    Operation(
        "read_links",
        "GET",
        "/notes/{slug}/links",
        "Links in both directions",
        "get_note",
        path_arguments=OF_NOTE,
        fixed={"view": "meta", "include": ["links"]},
        statuses=(404,),
        answer=results.NoteLinks,
    ),
    Operation(
        "set_links",
        "PUT",
        "/notes/{slug}/links",
        "Set its links of one relation",
        "link_notes",
        "body",
        path_arguments={"source": "{slug}"},
        fixed={"mode": "set"},
        headers=("If-Match", "Idempotency-Key"),
        statuses=(404, 412, 415),
    ),
    Operation(
        "read_suggestions",
        "GET",
        "/notes/{slug}/suggestions",
        "What stands near it, and what may be said of it",
        "suggestions",
        statuses=(404,),
        answer=results.Suggestions,
    ),
    Operation(
        "list_revisions",
        "GET",
        "/notes/{slug}/revisions",
        "Its history",
        "revisions",
        "query",
        path_arguments=OF_NOTE,
        statuses=(404,),
    ),
    Operation(
        "read_revision",
        "GET",
        "/notes/{slug}/revisions/{number}",
        "It as it was",
        "get_note",
        path_arguments={"ref": "{slug}@{number}"},
        statuses=(404,),
        answer=results.WholeNote,
    ),
    Operation(
        "events",
        "GET",
        "/events",
        "Changes as they happen",
        "events",
        "query",
        own={"since": SINCE},
        headers=("Last-Event-ID",),
        media_type=EVENTS,
        answer=str,
    ),
    Operation("openapi", "GET", "/openapi.json", "This description", "openapi", answer=dict[str, Any]),
)


BY_NAME = {operation.name: operation for operation in OPERATIONS}


def routed(handlers: Mapping[str, Handler]) -> list[Route]:
    """A route for each operation, to the handler of its name."""
    assert handlers.keys() == BY_NAME.keys()
    return [
        Route(operation.path, handlers[operation.name], methods=[operation.method], name=operation.name)
        for operation in OPERATIONS
    ]
