"""What went wrong, in sentences for whoever called: what is wrong, how things stand, which call comes next.

How a call is said is the door's: it hands its way in, and the sentences round it stand here alone.
"""

from typing import TYPE_CHECKING, Literal

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
from notewell_store.errors import (
    A_SECTION,
    ANY,
    FullColumn,
    Incomplete,
    MoveNotAllowed,
    NextArgument,
    NextCall,
    NextCommand,
    NextStep,
    NotYetMade,
    OfAnotherProject,
    Open,
    ProjectInUse,
    Say,
    Text,
    Unsure,
)
from notewell_tools.answers import as_fields, counted, revision_entry, revision_line

if TYPE_CHECKING:
    from notewell_store.saved import MissingHeadings

Kind = Literal["invalid", "not-found", "conflict", "busy", "unusable", "unauthorized", "forbidden"]

REVOKE = NextCommand("token revoke", ("NAME",))
MOST_NAMED = 10  # headings in one sentence
LONGEST_NAME = 400  # characters of what was looked for: a slug and an anchor
SHORT = 80  # characters of words that are quoted in a sentence


def said(text: Text, say: Say) -> str:
    """The text with its steps as a door says them."""
    return "".join(part if isinstance(part, str) else say(part) for part in text)


class ToolError(Exception):
    """A call that was refused or failed; nothing was written. `kind` is for doors that answer with codes; `facts` is
    what the store raised, where it was the store that refused."""

    def __init__(self, text: str | Text, kind: Kind, facts: StoreError | None = None) -> None:
        super().__init__(text)
        self.text: Text = (text,) if isinstance(text, str) else text
        self.kind: Kind = kind
        self.facts = facts

    def worded(self, say: Say) -> str:
        """The words for a caller whose door says calls so."""
        return said(self.text, say)

    @property
    def message(self) -> str:
        """The words for a model, which calls tools, and for logs."""
        return self.worded(str)

    def __str__(self) -> str:
        return self.message


FAULT = "a fault of this program: its log names it"
"""Instead of the words of an error that nobody foresaw, which may quote anything."""
UNUSABLE = "the store cannot be used at the moment; why stands in the server's log. Try again later."


def to_stranger(error: ToolError) -> ToolError:
    """The error without words that name files of this machine, which are for the log; itself where it has none."""
    if isinstance(error.facts, Busy):
        return ToolError(("another call or program holds the store", *error.text[len(error.facts.text) :]), error.kind)
    return (
        ToolError(UNUSABLE, error.kind) if error.kind == "unusable" and not isinstance(error.facts, Unsure) else error
    )


def to_tool_error(error: StoreError, *, writing: bool = True) -> ToolError:
    """The error as a caller of tools is told it; who was `writing` is told that nothing was written."""
    text, kind = _told(error, " Nothing was written." if writing else "")
    return ToolError(text, kind, error)


def _told(error: StoreError, unwritten: str) -> tuple[Text, Kind]:
    match error:
        case Conflict() | OfAnotherProject() | ProjectInUse() | MoveNotAllowed() | FullColumn():
            return _in_the_way(error), "conflict"
        case NotYetMade():
            return _not_yet_made(error), "not-found"
        case NotFound():
            return _not_found(error), "not-found"
        case NoMatch():
            return _no_match(error), "invalid"
        case Deleted():
            return _deleted(error), "not-found"
        case Invalid():
            return (*_invalid(error), f".{unwritten}"), "invalid"
        case Forbidden():
            return (*error.text, f".{unwritten}"), "forbidden"
        case Busy():
            return (*error.text, f".{unwritten} Send the same call again."), "busy"
        case Damaged():
            return _damaged(error), "unusable"
        case _:
            return (*error.text, "."), "unusable"


def _invalid(error: Invalid) -> Text:
    if isinstance(error, Incomplete):
        return (f"{missing_headings(error.missing)}. That template is strict: add them and send the call again",)
    return error.text


