"""Following a store: which notes have changed since a change number, whoever changed them."""

from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.tables.notes import aliases

MOST_CHANGES = 500
"""Changes told at once; of more the newest."""

LISTED = {"created", "deleted", "restored", "slug", "title"}
"""Changes of a note that show in a list of notes."""


class Changed(NamedTuple):
    """A note that changed: all its names, its project's slug, and whether a list of notes shows the change."""

    names: tuple[str, ...]
    project: str | None
    is_listed: bool


def newest_change(db: Connection) -> int:
    """The number of the newest change, 0 in a new store."""
    (seq,) = db.execute("SELECT ifnull(max(seq), 0) FROM revisions").fetchone()
    return int(seq)


def changed_since(db: Connection, seq: int) -> tuple[Changed, ...]:
    """The notes changed after `seq`, each once, the newest change first."""
    rows = db.execute(
        """SELECT n.id, n.slug, p.slug, group_concat(r.changed)
           FROM (SELECT note_id, seq, changed FROM revisions WHERE seq > ? ORDER BY seq DESC LIMIT ?) r
             JOIN notes n ON n.id = r.note_id LEFT JOIN projects p ON p.id = n.project_id
           GROUP BY n.id ORDER BY max(r.seq) DESC""",
        (seq, MOST_CHANGES),
    ).fetchall()
    return tuple(
        Changed((slug, *aliases(db, note_id)), project, not LISTED.isdisjoint(changed.split(",")))
        for note_id, slug, project, changed in rows
    )
