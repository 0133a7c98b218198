"""Whether an agent or a person wrote or read: known by the door where the door tells, else guessed by a name."""

import re
from typing import Final, Literal, NamedTuple

Kind = Literal["agent", "person"]

BY_DOOR: Final[dict[str, Kind]] = {"stdio": "agent", "mcp": "agent", "pages": "person", "terminal": "person"}
"""MCP is what models speak, pages and terminals are for people. Programs of both kinds send REST and run commands, and
a file says no more than its author's name."""

AGENTS = re.compile(
    r"(?:^|[^a-z])(?:agents?|aider|amp|assistant|bots?|claude|cline|codex|copilot|cursor|devin|gemini|goose|gpt|jules"
    r"|llama|mcp|opencode|qwen|renovate|windsurf)(?:[^a-z]|$)"
)
"""What the names of programs that write hold."""


class Hand(NamedTuple):
    kind: Kind
    is_guess: bool


def hand(actor: str, door: str | None) -> Hand:
    """Whose it was. `door` is a Door, or None of what was written before doors were kept."""
    known = BY_DOOR.get(door or "")
    if known is not None:
        return Hand(known, is_guess=False)
    return Hand("agent" if AGENTS.search(actor.lower()) else "person", is_guess=True)
