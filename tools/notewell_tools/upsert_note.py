"""upsert_note: create a note, or change what is sent of it."""

from functools import partial
from typing import Annotated

from notewell_store import Change
from notewell_store.contract import Snapshot
from notewell_store.saved import Suggested
from notewell_store.writing import drafts
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Name, Words, tool
from notewell_tools.results import Saved
from notewell_tools.saving import Key, save, saved_data, saved_text


@tool(saved_text, idempotent=True)
def upsert_note(
    call: Call,
    slug: Name,
    title: str | None = None,
    content: Annotated[str | None, Field(description="the whole Markdown; link notes by [[slug]]")] = None,
    note_type: Annotated[str | None, Field(description="sop, plan, decision, …")] = None,
    status: Annotated[str | None, Field(description="active, draft, completed, …")] = None,
    project: str | None = None,
    tags: Annotated[Words | None, Field(description="replaces all tags")] = None,
    add_tags: Words = [],  # noqa: B006 - never changed: each call gets its own
    remove_tags: Words = [],  # noqa: B006
    parent: Name | None = None,
    position: int | None = None,
    is_public: bool | None = None,
    supersedes: Annotated[Words, Field(description="slugs; their status becomes that")] = [],  # noqa: B006
    new_slug: Annotated[str | None, Field(description="rename; the old slug keeps working")] = None,
    if_revision: Annotated[int | None, Field(ge=0, description="that you read; needed to replace content")] = None,
    revised_by: Annotated[str | None, Field(description="PR URL, commit SHA or text")] = None,
    reason: str | None = None,
    is_whole: Annotated[bool, Field(description="content is meant to be that short")] = False,
    confirm: Annotated[bool, Field(description="it still holds")] = False,
    idempotency_key: Key = None,
    dry_run: Annotated[bool, Field(description="show the diff, write nothing")] = False,
) -> Saved:
    """Create a note, or change what you send of it; the rest stays. 'none' clears type, status, project or parent."""
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
        confirm=confirm,
    )
    compose = partial(
        drafts.upsert,
        slug=slug,
        change=change,
        if_revision=if_revision,
        home=call.project,
        supersedes=tuple(supersedes),
    )
    return saved_data(call, save(call, "upsert_note", compose, arguments, dry_run=dry_run, suggest=_near))


def _near(db: Snapshot, draft: drafts.Draft) -> Suggested | None:
    from notewell_store.suggesting.new_note import told  # which changes of notes that are there do not need

    return told(db, draft)
