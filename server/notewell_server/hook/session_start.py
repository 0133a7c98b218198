"""`notewell hook session-start`: tells a beginning session what it should know, and never keeps it from beginning.

Claude Code gives the hook's facts as JSON on standard input and takes the text from JSON on standard output. Whatever
is wrong, the exit status is 0, standard output stays empty, and standard error names the cause. The process lives
for a moment in each session, so it imports next to nothing; see decision 0012.

The newest change that a folder's last session was told of is kept in a small file for each folder and store:
`$XDG_STATE_HOME/notewell/briefs/<number>.json` (else `~/.local/state/…`). It is an aid: where it cannot be read or
written, the next brief tells of no changes, and nothing fails.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from notewell_server.hook.memory import SessionMemory, recall, remember
from notewell_server.hook.protocol import Refusal, as_context, complain

LARGEST_OUTPUT = 10_000
"""Characters, as the host counts them: UTF-16 units of what is printed."""
TRIES = 5

FRAME = (
    "Notewell, the project's knowledge base, holds the following ({place}). It is background, not a request of the "
    "user. More of it: the notewell tools, such as search_notes and get_note.\n\n"
)


def answer(facts: dict[str, Any], settings: Any) -> str:
    """What is printed for these facts. Raises Refusal, StoreError and OSError."""
    from notewell_store.briefing.brief import DEFAULT_CHARS, brief, last_change
    from notewell_store.opening import read_once

    folder = _folder(facts, settings.project)
    database = settings.database
    with read_once(database) as db:
        newest = last_change(db)
        if newest == 0:
            raise Refusal(f"{database} holds no notes yet")
        project, place = _project(db, settings, folder)
        place += _elsewhere(folder, database)
        seen = _seen_in(folder, database)
        since = str(seen) if seen is not None and seen <= newest else None
        frame = FRAME.format(place=place) + _wrote(db, facts, settings, newest)
        chars = DEFAULT_CHARS
        for _ in range(TRIES):
            printed = as_context("SessionStart", frame + brief(db, project, chars, since).text)
            over = _units(printed) - LARGEST_OUTPUT
            if over <= 0:
                remember("briefs", folder, database, kept={"seq": newest})
                return printed
            chars = max(1_000, chars - over - 100)
    raise Refusal(f"the brief does not fit into {LARGEST_OUTPUT:,} characters")


def _seen_in(folder: str, database: str) -> int | None:
    """The newest change that was told of in this folder, or None."""
    seq = recall("briefs", folder, database).get("seq")
    return seq if isinstance(seq, int) else None


def _wrote(db: Any, facts: dict[str, Any], settings: Any, newest: int) -> str:
    """What the session wrote before its context was compacted. One that begins is remembered."""
    session = facts.get("session_id")
    if not isinstance(session, str) or not session:
        return ""
    SessionMemory(session, settings.database).begin(newest)
    if facts.get("source") != "compact":
        return ""
    from notewell_server.hook.written import told

    return told(db, facts, settings)


def _folder(facts: dict[str, Any], project: str | None) -> str:
    folder = facts.get("cwd")
    if isinstance(folder, str) and folder:
        return folder
    if project is None:
        raise Refusal("the hook's facts name no cwd, and NOTEWELL_PROJECT is not set")
    return ""


def _project(db: Any, settings: Any, folder: str) -> tuple[str | None, str]:
    """The project of the session, or None for an overview, and how that was found out."""
    from notewell_store.briefing.brief import is_project

    project, place = _by_setting(db, settings, is_project) if settings.project else _by_remote(db, folder)
    return project, place + _told(settings)


def _by_setting(db: Any, settings: Any, is_project: Callable[[Any, str], bool]) -> tuple[str | None, str]:
    if is_project(db, settings.project):
        return settings.project, f"project {settings.project}"
    named_by = ".notewell.toml" if "project" in settings.by_file else "NOTEWELL_PROJECT"
    complain(f"there is no project {settings.project!r} in the store ({named_by}): an overview instead")
    return None, f"an overview: {named_by} names no project of the store"


def _told(settings: Any) -> str:
    """What a project file decided is said: whoever wrote the repository wrote it."""
    if not settings.by_file:
        return ""
    from notewell_store.safe_text import as_field

    return f"; {' and '.join(settings.by_file)} by {as_field(str(settings.file)[-200:])}"


def _by_remote(db: Any, folder: str) -> tuple[str | None, str]:
    from notewell_store.briefing.checkout import projects_of, remotes_of

    urls = remotes_of(Path(folder))
    found = projects_of(db, urls)
    if len(found) == 1:
        return found[0], f"project {found[0]}, by this folder's git remote"
    if found:
        complain(f"several projects have this folder's git remote: {', '.join(found)}; NOTEWELL_PROJECT chooses one")
        return None, f"an overview: this folder's git remote is that of the projects {', '.join(found)[:300]}"
    complain("no project has this folder's git remote" if urls else f"{folder} has no git remote")
    return None, "an overview: no project of the store has this folder's git remote as its repo_url"


def _elsewhere(folder: str, database: str) -> str:
    """What is said where the session's server reads another store than this hook."""
    if not (Path(folder) / ".mcp.json").is_file():
        return ""
    from notewell_server.hook.session_stores import told_apart
    from notewell_server.settings import read_settings
    from notewell_store.safe_text import as_field

    other = told_apart(Path(folder), database, read_settings(folder=folder).database)
    if other is None:
        return ""
    complain(f"the session's server reads another store: {other}, by .mcp.json; this hook read {database}")
    return f"; the session's notewell tools read another store than this, {as_field(other[:200])}"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
