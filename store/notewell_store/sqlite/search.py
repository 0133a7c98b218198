"""Full-text search: which notes answer a question, and the passage in each that does."""

import json
import re
from dataclasses import replace

from notewell_store.models import Filter, Hit, Page
from notewell_store.sqlite.connection import Connection
from notewell_store.sqlite.index import UNSPACED
from notewell_store.sqlite.listing import conditions
from notewell_store.sqlite.snippets import Marks, folded, snippet
from notewell_store.sqlite.visibility import is_limited, of_seen

MOST_TERMS = 32
PASSAGES_PER_NOTE = 8  # looked at for each note that is wanted, at first
WEIGHTS = (3.0, 2.0, 1.0, 2.0)  # title, heading, body, names

QUOTED = re.compile(r'"([^"]*)"')
WORD = re.compile(r"[^\W_]+(?:[._/:@#'’-]*[^\W_]+)*|_+\w+")
STOP_WORDS = frozenset(
    """a about after all also an and any are as at be because been before being between both but by can could did do
    does doing done during each for from further get had has have having he her here hers him his how i if in into is
    it its just let me might more most much must my no nor not now of off on once one only or other our out over own
    per please same shall she should since so some such than that the their them then there these they this those
    through to too under until up upon us very was we were what when where whether which while who whom whose why
    will with within would you your""".split()  # noqa: SIM905 - a list of so many quoted words is not readable
)


def search_notes(db: Connection, query: str, wanted: Filter, limit: int = 10) -> Page[Hit]:
    """The notes that best answer `query`, one hit for each, best first.

    Any word may match; words in double quotes must stand together. `total` counts all notes that match.
    """
    terms = query_terms(query)
    if not terms:
        return Page(0, ())
    wide = _Search(db, " OR ".join(terms), wanted)
    total = wide.count()
    marks = Marks(query_words(query))
    hits = tuple(_hit(db, note_id, passage, -score, marks) for note_id, passage, score in wide.best(limit))
    return Page(total, _by_place(hits) if is_limited(db) else hits)


def _by_place(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits, scored by their order alone: how rare a word is in notes that are not seen would show in a score."""
    return tuple(replace(hit, score=round(1 / place, 3)) for place, hit in enumerate(hits, start=1))


class _Search:
    """A match of the index, within a filter. Ranking many passages costs more than all else, so that passages are
    ranked alone, and notes are looked up for the best of them only."""

    def __init__(self, db: Connection, match: str, wanted: Filter) -> None:
        self._db = db
        where, values = conditions(db, wanted)
        self._condition = "search MATCH ?"
        self._values: list[object] = [match]
        if wanted != Filter():  # the index holds living notes only, so that no filter needs no look at the notes
            self._condition += f""" AND EXISTS (SELECT 1 FROM passages p WHERE p.id = search.rowid
                AND p.note_id IN (SELECT n.id FROM notes n WHERE {where}))"""  # with `rowid IN` each were a match anew
            self._values += values
        else:
            self._condition += of_seen(db)

    def count(self) -> int:
        (notes,) = self._db.execute(
            f"""SELECT count(DISTINCT place.note_id) FROM search JOIN passages place ON place.id = search.rowid
                WHERE {self._condition}""",
            self._values,
        ).fetchone()
        return int(notes)

    def best(self, limit: int) -> list[tuple[int, int, float]]:
        """The best notes: the id of each, of its best passage, and that one's rank, the lowest first."""
        taken = limit * PASSAGES_PER_NOTE
        while True:
            rows = self._ranked(taken)
            best: dict[int, tuple[int, int, float]] = {}
            for note_id, passage, rank in rows:
                best.setdefault(note_id, (note_id, passage, rank))
            if len(best) >= limit or len(rows) < taken:
                return list(best.values())[:limit]
            taken *= PASSAGES_PER_NOTE

    def _ranked(self, limit: int) -> list[tuple[int, int, float]]:
        ranked = self._db.execute(
            f"""SELECT search.rowid, bm25(search, {", ".join(map(str, WEIGHTS))}) AS rank FROM search
                WHERE {self._condition} ORDER BY 2, 1 LIMIT ?""",
            [*self._values, limit],
        ).fetchall()
        ids = json.dumps([passage for passage, _ in ranked])
        note_of = dict(
            self._db.execute("SELECT id, note_id FROM passages WHERE id IN (SELECT value FROM json_each(?))", (ids,))
        )
        return [(note_of[passage], passage, rank) for passage, rank in ranked]


def query_terms(query: str) -> list[str]:
    """The query as FTS5 strings: phrases in quotes, then words without stop words, each quoted so that
    nothing in it is syntax. A query of stop words only keeps them."""
    phrases = [phrase for phrase in QUOTED.findall(query) if WORD.search(phrase)]
    words = WORD.findall(QUOTED.sub(" ", query))
    telling = [word for word in words if word.lower() not in STOP_WORDS] or ([] if phrases else words)
    terms = dict.fromkeys(searchable_term(term) for term in [*phrases, *telling])
    return [f'"{term}"' for term in terms if term][:MOST_TERMS]


def query_words(query: str) -> list[str]:
    """What of a query is looked for in a text that it found."""
    words = set(re.findall(r"[^\W_]+", folded(query))) - STOP_WORDS
    return sorted(words, key=len, reverse=True)[:MOST_TERMS]


def searchable_term(term: str) -> str:
    sayable = term.replace('"', " ").replace("\0", " ").encode(errors="replace").decode()
    return " ".join(UNSPACED.sub(lambda match: f" {match[0]} ", sayable).split())


def _hit(db: Connection, note_id: int, passage: int, score: float, marks: Marks) -> Hit:
    """What stands right under a note's title is named by the note alone: the title's section is all of it."""
    slug, title, revision, anchor, heading, body = db.execute(
        """SELECT n.slug, n.title, n.revision, iif(s.number = 0 AND s.level = 1, NULL, s.anchor), s.heading,
             substr(t.markdown, p.start + 1, p.end - p.start)
           FROM passages p JOIN notes n ON n.id = p.note_id JOIN texts t ON t.note_id = n.id
             LEFT JOIN sections s ON s.note_id = p.note_id AND s.number = p.section
           WHERE p.id = ?""",
        (passage,),
    ).fetchone()
    return Hit(slug, anchor, title, heading, snippet(body, marks), round(score, 3), revision)
