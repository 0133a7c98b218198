"""The full-text index by tsvector and GIN: see contract.Index.

The words are cut and stemmed here, as FTS5 does it for a file, so that the same texts are found by the same words and
the server needs no dictionary. The index proposes: which passage answers best is told by their texts afterwards.
"""

from collections.abc import Iterable, Iterator
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
LETTERS = {"title": "A", "heading": "B", "body": "C", "names": "D"}
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

    def merge(self) -> bool:
        """The server does it by itself."""
        return False

    def as_word(self, word: str) -> str:
        return self.wording(Together(word))

    def as_any(self, words: Iterable[str]) -> str:
        return self.wording(AnyOf(tuple(map(Together, words))))

    def holding(self, query: IndexQuery) -> Condition:
        return "SELECT search.id FROM main.search WHERE words @@ CAST(? AS tsquery)", [self.wording(query)]

    def holding_word(self, column: str) -> str:
        return f"SELECT search.id FROM main.search WHERE words @@ CAST({column} AS tsquery)"

    def ranked(self, query: IndexQuery) -> Condition:
        """By the sum of the rarities of those of its terms that a passage holds."""
        terms = [self.wording(term) for term in (query.queries if isinstance(query, AnyOf) else (query,))]
        return (
            f"""WITH held AS MATERIALIZED (
                 SELECT found.id, asked.term FROM unnest(CAST(? AS text[])) WITH ORDINALITY AS asked (word, term)
                 CROSS JOIN LATERAL (SELECT search.id FROM main.search WHERE words @@ CAST(asked.word AS tsquery)
                   ORDER BY search.id DESC LIMIT {MOST_HELD}) found),
                 weighed AS (SELECT term, ln(1 + 1e7 / count(*)) AS rarity FROM held GROUP BY term)
               SELECT held.id, -sum(weighed.rarity) AS rank FROM held JOIN weighed ON weighed.term = held.term
               GROUP BY held.id""",
            [terms],
        )

    def wording(self, query: IndexQuery) -> str:
        return _worded(query, "")


def _worded(query: IndexQuery, columns: str) -> str:
    """As a tsquery; `columns` are the letters of those in which it is looked for, none for all."""
    match query:
        case Together(words):
            return _together([f"'{word}'" for word in stems_of(words)], "", columns)
        case Beginning(words):
            return _together([f"'{word}'" for word in stems_of(words)], "*", columns)
        case AnyOf(queries):
            return f"({' | '.join(_worded(each, columns) for each in queries)})" if queries else NOWHERE
        case AllOf(queries):
            return f"({' & '.join(_worded(each, columns) for each in queries)})" if queries else NOWHERE
        case Within(names, inner):
            return _worded(inner, "".join(LETTERS[name] for name in names))


def _together(words: list[str], last: str, columns: str) -> str:
    if not words:
        return NOWHERE
    marked = [f"{word}:{columns}" if columns else word for word in words]
    if last:
        marked[-1] = f"{words[-1]}:*{columns}"
    return f"({' <-> '.join(marked)})" if len(marked) > 1 else marked[0]


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
    """The words of a passage with their places and columns, as a tsvector is written."""
    places: dict[str, list[str]] = {}
    for word, place, letter in _placed(text):
        known = places.setdefault(word, [])
        if len(known) < MOST_PLACES:
            known.append(f"{place}{letter}")
    return " ".join(f"'{word}':{','.join(known)}" for word, known in places.items())


def _placed(text: PassageText) -> Iterator[tuple[str, int, str]]:
    place = 0
    for column, written in zip(PassageText._fields, text, strict=True):
        letter = LETTERS[column].replace("D", "")  # which is what no letter means
        for word in stems_of(written):
            place += 1
            yield word, min(place, LAST_PLACE), letter
        place += BETWEEN
