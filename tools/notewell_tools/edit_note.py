"""edit_note: change a part of a note."""

from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from notewell_store import Edit, Invalid, parse_reference
from notewell_store.writing import drafts
from notewell_tools.definition import Call, Name, tool
from notewell_tools.results import Saved
from notewell_tools.saving import IfRevision, Key, save, saved_data, saved_text


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
) -> Saved:
    """Change part of a note without resending it: exact text, a section (ref='slug#anchor'), its end or beginning.
    replace_section keeps the heading unless new_text has one; subsections belong to it."""
    arguments = {name: value for name, value in locals().items() if name not in {"call", "dry_run"}}
    if old_text is not None and mode != "replace":
        raise Invalid(f"old_text is for mode='replace', you sent mode={mode!r}", "old_text")
    reference = parse_reference(ref)
    change = Edit(mode, new_text, old_text, reference.anchor)
    compose = partial(drafts.edit, reference=reference, change=change, if_revision=if_revision or reference.revision)
    return saved_data(call, save(call, "edit_note", compose, arguments, dry_run=dry_run))
