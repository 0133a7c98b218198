"""Placeholders: the revisions that are lost for good, so that those after them keep their numbers.

`sop-deploy@7` stands in other notes and in pull requests, so a saved revision keeps its number, its change number and
its SHA-256. In the place of a lost one stands a revision that says so; its text is that of the one before it.
"""

import heapq
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from notewell_store.engines.sqlite.connection import Connection
from notewell_store.models import Attribution
from notewell_store.tables import deltas
from notewell_store.tables.checksums import metadata_text_at
from notewell_store.tables.revisions import digest, text_at

SALVAGE = "notewell salvage"  # who writes them
LAST_SEQ = 2**62
FIRST = "SELECT revised_at, metadata FROM revisions WHERE note_id = ? ORDER BY revision LIMIT 1"


class Gap(NamedTuple):
    """A lost revision, and the change numbers between which its own lay."""

    note_id: int
    revision: int
    after: int
    before: int


def numbered(gaps: Iterable[Gap], taken: set[int]) -> Iterator[tuple[int, Gap]]:
    """A free change number for each, between those of its neighbours: the first to end is served first."""
    waiting: list[tuple[int, int, int, Gap]] = []
    ordered = sorted(gaps, key=lambda gap: gap.after)
    seq = at = 0
    while at < len(ordered) or waiting:
        if not waiting:
            seq = max(seq, ordered[at].after)
        seq += 1
        while at < len(ordered) and ordered[at].after < seq:
            gap = ordered[at]
            heapq.heappush(waiting, (gap.before, gap.note_id, gap.revision, gap))
            at += 1
        if seq not in taken:
            yield seq, heapq.heappop(waiting)[-1]


def write_placeholder(db: Connection, seq: int, gap: Gap) -> None:
    """Keep what says that the revision is lost."""
    before = db.execute(
        "SELECT revised_at, base FROM revisions WHERE note_id = ? AND revision = ?", (gap.note_id, gap.revision - 1)
    ).fetchone()
    kept_metadata: str | None = None
    blob: bytes | None = None
    if before is not None:
        revised_at, base = before
        former = gap.note_id, gap.revision - 1
        metadata, text = metadata_text_at(db, *former), text_at(db, *former)
        reason = f"revision {gap.revision} was lost in a damaged file; what stands here is revision {gap.revision - 1}"
    else:
        revised_at, metadata = db.execute(FIRST, (gap.note_id,)).fetchone()
        text, reason = "", f"revision {gap.revision} was lost in a damaged file; what it said is not known"
        base, kept_metadata, blob = gap.revision, metadata, deltas.encode_whole(b"")
    by = Attribution(SALVAGE, None, reason)
    checksum = digest(gap.note_id, gap.revision, seq, revised_at, by, ("lost",), metadata, text)
    db.execute(
        """INSERT INTO revisions (seq, note_id, revision, revised_at, actor, reason, changed, base, metadata, text,
             sha256) VALUES (?, ?, ?, ?, ?, ?, 'lost', ?, ?, ?, ?)""",
        (seq, gap.note_id, gap.revision, revised_at, by.actor, reason, base, kept_metadata, blob, checksum),
    )
