"""What a host gives a hook on standard input, and what it takes from standard output.

Claude Code gives the facts as one JSON object and takes text for the model as `additionalContext`.
"""

import json
import os
import select
import sys
import time
from typing import Any

LARGEST_INPUT = 1_000_000  # bytes
PATIENCE = 1.0  # seconds that the facts are waited for


class Refusal(Exception):
    """Why there is nothing to tell."""


def read_facts() -> dict[str, Any]:
    """The hook's facts, from standard input."""
    data = _given()
    try:
        facts = json.loads(data)
    except (ValueError, RecursionError) as error:
        what = "is empty" if not data.strip() else f"is no JSON ({error})"
        raise Refusal(f"standard input {what}: the hook's facts are expected there") from error
    if not isinstance(facts, dict):
        raise Refusal("standard input holds no JSON object")
    return facts


def _given() -> bytes:
    """Standard input to its end, as far as it comes within a moment."""
    data = b""
    deadline = time.monotonic() + PATIENCE
    try:
        while (left := deadline - time.monotonic()) > 0 and _is_ready(left):
            chunk = os.read(0, 65_536)
            data += chunk
            if len(data) > LARGEST_INPUT:
                raise Refusal(f"standard input holds more than {LARGEST_INPUT:,} bytes")
            if not chunk:
                break
    except OSError as error:
        raise Refusal(f"standard input cannot be read: {error.strerror}") from error
    return data


def _is_ready(patience: float) -> bool:
    if sys.platform == "win32":  # whose pipes cannot be waited for
        return True
    return bool(select.select([0], [], [], patience)[0])


def text_fact(facts: dict[str, Any], name: str) -> str:
    """A fact that is text. Raises Refusal where it is absent."""
    value = facts.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal(f"the hook's facts name no {name}")
    return value


def as_context(event: str, text: str) -> str:
    """What is printed so that the model is told the text."""
    from notewell_store.safe_text import for_model

    output = {"hookSpecificOutput": {"hookEventName": event, "additionalContext": for_model(text)}}
    return json.dumps(output, ensure_ascii=False, separators=(",", ":")) + "\n"


def complain(words: str) -> None:
    """Name a cause on standard error, which the model is not told."""
    from notewell_store.safe_text import as_field

    sys.stderr.write(f"notewell hook: {as_field(words)}\n")
