"""A note that a person edits for a while: its text as it is read, and both texts where others changed it meanwhile."""

from typing import NamedTuple

from notewell_store import Conflict, Invalid, parse_reference
from notewell_store.markdown.merging import marked
from notewell_store.tables import notes
from notewell_store.tables.revisions import load_at
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError


class Opened(NamedTuple):
    """The note as it was when it was opened, or as it stands now."""

    slug: str
    revision: int
    text: str


class Overlap(Exception):
    """Others changed the same lines. `both` has the two changes, marked where they meet."""

    def __init__(self, conflict: Conflict, newest: Opened, both: str) -> None:
        super().__init__(str(conflict))
        self.conflict = conflict
        self.newest = newest
        self.both = both


def open_note(call: Call, named: str) -> Opened:
    """Raises StoreError, as reading the note does, and for a part or an earlier revision of one."""
    reference = parse_reference(named)
    if reference.anchor is not None or reference.revision is not None:
        raise Invalid(f"{named}: a note is edited whole and as it is now, without # and @", "slug")
    with call.store.reading() as db:
        note = notes.load(db, notes.find_living(db, reference))
    return Opened(note.metadata.slug, note.revision, note.markdown)


def save_text(call: Call, note: Opened, text: str, reason: str | None, revised_by: str | None) -> str:
    """Write the text that `note` has become; what is answered. Raises Overlap, and ToolError as upsert_note does."""
    arguments = {"slug": note.slug, "content": text, "if_revision": note.revision, "is_whole": True}
    said = {"reason": reason, "revised_by": revised_by}
    try:
        return call_tool(lambda: call, "upsert_note", arguments | said).shown
    except ToolError as error:
        if not isinstance(error.facts, Conflict) or "content" not in error.facts.overlap:
            raise
        raise _overlap(call, error.facts, note, text) from None


def _overlap(call: Call, conflict: Conflict, note: Opened, text: str) -> Overlap:
    with call.store.reading() as db:
        note_id = notes.find_living(db, parse_reference(note.slug))
        base = load_at(db, note_id, note.slug, note.revision).markdown
        now = notes.load(db, note_id)
    newest = Opened(now.metadata.slug, now.revision, now.markdown)
    names = "your text", f"{newest.slug}@{newest.revision}"
    return Overlap(conflict, newest, marked(base, text, newest.text, names))
