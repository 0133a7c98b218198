"""What comes next, as one says it to a client of REST: a method and a path where one does what the tool would."""

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from notewell_store.errors import NextArgument, NextCall, NextStep, Open

Arguments = Mapping[str, object]


def as_requests(step: NextStep) -> str:
    """`GET /notes/sop-deploy`; what no path does is said as a model of MCP would call it, at `/mcp`."""
    match step:
        case NextCall(tool, arguments) if tool in BY_PATH:
            request = BY_PATH[tool](arguments)
            return f"`{request}`" if request else str(step)
        case NextArgument("if_revision", revision):
            return f'`If-Match: "{revision}"`'
        case _:
            return str(step)


def _note(method: str, below: str = "") -> Callable[[Arguments | None], str | None]:
    """A path of a note; None for a part of one, or for what only the tool takes."""

    def request(arguments: Arguments | None) -> str | None:
        if arguments is None:
            return f"{method} /notes/{{slug}}{below}"
        if list(arguments) != ["ref"]:
            return None
        slug, at, revision = str(arguments["ref"]).partition("@")
        if "#" in slug or "#" in revision or (at and (method, below) != ("GET", "")):
            return None
        return f"{method} /notes/{quote(slug, safe='')}{f'/revisions/{revision}' if at else below}"

    return request


def _query(path: str, **renamed: str) -> Callable[[Arguments | None], str | None]:
    """A list, whose arguments are the query's."""

    def request(arguments: Arguments | None) -> str | None:
        sent = {renamed.get(name, name): _value(value) for name, value in (arguments or {}).items()}
        return f"GET {path}?{urlencode(sent, safe=':,…')}" if sent else f"GET {path}"

    return request


def _value(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _search(arguments: Arguments | None) -> str | None:
    return "GET /notes?q=…" if arguments is None else _query("/notes", query="q")(arguments)


def _projects(arguments: Arguments | None) -> str | None:
    if not arguments:
        return "GET /projects"
    slug = arguments.get("slug")
    return f"PUT /projects/{'{slug}' if isinstance(slug, Open) else quote(str(slug), safe='')}"


BY_PATH: dict[str, Callable[[Arguments | None], str | None]] = {
    "get_note": _note("GET"),
    "edit_note": _note("POST", "/edits"),
    "delete_note": _note("DELETE"),
    "revisions": _note("GET", "/revisions"),
    "list_notes": _query("/notes"),
    "search_notes": _search,
    "projects": _projects,
    "tags": _query("/tags"),
}
