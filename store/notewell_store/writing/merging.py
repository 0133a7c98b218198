"""Nobody overwrites unseen: a write that was made from an older revision meets what came since.

Where the two change different places they are merged; where they overlap nothing is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from notewell_store.contract import Snapshot
from notewell_store.errors import Conflict
from notewell_store.markdown.diffs import unified_diff
from notewell_store.models import Metadata, Note
from notewell_store.tables.history import diff_metadata, list_revisions
from notewell_store.tables.revisions import load_at

LONGEST_DIFF = 4_000  # characters of a conflict's diff
MOST_CHANGES = 10  # revisions that a conflict lists

State = tuple[Metadata, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """A note with both changes. `overlap` names what both changed differently; then nothing of it counts."""

    metadata: Metadata
    markdown: str
    overlap: tuple[str, ...] = ()


def merge_notes(base: State, mine: State, theirs: State) -> Merged:
    """Merge two changes of a note: its text on lines, tags and links as sets, other metadata field by field."""
    from notewell_store.markdown.merging import merge  # most writes meet nobody

    text = merge(base[1], mine[1], theirs[1])
    overlap = ["content"] if text is None else []
    values: dict[str, Any] = {}
    for field in fields(Metadata):
        old, own, other = (getattr(side[0], field.name) for side in (base, mine, theirs))
        if isinstance(old, tuple):
            values[field.name] = _merged_sets(old, own, other)
        elif own in (old, other):
            values[field.name] = other
        elif other == old:
            values[field.name] = own
        else:
            overlap.append(field.name)
    return Merged(replace(theirs[0], **values), theirs[1] if text is None else text, tuple(overlap))


def _merged_sets(base: tuple[Any, ...], mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...]:
    """What the others have, with my additions and without what I took away."""
    kept = [item for item in theirs if item not in base or item in mine]
    added = [item for item in mine if item not in base and item not in theirs]
    return tuple(sorted([*kept, *added], key=str))


def unseen_revisions(db: Snapshot, note: Note, read_at: int | None) -> tuple[int, ...]:
    """What came since the revision that a writer read; None is the newest. Raises Conflict if there is no such one."""
    if read_at is None:
        return ()
    if not 0 < read_at <= note.revision:
        raise conflict(db, note, read_at)
    return tuple(range(read_at + 1, note.revision + 1))


def meet(db: Snapshot, note: Note, read_at: int, change: Callable[[Note], State]) -> Merged:
    """What a change made from revision `read_at` becomes on the note as it stands.

    Raises Conflict when it overlaps with what came since.
    """
    if read_at == note.revision:
        return Merged(*change(note))
    base = load_at(db, note.id, note.metadata.slug, read_at)
    mine, theirs = change(base), (note.metadata, note.markdown)
    if mine[1] == theirs[1]:  # what is sent stands already
        base = base._replace(markdown=theirs[1])
    merged = merge_notes((base.metadata, base.markdown), mine, theirs)
    if merged.overlap:
        raise conflict(db, note, read_at, merged.overlap)
    return merged


def conflict(db: Snapshot, note: Note, sent: int | None, overlap: tuple[str, ...] = ()) -> Conflict:
    """The refusal, with all that is needed to merge by hand: what changed since, by whom, and how."""
    slug = note.metadata.slug
    known = sent if sent is not None and 0 < sent < note.revision else None
    since = note.revision - known if known else 1
    changes = list_revisions(db, note.id, limit=min(since, MOST_CHANGES)).items
    diff = ""
    if known:
        names = f"{slug}@{known}", f"{slug}@{note.revision}"
        base = load_at(db, note.id, slug, known)
        text = unified_diff(base.markdown, note.markdown, *names, LONGEST_DIFF)
        diff = diff_metadata(base.metadata, note.metadata)[:LONGEST_DIFF] + text
    return Conflict(slug, note.revision, sent, changes, diff, overlap)
