"""Redactions: revisions whose text was taken out for good. What is kept of each is that, by whom, when and why.

Revisions are kept as differences from one another, and each has a SHA-256: those that are redacted are kept whole and
sealed anew, the one after them is kept whole as well, and all others stay to the byte.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.models import Attribution, Door, Redaction
from notewell_store.tables import deltas
from notewell_store.tables.checksums import metadata_text_at
from notewell_store.tables.revisions import check, digest, newest_texts, read_metadata, text_at


class Kept(NamedTuple):
    """What a revision keeps, less its note and what makes its text short."""

    revision: int
    seq: int
    revised_at: str
    actor: str
    revised_by: str | None
    reason: str | None
    changed: tuple[str, ...]
    metadata: str
    text: str
    door: Door | None
    client: str | None

    def sha256(self, note_id: int) -> bytes:
        by = Attribution(self.actor, self.revised_by, self.reason, door=self.door, client=self.client)
        return digest(note_id, self.revision, self.seq, self.revised_at, by, self.changed, self.metadata, self.text)


def kept_revisions(db: Connection, note_id: int, first: int, last: int) -> list[Kept]:
    """The note's revisions from `first` to `last`. Raises Damaged."""
    rows = db.execute(
        """SELECT revision, seq, revised_at, actor, revised_by, reason, changed, door, client FROM revisions
           WHERE note_id = ? AND revision >= ? AND revision <= ? ORDER BY revision""",
        (note_id, first, last),
    ).fetchall()
    return [
        Kept._make(
            (revision, *facts, tuple(changed.split(",")), metadata_text_at(db, note_id, revision), text, door, client)
        )
        for revision, *facts, changed, door, client in rows
        for text in (text_at(db, note_id, revision),)
    ]


def every_revision(db: Connection) -> Iterator[tuple[int, str, Kept]]:
    """All revisions of all notes with the id and the slug of each note, tombstones too. Raises Damaged."""
    for note_id, slug, newest in db.execute("SELECT id, slug, revision FROM notes ORDER BY slug").fetchall():
        texts = dict(newest_texts(db, note_id, newest))
        rows = db.execute(
            """SELECT revision, seq, revised_at, actor, revised_by, reason, changed, metadata, door, client
               FROM revisions WHERE note_id = ? ORDER BY revision""",
            (note_id,),
        ).fetchall()
        metadata = ""
        for revision, *facts, changed, kept_metadata, door, client in rows:
            metadata, text = kept_metadata or metadata, texts.get(revision, "")
            kept = Kept._make((revision, *facts, tuple(changed.split(",")), metadata, text, door, client))
            yield note_id, slug, kept


def slugs_of(db: Connection, note_id: int) -> set[str]:
    """All that the note's revisions call it."""
    rows = db.execute("SELECT metadata FROM revisions WHERE note_id = ? AND metadata IS NOT NULL", (note_id,))
    return {read_metadata(metadata).slug for (metadata,) in rows}


def other_texts(db: Connection) -> list[tuple[str, str]]:
    """What of all that is kept beside revisions, and is not made from them, somebody wrote: where it stands, and what
    it says."""
    return db.execute(
        """SELECT 'the former name of ' || n.slug, a.slug FROM aliases a JOIN notes n ON n.id = a.note_id
           UNION ALL SELECT 'the project ' || slug, name || ' ' || coalesce(repo_url, '') FROM projects
           UNION ALL SELECT 'a former project', slug FROM project_aliases
           UNION ALL SELECT 'the history of the project ' || p.slug, c.name || ' ' || coalesce(c.repo_url, '')
             FROM project_changes c JOIN projects p ON p.id = c.project_id
           UNION ALL SELECT 'what is kept of the file of ' || n.slug, o.path || ' ' || coalesce(o.digest, '')
             FROM origins o JOIN notes n ON n.id = o.note_id
           UNION ALL SELECT 'the name of a source', name FROM sources
           UNION ALL SELECT 'the name of a token', name FROM tokens
           UNION ALL SELECT 'the answer kept for an idempotency key', key || ' ' || answer FROM receipts
           UNION ALL SELECT 'the reason of a redaction', reason FROM redactions
           ORDER BY 1, 2"""
    ).fetchall()


