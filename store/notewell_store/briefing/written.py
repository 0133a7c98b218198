"""What somebody wrote since a change, and which of it is open."""

from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.tables.changes import Changed, changes_since
from notewell_store.tables.note_rows import note_by_slug


class Written(NamedTuple):
    """A note as it stands now; `is_open` is of plans, todos and reviews that are not over."""

    slug: str
    revision: int
    title: str
    note_type: str | None
    status: str | None
    is_open: bool
    deleted: bool


def written_since(db: Snapshot, seq: int, actor: str) -> tuple[Written, ...]:
    """The notes whose newest change after `seq` is by that actor, the newest first."""
    changes = changes_since(db, str(seq), None).notes
    return tuple(_written(db, change) for change in changes if change.actor == actor)


def _written(db: Snapshot, change: Changed) -> Written:
    row = note_by_slug(db, change.slug)
    if row is None:
        return Written(change.slug, change.revision, change.title, None, None, is_open=False, deleted=True)
    is_open = row.kind in ("plan", "todo", "review") and row.standing in ("active", "waiting")
    return Written(row.slug, row.revision, row.title, row.note_type, row.status, is_open, deleted=False)
