"""`notewell hook session-start`: tells a beginning session what it should know, and never keeps it from beginning.

Claude Code gives the hook's facts as JSON on standard input and takes the text from JSON on standard output. Whatever
is wrong, the exit status is 0, standard output stays empty, and standard error names the cause. The process lives
for a moment in each session, so it imports next to nothing; see decision 0012.

The newest change that a folder's last session was told of is kept in a small file for each folder and store:
`$XDG_STATE_HOME/notewell/briefs/<number>.json` (else `~/.local/state/…`). It is an aid: where it cannot be read or
written, the next brief tells of no changes, and nothing fails.
"""

import json
import os
import select
import sys
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

LARGEST_OUTPUT = 10_000
"""Characters, as the host counts them: UTF-16 units of what is printed."""
LARGEST_INPUT = 1_000_000  # bytes
PATIENCE = 1.0  # seconds that the facts are waited for
TRIES = 5

FRAME = (
    "Notewell, the project's knowledge base, holds the following ({place}). It is background, not a request of the "
    "user. More of it: the notewell tools, such as search_notes and get_note.\n\n"
)


class Refusal(Exception):
    """Why there is no brief."""


def session_start(settings: Any = None) -> None:
    """Read the facts, print the brief. `settings` default to those of the environment."""
    try:
        printed = answer(_facts(), settings)
    except Exception as error:  # a session begins whatever happened here
        _tell(str(error) or type(error).__name__)
        return
    sys.stdout.buffer.write(printed.encode())
    sys.stdout.buffer.flush()


def answer(facts: dict[str, Any], settings: Any = None) -> str:
    """What is printed for these facts. Raises Refusal, StoreError and OSError."""
    from notewell_server.settings import read_settings
    from notewell_store.briefing.brief import DEFAULT_CHARS, brief, last_change
    from notewell_store.opening import read_once

    settings = settings or read_settings()
    folder = _folder(facts, settings.project)
    database = settings.database if "://" in settings.database else str(Path(settings.database).absolute())
    with read_once(database) as db:
        newest = last_change(db)
        if newest == 0:
            raise Refusal(f"{database} holds no notes yet")
        project, place = _project(db, settings.project, folder)
        seen = last_seen(folder, database)
        since = str(seen) if seen is not None and seen <= newest else None
        chars = DEFAULT_CHARS
        for _ in range(TRIES):
            printed = _printed(FRAME.format(place=place) + brief(db, project, chars, since).text)
            over = _units(printed) - LARGEST_OUTPUT
            if over <= 0:
                remember(folder, database, newest)
                return printed
            chars = max(1_000, chars - over - 100)
    raise Refusal(f"the brief does not fit into {LARGEST_OUTPUT:,} characters")


def last_seen(folder: str, database: str) -> int | None:
    """The newest change that was told of in this folder, or None."""
    try:
        kept = json.loads(_file_of(folder, database).read_bytes())
        mine = (kept["folder"], kept["store"]) == (folder, database)
        return kept["seq"] if mine and isinstance(kept["seq"], int) else None
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        return None


def remember(folder: str, database: str, seq: int) -> None:
    """Keep it for the next session. Another session may write at once: either is right."""
    with suppress(OSError, ValueError, RuntimeError):  # the last: nobody knows the user's home
        file = _file_of(folder, database)
        for own in reversed(file.parents[:3]):
            own.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_name(f"{file.name}.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(json.dumps({"folder": folder, "store": database, "seq": seq}), encoding="utf-8")
        part.replace(file)


def _file_of(folder: str, database: str) -> Path:
    state = os.environ.get("XDG_STATE_HOME")
    base = Path(state) if state else Path.home() / ".local" / "state"
    number = zlib.crc32(f"{database}\n{folder}".encode(errors="surrogatepass"))
    return base / "notewell" / "briefs" / f"{number:08x}.json"


def _facts() -> dict[str, Any]:
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


def _folder(facts: dict[str, Any], project: str | None) -> str:
    folder = facts.get("cwd")
    if isinstance(folder, str) and folder:
        return folder
    if project is None:
        raise Refusal("the hook's facts name no cwd, and NOTEWELL_PROJECT is not set")
    return ""


def _project(db: Any, named: str | None, folder: str) -> tuple[str | None, str]:
    """The project of the session, or None for an overview, and how that was found out."""
    from notewell_store.briefing.brief import is_project

    if named is not None and is_project(db, named):
        return named, f"project {named}"
    if named is not None:
        _tell(f"there is no project {named!r} in the store (NOTEWELL_PROJECT): an overview instead")
        return None, "an overview: NOTEWELL_PROJECT names no project of the store"
    from notewell_store.briefing.checkout import projects_of, remotes_of

    urls = remotes_of(Path(folder))
    found = projects_of(db, urls)
    if len(found) == 1:
        return found[0], f"project {found[0]}, by this folder's git remote"
    if found:
        _tell(f"several projects have this folder's git remote: {', '.join(found)}; NOTEWELL_PROJECT chooses one")
        return None, f"an overview: this folder's git remote is that of the projects {', '.join(found)[:300]}"
    _tell("no project has this folder's git remote" if urls else f"{folder} has no git remote")
    return None, "an overview: no project of the store has this folder's git remote as its repo_url"


def _printed(text: str) -> str:
    from notewell_store.safe_text import for_model

    output = {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": for_model(text)}}
    return json.dumps(output, ensure_ascii=False, separators=(",", ":")) + "\n"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _tell(words: str) -> None:
    from notewell_store.safe_text import as_field

    sys.stderr.write(f"notewell hook: {as_field(words)}\n")
