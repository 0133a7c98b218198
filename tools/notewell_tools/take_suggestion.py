"""A suggestion that a person takes, as the edit that it is: a tool that writes, and its arguments."""

from collections.abc import Mapping
from typing import NamedTuple

from notewell_store.suggesting.mentions import with_link
from notewell_tools.definition import Call, Json
from notewell_tools.draft_page import opened_at

FIELDS: Mapping[str, str] = {
    "note_type": "note_type",
    "project": "project",
    "parent": "parent",
    "tags": "add_tags",
}
"""By the field that is proposed the argument of `upsert_note` that sets it."""


class Taken(NamedTuple):
    tool: str
    arguments: Json


def taken_field(slug: str, revision: int, field: str, value: str) -> Taken | None:
    """What sets a field as it was proposed at that revision, or adds a link, whatever the revision; None for what is no
    such field."""
    if field == "links":
        return Taken("link_notes", {"source": slug, "targets": [value], "reason": "as notes like it do"})
    if field not in FIELDS:
        return None
    name = FIELDS[field]
    sent = [value] if name == "add_tags" else value
    return Taken(
        "upsert_note", {"slug": slug, "if_revision": revision, name: sent, "reason": "as notes like it have it"}
    )


def taken_mention(call: Call, slug: str, revision: int, words: str, target: str) -> Taken | None:
    """What makes a link of the words by which the text of that revision calls a note; None where it does not call it
    so. Raises StoreError for a note or revision that there is not."""
    text = with_link(opened_at(call, slug, revision)["text"], words, target)
    if text is None:
        return None
    reason = f"links to {target}, which the text calls"
    arguments = {"slug": slug, "if_revision": revision, "content": text, "is_whole": True, "reason": reason}
    return Taken("upsert_note", arguments)
