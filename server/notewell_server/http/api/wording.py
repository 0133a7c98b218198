"""What comes next, as one says it to a client of REST: a method and a path where one does what the tool would."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from notewell_server.http.api.routes import OPERATIONS, Operation
from notewell_store.errors import NextArgument, NextCall, NextStep, Open

PARAMETER = re.compile(r"\{(\w+)\}")
SEARCHED = "q"
"""The field of a list by which REST searches, where there is a tool of its own."""


def as_requests(step: NextStep) -> str:
    """`GET /notes/sop-deploy`; what no path does is said as a model of MCP would call it, at `/mcp`."""
    match step:
        case NextCall(tool, None):
            request = _path_of(tool)
        case NextCall("search_notes", arguments) if arguments:
            searched = {SEARCHED if name == "query" else name: value for name, value in arguments.items()}
            request = _request("list_notes", searched)
        case NextCall(tool, arguments):
            request = _request(tool, arguments or {})
        case NextArgument("idempotency_key", None):
            return "Idempotency-Key"
        case NextArgument("ref", Open() as part) if "#" in part:
            request = '"anchor": …'
        case NextArgument("if_revision", revision):
            request = f'If-Match: "{revision}"'
        case _:
            request = None
    return f"`{request}`" if request else str(step)


def _path_of(tool: str) -> str | None:
    """The plainest path of a tool, with its parameters open."""
    if tool == "search_notes":
        return f"{_path_of('list_notes')}?{SEARCHED}=…"
    known = [operation for operation in OPERATIONS if operation.asks == tool and not operation.fixed]
    plainest = min(known, key=lambda operation: len(operation.path_arguments), default=None)
    return plainest and f"{plainest.method} {plainest.path}"


def _request(tool: str, arguments: Mapping[str, Any]) -> str | None:
    """Of several the one whose path says most: a note of a known name is written at its own path."""
    known = [operation for operation in OPERATIONS if operation.asks == tool]
    made = (_made(operation, arguments) for operation in sorted(known, key=lambda one: -len(one.path_arguments)))
    return next(filter(None, made), None)


def _made(operation: Operation, arguments: Mapping[str, Any]) -> str | None:
    """The request by which the operation makes just this call; None where it does not."""
    parameters = _parameters(operation, arguments)
    rest = {name: value for name, value in arguments.items() if name not in operation.path_arguments}
    if parameters is None or any(rest.pop(name, None) != value for name, value in operation.fixed.items()):
        return None
    if (rest and operation.takes is None) or rest.keys() & set(operation.not_taken):
        return None
    query = urlencode({name: _value(value) for name, value in rest.items()}, safe=":,…")
    path = PARAMETER.sub(lambda named: parameters[named[1]], operation.path)
    return f"{operation.method} {path}{f'?{query}' if query and operation.takes == 'query' else ''}"


def _parameters(operation: Operation, arguments: Mapping[str, Any]) -> dict[str, str] | None:
    """What stands in the path for these arguments; a part of a note stands in none, nor what is still to be chosen."""
    found: dict[str, str] = {}
    for name, template in operation.path_arguments.items():
        pattern = PARAMETER.sub(r"(?P<\1>[^@#]+)", template)
        value = arguments.get(name, "")
        match = re.fullmatch(pattern, str(value))
        if match is None or isinstance(value, Open):
            return None
        found |= {parameter: quote(value, safe="") for parameter, value in match.groupdict().items()}
    return found


def _value(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
