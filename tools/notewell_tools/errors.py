"""Store errors in words for whoever called: what is wrong, how things stand, which call comes next."""

from typing import Literal

from notewell_store import (
    Busy,
    Conflict,
    Damaged,
    Deleted,
    Forbidden,
    Invalid,
    NoMatch,
    NotFound,
    StoreError,
)
from notewell_tools.answers import revision_entry, revision_line

Kind = Literal["invalid", "not-found", "conflict", "busy", "unusable", "unauthorized", "forbidden"]


class ToolError(Exception):
    """A call that was refused or failed; nothing was written. `kind` is for doors that answer with codes."""

    def __init__(self, message: str, kind: Kind) -> None:
        super().__init__(message)
        self.message = message
        self.kind: Kind = kind


def worded(error: StoreError, *, writing: bool = True) -> ToolError:
    """The error as the caller reads it; who was `writing` is told that nothing was written."""
    unwritten = " Nothing was written." if writing else ""
    match error:
        case Conflict():
            return ToolError(_conflict(error), "conflict")
        case NotFound():
            return ToolError(_not_found(error), "not-found")
        case NoMatch():
            return ToolError(_no_match(error), "invalid")
        case Deleted(slug=slug, revision=revision):
            return ToolError(
                f"{slug} was deleted (revision {revision}). Bring it back with restore_note(ref={slug!r}), "
                f"or read what it said with get_note(ref='{slug}@{max(1, revision - 1)}').",
                "not-found",
            )
        case Invalid():
            return ToolError(f"{error.message}.{unwritten}", "invalid")
        case Forbidden():
            return ToolError(f"{error.message}.{unwritten}", "forbidden")
        case Busy():
            return ToolError(f"{error}.{unwritten} Send the same call again.", "busy")
        case Damaged():
            return ToolError(
                f"{error}: what is kept is not what was written, so it is not shown. Other revisions may be whole: "
                f"revisions(ref={error.slug!r}). `notewell verify` names all damage.",
                "unusable",
            )
        case _:
            return ToolError(f"{error}.", "unusable")


def _not_found(error: NotFound) -> str:
    if error.kind == "note then":
        return f"{error.name} did not exist as of {error.within}: it was created at {error.nearest[0]}."
    where = f" in {error.within}" if error.within and error.kind == "section" else ""
    nearest = f" Nearest: {', '.join(error.nearest)}." if error.nearest else ""
    kind, _, purpose = error.kind.partition(" ")  # such as "note to link to"
    return f"There is no {kind} {error.name!r}{where}{purpose and ' '}{purpose}.{nearest}{_next_step(error)}"


def _next_step(error: NotFound) -> str:
    if error.kind == "section":
        return f" All anchors: get_note(ref={error.within!r}, view='toc')."
    if error.kind == "note to change":
        return " To create it send content."
    if error.kind == "note to link to":
        return " To link to it before it exists send allow_missing=true."
    if error.kind == "project":
        return " All projects: projects(); create one: projects(slug=…, name=…)."
    if error.kind == "revision":
        return f" All revisions: revisions(ref={error.within!r})."
    return "" if error.nearest else " Find it with search_notes or list_notes."


def _conflict(error: Conflict) -> str:
    if error.sent is None:
        return (
            f"{error.slug} exists, at revision {error.current}; replacing its content needs the revision you read. "
            f"Nothing was written. Read it and send if_revision={error.current}, or change a part with edit_note. "
            f"Last change: {_changes(error)}"
        )
    if not 0 < error.sent <= error.current:
        return f"{error.slug} is at revision {error.current}, there is no revision {error.sent}. Nothing was written."
    changes = _changes(error)
    overlap = f" Both change: {', '.join(error.overlap)}." if error.overlap else ""
    diff = f"\n{error.diff.rstrip()}" if error.diff else ""
    next_step = "Merge your text with it and" if "content" in error.overlap else "If it is still meant,"
    return (
        f"{error.slug} is at revision {error.current}, you sent if_revision={error.sent}.{overlap} Nothing was "
        f"written. Changed since:\n{changes}{diff}\n{next_step} send if_revision={error.current}."
    )


def _changes(error: Conflict) -> str:
    lines = [revision_line(revision_entry(revision), with_slug=False) for revision in error.changes]
    more = error.current - error.sent - len(lines) if error.sent else 0
    return "\n".join([*lines, f"and {more} before: revisions(ref={error.slug!r})"] if more else lines)


def _no_match(error: NoMatch) -> str:
    if error.lines:
        lines = ", ".join(map(str, dict.fromkeys(error.lines)))
        return (
            f"old_text stands more than once in {error.slug} (line {lines}). Nothing was written. Send more of the "
            "text around it, or name the section: ref='slug#anchor'."
        )
    if error.nearest:
        line, passage = error.nearest
        return (
            f"old_text does not stand in {error.slug}. Nothing was written. The nearest passage, from line {line}, "
            f"reads exactly:\n{passage}"
        )
    return f"old_text does not stand in {error.slug}, nor anything like it. Nothing was written. Read it with get_note."
