"""Checksums: the SHA-256 that tells whether a revision is what was written. Imports little, for the session's hook."""

import json
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from notewell_store.contract import Connection


def checksum(facts: Sequence[object], text: str) -> bytes:
    """SHA-256 of all that a revision keeps: a JSON list of its fields, a line feed, the Markdown.

    The fields are the note's id, the revision's number, its seq, when, the actor, on whose account, why, what it
    changed (a list), and the metadata as they are kept.
    """
    return _sha256(f"{json.dumps(facts)}\n{text}".encode())


def proved_text(db: Connection, note_id: int) -> tuple[str, bool]:
    """The Markdown, and whether it is what was written; of a tombstone an empty text, which is."""
    row = db.execute(
        "SELECT t.markdown, n.revision FROM texts t JOIN notes n ON n.id = t.note_id WHERE t.note_id = ?", (note_id,)
    ).fetchone()
    if row is None:
        return "", True
    markdown, revision = row
    return str(markdown), is_what_was_written(db, note_id, revision, markdown)


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
