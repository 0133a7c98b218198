"""What passages mean: vectors by the digest of what was embedded, and which passage has which.

All of it is derived, and may be missing. No write of a note touches it: a row of a passage that is gone, or says
something else by now (its digest tells), counts for nothing, until it is swept. Vectors fit again wherever the same
text comes back.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from notewell_store.contract import Connection


class Lacking(NamedTuple):
    """A passage that has no vectors in a space, with the digest of its row."""

    passage: int
    note_id: int
    digest: bytes
    title: str
    heading: str
    body: str


class Amount(NamedTuple):
    """How much of a store: pieces as far as lengths tell."""

    notes: int
    passages: int
    pieces: int


class Signature(NamedTuple):
    """The signs of a passage's vectors; ids grow, and none comes twice."""

    id: int
    passage: int
    signature: bytes


BODY = 'substr(t.markdown, p.start + 1, p."end" - p.start)'
LACKS = "NOT EXISTS (SELECT 1 FROM meant m WHERE m.passage_id = p.id AND m.space_id = ? AND m.digest = p.digest)"
STALE = "NOT EXISTS (SELECT 1 FROM passages p WHERE p.id = meant.passage_id AND p.digest = meant.digest)"


def space_id(db: Connection, name: str) -> int | None:
    """The number of a space; None where nothing was ever kept in it."""
    row = db.execute("SELECT id FROM spaces WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else None


def keep_space(db: Connection, name: str, dimensions: int) -> int:
    """The number of a space, which is made where there is none."""
    db.execute("INSERT INTO spaces (name, dimensions) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, dimensions))
    known = space_id(db, name)
    assert known is not None
    return known


def lacking(
    db: Connection, space: int, below: int, most: int, *, public_only: bool, notes: Iterable[int] | None = None
) -> list[Lacking]:
    """The newest `most` passages below an id that have no vectors in a space; of these notes alone, where any are
    named."""
    rows = db.execute(
        f"""SELECT p.id, p.note_id, p.digest, n.title, coalesce(s.heading, ''), {BODY}
            FROM {_candidates(public_only=public_only)}
            LEFT JOIN sections s ON s.note_id = p.note_id AND s.number = p.section
            WHERE p.id < ? AND {LACKS}{_of_notes(db, notes)} ORDER BY p.id DESC LIMIT {most}""",
        [below, space, *([] if notes is None else [db.listed(notes)])],
    )
    return [Lacking(row[0], row[1], bytes(row[2]), *row[3:]) for row in rows.fetchall()]


def newest_passage(db: Connection) -> int:
    (newest,) = db.execute("SELECT coalesce(max(id), 0) FROM passages").fetchone()
    return int(newest)


def amount_lacking(db: Connection, space: int | None, longest_piece: int, *, public_only: bool) -> Amount:
    """What has no vectors in a space; None is one that nothing was kept in."""
    pieces = f'coalesce(sum(1 + (p."end" - p.start - 1) / {longest_piece}), 0)'
    where, values = ("TRUE", []) if space is None else (LACKS, [space])
    row = db.execute(
        f"""SELECT count(DISTINCT p.note_id), count(*), {pieces} FROM {_candidates(public_only=public_only)}
            WHERE {where}""",
        values,
    ).fetchone()
    return Amount(*row)


def _candidates(*, public_only: bool) -> str:
    """Passages with their notes and texts."""
    public = " AND n.is_public = TRUE" if public_only else ""
    return f"passages p JOIN notes n ON n.id = p.note_id{public} JOIN texts t ON t.note_id = p.note_id"


def _of_notes(db: Connection, notes: Iterable[int] | None) -> str:
    return "" if notes is None else f" AND p.note_id IN {db.VALUES}"


def known(db: Connection, space: int, digests: Iterable[bytes]) -> dict[bytes, tuple[int, bytes]]:
    """Of these digests those that have vectors: their numbers, and the vectors."""
    query = "SELECT id, vectors FROM meanings WHERE space_id = ? AND digest = ?"
    rows = {digest: db.execute(query, (space, digest)).fetchone() for digest in digests}
    return {digest: (int(row[0]), bytes(row[1])) for digest, row in rows.items() if row}


def add(db: Connection, space: int, digest: bytes, vectors: bytes) -> int:
    """Keep vectors, and return their number; those that are there stay. Empty ones say that there can be none."""
    db.execute(
        "INSERT INTO meanings (space_id, digest, vectors) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (space, digest, vectors),
    )
    (identity,) = db.execute("SELECT id FROM meanings WHERE space_id = ? AND digest = ?", (space, digest)).fetchone()
    return int(identity)


def still_says(db: Connection, passage: Lacking) -> bool:
    """Whether the passage is still there, and says what it did."""
    query = "SELECT 1 FROM passages WHERE id = ? AND digest = ?"
    return db.execute(query, (passage.passage, passage.digest)).fetchone() is not None


def point(db: Connection, space: int, passage: Lacking, meaning: int, signature: bytes) -> None:
    """Let a passage have these vectors, in the place of those that it had under another text."""
    db.execute("DELETE FROM meant WHERE passage_id = ? AND space_id = ?", (passage.passage, space))
    db.execute(
        "INSERT INTO meant (passage_id, space_id, digest, meaning_id, signature) VALUES (?, ?, ?, ?, ?)",
        (passage.passage, space, passage.digest, meaning, signature),
    )


def vectors_of(db: Connection, space: int, passages: Iterable[int]) -> dict[int, bytes]:
    """The packed vectors of those passages that have any. Begun at the passages: a plan that begins at the vectors
    reads all there are."""
    rows = db.execute(
        f"""SELECT m.passage_id, v.vectors FROM {db.VALUES} wanted
              CROSS JOIN passages p CROSS JOIN meant m CROSS JOIN main.meanings v
            WHERE p.id = wanted.value AND m.passage_id = p.id AND m.space_id = ? AND m.digest = p.digest
              AND v.id = m.meaning_id""",
        (db.listed(passages), space),
    )
    return {passage: bytes(vectors) for passage, vectors in rows.fetchall()}


def sample(db: Connection, space: int, most: int) -> list[bytes]:
    """The vectors of `most` passages, the first by their digests: as good as by chance, and always the same. Of all
    notes, whoever may see them: what comes of it is a mean and a deviation."""
    rows = db.execute(f"SELECT vectors FROM main.meanings WHERE space_id = ? ORDER BY digest LIMIT {most}", (space,))
    return [bytes(vectors) for (vectors,) in rows.fetchall()]


def signatures_after(db: Connection, space: int, after: int) -> Iterator[Signature]:
    """Of all passages, whoever may see them, the signatures behind that id."""
    rows = db.execute(
        "SELECT id, passage_id, signature FROM main.meant WHERE space_id = ? AND id > ? ORDER BY id", (space, after)
    )
    return map(Signature._make, rows)


def signature_at(db: Connection, space: int, at: int) -> Signature | None:
    """The one of that id."""
    row = db.execute(
        "SELECT id, passage_id, signature FROM main.meant WHERE space_id = ? AND id = ?", (space, at)
    ).fetchone()
    return Signature._make(row) if row else None


def are_more_than(db: Connection, space: int, most: int) -> bool:
    """Whether more passages than that have vectors."""
    (counted,) = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM main.meant WHERE space_id = ? LIMIT {most + 1}) counted", (space,)
    ).fetchone()
    return int(counted) > most


