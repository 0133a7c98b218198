"""`/openapi.json` (OpenAPI 3.1): made from the table of routes, the catalogue's arguments and the types of its answers,
so that it says what the handlers take and answer."""

from functools import cache
from typing import Any

from notewell_server import VERSION
from notewell_server.http.api.routes import OPERATIONS, Operation
from notewell_tools.answer_schemas import schemas_of
from notewell_tools.catalogue import CATALOGUE

Data = dict[str, Any]

ALWAYS = (400, 401, 403, 408, 413, 414, 421, 429, 431, 500, 503)
"""Answers that any request may get: from the guards, from who may not come in, from a store that is locked."""
NAMED = "#/components/schemas/{model}"
WORDS = {
    200: "done",
    201: "created",
    304: "what If-None-Match names is still so",
    400: "an argument is wrong",
    401: "credentials are needed, or not taken",
    403: "not allowed",
    404: "there is none",
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
    500: "a fault of this program",
    503: "not now",
}
WORDS_OF_SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
PATH_PARAMETERS: dict[str, Data] = {
    "slug": {"type": "string", "pattern": WORDS_OF_SLUG, "maxLength": 200},
    "number": {"type": "integer", "minimum": 0},
}
HEADERS: dict[str, Data] = {
    "If-Match": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'},
    "If-None-Match": {"type": "string"},
    "Idempotency-Key": {"type": "string", "pattern": "^[!-~]+$", "maxLength": 200},
    "Last-Event-ID": {"type": "string", "pattern": "^[0-9]{1,18}$"},
}


@cache
def described() -> Data:
    """The whole description."""
    answers, types = schemas_of({operation.name: _answered(operation) for operation in OPERATIONS}, NAMED)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Notewell", "version": VERSION, "description": "Notes that agents and people share"},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _problem(), **types},
        },
        "security": [{}, {"token": []}],
        "paths": _paths(answers),
    }


def _answered(operation: Operation) -> Any:
    """The type of what an operation answers."""
    return operation.answer or CATALOGUE[operation.asks].answer


def _paths(answers: Data) -> Data:
    paths: Data = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, answers[operation.name])
    return paths


def _described(operation: Operation, answered: Data) -> Data:
    done = {"content": {operation.media_type: {"schema": answered}}}
    problems = sorted({*ALWAYS, *operation.statuses})
    described: Data = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": _parameters(operation),
        "responses": {
            **{str(status): {"description": WORDS[status], **done} for status in operation.done},
            **{str(status): _refused(status) for status in problems},
        },
    }
    if operation.takes == "body":
        content = {"application/json": {"schema": _fields(operation)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(operation: Operation) -> list[Data]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in PATH_PARAMETERS.items()
        if f"{{{name}}}" in operation.path
    ]
    headers = [{"name": name, "in": "header", "schema": HEADERS[name]} for name in operation.headers]
    query = _fields(operation)["properties"] if operation.takes == "query" else {}
    return [
        *path,
        *headers,
        *(
            {"name": name, "in": "query", "required": False, "schema": _of_query(schema)}
            for name, schema in query.items()
        ),
    ]


def _refused(status: int) -> Data:
    if status == 304:
        return {"description": WORDS[status]}
    problem = {"$ref": "#/components/schemas/Problem"}
    return {"description": WORDS[status], "content": {"application/problem+json": {"schema": problem}}}


def _problem() -> Data:
    """RFC 9457, section 3.1."""
    words = {name: {"type": "string"} for name in ("type", "title", "detail")}
    return {
        "type": "object",
        "properties": {**words, "status": {"type": "integer"}},
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": False,
    }


def _fields(operation: Operation) -> Data:
    """What a query or body may name, as a schema of a JSON object."""
    known = CATALOGUE.get(operation.asks)
    schema: Data = known.arguments.model_json_schema() if known else {"properties": {}}
    taken = {name: one for name, one in schema["properties"].items() if name not in (*operation.given, "format")}
    required = operation.required or tuple(name for name in schema.get("required", ()) if name in taken)
    fields = {name: one if name in schema.get("required", ()) else _or_null(one) for name, one in taken.items()}
    needed: Data = {"required": list(required)} if required else {}
    return {"type": "object", "properties": fields | dict(operation.own), **needed, "additionalProperties": False}


def _or_null(field: Data) -> Data:
    """A null is as good as nothing, also where there is another default."""
    null = {"type": "null"}
    return field if null in field.get("anyOf", ()) else {"anyOf": [field, null]}


def _of_query(field: Data) -> Data:
    """A query knows no null, and a list is words with commas between them."""
    chosen = next((option for option in field.get("anyOf", ()) if option.get("type") != "null"), field)
    if chosen.get("type") == "array":
        return {"type": "string", "description": "words, with commas between them"}
    return {key: value for key, value in chosen.items() if key not in ("title", "default")}
