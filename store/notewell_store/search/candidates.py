"""Which passages the search index proposes for a question: a bounded look, however large the store.

Ranking a passage costs ten times what finding it does, and a common word stands in a large part of all. So rare
words find, while common ones only order what was found, or find where they stand together.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from notewell_store.contract import Snapshot
from notewell_store.index_query import Column, IndexQuery, Within, all_of, any_of
from notewell_store.models import Filter
from notewell_store.search.question import Term
from notewell_store.tables import found_passages

MOST_RANKED = 10_000  # passages, of which the newest are taken
MOST_FOUND_BY_FEW = 1_500  # passages that the rarest words find alone, while the other words only order them
MOST_FILLED_UP = 600  # passages of single common words that are looked at, after those that hold more were found
MOST_COUNTED = 3_000  # passages whose notes are counted
OVER_BODY: tuple[Column, ...] = ("title", "heading", "names")
MOST_RANKED_WHERE_LIMITED = 1_000  # to tell which passages a reader may see costs ten times as much


class Candidates:
    """The passages that one filter takes, as the index knows them."""

    def __init__(self, db: Snapshot, wanted: Filter) -> None:
        self._db = db
        self._taken = found_passages.taken_by(db, wanted)
        self.is_limited = self._taken.is_limited
        self.most = MOST_RANKED_WHERE_LIMITED if self.is_limited else MOST_RANKED

    def count(self, query: IndexQuery, most: int | None = None) -> int:
        """In how many passages it stands, counted no further than `most`."""
        return found_passages.count(self._db, query, self._taken, self.most if most is None else most)

    def count_each(self, words: Iterable[str], most: int) -> dict[str, int]:
        """Of those words that stand anywhere, in how many passages, counted no further than `most`."""
        return found_passages.count_each(self._db, words, self._taken, most)

    def count_standing(self, words: Sequence[str], most: int) -> dict[str, int]:
        """As count_each, of words that mostly stand nowhere."""
        standing = list(found_passages.standing(self._db, words))
        return self.count_each(standing, most) if standing else {}

    def count_rare(self, words: Collection[str], most: int) -> dict[str, int]:
        """As count_each, but `most` of a word that stands in as many passages whether they are seen or not: to look
        which of those are seen would take as long as there are many."""
        every = found_passages.count_each(self._db, words, found_passages.ALL, most)
        if not self.is_limited:
            return every
        common = {word: most for word, count in every.items() if count == most}
        return common | self.count_each(every.keys() - common.keys(), most)

    def notes(self, query: IndexQuery, most: int) -> tuple[int, bool]:
        """How many notes it finds, and whether there may be more, for only the `most` newest passages are looked at,
        and never more than so many."""
        return found_passages.count_notes(self._db, query, self._taken, min(self.most, most, MOST_COUNTED))

    def best(self, query: IndexQuery, most: int, limit: int) -> list[tuple[int, int]]:
        """The ids of the best of the `most` newest passages by the index's own rank, with the id of each one's note."""
        return found_passages.best(self._db, query, self._taken, min(self.most, max(most, limit)), limit)

    def listed(self) -> Sequence[int] | None:
        """The passages that the filter takes, where it takes few enough to be listed."""
        return self._taken.passages

    def taken(self, passages: Sequence[int]) -> dict[int, int]:
        """Those of the passages that the filter takes and the reader sees, each with its note."""
        return found_passages.taken_of(self._db, passages, self._taken)

    def named(self, slugs: Sequence[str]) -> dict[int, int]:
        """The notes that are called so, or were: the id of each, with that of its first passage."""
        return found_passages.named(self._db, slugs, self._taken)


def queries(terms: Sequence[Term], counts: dict[Term, int], most: int) -> Iterator[tuple[IndexQuery, int]]:
    """What to ask the index, the next where the one before found too little, and how many passages to rank of each.

    Where anything is quoted, nothing else finds. Else the few rarest terms, whose passages the others order; then what
    holds the others together, or one of them in a title, heading or name. Then all whose passages can be ranked, with
    the common ones where these stand together, at last with the rarest of those.
    """
    phrases = [term for term in terms if term.kind == "phrase"]
    others = sorted((term for term in terms if term not in phrases and counts[term]), key=counts.__getitem__)
    rare = _within(others, counts, most)
    common = others[len(rare) :]
    if phrases:
        quoted = _any(phrases)
        if rare:
            yield all_of([quoted, _any(rare)]), most
        yield quoted, most
        return
    few = _within(rare, counts, MOST_FOUND_BY_FEW)
    more = rare[len(few) :]
    if few and more:
        yield any_of([_any(few), all_of([_any(few), _any(more)])]), most
    if len(more) > 1:
        both = all_of(term.query for term in more)
        yield any_of([*(term.query for term in few), both, Within(OVER_BODY, _any(more))]), most
    if rare:
        yield _any(rare), MOST_FILLED_UP if len(rare) > 1 and more else most
    if common:
        together = all_of(term.query for term in common)
        if not rare:
            yield Within(OVER_BODY, together), most
        if len(common) > 1:
            yield any_of([*(term.query for term in rare), together]), most
        yield _any([*rare, common[0]]), MOST_FILLED_UP


def _within(terms: Sequence[Term], counts: dict[Term, int], most: int) -> list[Term]:
    taken: list[Term] = []
    for term in terms:
        most -= counts[term]
        if most < 0:
            break
        taken.append(term)
    return taken


def _any(terms: Sequence[Term]) -> IndexQuery:
    return any_of(term.query for term in terms)
