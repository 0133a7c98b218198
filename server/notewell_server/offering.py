"""Which tools a server offers: all, or the core of them, for sessions that have no use for boards. Imports nothing: the
quick door asks it before it answers."""

from typing import Any, Literal

Offer = Literal["all", "core"]
BOARDS = frozenset({"board", "sync_board", "sync_issues"})
"""What `core` leaves out."""


def is_offered(tool: str, offer: Offer) -> bool:
    return offer == "all" or tool not in BOARDS


def offered(tools: list[dict[str, Any]], offer: Offer) -> list[dict[str, Any]]:
    """Of the tools as they are listed those that are offered."""
    return [tool for tool in tools if is_offered(tool["name"], offer)]
