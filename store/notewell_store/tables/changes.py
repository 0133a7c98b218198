"""Changes of the whole store: the newest one's number, and which notes have changed since. Imports little, for the
session's hook."""

from typing import NamedTuple

from notewell_store.contract import Connection, number_of

MOST_TOLD = 500
"""Changes that are looked at, newest first."""
MOST_BY_TIME = 2_000
"""Changes since a time up to which the index by time is the short way; else the newest are read one by one."""


class Changed(NamedTuple):
    """The changes of one note: how many, and the newest of them."""

    slug: str
    title: str
    revision: int
    seq: int
    revised_at: str
    actor: str
    revised_by: str | None
    reason: str | None
    changed: str
    deleted: bool
    changes: int


class Changes(NamedTuple):
    """Notes that changed, newest first. `more` says that there were earlier changes, which were not looked at."""

    notes: tuple[Changed, ...]
    more: bool


NEWEST = "SELECT coalesce(max(seq), 0) FROM revisions"
"""The number of the newest change, 0 in a new store."""
MISSING = "SELECT coalesce(max(seq), 0) AS up_to, coalesce(max(seq), 0) - count(*) AS changes FROM revisions"
"""How many changes the numbers up to the newest lack: of each all revisions are counted."""


def has_written(db: Connection, before: int | None) -> bool | None:
    """Whether anybody has written since a snapshot that was taken after so many commits; None where nobody can tell."""
    return None if before is None or db.commits is None else db.commits != before


def commits_before(db: Connection) -> int | None:
    """How many commits a snapshot was taken after, where that is known."""
    return db.commits


def newest_change(db: Connection) -> int:
    (seq,) = db.execute(NEWEST).fetchone()
    return int(seq)


def changes_since(db: Connection, since: str, project_id: int | None) -> Changes:
    """Changes of a project's notes and of those of no project; of all notes where `project_id` is None.

    Raises Invalid for a `since` that is neither a time nor a number.
    """
    where, value = _after(db, since)
    own, asked = ("TRUE", ()) if project_id is None else ("(n.project_id IS NULL OR n.project_id = ?2)", (project_id,))
    rows = db.execute(
        f"""SELECT r.note_id, n.slug, n.title, r.revision, r.seq, r.revised_at, r.actor, r.revised_by, r.reason,
              r.changed, n.deleted
            FROM revisions r JOIN notes n ON n.id = r.note_id
            WHERE {where} AND {own}
            ORDER BY r.seq DESC LIMIT {MOST_TOLD + 1}""",
        (value, *asked),
    ).fetchall()
    newest: dict[int, Changed] = {}
    for note_id, *facts in rows[:MOST_TOLD]:
        kept = newest.get(note_id)
        newest[note_id] = kept._replace(changes=kept.changes + 1) if kept else Changed._make((*facts, 1))
    return Changes(tuple(newest.values()), len(rows) > MOST_TOLD)


def _after(db: Connection, since: str) -> tuple[str, str | int]:
    """A condition on `revisions r`, put so that SQLite takes the index that has little to read."""
    number = number_of(since.strip())
    if number is not None:
        return "r.seq > ?1", number
    from notewell_store.clock import parse_time  # the hook names the change up to which a session was told

    time = parse_time(since, "since")
    (count,) = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM revisions WHERE revised_at > ? LIMIT {MOST_BY_TIME}) later", (time,)
    ).fetchone()
    return ("r.revised_at > ?1" if count < MOST_BY_TIME else f"{db.aside('r.revised_at')} > ?1"), time
