"""Revisions: every kept change of every note, append-only, compressed, each with a SHA-256.

A row holds its text whole or as the difference from the text before it (see deltas); `base` is the
revision at which its chain of differences starts. Text or metadata that did not change are NULL.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, fields, replace
from functools import cached_property
from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.errors import Damaged, NotFound
from notewell_store.models import Attribution, ExplicitLink, Metadata, Note
from notewell_store.tables import deltas
from notewell_store.tables.changes import MISSING, NEWEST, newest_change
from notewell_store.tables.checksums import checksum, is_what_was_written, metadata_text_at
from notewell_store.tables.project_rows import COUNT_FORMER, called_now

REDACTED = "redacted"
"""What a history says of a revision that was redacted (see redactions), beside what it changed."""

LONGEST_CHAIN = 64  # differences that a reader may have to apply

DEFAULTS = {f.name: f.default for f in fields(Metadata)}
OWN = tuple(name for name in DEFAULTS if name not in {"parent", "links", "project"})
"""What of a note's metadata is the same until the note itself changes; the others follow the names of other notes and
of projects."""


class Head(NamedTuple):
    """A note's newest revision, as the next one is written against it."""

    revision: int
    text: str


class _Newest(NamedTuple):
    """What the next revision of a note is written against: the store's newest change number, the newest revision's
    base, how many differences lie between that and it, and the metadata as they are kept."""

    seq: int
    base: int
    differences: int
    metadata: str


class Packed:
    """A text as it may be kept: whole, or as its difference from the text before it. Each takes as long as the text is
    long, and no store."""

    def __init__(self, before: str | None, text: str) -> None:
        self.before = before
        self.text = text

    @cached_property
    def whole(self) -> bytes:
        return deltas.encode_whole(self.text.encode())

    @cached_property
    def difference(self) -> bytes:
        return deltas.encode_delta((self.before or "").encode(), self.text.encode())

    @property
    def is_little_else(self) -> bool:
        """Whether the difference is smaller than the whole can be: prose deflates to more than a quarter."""
        return len(self.difference) * 4 < len(self.text)

    def get_ready(self) -> None:
        """Make what of it is most likely kept; a text that ends a chain of differences is kept whole."""
        if self.text != self.before and (self.before is None or not self.is_little_else):
            _ = self.whole


class Next(NamedTuple):
    """What the next revision of a note is written as: its numbers, how its text is kept, and the metadata as they were
    kept before."""

    seq: int
    revision: int
    base: int
    blob: bytes | None
    metadata: str | None


def next_of(db: Connection, before: Note | None, text: str, packed: Packed | None = None) -> Next:
    """It holds until anybody writes. What was `packed` is taken where it is of these very texts.

    Raises Damaged unless the metadata of the note as it stood `before` are those of its newest revision: they would be
    kept for true.
    """
    was = before and before.markdown
    if packed is None or (packed.before, packed.text) != (was, text):
        packed = Packed(was, text)
    if before is None:
        return Next(newest_change(db) + 1, FIRST, FIRST, packed.whole, None)
    newest, revision = _newest(db, before.id, before.revision), before.revision + 1
    _check_metadata(db, before.id, before, newest.metadata)
    return Next(newest.seq + 1, revision, *_encoded(newest, revision, packed), newest.metadata)


