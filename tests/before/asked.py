"""What a recorded call is, and short words to write one down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Asked:
    """One call. `sent` is what the door is given, as it is shown in answers.json."""

    name: str
    door: Literal["tool", "http", "command", "mcp"]
    sent: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    """Files that are written into the folder of the run first, by their paths."""


def tool(name: str, tool: str, /, *, home: str | None = None, **arguments: Any) -> Asked:
    """Through `call_tool`; `home` is the project of the session that calls."""
    sent: dict[str, Any] = {"tool": tool, "arguments": arguments}
    return Asked(name, "tool", sent | ({"home": home} if home else {}))


def both(name: str, tool_name: str, /, **arguments: Any) -> tuple[Asked, Asked]:
    """A call that only reads, as text and as JSON."""
    return tool(name, tool_name, **arguments), tool(f"{name}, as json", tool_name, **arguments, format="json")


def http(
    name: str,
    method: str,
    path: str,
    body: Any = None,
    /,
    *,
    token: str | None = None,
    every_header: bool = False,
    **headers: str,
) -> Asked:
    """A request; `token` names one of those that the run made, a body that is a string is sent as it is, and `_` in
    the name of a header is `-`. Headers that each answer bears are shown where `every_header` asks for them."""
    sent: dict[str, Any] = {"request": f"{method} {path}"}
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    more = {"token": token, "every header": every_header, "headers": named, "body": body}
    return Asked(name, "http", sent | {key: value for key, value in more.items() if value or value == ""})


def command(name: str, /, *words: str, given: str | None = None, files: dict[str, str] | None = None) -> Asked:
    """A command line, in the folder of the run; `given` is its standard input."""
    sent: dict[str, Any] = {"command": ["notewell", *words]}
    return Asked(name, "command", sent | ({"given": given} if given is not None else {}), files or {})


def mcp(name: str, method: str, /, **arguments: Any) -> Asked:
    """A method of the official client's, on a session over standard input and output."""
    return Asked(name, "mcp", {"method": method, "arguments": arguments})
