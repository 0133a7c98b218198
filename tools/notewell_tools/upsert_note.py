"""upsert_note: create a note, or change what is sent of it."""

from functools import partial
from typing import Annotated

from pydantic import Field

from notewell_store import Change
from notewell_store.writing import drafts
from notewell_tools.definition import Call, Name, Words, tool
from notewell_tools.results import Saved
from notewell_tools.saving import Key, save, saved_data, saved_text


@tool(saved_text, idempotent=True)
def upsert_note(
    call: Call,
    slug: Annotated[Name, Field(description="such as sop-deploy")],
    title: str | None = None,
    content: Annotated[str | None, Field(description="the whole Markdown; link notes by [[slug]]")] = None,
    note_type: Annotated[str | None, Field(description="sop, plan, decision, …")] = None,
    status: Annotated[str | None, Field(description="active, draft, completed, …")] = None,
    project: str | None = None,
    tags: Annotated[Words | None, Field(description="replaces all tags")] = None,
    add_tags: Words = [],  # noqa: B006 - never changed; pydantic copies it
    remove_tags: Words = [],  # noqa: B006
    parent: Annotated[Name | None, Field(description="slug of the note above")] = None,
    position: Annotated[int | None, Field(description="order below the parent")] = None,
    is_public: bool | None = None,
    new_slug: Annotated[str | None, Field(description="rename; the old slug keeps working")] = None,
    if_revision: Annotated[
        int | None, Field(ge=0, description="the revision you read; required to replace content")
    ] = None,
    revised_by: Annotated[
        str | None, Field(description="on whose account: pull request URL, commit SHA or free text")
    ] = None,
    reason: Annotated[str | None, Field(description="why, for the history")] = None,
    is_whole: Annotated[bool, Field(description="content is meant to be that short")] = False,
    idempotency_key: Annotated[Key, Field(description="a call sent again with the same key is done once")] = None,
    dry_run: Annotated[bool, Field(description="show the diff, write nothing")] = False,
) -> Saved:
    """Create a note, or change what you send of it; the rest stays. 'none' clears type, status, project or parent.
    To change part of a text use edit_note."""
    arguments = {name: value for name, value in locals().items() if name not in {"call", "dry_run"}}
    change = Change(
        title=title,
        content=content,
        note_type=note_type,
        status=status,
        project=project,
        tags=None if tags is None else tuple(tags),
        add_tags=tuple(add_tags),
        remove_tags=tuple(remove_tags),
        parent=parent,
        position=position,
        is_public=is_public,
        new_slug=new_slug,
        is_whole=is_whole,
    )
    compose = partial(drafts.upsert, slug=slug, change=change, if_revision=if_revision, home=call.project)
    return saved_data(call, save(call, "upsert_note", compose, arguments, dry_run=dry_run))
