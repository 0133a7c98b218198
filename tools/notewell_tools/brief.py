"""brief: what a session should know first."""

from typing import Annotated

from notewell_store import NotFound
from notewell_store.briefing import brief as briefing
from notewell_store.briefing.budget import Contents, Facts, Names, OpenSteps, PartFacts
from notewell_store.briefing.plans import Part as Section
from notewell_store.contract import Snapshot
from notewell_store.errors import Say
from notewell_store.tables.changes import Changed as NoteChanges
from notewell_store.tables.note_rows import Row
from notewell_store.tables.project_rows import CountedProject, project_named
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Name, tool
from notewell_tools.results import (
    Account,
    Actor,
    Changed,
    Chars,
    Closed,
    Listed,
    NextCall,
    Reason,
    RevisionNumber,
    Seq,
    Time,
)

OVERVIEW = "none"


class BriefNote(Closed):
    """A note of a part."""

    slug: str
    title: str
    note_type: str | None
    status: str | None
    revision: RevisionNumber
    chars: Chars
    updated_at: Time
    actor: Actor


class BriefSection(Closed):
    """A section of a plan."""

    slug: str
    anchor: str


class BriefContents(Closed):
    """A table of contents."""

    slug: str
    contents: Annotated[list[str], Field(description="each an anchor and a size")]


class BriefSteps(Closed):
    """The open steps of a plan."""

    slug: str
    open: Annotated[int, Field(description="how many")]


class BriefWaiting(Closed):
    waiting: Annotated[list[str], Field(description="slugs of rules that do not hold yet")]


class BriefEarlier(Closed):
    earlier: Annotated[list[str], Field(description="slugs of the plans before, newest first")]


class BriefProject(Closed):
    slug: str
    name: str
    repo_url: str | None
    notes: Annotated[int, Field(description="how many")]


class BriefChange(Closed):
    """What changed of a note since `since`."""

    slug: str
    title: str
    revision: RevisionNumber
    seq: Seq
    revised_at: Time
    actor: Actor
    revised_by: Account
    reason: Reason
    changed: Changed
    deleted: bool
    changes: Annotated[int, Field(description="how many; the rest tells of the newest")]


BriefEntry = (
    BriefNote | BriefSection | BriefContents | BriefSteps | BriefWaiting | BriefEarlier | BriefProject | BriefChange
)


class BriefPart(Closed):
    name: Annotated[str, Field(description="projects, page, sops, conventions, plan, open, decisions, below, changes")]
    total: int
    more: Annotated[bool, Field(description="there are more than total")]
    entries: Annotated[list[BriefEntry], Field(description="those that the text names")]
    rest: Annotated[NextCall, Field(description="the call that shows all")]


class Brief(Listed):
    project: str | None
    seq: Annotated[int, Field(description="the newest change that it knows: send it as since")]
    notes: Annotated[int, Field(description="of the project, or of the store")]
    parts: list[BriefPart]
    text: Annotated[str, Field(description="Markdown, at most max_chars")]


def _text(data: Brief, say: Say) -> str:
    return data["text"].rstrip("\n")


@tool(_text, reads_only=True, words=("text",))
def brief(
    call: Call,
    project: str | None = None,
    max_chars: Annotated[int, Field(ge=briefing.LEAST_CHARS, le=briefing.MOST_CHARS)] = briefing.DEFAULT_CHARS,
    since: Name | None = None,
) -> Brief:
    """Start here: rules, plan, open work, decisions."""
    with call.store.reading() as db:
        made = briefing.brief(db, _project(db, call, project), max_chars, since, call.say)
    return {
        "project": made.project,
        "seq": made.seq,
        "notes": made.notes,
        "parts": list(map(_part, made.parts)),
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


def _part(part: PartFacts) -> BriefPart:
    return {
        "name": part.name,
        "total": part.total,
        "more": part.more,
        "entries": list(map(_entry, part.entries)),
        "rest": {"tool": part.rest.tool, "arguments": dict(part.rest.arguments or {})},
    }


def _entry(facts: Facts) -> BriefEntry:
    match facts:
        case Row():
            return _note(facts)
        case NoteChanges():
            return _change(facts)
        case CountedProject(slug, name, repo_url, notes):
            return {"slug": slug, "name": name, "repo_url": repo_url, "notes": notes}
        case Section(ref):
            slug, _, anchor = ref.partition("#")
            return {"slug": slug, "anchor": anchor}
        case Contents(slug, anchors):
            return {"slug": slug, "contents": anchors}
        case OpenSteps(slug, steps):
            return {"slug": slug, "open": steps}
        case Names("waiting", slugs):
            return {"waiting": slugs}
        case Names(_, slugs):
            return {"earlier": slugs}


def _note(row: Row) -> BriefNote:
    return {
        "slug": row.slug,
        "title": row.title,
        "note_type": row.note_type,
        "status": row.status,
        "revision": row.revision,
        "chars": row.chars,
        "updated_at": row.updated_at,
        "actor": row.actor,
    }


def _change(change: NoteChanges) -> BriefChange:
    return {
        "slug": change.slug,
        "title": change.title,
        "revision": change.revision,
        "seq": change.seq,
        "revised_at": change.revised_at,
        "actor": change.actor,
        "revised_by": change.revised_by,
        "reason": change.reason,
        "changed": change.changed.split(","),
        "deleted": bool(change.deleted),
        "changes": change.changes,
    }
