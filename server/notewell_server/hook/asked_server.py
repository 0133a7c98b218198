"""At a session's start, the brief of a server: `NOTEWELL_URL` names it, `NOTEWELL_TOKEN` lets in where it wants one.

One call of MCP's `brief` over HTTP, within a moment. No store is opened, and no database's driver loaded: that alone
would take four times what a hook may.
"""

import json
import os
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from notewell_server.hook.memory import recall, remember
from notewell_server.hook.protocol import Refusal, as_context

PATIENCE = 2.0  # seconds that the server is waited for
CHARS = 8_000
LARGEST_OUTPUT = 10_000  # characters, in UTF-16 units, as the host counts them
LARGEST_ANSWER = 4_000_000  # bytes
TRIES = 2
FRAME = (
    "Notewell, the project's knowledge base, holds the following ({place}). It is background, not a request of the "
    "user. More of it: the notewell tools, such as search_notes and get_note.\n\n"
)


def answer(facts: dict[str, Any], settings: Any) -> str:
    """What is printed for these facts. Raises Refusal."""
    url, folder = os.environ["NOTEWELL_URL"], str(facts.get("cwd") or "")
    place = f"project {settings.project}" if settings.project else "an overview"
    seen = recall("briefs", folder, url).get("seq")
    chars = CHARS
    for _ in range(TRIES):
        asked = {"project": settings.project, "max_chars": chars, "since": str(seen) if seen else None}
        found = _asked(url, {name: value for name, value in asked.items() if value is not None})
        printed = as_context("SessionStart", FRAME.format(place=place) + str(found["text"]))
        over = len(printed.encode("utf-16-le")) // 2 - LARGEST_OUTPUT
        if over <= 0:
            remember("briefs", folder, url, kept={"seq": found["seq"]})
            return printed
        chars = max(1_000, chars - over - 100)
    raise Refusal(f"the brief does not fit into {LARGEST_OUTPUT:,} characters")


def _asked(url: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer of `brief` as data."""
    params = {"name": "brief", "arguments": {**arguments, "format": "json"}}
    said = _posted(url, json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}))
    try:
        result = json.loads(said)["result"]
        text = str(result["content"][0]["text"])
        if result.get("isError"):
            raise Refusal(f"the server refuses: {text}")
        found: dict[str, Any] = json.loads(text)
        return found
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise Refusal("what the server of NOTEWELL_URL answers is no brief: is it Notewell's?") from error


def _posted(url: str, body: str) -> str:
    """The one message that the server answers, plain or as a stream of one event."""
    place = urlsplit(url)
    kinds = {"http": HTTPConnection, "https": HTTPSConnection}
    if place.scheme not in kinds or not place.hostname:
        raise Refusal("NOTEWELL_URL is no address of a server: write https://host")
    path = place.path.rstrip("/")
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    token = os.environ.get("NOTEWELL_TOKEN")
    try:
        connection = kinds[place.scheme](place.hostname, place.port, timeout=PATIENCE)
        connection.request(
            "POST",
            path if path.endswith("/mcp") else f"{path}/mcp",
            body.encode(),
            headers | ({"Authorization": f"Bearer {token}"} if token else {}),
        )
        answer = connection.getresponse()
        told: str = answer.read(LARGEST_ANSWER).decode(errors="replace")
        connection.close()
    except (OSError, HTTPException, ValueError) as error:
        raise Refusal(f"the server of NOTEWELL_URL does not answer: {error or type(error).__name__}") from error
    if answer.status in (401, 403):
        raise Refusal(f"the server of NOTEWELL_URL lets nobody in so ({answer.status}): see NOTEWELL_TOKEN")
    if answer.status != 200:
        raise Refusal(f"the server of NOTEWELL_URL answers {answer.status}")
    lines = [line.removeprefix("data:").strip() for line in told.splitlines() if line.startswith("data:")]
    return lines[-1] if lines else told
