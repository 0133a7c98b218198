"""edit_note: change a part of a note."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

from notewell_store import Edit, Invalid, parse_reference
from notewell_store.contract import Snapshot
from notewell_store.errors import A_SECTION, NextArgument
from notewell_store.models import EditMode
from notewell_store.writing import drafts, editing
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Name, tool
from notewell_tools.results import Saved
from notewell_tools.saving import IfRevision, Key, save, saved_data, saved_text


@tool(saved_text)
def edit_note(
    call: Call,
    ref: Annotated[Name, Field(description="slug or slug#anchor")],
    mode: Annotated[
        Literal[EditMode, "move"],
        Field(
            description="replace: old_text (exact, standing once) by new_text; "
            "append: a row or item joins a last table or list; insert: at the lines of old_text, or the section"
        ),
    ],
    new_text: str | None = None,
    old_text: str | None = None,
    to: Annotated[Name | None, Field(description="move: end of slug, or behind slug#anchor")] = None,
    if_revision: IfRevision = None,
    revised_by: str | None = None,
    reason: str | None = None,
    idempotency_key: Key = None,
    dry_run: bool = False,
) -> Saved:
    """Change part of a note: text, or a section (ref='slug#anchor') with its subsections. replace_section keeps the
    heading unless new_text has one."""
    arguments = {name: value for name, value in locals().items() if name not in {"call", "dry_run"}}
    _require_fitting(mode, new_text, old_text, to)
    reference = parse_reference(ref)
    read_at = if_revision or reference.revision
    compose: Callable[[Snapshot], drafts.Draft]
    if mode == "move":
        compose = partial(editing.move, reference=reference, to=parse_reference(to or ""), if_revision=read_at)
    else:
        change = Edit(mode, new_text or "", old_text, reference.anchor)
        compose = partial(editing.edit, reference=reference, change=change, if_revision=read_at)
    return saved_data(call, save(call, "edit_note", compose, arguments, dry_run=dry_run))


FOR_OLD_TEXT = ("replace", "replace_all", "insert_before", "insert_after")
WITHOUT_TEXT = frozenset({"delete_section", "move"})


def _require_fitting(mode: str, new_text: str | None, old_text: str | None, to: str | None) -> None:
    """Raise Invalid where an argument is missing that the mode needs, or there that it does not take."""
    if old_text is not None and mode not in FOR_OLD_TEXT:
        raise Invalid(f"old_text is for {', '.join(FOR_OLD_TEXT)}; you sent mode={mode!r}", "old_text")
    if bool(new_text) if mode in WITHOUT_TEXT else new_text is None:
        need = "takes no" if mode in WITHOUT_TEXT else "needs"
        raise Invalid(f"mode={mode!r} {need} new_text", "new_text")
    if (to is not None) != (mode == "move"):
        if mode == "move":
            raise Invalid(("mode='move' needs a place: send ", NextArgument("to", A_SECTION), ", or a slug"), "to")
        raise Invalid(f"to is for mode='move', you sent mode={mode!r}", "to")
