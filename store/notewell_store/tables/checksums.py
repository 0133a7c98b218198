"""Checksums: the SHA-256 that tells whether a revision is what was written. Imports little, for the session's hook."""

import json
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from notewell_store.contract import Connection


def checksum(facts: Sequence[object], text: str, way: Sequence[str | None] = ()) -> bytes:
    """SHA-256 of all that a revision keeps: a JSON list of its fields, a line feed, the Markdown.

    The fields are the note's id, the revision's number, its seq, when, the actor, on whose account, why, what it
    changed (a list), the metadata as they are kept, and its `way`: the door and the client. Revisions of which no way
    is kept were sealed without.
    """
    return _sha256(f"{_as_json([*facts, *way] if any(way) else facts)}\n{text}".encode())


_as_json = json.JSONEncoder().encode  # what json.dumps comes to, which asks each time how


PROOF = """proved.seq, proved.revised_at, proved.actor, proved.revised_by, proved.reason, proved.changed, proved.sha256,
    (SELECT kept.metadata FROM revisions kept WHERE kept.note_id = proved.note_id
       AND kept.revision <= proved.revision AND kept.metadata IS NOT NULL ORDER BY kept.revision DESC LIMIT 1),
    proved.door, proved.client"""
"""Columns of the revision `proved`, which `is_proved` takes: who reads a text takes them along."""


PROVED = f"""t.markdown, n.revision, {PROOF} FROM texts t JOIN notes n ON n.id = t.note_id
    LEFT JOIN revisions proved ON proved.note_id = n.id AND proved.revision = n.revision"""


def kept_text(db: Connection, note_id: int) -> tuple[str, Callable[[], bool]]:
    """The Markdown as it is kept, and what tells, by the hash of all of it, whether it is what was written; of a
    tombstone an empty text, which is."""
    row = None if db.ahead is None else db.ahead.get(("text", note_id))
    row = row or db.execute(f"SELECT {PROVED} WHERE t.note_id = ?", (note_id,)).fetchone()
    if row is None:
        return "", lambda: True
    markdown, revision, *proof = row
    return str(markdown), lambda: is_proved(proof, note_id, revision, markdown)


def is_what_was_written(db: Connection, note_id: int, revision: int, text: str) -> bool:
    """Whether this text, with what else the revision keeps, is what its SHA-256 was made of."""
    row = db.execute(
        f"SELECT {PROOF} FROM revisions proved WHERE note_id = ? AND revision = ?", (note_id, revision)
    ).fetchone()
    return row is not None and is_proved(row, note_id, revision, text)


def is_proved(proof: Sequence[Any], note_id: int, revision: int, text: str) -> bool:
    """The same, by the columns of PROOF; those of a revision that is missing are empty."""
    *who_and_when, changed, sha256, metadata, door, client = proof
    if sha256 is None:
        return False
    facts = [note_id, revision, *who_and_when, changed.split(","), metadata]
    return checksum(facts, text, (door, client)) == bytes(sha256)


def metadata_text_at(db: Connection, note_id: int, revision: int) -> str:
    """The metadata as kept at a revision: names are those of that time."""
    (kept,) = db.execute(
        """SELECT metadata FROM revisions WHERE note_id = ? AND revision <= ? AND metadata IS NOT NULL
           ORDER BY revision DESC LIMIT 1""",
        (note_id, revision),
    ).fetchone()
    return str(kept)


def _sha256(data: bytes) -> bytes:
    """By Python's own code where OpenSSL's is not loaded yet: to load it takes a tenth of the session hook's time, and
    only long texts are hashed quicker by it."""
    sha256: Callable[[bytes], Any] = (_full if "hashlib" in sys.modules else _light)()
    digest: bytes = sha256(data).digest()
    return digest


@cache
def _light() -> Callable[[bytes], Any]:
    for name in ("_sha2", "_sha256"):  # Python 3.12 and later, and before
        try:
            found: Callable[[bytes], Any] = import_module(name).sha256
        except ImportError:
            continue
        return found
    return _full()


@cache
def _full() -> Callable[[bytes], Any]:
    found: Callable[[bytes], Any] = import_module("hashlib").sha256
    return found
