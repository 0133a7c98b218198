"""The full-text index by tsvector and GIN: see contract.Index.

The words are cut and stemmed here, as FTS5 does it for a file, so that the same texts are found by the same words and
the server needs no dictionary. The index proposes: which passage answers best is told by their texts afterwards.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from notewell_store.contract import Condition, Snapshot
from notewell_store.index_query import AllOf, AnyOf, Beginning, IndexQuery, PassageText, Together, Within
from notewell_store.search.question import tokens
from notewell_store.search.stems import stem

LONGEST_WORD = 500  # letters: a word of an index has at most 2,046 bytes
LAST_PLACE = 16_383  # words of a passage whose places are told apart
MOST_PLACES = 255  # of one word in a passage
BETWEEN = 2  # places between the last word of a column and the first of the next, which do not stand together
OVER = {"title": "^", "heading": "#", "names": "@"}
"""The columns over a passage's body: a word of such a column is kept a second time, behind the column's mark, so that
the index itself tells where it stands. No word of ours begins so."""
MOST_MARKED = 20_000  # letters of a column: a longer one, kept twice, may be more than a tsvector holds, which is 1 MB
WEIGHTS = {"": 1.0, "^": 0.5, "#": 0.5, "@": 0.1}
"""What a word is worth that stands in a passage or over it, and what it is worth more in each of these columns: as BM25
weighs a title that counts three times. Measured with bench/retrieval.py."""
PASSAGES = "(SELECT greatest(reltuples, 10000) FROM pg_class WHERE oid = CAST('main.search' AS regclass))"
"""About how many there are; of a small store, which may not be counted yet, some number serves."""
NOWHERE = "' '"
"""A word that no text has."""
AT_ONCE = 500  # passages in one message
MOST_READY = 50  # passages whose words are known before they are taken in
MOST_HELD = 10_000  # passages of a term that are ranked, the newest


Row = tuple[int, str]


class WordIndex:
    """The index as one connection reads and writes it."""

    def __init__(self, db: Snapshot) -> None:
        self._db = db

    def take_in(self, passages: Iterable[tuple[int, PassageText]]) -> None:
        """In batches: a message may hold so much, and a server too."""
        for batch in batched(((passage, vector_of(text)) for passage, text in passages), AT_ONCE):
            self._db.execute(
                """INSERT INTO main.search (id, words) SELECT passage, CAST(words AS tsvector)
                   FROM unnest(CAST(? AS bigint[]), CAST(? AS text[])) AS taken (passage, words)""",
                tuple(map(list, zip(*batch, strict=True))),
            )

    def get_ready(self, passages: Iterable[PassageText]) -> None:
        for text in islice(passages, MOST_READY):
            vector_of(text)

    def take_out(self, passages: Iterable[tuple[int, PassageText]]) -> None:
        ids = self._db.listed([passage for passage, _ in passages])
        self._db.execute(f"DELETE FROM main.search WHERE id IN {self._db.VALUES}", (ids,))

    def merge(self, *, begins: bool) -> bool:
        """The server does it by itself."""
        return False

    def merge_some(self) -> None:
        """See merge."""

    def as_word(self, word: str) -> str:
        return self.wording(Together(word))

    def as_any(self, words: Iterable[str]) -> str:
        return self.wording(AnyOf(tuple(map(Together, words))))

    def holding(self, query: IndexQuery) -> Condition:
        return "SELECT search.id FROM main.search WHERE words @@ CAST(? AS tsquery)", [self.wording(query)]

    def holding_word(self, column: str) -> str:
        return f"SELECT search.id FROM main.search WHERE words @@ CAST({column} AS tsquery)"

    def ranked(self, query: IndexQuery) -> Condition:
        """By the sum of the rarities of those of its terms that a passage holds; more where these stand over it."""
        terms = query.queries if isinstance(query, AnyOf) else (query,)
        asked = [
            (_worded(term, mark), number, weight)
            for number, term in enumerate(terms)
            for mark, weight in WEIGHTS.items()
        ]
        words, numbers, weights = map(list, zip(*asked, strict=True))
        return (
            f"""WITH held AS MATERIALIZED (
                 SELECT found.id, asked.term, asked.weight
                 FROM unnest(CAST(? AS text[]), CAST(? AS bigint[]), CAST(? AS float8[])) AS asked (word, term, weight)
                 CROSS JOIN LATERAL (SELECT search.id FROM main.search WHERE words @@ CAST(asked.word AS tsquery)
                   ORDER BY search.id DESC LIMIT {MOST_HELD}) found),
                 weighed AS (SELECT term, ln(1 + {PASSAGES} / count(DISTINCT id)) AS rarity FROM held GROUP BY term)
               SELECT held.id, -sum(weighed.rarity * held.weight) AS rank
               FROM held JOIN weighed ON weighed.term = held.term GROUP BY held.id""",
            [words, numbers, weights],
        )

    def wording(self, query: IndexQuery) -> str:
        return _worded(query, "")


def _worded(query: IndexQuery, marks: str) -> str:
    """As a tsquery; `marks` are those of the columns in which it is looked for, none for all."""
    match query:
        case Together(words):
            return _any(_together(stems_of(words), "", mark) for mark in marks or ("",))
        case Beginning(words):
            return _any(_together(stems_of(words), ":*", mark) for mark in marks or ("",))
        case AnyOf(queries):
            return _any(_worded(each, marks) for each in queries)
        case AllOf(queries):
            return f"({' & '.join(_worded(each, marks) for each in queries)})" if queries else NOWHERE
        case Within(names, inner):
            return _worded(inner, "".join(OVER[name] for name in names))


def _any(queries: Iterable[str]) -> str:
    asked = list(queries)
    return asked[0] if len(asked) == 1 else f"({' | '.join(asked)})" if asked else NOWHERE


def _together(words: Sequence[str], last: str, mark: str) -> str:
    if not words:
        return NOWHERE
    *others, end = (f"'{mark}{word}'" for word in words)
    return f"({' <-> '.join([*others, end + last])})" if others else end + last


def batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    left = iter(rows)
    while batch := list(islice(left, size)):
        yield batch


def stems_of(text: str) -> list[str]:
    return [word_of(word) for word in tokens(text)]


def word_of(token: str) -> str:
    """A word as the index has it: stemmed, and cut. No stem differs from a word that ends with a digit; and a word
    holds neither quotes nor backslashes, which would mean something in a query."""
    return (stem(token) if token[-1:].isalpha() else token)[:LONGEST_WORD]


@lru_cache(maxsize=MOST_READY)
def vector_of(text: PassageText) -> str:
    """The words of a passage with their places, as a tsvector is written."""
    places: dict[str, list[str]] = {}
    for word, place in _placed(text):
        known = places.setdefault(word, [])
        if len(known) < MOST_PLACES:
            known.append(str(place))
    return " ".join(f"'{word}':{','.join(known)}" for word, known in places.items())


def _placed(text: PassageText) -> Iterator[tuple[str, int]]:
    place = 0
    for column, written in zip(PassageText._fields, text, strict=True):
        mark = OVER.get(column) if len(written) <= MOST_MARKED else None
        for word in stems_of(written):
            place += 1
            yield word, min(place, LAST_PLACE)
            if mark:
                yield mark + word, min(place, LAST_PLACE)
        place += BETWEEN