def have_any(db: Connection, space: int) -> bool:
    """Whether anything has vectors in a space."""
    return db.execute("SELECT 1 FROM main.meanings WHERE space_id = ? LIMIT 1", (space,)).fetchone() is not None


def forget(db: Connection, space: int) -> None:
    """Let no passage have vectors in a space."""
    db.execute("DELETE FROM meant WHERE space_id = ?", (space,))
    db.execute("DELETE FROM meanings WHERE space_id = ?", (space,))


def stale(db: Connection, most: int) -> list[int]:
    """At most so many rows of passages that are gone."""
    rows = db.execute(f"SELECT meant.id FROM meant WHERE {STALE} ORDER BY meant.id LIMIT {most}")
    return [identity for (identity,) in rows.fetchall()]


def take_out(db: Connection, rows: Iterable[int]) -> None:
    """Take out rows by their ids."""
    db.execute(f"DELETE FROM meant WHERE id IN {db.VALUES}", (db.listed(rows),))


def sweep(db: Connection) -> int:
    """Take out what is of no passage any more, and say how many texts' vectors those were."""
    db.execute(f"DELETE FROM meant WHERE {STALE}")
    return db.execute("DELETE FROM meanings WHERE id NOT IN (SELECT meaning_id FROM meant)").rowcount


def sweep_other_spaces(db: Connection, space: int) -> int:
    """Take out the spaces beside this one, with all that is kept in them, and say how many."""
    db.execute("DELETE FROM meant WHERE space_id <> ?", (space,))
    db.execute("DELETE FROM meanings WHERE space_id <> ?", (space,))
    return db.execute("DELETE FROM spaces WHERE id <> ?", (space,)).rowcount


def take_filling(db: Connection, holder: str, now: str, until: str) -> bool:
    """Let `holder` alone fill the store until that time; False while another does. Who holds it may take it again."""
    return (
        db.execute(
            """INSERT INTO filling (id, holder, until) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE
                 SET holder = excluded.holder, until = excluded.until
                 WHERE filling.holder = excluded.holder OR filling.until <= ?""",
            (holder, until, now),
        ).rowcount
        > 0
    )


def leave_filling(db: Connection, holder: str) -> None:
    db.execute("DELETE FROM filling WHERE holder = ?", (holder,))