def _not_yet_made(error: NotYetMade) -> Text:
    then = f"change {error.as_of}" if isinstance(error.as_of, int) else error.as_of
    return (f"{error.name} did not exist as of {then}: it was created at {error.created_at} (seq {error.seq}).",)


def _deleted(error: Deleted) -> Text:
    before = f"{error.slug}@{max(1, error.revision - 1)}"
    return (
        f"{error.slug} was deleted (revision {error.revision}). Bring it back with ",
        NextCall("restore_note", {"ref": error.slug}),
        ", or read what it said with ",
        NextCall("get_note", {"ref": before}),
        ".",
    )


def _damaged(error: Damaged) -> Text:
    return (
        f"{error}: what is kept is not what was written, so it is not shown. Other revisions may be whole: ",
        NextCall("revisions", {"ref": error.slug}),
        ". ",
        NextCommand("verify"),
        " names all damage.",
    )


def _not_found(error: NotFound) -> Text:
    where = f" in {error.within}" if error.within and error.kind == "section" else ""
    purpose = f" to {error.purpose}" if error.purpose else ""
    nearest = f" Nearest: {', '.join(error.nearest)}." if error.nearest else ""
    return (f"There is no {error.kind} {error.name[:LONGEST_NAME]!r}{where}{purpose}.{nearest}", *_next_step(error))


def _next_step(error: NotFound) -> Text:
    if error.kind == "section":
        return " All anchors: ", NextCall("get_note", {"ref": error.within, "view": "toc"}), "."
    if error.purpose == "change":
        return " To create it send ", NextArgument("content"), "."
    if error.purpose == "link to":
        return " To link to it before it exists send ", NextArgument("allow_missing", True), "."
    if error.kind == "project":
        create = NextCall("projects", {"slug": ANY, "name": ANY})
        return " All projects: ", NextCall("projects", {}), "; create one: ", create, "."
    if error.kind == "token":
        return ()
    if error.kind == "revision":
        return " All revisions: ", NextCall("revisions", {"ref": error.within}), "."
    return () if error.nearest else (" Find it with ", NextCall("search_notes"), " or ", NextCall("list_notes"), ".")


def _conflict(error: Conflict) -> Text:
    newest = NextArgument("if_revision", error.current)
    if error.sent is None:
        return (
            f"{error.slug} exists, at revision {error.current}; replacing its content needs the revision you read. "
            "Nothing was written. Read it and send ",
            newest,
            ", or change a part with ",
            NextCall("edit_note"),
            ". Last change: ",
            *_changes(error),
        )
    if not 0 < error.sent <= error.current:
        there = f"{error.slug} is at revision {error.current}, there is no revision {error.sent}"
        return (f"{there}. Nothing was written.",)
    overlap = f" Both change: {', '.join(error.overlap)}." if error.overlap else ""
    diff = f"\n{error.diff.rstrip()}" if error.diff else ""
    next_step = "Merge your text with it and" if "content" in error.overlap else "If it is still meant,"
    return (
        f"{error.slug} is at revision {error.current}, you sent ",
        NextArgument("if_revision", error.sent),
        f".{overlap} Nothing was written. Changed since:\n",
        *_changes(error),
        f"{diff}\n{next_step} send ",
        newest,
        ".",
    )


def _of_another_project(error: OfAnotherProject) -> Text:
    kind = f", {error.note_type}" if error.note_type else ""
    take = (" and ", NextArgument("project", error.wanted)) if error.taking else ()
    return (
        f"{error.slug} is a note of the project {error.project} ({_in_short(error.title)}{kind}). Nothing was written. "
        f"For a note of {error.wanted} send ",
        NextArgument("slug", error.free),
        f"; to {'take that one over' if error.taking else 'change that one'} read it and send ",
        NextArgument("if_revision", error.revision),
        *take,
        ".",
    )


def _in_the_way(error: Conflict | OfAnotherProject | ProjectInUse | MoveNotAllowed | FullColumn) -> Text:
    match error:
        case Conflict():
            return _conflict(error)
        case OfAnotherProject():
            return _of_another_project(error)
        case ProjectInUse():
            return _project_in_use(error)
        case MoveNotAllowed() | FullColumn():
            return _move_refused(error)


