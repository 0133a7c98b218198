"""The tools that change notes: upsert_note, edit_note, restore_note, delete_note."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from notewell_store import Attribution, Change, Edit, Invalid, Once, Saved, parse_reference
from notewell_store.contract import Snapshot
from notewell_store.errors import NextCall, Say
from notewell_store.models import Dangling
from notewell_store.tables import links, notes, past_links
from notewell_store.tables.nearest import nearest_names
from notewell_store.writing import drafts, pipeline
from notewell_tools.answers import data_of, saved_text
from notewell_tools.definition import Call, Data, Name, Words, tool

RevisedBy = Annotated[str | None, Field(description="on whose account: pull request URL, commit SHA or free text")]
IfRevision = Annotated[int | None, Field(ge=0)]
Key = Annotated[str | None, Field(max_length=200)]

MOST_NEAREST = 5  # new dangling links for which near names are looked up
MOST_TOLD_APART = 200


def save(
    call: Call,
    tool_name: str,
    compose: Callable[[Snapshot], drafts.Draft],
    arguments: Data,
    *,
    dry_run: bool = False,
) -> Saved:
    """Write a draft for a caller: attributed, once for each idempotency key."""
    by = Attribution(call.actor, arguments.get("revised_by"), arguments.get("reason"))
    return pipeline.write(call.store, compose, by, once=once_of(tool_name, arguments), dry_run=dry_run)


def once_of(tool_name: str, arguments: Data) -> Once | None:
    """The idempotency key among the arguments, with a digest of the call that it stands for."""
    key = arguments.pop("idempotency_key", None)
    if not key:
        return None
    kept = json.dumps([tool_name, arguments], sort_keys=True, ensure_ascii=False)
    return Once(key, hashlib.sha256(kept.encode(errors="surrogatepass")).hexdigest())


def saved_data(call: Call, saved: Saved) -> Data:
    data = asdict(replace(saved, dangling=())) | _dangling(call, saved)
    if saved.diff is None:
        del data["diff"]
    if not saved.merged_with:
        del data["merged_with"]
    return data


def _dangling(call: Call, saved: Saved) -> Data:
    """The links that dangle, first those that this write brought; how many of them dangled before it. Of very many
    it is not told apart, for that would mean to read the former text as well."""
    if len(saved.dangling) > MOST_TOLD_APART:
        return {"dangling": [data_of(link) for link in saved.dangling]}
    if not saved.dangling:
        return {}
    with call.store.reading() as db:
        note_id = notes.find_slug(db, saved.slug)
        before = saved.revision - (saved.outcome != "unchanged")
        known = past_links.refs_at(db, note_id, before) if note_id is not None and before else frozenset()
        brought = [link for link in saved.dangling if link.ref not in known]
        told = [_with_nearest(db, link) for link in brought[:MOST_NEAREST]]
    others = [link for link in saved.dangling if link.ref in known]
    shown = [data_of(link) for link in (*told, *brought[MOST_NEAREST:], *others)]
    return {"dangling": shown} | ({"dangling_before": len(others)} if others else {})


def _with_nearest(db: Snapshot, link: Dangling) -> Dangling:
    return link if link.nearest else Dangling(link.ref, nearest_names(db, link.ref.partition("#")[0]))


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
    revised_by: RevisedBy = None,
    reason: Annotated[str | None, Field(description="why, for the history")] = None,
    is_whole: Annotated[bool, Field(description="content is meant to be that short")] = False,
    idempotency_key: Annotated[Key, Field(description="a call sent again with the same key is done once")] = None,
    dry_run: Annotated[bool, Field(description="show the diff, write nothing")] = False,
) -> Data:
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


@tool(saved_text)
def edit_note(
    call: Call,
    ref: Annotated[Name, Field(description="slug or slug#anchor")],
    mode: Annotated[
        Literal["replace", "replace_section", "append", "prepend"],
        Field(
            description="replace: old_text (exact, standing once) by new_text; "
            "append: a row or item joins a last table or list"
        ),
    ],
    new_text: str,
    old_text: str | None = None,
    if_revision: IfRevision = None,
    revised_by: str | None = None,
    reason: str | None = None,
    idempotency_key: Key = None,
    dry_run: bool = False,
) -> Data:
    """Change part of a note without resending it: exact text, a section (ref='slug#anchor'), its end or beginning.
    replace_section keeps the heading unless new_text has one; subsections belong to it."""
    arguments = {name: value for name, value in locals().items() if name not in {"call", "dry_run"}}
    if old_text is not None and mode != "replace":
        raise Invalid(f"old_text is for mode='replace', you sent mode={mode!r}", "old_text")
    reference = parse_reference(ref)
    change = Edit(mode, new_text, old_text, reference.anchor)
    compose = partial(drafts.edit, reference=reference, change=change, if_revision=if_revision or reference.revision)
    return saved_data(call, save(call, "edit_note", compose, arguments, dry_run=dry_run))


@tool(saved_text)
def restore_note(
    call: Call,
    ref: Annotated[Name, Field(description="slug@3: that state becomes the newest revision; a deleted slug: undelete")],
    revised_by: str | None = None,
    reason: str | None = None,
    idempotency_key: Key = None,
) -> Data:
    """Undo: bring back an earlier revision or a deleted note. Later revisions are kept."""
    arguments = {name: value for name, value in locals().items() if name != "call"}
    compose = partial(drafts.restore, reference=parse_reference(ref))
    return saved_data(call, save(call, "restore_note", compose, arguments))


def _deleted_text(data: Data, say: Say) -> str:
    if data["outcome"] == "unchanged":
        return f"unchanged: {data['slug']} was deleted before (revision {data['revision']})"
    sources = ", ".join(data["backlinks"][:20]) + (" …" if len(data["backlinks"]) > 20 else "")
    backlinks = f"\nlinks to it now dangle in: {sources}" if sources else ""
    undo = say(NextCall("restore_note", {"ref": data["slug"]}))
    return f"deleted {data['slug']} (revision {data['revision']}); undo: {undo}{backlinks}"


@tool(_deleted_text, destructive=True, idempotent=True)
def delete_note(
    call: Call,
    ref: Name,
    if_revision: IfRevision = None,
    revised_by: str | None = None,
    reason: str | None = None,
    idempotency_key: Key = None,
) -> Data:
    """Delete a note. Its history is kept; restore_note brings it back."""
    arguments = {name: value for name, value in locals().items() if name != "call"}
    reference = parse_reference(ref)
    saved = save(call, "delete_note", partial(drafts.delete, reference=reference, if_revision=if_revision), arguments)
    with call.store.reading() as db:
        incoming = links.incoming(db, notes.find(db, reference))
    backlinks = list(dict.fromkeys(link.note for link in incoming))
    return {"slug": saved.slug, "revision": saved.revision, "outcome": saved.outcome, "backlinks": backlinks}
