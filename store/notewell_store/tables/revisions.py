"""Revisions: every kept change of every note, append-only, compressed, each with a SHA-256.

A row holds its text whole or as the difference from the text before it (see deltas); `base` is the
revision at which its chain of differences starts. Text or metadata that did not change are NULL.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.errors import Damaged, NotFound
from notewell_store.models import Attribution, ExplicitLink, Metadata, Note
from notewell_store.tables import deltas
from notewell_store.tables.checksums import checksum, is_what_was_written, metadata_text_at

LONGEST_CHAIN = 64  # differences that a reader may have to apply

DEFAULTS = {f.name: f.default for f in fields(Metadata)}
OWN = tuple(name for name in DEFAULTS if name not in {"parent", "links"})
"""What of a note's metadata is the same until the note itself changes; the others follow the names of other notes."""


class Head(NamedTuple):
    """A note's newest revision, as the next one is written against it."""

    revision: int
    text: str


def append(
    db: Connection,
    note_id: int,
    head: Head | None,
    metadata: Metadata,
    text: str,
    by: Attribution,
    revised_at: str,
    changed: tuple[str, ...],
) -> tuple[int, int]:
    """Keep one more revision; the answer is its number and its `seq`. The gate must be held."""
    revision = head.revision + 1 if head else 1
    (last_seq,) = db.execute("SELECT ifnull(max(seq), 0) FROM revisions").fetchone()
    seq = int(last_seq) + 1
    kept_metadata = write_metadata(metadata)
    base, blob = encode(db, note_id, revision, head, text)
    db.execute(
        """INSERT INTO revisions (seq, note_id, revision, revised_at, actor, revised_by, reason, changed,
             base, metadata, text, sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            seq,
            note_id,
            revision,
            revised_at,
            by.actor,
            by.revised_by,
            by.reason,
            ",".join(changed),
            base,
            None if head and metadata_text_at(db, note_id, head.revision) == kept_metadata else kept_metadata,
            blob,
            digest(note_id, revision, seq, revised_at, by, changed, kept_metadata, text),
        ),
    )
    return revision, seq


def encode(db: Connection, note_id: int, revision: int, head: Head | None, text: str) -> tuple[int, bytes | None]:
    """The revision's base and blob: a difference while the chain is short and it is smaller than the whole."""
    new = text.encode()
    if head is None:
        return revision, deltas.encode_whole(new)
    base, length = db.execute(
        """SELECT last.base, count(chain.text) FROM revisions last JOIN revisions chain
             ON chain.note_id = ?1 AND chain.revision > last.base AND chain.revision <= ?2
           WHERE last.note_id = ?1 AND last.revision = ?2""",
        (note_id, head.revision),
    ).fetchone()
    if base is None:  # the join is empty: the last revision is itself a base
        base, length = head.revision, 0
    if text == head.text:
        return base, None
    if length >= LONGEST_CHAIN:
        return revision, deltas.encode_whole(new)
    blob = deltas.encode_delta(head.text.encode(), new)
    if len(blob) * 4 < len(new):  # prose deflates to more than that
        return base, blob
    whole = deltas.encode_whole(new)
    return (base, blob) if len(blob) < len(whole) else (revision, whole)


def write_metadata(metadata: Metadata) -> str:
    """Metadata as canonical JSON: what equals its default is left out, keys are sorted."""
    every = ((name, getattr(metadata, name), default) for name, default in DEFAULTS.items())
    kept = {name: value for name, value, default in every if value != default}
    if "links" in kept:
        kept["links"] = [asdict(link) for link in metadata.links]
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_metadata(text: str) -> Metadata:
    kept = json.loads(text)
    kept["tags"] = tuple(kept.get("tags", ()))
    kept["links"] = tuple(ExplicitLink(**link) for link in kept.get("links", ()))
    return Metadata(**kept)


def digest(
    note_id: int,
    revision: int,
    seq: int,
    revised_at: str,
    by: Attribution,
    changed: tuple[str, ...],
    metadata: str,
    text: str,
) -> bytes:
    """The SHA-256 that a revision is kept with: see checksums."""
    who_and_when = (seq, revised_at, by.actor, by.revised_by, by.reason)
    return checksum([note_id, revision, *who_and_when, list(changed), metadata], text)


def text_at(db: Connection, note_id: int, revision: int) -> str:
    """The Markdown as it was at a revision. Raises Damaged when it cannot be made out.

    It may be a difference from a text that the reader may not see.
    """
    rows = db.execute(
        """SELECT text FROM main.revisions WHERE note_id = ?1 AND text IS NOT NULL AND revision <= ?2
             AND revision >= (SELECT base FROM main.revisions WHERE note_id = ?1 AND revision = ?2)
           ORDER BY revision""",
        (note_id, revision),
    ).fetchall()
    text = b""
    try:
        for (blob,) in rows:
            text = deltas.decode(text, blob)
        return text.decode()
    except ValueError as error:
        raise _damaged(db, note_id, revision) from error


def texts(db: Connection, note_id: int) -> Iterator[tuple[int, str]]:
    """The number and Markdown of every revision that is seen, oldest first."""
    text = b""
    seen = {revision for (revision,) in db.execute("SELECT revision FROM revisions WHERE note_id = ?", (note_id,))}
    rows = db.execute("SELECT revision, text FROM main.revisions WHERE note_id = ? ORDER BY revision", (note_id,))
    for revision, blob in rows.fetchall():
        try:
            text = text if blob is None else deltas.decode(text, blob)
            if revision in seen:
                yield revision, text.decode()
        except ValueError as error:
            raise _damaged(db, note_id, revision) from error


def _damaged(db: Connection, note_id: int, revision: int) -> Damaged:
    row = db.execute("SELECT slug FROM notes WHERE id = ?", (note_id,)).fetchone()
    return Damaged(row[0] if row else f"note {note_id}", revision)


def check(db: Connection, note_id: int, revision: int, text: str) -> None:
    """Raise Damaged unless this text, with what else the revision keeps, is what its SHA-256 was made of."""
    if not is_what_was_written(db, note_id, revision, text):
        raise _damaged(db, note_id, revision)


def check_metadata(db: Connection, note_id: int, revision: int, metadata: Metadata) -> None:
    """Raise Damaged unless the note's metadata are those of its newest revision: a write would keep them for true."""
    kept = read_metadata(metadata_text_at(db, note_id, revision))
    if any(getattr(kept, name) != getattr(metadata, name) for name in OWN):
        raise _damaged(db, note_id, revision)


def load_at(db: Connection, note_id: int, slug: str, revision: int) -> Note:
    """The note as it was at a revision, checked against its SHA-256. Raises NotFound and Damaged."""
    row = db.execute(
        """SELECT r.seq, r.revised_at, r.actor, r.revised_by, n.created_at
           FROM revisions r JOIN notes n ON n.id = r.note_id WHERE r.note_id = ? AND r.revision = ?""",
        (note_id, revision),
    ).fetchone()
    if row is None:
        (last,) = db.execute("SELECT max(revision) FROM revisions WHERE note_id = ?", (note_id,)).fetchone()
        raise NotFound("revision", f"{slug}@{revision}", [f"{slug}@{last}"], within=slug)
    text = text_at(db, note_id, revision)
    check(db, note_id, revision, text)
    seq, revised_at, actor, revised_by, created_at = row
    metadata = read_metadata(metadata_text_at(db, note_id, revision))
    if metadata.parent is not None and db.is_limited and not _is_name(db, metadata.parent):
        metadata = replace(metadata, parent=None)
    return Note(note_id, metadata, text, revision, seq, created_at, revised_at, actor, revised_by)


def _is_name(db: Connection, slug: str) -> bool:
    found = db.execute("SELECT 1 FROM notes WHERE slug = ?1 UNION ALL SELECT 1 FROM aliases WHERE slug = ?1", (slug,))
    return found.fetchone() is not None


def count(db: Connection) -> int:
    """How many revisions are kept, of all notes."""
    (number,) = db.execute("SELECT count(*) FROM revisions").fetchone()
    return int(number)
