"""Checksums: the SHA-256 that tells whether a revision is what was written. Imports little, for the session's hook."""

import hashlib
import json
from collections.abc import Sequence

from notewell_store.contract import Connection


def checksum(facts: Sequence[object], text: str) -> bytes:
    """SHA-256 of all that a revision keeps: a JSON list of its fields, a line feed, the Markdown.

    The fields are the note's id, the revision's number, its seq, when, the actor, on whose account, why, what it
    changed (a list), and the metadata as they are kept.
    """
    return hashlib.sha256(f"{json.dumps(facts)}\n{text}".encode()).digest()


def is_what_was_written(db: Connection, note_id: int, revision: int, text: str) -> bool:
    """Whether this text, with what else the revision keeps, is what its SHA-256 was made of."""
    row = db.execute(
        """SELECT seq, revised_at, actor, revised_by, reason, changed, sha256 FROM revisions
           WHERE note_id = ? AND revision = ?""",
        (note_id, revision),
    ).fetchone()
    if row is None:
        return False
    *who_and_when, changed, sha256 = row
    facts = [note_id, revision, *who_and_when, changed.split(","), metadata_text_at(db, note_id, revision)]
    return checksum(facts, text) == bytes(sha256)


def metadata_text_at(db: Connection, note_id: int, revision: int) -> str:
    """The metadata as kept at a revision: names are those of that time."""
    (kept,) = db.execute(
        """SELECT metadata FROM revisions WHERE note_id = ? AND revision <= ? AND metadata IS NOT NULL
           ORDER BY revision DESC LIMIT 1""",
        (note_id, revision),
    ).fetchone()
    return str(kept)