def rewrite(db: Connection, note_id: int, becomes: Iterable[Kept]) -> None:
    """Let successive revisions of a note, of which the newest is none, keep this and nothing of what they did. Raises
    Damaged where what follows them is not what was written."""
    wanted = list(becomes)
    first, last = wanted[0].revision, wanted[-1].revision
    after = kept_revisions(db, note_id, last + 1, last + 1)
    for one in after:
        check(db, note_id, one.revision, one.text)
    before = kept_revisions(db, note_id, first - 1, first - 1)
    metadata, text = (before[0].metadata, before[0].text) if before else (None, None)
    base = _base_of(db, note_id, first - 1)
    with db.rewriting(one.seq for one in wanted):
        for one in (*wanted, *after):
            is_whole = one.text != text
            base = one.revision if is_whole else base
            db.execute(
                """UPDATE revisions SET revised_by = ?, reason = ?, client = ?, changed = ?, base = ?, metadata = ?,
                     text = ?, sha256 = ? WHERE note_id = ? AND revision = ?""",
                (
                    *(one.revised_by, one.reason, one.client, ",".join(one.changed), base),
                    None if one.metadata == metadata else one.metadata,
                    deltas.encode_whole(one.text.encode()) if is_whole else None,
                    *(one.sha256(note_id), note_id, one.revision),
                ),
            )
            metadata, text = one.metadata, one.text
        db.execute(
            "UPDATE revisions SET base = ? WHERE note_id = ? AND revision > ? AND base < ?",
            (base, note_id, last + 1, base),
        )


def _base_of(db: Connection, note_id: int, revision: int) -> int:
    row = db.execute("SELECT base FROM revisions WHERE note_id = ? AND revision = ?", (note_id, revision)).fetchone()
    return int(row[0]) if row else 0


def add(db: Connection, note_id: int, revisions: Iterable[int], at: str, actor: str, reason: str) -> None:
    """Keep that these were redacted, and are not erased yet."""
    db.executemany(
        """INSERT INTO redactions (note_id, revision, redacted_at, actor, reason, erased)
           VALUES (?, ?, ?, ?, ?, FALSE)""",
        [(note_id, revision, at, actor, reason) for revision in revisions],
    )


def redacted(db: Connection, note_id: int) -> set[int]:
    """The note's revisions that were redacted."""
    rows = db.execute("SELECT revision FROM redactions WHERE note_id = ?", (note_id,))
    return {revision for (revision,) in rows}


def is_redacted(db: Connection, note_id: int, revision: int) -> bool:
    row = db.execute("SELECT 1 FROM redactions WHERE note_id = ? AND revision = ?", (note_id, revision)).fetchone()
    return row is not None


def every_redaction(db: Connection) -> list[Redaction]:
    """All that there were, by note and revision."""
    rows = db.execute(
        """SELECT d.note_id, n.slug, d.revision, r.seq, d.redacted_at, d.actor, d.reason, d.erased
           FROM redactions d JOIN notes n ON n.id = d.note_id
             JOIN revisions r ON r.note_id = d.note_id AND r.revision = d.revision ORDER BY n.slug, d.revision"""
    )
    return [
        Redaction(note_id, slug, revision, seq, at, actor, reason, bool(erased))
        for note_id, slug, revision, seq, at, actor, reason, erased in rows
    ]


def are_unfinished(db: Connection) -> bool:
    """Whether something was redacted that is not erased yet."""
    return db.execute("SELECT 1 FROM redactions WHERE erased = FALSE LIMIT 1").fetchone() is not None


def finish(db: Connection) -> None:
    """All that was redacted is erased."""
    db.execute("UPDATE redactions SET erased = TRUE WHERE erased = FALSE")
