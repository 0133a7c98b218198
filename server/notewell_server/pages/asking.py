"""What pages ask of the tools, by their names, as any door does."""

from collections.abc import Iterable
from typing import Any

from starlette.requests import Request

from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call


def asked(call: Call, tool: str, **arguments: Any) -> Any:
    """The data of a tool's answer. Arguments of which nothing is said are left out. Raises ToolError."""
    given = {name: value for name, value in arguments.items() if value not in (None, "", [])}
    return call_tool(lambda: call, tool, given).data


def query_of(request: Request, names: Iterable[str]) -> dict[str, str]:
    """What the address says of these, '' of those that it does not name."""
    return {name: request.query_params.get(name, "").strip() for name in names}