def _move_refused(error: MoveNotAllowed | FullColumn) -> Text:
    board = NextCall("board", {"ref": error.board})
    if isinstance(error, FullColumn):
        more = ", …" if error.limit > len(error.cards) else ""
        held = f" ({', '.join(error.cards)}{more})" if error.cards else ""
        free = NextCall("upsert_note", {"slug": error.cards[0] if error.cards else ANY, "status": ANY})
        full = f"{error.status} on {error.board} is full: it holds {counted(error.limit, 'card')}{held}"
        return (
            f"{full}, so {error.card} cannot come. Nothing was written. Move one of them first: ",
            free,
            ", or see ",
            board,
            ".",
        )
    told = f"{error.card} cannot move from {error.was} to {error.status} on {error.board}"
    if not error.allowed:
        return (f"{told}: cards stay in {error.was}. Nothing was written. ", board, " shows it.")
    return (
        f"{told}: from there cards move to {', '.join(error.allowed)}. Nothing was written. Send ",
        NextArgument("status", Open(repr(error.allowed[0]))),
        ", or see ",
        board,
        ".",
    )


def _project_in_use(error: ProjectInUse) -> Text:
    slug = error.slug
    text: list[str | NextStep] = [f"The project {slug} is not empty, so it was not deleted."]
    if error.notes:
        listed, moved = (
            NextCall("list_notes", {"project": slug}),
            NextCall("update_notes", {"refs": ANY, "project": ANY}),
        )
        text += [f" {counted(error.notes, 'note')}: ", listed, " names them, ", moved, " moves them."]
    if error.deleted:
        listed = NextCall("list_notes", {"project": slug, "deleted": True})
        restored = NextCall("restore_note", {"ref": ANY})
        text += [
            f" {counted(error.deleted, 'deleted note')}: ",
            listed,
            " names them; to move one, ",
            restored,
            " first.",
        ]
    if error.tokens:
        text += [f" {counted(error.tokens, 'token')} for it: ", NextCommand("token list"), ", then ", REVOKE, "."]
    return tuple(text)


def _changes(error: Conflict) -> Text:
    lines = [revision_line(as_fields(revision_entry(revision)), with_slug=False) for revision in error.changes]
    more = error.current - error.sent - len(lines) if error.sent else 0
    if not more:
        return ("\n".join(lines),)
    return "\n".join([*lines, f"and {more} before: "]), NextCall("revisions", {"ref": error.slug})


def _no_match(error: NoMatch) -> Text:
    if error.lines:
        lines = ", ".join(map(str, dict.fromkeys(error.lines)))
        return (
            f"old_text stands more than once in {error.slug} (line {lines}). Nothing was written. Send more of the "
            "text around it, or name the section: ",
            NextArgument("ref", A_SECTION),
            ".",
        )
    if error.nearest:
        line, passage, is_alike = error.nearest
        absent = f"old_text does not stand in {error.slug}"
        if is_alike:
            absent += " but in other capitals, spaces, quotes, dashes or Unicode form"
        what = "What stands there" if is_alike else "The nearest passage"
        return (f"{absent}. Nothing was written. {what}, from line {line}, reads exactly:\n{passage}",)
    absent = f"old_text does not stand in {error.slug}, nor anything like it. Nothing was written. Read it with "
    return absent, NextCall("get_note"), "."


def missing_headings(lacking: "MissingHeadings") -> str:
    named = ", ".join(map(_in_short, lacking.headings[:MOST_NAMED]))
    more = f" and {len(lacking.headings) - MOST_NAMED} more" if len(lacking.headings) > MOST_NAMED else ""
    return f"notes of type {lacking.note_type} follow [[{lacking.template}]]; missing: {named}{more}"


def _in_short(words: str) -> str:
    """Words of a note inside a sentence of ours: in quotes, cut, and with escapes for what cannot be seen, so that they
    are not taken for ours."""
    return repr(words if len(words) <= SHORT else f"{words[:SHORT].rstrip()}…")
