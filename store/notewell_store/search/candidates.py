"""Which passages the search index proposes for a question: a bounded look, however large the store.

Ranking a passage costs ten times what finding it does, and a common word stands in a large part of all. So rare
words find, while common ones only order what was found, or find where they stand together.
"""

import json
from collections.abc import Iterator, Sequence

from notewell_store.contract import Snapshot
from notewell_store.engines.sqlite.visibility import of_seen
from notewell_store.models import Filter
from notewell_store.search.question import Term
from notewell_store.tables.listing import conditions

MOST_RANKED = 10_000  # passages, of which the newest are taken
MOST_COUNTED = 3_000  # passages whose notes are counted
MOST_RANKED_BEHIND_VIEWS = 1_000  # a look through a view costs ten times as much
SMALL = 2_000  # notes of a filter whose passages are listed beforehand
WEIGHTS = "3.0, 3.0, 1.0, 1.0"  # title, heading, body, names


class Proposals:
    """The passages that one filter takes, as the index knows them."""

    def __init__(self, db: Snapshot, wanted: Filter) -> None:
        self._db = db
        self.most = MOST_RANKED_BEHIND_VIEWS if db.is_limited else MOST_RANKED
        self._condition, self._values = self._within(wanted)

    def _within(self, wanted: Filter) -> tuple[str, list[object]]:
        """The index holds living notes only, so that no filter needs no look at the notes."""
        if wanted == Filter():
            return of_seen(self._db), []
        where, values = conditions(self._db, wanted)
        notes = f"SELECT n.id FROM notes n WHERE {where}"
        few = self._db.execute(f"{notes} LIMIT ?", [*values, SMALL + 1]).fetchall()
        if len(few) > SMALL:
            place = f"SELECT 1 FROM passages p WHERE p.id = search.rowid AND p.note_id IN ({notes})"
            return f" AND EXISTS ({place})", values
        passages = self._db.execute(
            "SELECT id FROM passages WHERE note_id IN (SELECT value FROM json_each(?))",
            (json.dumps([note_id for (note_id,) in few]),),
        )
        ids = json.dumps([passage for (passage,) in passages])
        return " AND +search.rowid IN (SELECT value FROM json_each(?))", [ids]  # + lest each is a match of its own

    def count(self, match: str, most: int | None = None) -> int:
        """In how many passages it stands, counted no further than `most`."""
        (count,) = self._db.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?{self._condition} LIMIT ?)",
            [match, *self._values, self.most if most is None else most],
        ).fetchone()
        return int(count)

    def notes(self, match: str) -> tuple[int, bool]:
        """How many notes it finds, and whether there may be more, for only so many passages are looked at."""
        most = min(self.most, MOST_COUNTED)
        notes, passages = self._db.execute(
            f"""SELECT count(DISTINCT p.note_id), count(*) FROM
                  (SELECT rowid FROM search WHERE search MATCH ?{self._condition} ORDER BY rowid DESC LIMIT ?) found
                JOIN passages p ON p.id = found.rowid""",
            [match, *self._values, most],
        ).fetchone()
        return int(notes), passages >= most

    def best(self, match: str, limit: int) -> list[tuple[int, int]]:
        """The ids of the best passages by BM25, with the id of each one's note; the newest where two are as good."""
        ranked = self._db.execute(
            f"""SELECT id FROM (SELECT search.rowid AS id, bm25(search, {WEIGHTS}) AS rank FROM search
                  WHERE search MATCH ?{self._condition} ORDER BY search.rowid DESC LIMIT ?)
                ORDER BY rank, id DESC LIMIT ?""",
            [match, *self._values, self.most, limit],
        ).fetchall()
        ids = [passage for (passage,) in ranked]
        rows = self._db.execute(
            "SELECT id, note_id FROM passages WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
        )
        note_of = dict(rows.fetchall())
        return [(passage, note_of[passage]) for passage in ids]

    def named(self, slugs: Sequence[str]) -> dict[int, int]:
        """The notes that are called so, or were: the id of each, with that of its first passage."""
        names = json.dumps(slugs)
        called = self._db.execute(
            """SELECT n.id FROM notes n WHERE n.slug IN (SELECT value FROM json_each(?))
               UNION SELECT a.note_id FROM aliases a WHERE a.slug IN (SELECT value FROM json_each(?))""",
            (names, names),
        ).fetchall()
        if not called:
            return {}
        rows = self._db.execute(
            f"""SELECT search.note_id, min(search.rowid) FROM (SELECT p.id AS rowid, p.note_id FROM passages p
                  WHERE p.note_id IN (SELECT value FROM json_each(?))) search
                WHERE TRUE{self._condition} GROUP BY search.note_id""",
            [json.dumps([note_id for (note_id,) in called]), *self._values],
        )
        return dict(rows.fetchall())


def matches(terms: Sequence[Term], counts: dict[Term, int], most: int) -> Iterator[str]:
    """What to ask the index, the next where the one before found too little.

    Where anything is quoted, nothing else finds. Else the rarest terms whose passages can all be ranked, with the
    others where these stand together, at last with the rarest of the others.
    """
    phrases = [term for term in terms if term.kind == "phrase"]
    others = sorted((term for term in terms if term not in phrases and counts[term]), key=counts.__getitem__)
    rare = _within(others, counts, most)
    common = others[len(rare) :]
    if phrases:
        quoted = _any(phrases)
        if rare:
            yield f"({quoted}) AND ({_any(rare)})"
        yield quoted
        return
    if rare:
        yield _any(rare)
    if common:
        together = " AND ".join(f"({term.match})" for term in common)
        if not rare:
            yield f"{{title heading names}} : ({together})"
        if len(common) > 1:
            yield " OR ".join([*(term.match for term in rare), f"({together})"])
        yield _any([*rare, common[0]])


def _within(terms: Sequence[Term], counts: dict[Term, int], most: int) -> list[Term]:
    taken: list[Term] = []
    for term in terms:
        most -= counts[term]
        if most < 0:
            break
        taken.append(term)
    return taken


def _any(terms: Sequence[Term]) -> str:
    return " OR ".join(term.match for term in terms)
