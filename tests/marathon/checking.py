"""What must hold of a store after every attack, looked at from outside of the servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from notewell_store import Damaged, StoreError, open_store
from notewell_store.integrity.verify import verify
from notewell_store.tables import notes, revisions
from servers import BrokenPromise

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from notewell_store.contract import Connection


class Written(NamedTuple):
    """An answered write: the note and revision that the answer named, and words that stand in that revision."""

    slug: str
    revision: int
    words: str
    actor: str | None = None


class Kept(NamedTuple):
    """What a store holds, once it was found whole."""

    notes: int
    revisions: int


def check_store(database: Path | str, written: Iterable[Written] = ()) -> Kept:
    """Raise BrokenPromise unless the store is whole and holds every answered write."""
    try:
        store = open_store(database, create=False)
    except StoreError as error:
        raise BrokenPromise(f"the store cannot be opened: {error}") from error
    try:
        if findings := verify(store).findings:
            raise BrokenPromise(f"verify finds {len(findings)} faults: {'; '.join(map(str, findings[:5]))}")
        with store.reading() as db:
            check_numbers(db)
            for one in written:
                check_written(db, one)
            return Kept(_count(db, "notes"), _count(db, "revisions"))
    except Damaged as error:
        raise BrokenPromise(f"a damaged revision: {error}") from error
    finally:
        store.close()


def check_numbers(db: Connection) -> None:
    """Change numbers of the store and revision numbers of each note run from 1 without a gap."""
    count, first, last = db.execute("SELECT count(*), min(seq), max(seq) FROM revisions").fetchone()
    if count and (first, last) != (1, count):
        raise BrokenPromise(f"{count} revisions are numbered {first} to {last}")
    gaps = db.execute(
        """SELECT n.slug, n.revision, count(r.seq), min(r.revision), max(r.revision)
           FROM notes n LEFT JOIN revisions r ON r.note_id = n.id GROUP BY n.id
           HAVING coalesce(min(r.revision), 0) != 1 OR max(r.revision) != count(r.seq) OR n.revision != count(r.seq)"""
    ).fetchall()
    if gaps:
        raise BrokenPromise(f"revision numbers with a gap: {gaps[:5]}")


def check_written(db: Connection, one: Written) -> None:
    """The answered write is in the history as it was answered, and still stands in the text, once."""
    note_id = notes.find_slug(db, one.slug)
    if note_id is None:
        raise BrokenPromise(f"{one.slug} was answered and is lost")
    if one.revision > (newest := notes.load(db, note_id)).revision:
        raise BrokenPromise(f"{one.slug}@{one.revision} was answered, the note ends at {newest.revision}")
    then = revisions.load_at(db, note_id, one.slug, one.revision)
    if one.actor is not None and then.actor != one.actor:
        raise BrokenPromise(f"{one.slug}@{one.revision} was answered to {one.actor}, but is {then.actor}'s")
    for text in (then.markdown, newest.markdown):
        if text.count(one.words) != 1:
            raise BrokenPromise(f"{one.words!r} stands {text.count(one.words)} times in {one.slug}, not once")


def _count(db: Connection, table: str) -> int:
    (count,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)
