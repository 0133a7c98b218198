"""list_notes: which notes there are."""

from typing import Annotated, Literal

from notewell_store.errors import NextCall, Say
from notewell_store.tables import listing, past
from notewell_tools.answers import note_line, note_summary, page_of, said_of_all
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Name, tool
from notewell_tools.filters import AnyTags, Parent, Since, Tags, Within, make_filter
from notewell_tools.results import NoteList


def _text(data: NoteList, say: Say) -> str:
    if not data["total"]:
        tags, projects = say(NextCall("tags", {})), say(NextCall("projects", {}))
        return f"no note fits these filters; {tags} and {projects} list what there is"
    said = said_of_all(data["notes"])
    things = f"notes, each {' '.join(said)}" if said else "notes"
    heading = page_of(len(data["notes"]), data["total"], things, data["next_cursor"], say)
    return "\n".join([heading, *(note_line(note, said) for note in data["notes"])])


@tool(_text, reads_only=True)
def list_notes(
    call: Call,
    tags: Tags = [],  # noqa: B006 - never changed: each call gets its own
    any_tags: AnyTags = [],  # noqa: B006
    note_type: str | None = None,
    project: str | None = None,
    status: str | None = None,
    parent: Parent = None,
    within: Within = None,
    updated_since: Since = None,
    updated_before: str | None = None,
    unlinked: Annotated[bool, Field(description="no note links to them")] = False,
    sort: Literal["updated", "oldest", "created", "title", "slug", "position"] = "updated",
    limit: Annotated[int, Field(ge=1, le=200)] = 20,
    cursor: str | None = None,
    as_of: Annotated[Name | None, Field(description="a time or a seq")] = None,
    deleted: Annotated[bool, Field(description="deleted ones instead")] = False,
) -> NoteList:
    """List notes that fit all filters, newest change first."""
    with call.store.reading() as db:
        wanted = make_filter(
            db,
            tags=tags,
            any_tags=any_tags,
            note_type=note_type,
            project=project,
            status=status,
            parent=parent,
            within=within,
            updated_since=updated_since,
            updated_before=updated_before,
            unlinked=unlinked,
            deleted=deleted,
        )
        if as_of is None:
            page = listing.list_notes(db, wanted, sort, limit, cursor)
        else:
            page = past.list_notes_at(db, wanted, sort, limit, cursor, past.read_moment(as_of))
    return {
        "total": page.total,
        "notes": [note_summary(note) for note in page.items],
        "next_cursor": page.next_cursor,
    }
