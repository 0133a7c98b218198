"""A page changed in its source meets its note, which may have been changed here: merged on what was imported last.

What only one side changed is taken from it; what both changed differently is named, and nothing is overwritten.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

from notewell_store.contract import Snapshot
from notewell_store.files.contents import Content
from notewell_store.files.front_matter import NOTHING, FrontMatter
from notewell_store.files.ledger import Ledger
from notewell_store.files.sources import Origin
from notewell_store.markdown.merging import merge
from notewell_store.models import ExplicitLink, Metadata, Note
from notewell_store.writing.limits import LARGEST_TEXT, without_excess

SAID = tuple(f.name for f in fields(Metadata) if f.name not in {"slug", "parent", "deleted"})
"""The fields of a note that follow what its file says of them; its name and its place have rules of their own."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """What the note is to be. `overlap` says in words why that would overwrite what was done here; it is empty where
    it does not, and then `markdown` and `metadata` have both changes. Else they are the source's."""

    metadata: Metadata
    markdown: str
    overlap: str = ""


def meet(db: Snapshot, ledger: Ledger, note: Note, origin: Origin, content: Content, said: FrontMatter) -> Meeting:
    metadata = changed_as_said(note.metadata, origin.front, said)
    fields_of_both = _changed_differently(note.metadata, origin.front, said)
    if not fields_of_both and is_as_imported(note, origin):
        return Meeting(metadata, content.body)
    imported, was_deleted = ledger.imported(db, origin)
    if note.metadata.deleted and not was_deleted:
        return Meeting(metadata, content.body, "deleted here, changed in its file")
    text = _merged(imported, content.body, note.markdown)
    if text is not None and not fields_of_both:
        return Meeting(metadata, text)
    which = f": {', '.join([*(['content'] if text is None else []), *fields_of_both])}" if fields_of_both else ""
    return Meeting(metadata, content.body, f"changed here and in its file{which}")


def is_as_imported(note: Note, origin: Origin) -> bool:
    return note.revision == origin.revision and origin.text is None


def _merged(imported: str, source: str, here: str) -> str | None:
    if here in (imported, source):
        return source
    if source == imported:
        return here
    merged = merge(imported, source, here)
    return merged if merged is not None and len(merged.encode()) <= LARGEST_TEXT else None


def _changed_differently(kept: Metadata, before: FrontMatter, now: FrontMatter) -> list[str]:
    """The fields with one value that were changed here, and to another one in the file. What the file no longer says
    is no longer so."""
    if now == before:
        return []
    imported, said = as_metadata(before), as_metadata(now)
    return [
        name
        for name in SAID
        if getattr(now, name) not in (None, getattr(before, name))
        and not isinstance(getattr(kept, name), tuple)
        and getattr(kept, name) not in (getattr(imported, name), getattr(said, name))
    ]


def as_metadata(front: FrontMatter) -> Metadata:
    """What a new note would have of a file that says so; its slug is empty."""
    start = Metadata(slug="", title="")
    return without_excess(changed_as_said(start, NOTHING, front), start)[0]


def changed_as_said(metadata: Metadata, before: FrontMatter, now: FrontMatter) -> Metadata:
    """The note's metadata with what its file says otherwise than before; all else stays as it was made here."""
    if now == before:
        return metadata
    changed = {
        name: _changed(getattr(metadata, name), getattr(before, name), getattr(now, name))
        for name in SAID
        if getattr(now, name) != getattr(before, name)
    }
    return replace(metadata, **changed)


def _changed(kept: Any, before: Any, now: Any) -> Any:
    """A field's value with what the file says otherwise; of tags and links, what others added or took away stays so."""
    if isinstance(kept, bool):
        return bool(now)
    if not isinstance(kept, tuple):
        return now
    said, earlier = set(now or ()), set(before or ())
    return tuple(sorted((set(kept) - (earlier - said)) | (said - earlier), key=_place))


def _place(item: str | ExplicitLink) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else (item.relation, item.target)
