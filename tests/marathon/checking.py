"""What must hold of a store's file after every attack, looked at from outside of the servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from servers import BrokenPromise

from notewell_store import Damaged, StoreError, open_store
from notewell_store.sqlite import notes, revisions, search
from notewell_store.sqlite.pages import html_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from notewell_store.models import Note
    from notewell_store.sqlite.connection import Connection


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


def check_store(database: Path, written: Iterable[Written] = ()) -> Kept:
    """Raise BrokenPromise unless the store is whole and holds every answered write."""
    try:
        store = open_store(database, create=False)
    except StoreError as error:
        raise BrokenPromise(f"the store cannot be opened: {error}") from error
    try:
        with store.reading() as db:
            check_file(db)
            check_numbers(db)
            for note_id, slug in db.execute("SELECT id, slug FROM notes").fetchall():
                check_note(db, note_id, slug)
            for one in written:
                check_written(db, one)
            return Kept(_count(db, "notes"), _count(db, "revisions"))
    except Damaged as error:
        raise BrokenPromise(f"a damaged revision: {error}") from error
    finally:
        store.close()


def check_file(db: Connection) -> None:
    """SQLite's own view: pages, indexes, references, and the search index's inner order."""
    (found,) = db.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise BrokenPromise(f"integrity_check: {found}")
    if orphan := db.execute("PRAGMA foreign_key_check").fetchone():
        raise BrokenPromise(f"foreign_key_check: {orphan}")


def check_numbers(db: Connection) -> None:
    """Change numbers of the store and revision numbers of each note run from 1 without a gap."""
    count, first, last = db.execute("SELECT count(*), min(seq), max(seq) FROM revisions").fetchone()
    if count and (first, last) != (1, count):
        raise BrokenPromise(f"{count} revisions are numbered {first} to {last}")
    gaps = db.execute(
        """SELECT n.slug, n.revision, count(r.seq), min(r.revision), max(r.revision)
           FROM notes n LEFT JOIN revisions r ON r.note_id = n.id GROUP BY n.id
           HAVING min(r.revision) IS NOT 1 OR max(r.revision) != count(r.seq) OR n.revision != count(r.seq)"""
    ).fetchall()
    if gaps:
        raise BrokenPromise(f"revision numbers with a gap: {gaps[:5]}")


def check_note(db: Connection, note_id: int, slug: str) -> None:
    """Every revision is what was written, the newest is what is shown, and it can be found."""
    now = notes.load(db, note_id)
    kept = [revisions.load_at(db, note_id, slug, number + 1) for number in range(now.revision)]
    if kept[-1].markdown != now.markdown or kept[-1].metadata.title != now.metadata.title:
        raise BrokenPromise(f"{slug} does not read as its newest revision")
    if "# " in now.markdown and "<" not in html_of(db, now, 0, len(now.markdown)):
        raise BrokenPromise(f"{slug} has no page")
    if not now.metadata.deleted:
        check_index(db, now)


def check_index(db: Connection, note: Note) -> None:
    """The index holds the note under its slug as often as it has passages."""
    (passages,) = db.execute("SELECT count(*) FROM passages WHERE note_id = ?", (note.id,)).fetchone()
    terms = search.query_terms(note.metadata.slug)
    (found,) = db.execute(
        "SELECT count(*) FROM search JOIN passages p ON p.id = search.rowid WHERE search MATCH ? AND p.note_id = ?",
        (" AND ".join(terms), note.id),
    ).fetchone()
    if passages != found or not passages:
        raise BrokenPromise(f"{note.metadata.slug} has {passages} passages, the index finds {found}")


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
