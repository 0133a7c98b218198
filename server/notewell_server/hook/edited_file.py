"""After a file was edited: which notes speak of it, so that they change with it."""

from pathlib import Path
from typing import Any

from notewell_server.hook.memory import SessionMemory
from notewell_server.hook.protocol import Refusal, as_context, text_fact

MOST_NOTES = 3
MOST_CHARS = 400
FRAME = "Records in Notewell that speak of this file, and may need the same change:\n"


def answer(facts: dict[str, Any], settings: Any) -> str:
    """What is printed for these facts; empty where no note speaks of the file, or the session was told so before."""
    session, folder = text_fact(facts, "session_id"), text_fact(facts, "cwd")
    path = _path_in_repository(folder, facts.get("tool_input"))
    memory = SessionMemory(session, settings.database)
    if path is None or memory.was_told(f"file {path}"):
        return ""
    from notewell_store.checking.impact import touched_notes
    from notewell_store.checking.patches import Patch
    from notewell_store.opening import read_once

    with read_once(settings.database) as db:
        touched = touched_notes(db, Patch({path: None}))
    if not touched:
        return ""
    memory.tell(f"file {path}")
    text = FRAME
    for note in touched[:MOST_NOTES]:
        entry = _entry(note)
        text += entry if len(text) + len(entry) <= MOST_CHARS else ""
    return as_context("PostToolUse", text) if text != FRAME else ""


def _path_in_repository(folder: str, given: Any) -> str | None:
    """The path of the edited file from the root of the session's repository; None where it is outside."""
    from notewell_store.briefing.checkout import root_of

    if not isinstance(given, dict):
        raise Refusal("the hook's facts name no tool_input")
    named = given.get("file_path") or given.get("notebook_path")
    if not isinstance(named, str):
        raise Refusal("the hook's facts name no file")
    here = Path(folder).resolve()
    root, file = root_of(here) or here, (here / named).resolve()
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else None


def _entry(note: Any) -> str:
    from notewell_store.safe_text import one_line

    name = f"{note.slug}#{note.anchor}" if note.anchor else note.slug
    does = "was imported from" if note.rank == 0 else "mentions"
    return f"- {one_line(name, 120)} {does} {one_line(note.what, 120)}\n"
