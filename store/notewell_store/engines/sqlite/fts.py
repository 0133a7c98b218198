"""The full-text index by FTS5, as a table that keeps no text of its own: see contract.Index.

What was taken in is taken out by saying it again: a contentless table has nothing else to tell which words go.
"""

from collections.abc import Iterable

from notewell_store.contract import Condition
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.index_query import AllOf, AnyOf, Beginning, IndexQuery, PassageText, Together, Within

MERGED_AT_ONCE = 1_000  # pages, 30 ms
MERGED_BEHIND_WRITES = 64  # pages, 2 ms; hardly any write makes more than one
WEIGHTS = "3.0, 3.0, 1.0, 1.0"  # of title, heading, body and names


class Fts5:
    """The index as one connection reads and writes it."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def take_in(self, passages: Iterable[tuple[int, PassageText]]) -> None:
        self._db.executemany(
            "INSERT INTO search (rowid, title, heading, body, names) VALUES (?, ?, ?, ?, ?)",
            ((passage, *text) for passage, text in passages),
        )

    def get_ready(self, passages: Iterable[PassageText]) -> None:
        """FTS5 reads a text as it takes it in."""

    def take_out(self, passages: Iterable[tuple[int, PassageText]]) -> None:
        self._db.executemany(
            "INSERT INTO search (search, rowid, title, heading, body, names) VALUES ('delete', ?, ?, ?, ?, ?)",
            ((passage, *text) for passage, text in passages),
        )

    def merge(self, *, begins: bool) -> bool:
        """A negative number of pages makes FTS5 begin with all parts, those too that it was about to make."""
        before = self._db.total_changes
        pages = -MERGED_AT_ONCE if begins else MERGED_AT_ONCE
        self._db.execute("INSERT INTO search (search, rank) VALUES ('merge', ?)", (pages,))
        return self._db.total_changes - before > 1  # that row is one; see FTS5's documentation of merge

    def merge_some(self) -> None:
        """Each write makes a part. FTS5 itself lets sixteen small ones gather before it merges any."""
        self._db.execute("INSERT INTO search (search, rank) VALUES ('merge', ?)", (MERGED_BEHIND_WRITES,))

    def holding(self, query: IndexQuery) -> Condition:
        return "SELECT search.rowid AS id FROM search WHERE search MATCH ?", [self.wording(query)]

    def as_word(self, word: str) -> str:
        return _string(word)

    def as_any(self, words: Iterable[str]) -> str:
        return '"' + '" OR "'.join(words) + '"'

    def holding_word(self, column: str) -> str:
        return f"SELECT search.rowid AS id FROM search WHERE search MATCH {column}"

    def ranked(self, query: IndexQuery) -> Condition:
        """By BM25."""
        found = f"SELECT search.rowid AS id, bm25(search, {WEIGHTS}) AS rank FROM search WHERE search MATCH ?"
        return found, [self.wording(query)]

    def wording(self, query: IndexQuery) -> str:
        match query:
            case Together(words):
                return _string(words)
            case Beginning(words):
                return f"{_string(words)} *"
            case AnyOf(queries):
                return " OR ".join(map(self._in_brackets, queries))
            case AllOf(queries):
                return " AND ".join(f"({self.wording(each)})" for each in queries)
            case Within(columns, inner):
                return f"{{{' '.join(columns)}}} : ({self.wording(inner)})"

    def _in_brackets(self, query: IndexQuery) -> str:
        return f"({self.wording(query)})" if isinstance(query, AllOf) else self.wording(query)


def _string(words: str) -> str:
    """Words between quotes, in which nothing but a quote means anything."""
    return '"' + words.replace('"', '""') + '"'
