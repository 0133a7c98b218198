"""delete_note: make a note a tombstone."""

from functools import partial

from notewell_store import parse_reference
from notewell_store.errors import NextCall, Say
from notewell_store.tables import links, notes
from notewell_store.writing import drafts
from notewell_tools.definition import Call, Name, tool
from notewell_tools.results import Deleted
from notewell_tools.saving import IfRevision, Key, save


def _deleted_text(data: Deleted, say: Say) -> str:
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
) -> Deleted:
    """Delete a note; restore_note brings it back."""
    arguments = {name: value for name, value in locals().items() if name != "call"}
    reference = parse_reference(ref)
    saved = save(call, "delete_note", partial(drafts.delete, reference=reference, if_revision=if_revision), arguments)
    with call.store.reading() as db:
        incoming = links.incoming(db, notes.find(db, reference))
    backlinks = list(dict.fromkeys(link.note for link in incoming))
    return {"slug": saved.slug, "revision": saved.revision, "outcome": saved.outcome, "backlinks": backlinks}
