"""`/openapi.json` (OpenAPI 3.1): made from the catalogue's arguments, so that it says what the handlers take."""

from functools import cache
from typing import Any

from notewell_server import VERSION
from notewell_tools.catalogue import CATALOGUE

Data = dict[str, Any]

ANSWER: Data = {"type": "object"}
ALWAYS = (400, 401, 403, 406, 408, 413, 414, 421, 429, 431, 503)
"""Answers that any request may get: from the guards, from who may not come in, from a store that is locked."""
WORDS = {
    200: "done",
    201: "created",
    304: "what If-None-Match names is still so",
    400: "an argument is wrong",
    401: "credentials are needed, or not taken",
    403: "not allowed",
    404: "there is none",
    406: "not in that form",
    408: "the body came too slowly",
    409: "something stands in the way",
    412: "the note is at another revision",
    413: "the body is too large",
    414: "the path or query is too long",
    415: "the body is no JSON",
    421: "not a host of this server",
    428: "If-Match is needed",
    429: "too many calls",
    431: "the headers are too large",
    503: "not now",
}
WORDS_OF_SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
SLUG: Data = {
    "name": "slug",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": WORDS_OF_SLUG, "maxLength": 200},
}
NUMBER: Data = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
IF_MATCH: Data = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'},
}
IF_NONE_MATCH: Data = {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}
SINCE: Data = {"name": "since", "in": "query", "schema": {"type": "integer", "minimum": 0}}
LIMIT: Data = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 1000}}


@cache
def described() -> Data:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Notewell", "version": VERSION, "description": "Notes that agents and people share"},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _problem()},
        },
        "security": [{}, {"token": []}],
        "paths": _paths(),
    }


def _paths() -> Data:
    return {
        "/projects": {
            "get": _operation("list_projects", "All projects"),
            "post": _operation(
                "create_project",
                "Make a project",
                body=_body("projects") | {"required": ["slug"]},
                also=(201, 409, 415),
            ),
        },
        "/projects/{slug}": {
            "put": _operation(
                "write_project", "Make or change a project", SLUG, body=_body("projects", "slug"), also=(201, 409, 415)
            )
        },
        "/projects/{slug}/notes": {
            "get": _operation("list_project_notes", "Its notes", SLUG, *_query("list_notes", "project"), also=(404,))
        },
        "/notes": {
            "get": _operation(
                "list_notes",
                "Notes that fit all filters, or with q those that a search finds",
                {"name": "q", "in": "query", "schema": {"type": "string"}},
                *_query("list_notes"),
                also=(404,),
            ),
            "post": _operation("create_note", "Make a note", body=_body("upsert_note"), also=(201, 404, 409, 415)),
        },
        "/notes/{slug}": {
            "get": _operation("read_note", "A note, Markdown and page", SLUG, IF_NONE_MATCH, also=(304, 404)),
            "put": _operation(
                "write_note",
                "Make a note, or a revision of it",
                SLUG,
                IF_MATCH,
                IF_NONE_MATCH,
                body=_body("upsert_note", "slug", "if_revision"),
                also=(201, 404, 409, 412, 415, 428),
            ),
            "delete": _operation(
                "delete_note",
                "Make it a tombstone",
                SLUG,
                IF_MATCH,
                *_query("delete_note", "ref", "if_revision"),
                also=(404, 409, 412),
            ),
        },
        "/notes/{slug}/edits": {
            "post": _operation("edit_note", "Change a part of it", SLUG, body=_edit(), also=(404, 409, 412, 415))
        },
        "/notes/{slug}/links": {
            "get": _operation("read_links", "Links in both directions", SLUG, also=(404,)),
            "put": _operation(
                "set_links",
                "Set its links of one relation",
                SLUG,
                body=_body("link_notes", "source", "mode"),
                also=(404, 409, 415),
            ),
        },
        "/notes/{slug}/revisions": {
            "get": _operation("list_revisions", "Its history", SLUG, *_query("revisions", "ref"), also=(404,))
        },
        "/notes/{slug}/revisions/{number}": {
            "get": _operation("read_revision", "It as it was", SLUG, NUMBER, also=(404,))
        },
        "/tags": {"get": _operation("list_tags", "Tags in use", *_query("tags"), also=(404,))},
        "/changes": {"get": _operation("list_changes", "What came after a change, oldest first", SINCE, LIMIT)},
        "/events": {"get": _operation("events", "Changes as they happen", SINCE, kind="text/event-stream")},
        "/openapi.json": {"get": _operation("openapi", "This description")},
    }


def _operation(
    name: str,
    summary: str,
    *parameters: Data,
    body: Data | None = None,
    also: tuple[int, ...] = (),
    kind: str = "application/json",
) -> Data:
    answers = {str(status): _answer(status, kind) for status in sorted({200, *ALWAYS, *also})}
    operation: Data = {"operationId": name, "summary": summary, "parameters": list(parameters), "responses": answers}
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _answer(status: int, kind: str) -> Data:
    if status == 304:
        return {"description": WORDS[status]}
    if status < 300:
        schema: Data = ANSWER if kind == "application/json" else {"type": "string"}
        return {"description": WORDS[status], "content": {kind: {"schema": schema}}}
    problem = {"$ref": "#/components/schemas/Problem"}
    return {"description": WORDS[status], "content": {"application/problem+json": {"schema": problem}}}


def _problem() -> Data:
    """RFC 9457, section 3.1."""
    words = {name: {"type": "string"} for name in ("type", "title", "detail")}
    return {
        "type": "object",
        "properties": {**words, "status": {"type": "integer"}},
        "required": ["type", "title", "status", "detail"],
    }


def _body(tool: str, *left_out: str) -> Data:
    """The tool's arguments as the fields of a JSON object."""
    schema = CATALOGUE[tool].arguments.model_json_schema()
    fields = {name: field for name, field in schema["properties"].items() if name not in (*left_out, "format")}
    required = [name for name in schema.get("required", []) if name not in left_out]
    needed: Data = {"required": required} if required else {}
    taken = {name: field if name in required else _or_null(field) for name, field in fields.items()}
    return {"type": "object", "properties": taken, **needed, "additionalProperties": False}


def _or_null(field: Data) -> Data:
    """A null is as good as nothing, also where there is another default."""
    null = {"type": "null"}
    return field if null in field.get("anyOf", ()) else {"anyOf": [field, null]}


def _edit() -> Data:
    body = _body("edit_note", "ref")
    anchor = {"type": ["string", "null"], "description": "the section that is meant"}
    return body | {"properties": body["properties"] | {"anchor": anchor}}


def _query(tool: str, *left_out: str) -> list[Data]:
    """The tool's arguments as parameters of a query."""
    return [
        {"name": name, "in": "query", "required": False, "schema": _of_query(field)}
        for name, field in _body(tool, *left_out)["properties"].items()
    ]


def _of_query(field: Data) -> Data:
    """A query knows no null, and a list is words with commas between them."""
    chosen = next((option for option in field.get("anyOf", ()) if option.get("type") != "null"), field)
    if chosen.get("type") == "array":
        return {"type": "string", "description": "words, with commas between them"}
    return {key: value for key, value in chosen.items() if key not in ("title", "default")}