def append(
    db: Connection,
    note_id: int,
    own: Next,
    metadata: Metadata,
    text: str,
    by: Attribution,
    revised_at: str,
    changed: tuple[str, ...],
) -> None:
    """Keep one more revision. The gate must be held."""
    said = write_metadata(metadata)
    sha256 = digest(note_id, own.revision, own.seq, revised_at, by, changed, said, text)
    kept = None if said == own.metadata else said
    numbers, when_and_who = (own.seq, note_id, own.revision), (revised_at, by.actor, by.revised_by, by.reason)
    db.execute(
        """INSERT INTO revisions (seq, note_id, revision, revised_at, actor, revised_by, reason, changed,
             base, metadata, text, sha256, door, client) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (*numbers, *when_and_who, ",".join(changed), own.base, kept, own.blob, sha256, by.door, by.client),
    )


FIRST = 1


def _newest(db: Connection, note_id: int, revision: int) -> _Newest:
    row = db.execute(
        f"""SELECT ({NEWEST}), last.base,
             (SELECT count(chain.text) FROM revisions chain WHERE chain.note_id = last.note_id
                AND chain.revision > last.base AND chain.revision <= last.revision),
             (SELECT kept.metadata FROM revisions kept WHERE kept.note_id = last.note_id
                AND kept.revision <= last.revision AND kept.metadata IS NOT NULL
                ORDER BY kept.revision DESC LIMIT 1)
           FROM revisions last WHERE last.note_id = ? AND last.revision = ?""",
        (note_id, revision),
    ).fetchone()
    return _Newest._make(row)


def encode(db: Connection, note_id: int, revision: int, head: Head | None, text: str) -> tuple[int, bytes | None]:
    """The revision's base and blob: a difference while the chain is short and it is smaller than the whole."""
    if head is None:
        return revision, Packed(None, text).whole
    return _encoded(_newest(db, note_id, head.revision), revision, Packed(head.text, text))


def _encoded(newest: _Newest, revision: int, packed: Packed) -> tuple[int, bytes | None]:
    if packed.text == packed.before:
        return newest.base, None
    if newest.differences >= LONGEST_CHAIN:
        return revision, packed.whole
    if packed.is_little_else or len(packed.difference) < len(packed.whole):
        return newest.base, packed.difference
    return revision, packed.whole


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
    return checksum([note_id, revision, *who_and_when, list(changed), metadata], text, (by.door, by.client))


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


def newest_texts(db: Connection, note_id: int, most: int) -> Iterator[tuple[int, str]]:
    """The number and Markdown of the newest `most` revisions that are seen, oldest first."""
    newest = f"SELECT revision FROM revisions WHERE note_id = ? ORDER BY revision DESC LIMIT {most}"
    return texts_of(db, note_id, {revision for (revision,) in db.execute(newest, (note_id,))})


def texts_of(db: Connection, note_id: int, seen: Collection[int]) -> Iterator[tuple[int, str]]:
    """The same of these revisions, which must be seen."""
    text = b""
    rows = db.execute(
        """SELECT revision, text FROM main.revisions WHERE note_id = ?1 AND revision <= ?3
             AND revision >= (SELECT base FROM main.revisions WHERE note_id = ?1 AND revision = ?2)
           ORDER BY revision""",
        (note_id, min(seen, default=0), max(seen, default=0)),
    )
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


def _check_metadata(db: Connection, note_id: int, before: Note, kept: str) -> None:
    said = read_metadata(kept)
    project = before.metadata.project
    is_of_another = said.project != project and called_now(db, said.project) != project
    if is_of_another or any(getattr(said, name) != getattr(before.metadata, name) for name in OWN):
        raise _damaged(db, note_id, before.revision)


def load_at(db: Connection, note_id: int, slug: str, revision: int) -> Note:
    """The note as it was at a revision, checked against its SHA-256; its project is called what it is today. Raises
    NotFound and Damaged."""
    row = db.execute(
        f"""SELECT r.seq, r.revised_at, r.actor, r.revised_by, n.created_at, {COUNT_FORMER}
           FROM revisions r JOIN notes n ON n.id = r.note_id WHERE r.note_id = ? AND r.revision = ?""",
        (note_id, revision),
    ).fetchone()
    if row is None:
        (last,) = db.execute("SELECT max(revision) FROM revisions WHERE note_id = ?", (note_id,)).fetchone()
        raise NotFound("revision", f"{slug}@{revision}", [f"{slug}@{last}"], within=slug)
    text = text_at(db, note_id, revision)
    check(db, note_id, revision, text)
    seq, revised_at, actor, revised_by, created_at, renamed = row
    metadata = read_metadata(metadata_text_at(db, note_id, revision))
    if metadata.parent is not None and db.is_limited and not _is_name(db, metadata.parent):
        metadata = replace(metadata, parent=None)
    if renamed:
        metadata = replace(metadata, project=called_now(db, metadata.project))
    return Note(note_id, metadata, text, revision, seq, created_at, revised_at, actor, revised_by)


def _is_name(db: Connection, slug: str) -> bool:
    found = db.execute("SELECT 1 FROM notes WHERE slug = ?1 UNION ALL SELECT 1 FROM aliases WHERE slug = ?1", (slug,))
    return found.fetchone() is not None


def count(db: Connection) -> int:
    """How many revisions are kept, of all notes. Changes are numbered without gaps, but for those that were lost."""
    (number,) = db.execute(counting_all(db)).fetchone()
    return int(number)


def counting_all(db: Connection) -> str:
    """The query of `count`."""
    query = f"SELECT ({NEWEST}) - coalesce(sum(changes), 0) FROM lost_changes"
    return "SELECT count(*) FROM revisions" if db.is_limited else query


def keep_lost(db: Connection) -> None:
    """Keep how many changes the numbers up to the newest lack, in a store that knows of none yet: one that was saved
    from a damaged file, where notes may have been lost whole. The gate must be held."""
    db.execute(f"INSERT INTO lost_changes (up_to, changes) SELECT * FROM ({MISSING}) missing WHERE changes > 0")
