"""restore_note: bring back an earlier revision or a deleted note."""

from functools import partial
from typing import Annotated

from notewell_store import parse_reference
from notewell_store.writing import drafts
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Name, tool
from notewell_tools.results import Saved
from notewell_tools.saving import Key, save, saved_data, saved_text


@tool(saved_text)
def restore_note(
    call: Call,
    ref: Annotated[Name, Field(description="slug@3: as it was then; a deleted slug")],
    revised_by: str | None = None,
    reason: str | None = None,
    idempotency_key: Key = None,
) -> Saved:
    """Undo: bring back an earlier revision or a deleted note."""
    arguments = {name: value for name, value in locals().items() if name != "call"}
    compose = partial(drafts.restore, reference=parse_reference(ref))
    return saved_data(call, save(call, "restore_note", compose, arguments))
