"""Following a store: which notes have changed since a change number, whoever changed them."""

from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.tables.aliases import aliases_of

MOST_CHANGES = 500
"""Changes told at once; of more the newest."""

LISTED = {"created", "deleted", "restored", "slug", "title"}
"""Changes of a note that show in a list of notes."""


class ChangedNote(NamedTuple):
    """A note that changed: all its names, its project's slug, and whether a list of notes shows the change."""

    names: tuple[str, ...]
    project: str | None
    is_listed: bool


def changed_since(db: Connection, seq: int) -> tuple[ChangedNote, ...]:
    """The notes changed after that change number, each once, the newest change first."""
    rows = db.execute(
        f"""SELECT n.id, n.slug, p.slug, r.changed
           FROM (SELECT note_id, seq, changed FROM revisions WHERE seq > ? ORDER BY seq DESC LIMIT {MOST_CHANGES}) r
             JOIN notes n ON n.id = r.note_id LEFT JOIN projects p ON p.id = n.project_id
           ORDER BY r.seq DESC""",
        (seq,),
    ).fetchall()
    kinds: dict[tuple[int, str, str | None], set[str]] = {}
    for *note, changed in rows:
        kinds.setdefault((note[0], note[1], note[2]), set()).update(changed.split(","))
    return tuple(
        ChangedNote((slug, *aliases_of(db, note_id)), project, not LISTED.isdisjoint(changed))
        for (note_id, slug, project), changed in kinds.items()
    )
