"""The hooks by the names of their events, and the one way in which each runs: it never fails a session."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

EDITS = "Edit|Write|MultiEdit|NotebookEdit"


class Event(NamedTuple):
    """`host_name` is what Claude Code calls it, `matcher` which of its kinds count, `answers` the module and function
    that make what is printed, `seconds` how long the host waits."""

    host_name: str
    matcher: str | None
    answers: tuple[str, str]
    seconds: int = 5


EVENTS = {
    "session-start": Event("SessionStart", "startup|resume|clear|compact|fork", ("session_start", "answer")),
    "user-prompt-submit": Event("UserPromptSubmit", None, ("prompt", "answer")),
    "post-tool-use": Event("PostToolUse", EDITS, ("edited_file", "answer")),
    "pre-compact": Event("PreCompact", None, ("written", "before_compaction")),
    "session-end": Event("SessionEnd", None, ("written", "at_end"), 1),
}


def session_folder_of(facts: dict[str, Any]) -> str | None:
    """The folder whose project file counts, which is that of the session's server where the host names one."""
    folder = facts.get("cwd")
    return os.environ.get("CLAUDE_PROJECT_DIR") or (folder if isinstance(folder, str) and folder else None)


def run(name: str, settings: Any = None) -> None:
    """Read the facts, print what is to be told. `settings` default to those of the environment."""
    from notewell_server.hook.protocol import complain, read_facts

    if name not in EVENTS:  # settings of a newer version: an error status would take a user's prompt away
        complain(f"there is no hook {name}: there are {', '.join(EVENTS)}")
        return
    try:
        facts = read_facts()
        settings = settings or _of_environment(facts)
        if "://" not in settings.database:
            settings = settings._replace(database=str(Path(settings.database).absolute()))
        printed = (
            _from_server(name, facts, settings) if _is_served(settings) else _answer_of(EVENTS[name])(facts, settings)
        )
    except Exception as error:  # a session goes on whatever happened here
        complain(str(error) or type(error).__name__)
        return
    sys.stdout.buffer.write(printed.encode())
    sys.stdout.buffer.flush()


def _is_served(settings: Any) -> bool:
    """Whether a server is to be asked, and no store opened."""
    return bool(os.environ.get("NOTEWELL_URL")) or "://" in settings.database


def _from_server(name: str, facts: dict[str, Any], settings: Any) -> str:
    """Of a server the brief is asked, as a session begins, and nothing later."""
    from notewell_server.hook.protocol import Refusal

    if name != "session-start":
        return ""
    if not os.environ.get("NOTEWELL_URL"):
        raise Refusal("a hook asks no database: set NOTEWELL_URL to the address of the server that serves it")
    from notewell_server.hook.asked_server import answer

    return answer(facts, settings)


def _answer_of(event: Event) -> Callable[[dict[str, Any], Any], str]:
    module, function = event.answers
    answer: Callable[[dict[str, Any], Any], str] = getattr(import_module(f"notewell_server.hook.{module}"), function)
    return answer


def _of_environment(facts: dict[str, Any]) -> Any:
    from notewell_server.settings import read_settings

    return read_settings(folder=session_folder_of(facts))
