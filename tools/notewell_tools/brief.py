"""brief: what a session should know first."""

from typing import Annotated

from pydantic import Field

from notewell_store import NotFound
from notewell_store.briefing import brief as briefing
from notewell_store.contract import Snapshot
from notewell_store.tables.project_rows import project_named
from notewell_tools.definition import Call, Data, Name, tool

OVERVIEW = "none"


def _text(data: Data) -> str:
    return str(data["text"]).rstrip("\n")


@tool(_text, reads_only=True)
def brief(
    call: Call,
    project: str | None = None,
    max_chars: Annotated[int, Field(ge=briefing.LEAST_CHARS, le=briefing.MOST_CHARS)] = briefing.DEFAULT_CHARS,
    since: Name | None = None,
) -> Data:
    """Start here: rules, plan, open work, decisions."""
    with call.store.reading() as db:
        made = briefing.brief(db, _project(db, call, project), max_chars, since)
    return {
        "project": made.project,
        "seq": made.seq,
        "notes": made.notes,
        "parts": list(made.parts),
        "text": made.text,
    }


def _project(db: Snapshot, call: Call, asked: str | None) -> str | None:
    """The project that was asked for, else the caller's own, if there is one of that name by now."""
    if asked is not None or call.project is None:
        return None if asked == OVERVIEW else asked
    try:
        return project_named(db, call.project).slug
    except NotFound:
        return None
