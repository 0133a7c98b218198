"""The notes that are most like a text, by the words that they share.

Everything else here asks for neighbours and for nothing more: what votes, what is a copy, which links they have. Who
knows neighbours in another way as well, such as by the distance of vectors, adds them to those that `found` gives,
each with a `likeness` of the same kind: a share of that of the best, which has 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.index_query import Together, any_of
from notewell_store.models import Filter
from notewell_store.search.candidates import Candidates
from notewell_store.search.question import Question, Term
from notewell_store.search.ranking import Ranker, Score
from notewell_store.suggesting.telling_words import Reach, Telling, most_telling, telling
from notewell_store.tables import near_notes
from notewell_store.tables.found_passages import Candidate
from notewell_store.tables.near_notes import Facts

MOST_ASKED = 25  # words by which an index is asked
MOST_WEIGHED = 20  # words by which a passage is weighed
COMMON = 300  # passages: a word that stands in as many finds nothing that others would not
LEAST_SHARED = 3  # words; by fewer everything is like everything
LEAST_HELD = 0.2  # of what the words of the text are worth, that the best passage of a neighbour holds


@dataclass(frozen=True, slots=True)
class Sought:
    """A text to which neighbours are sought, of a note of this project; `note_id` is 0 where it is not there yet."""

    title: str
    markdown: str
    project: str | None
    note_id: int = 0


class Passage(NamedTuple):
    """A passage that was read, and what it shares with the text."""

    found: Candidate
    score: Score


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A note like the text. `likeness` is its share of what the best of them is worth; `shared` are words that its
    best passage has in common with the text, those that tell most first."""

    facts: Facts
    likeness: float
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The neighbours of a text, the nearest first, and all that was read to find them: the words of the text, in how
    many passages those stand that were counted, and the passages."""

    telling: Telling
    counts: Mapping[str, int]
    passages: tuple[Passage, ...]
    neighbours: tuple[Neighbour, ...]


def found(db: Snapshot, sought: Sought, reach: Reach) -> Found:
    """The neighbours among the notes that the project heeds, of those that are seen."""
    told = telling(sought.title, sought.markdown, reach)
    everywhere = Candidates(db, Filter())
    stems = most_telling(told.words, reach.words)
    standing = everywhere.count_rare([told.words[key].word for key in stems], COMMON)
    counts = {key: standing.get(told.words[key].word, 0) for key in stems}
    passages = _weighed(told, counts, _proposed(everywhere, sought, told, counts, reach))
    return Found(told, counts, passages, _neighbours(db, told, counts, passages))


def _by_worth(told: Telling, counts: Mapping[str, int]) -> list[str]:
    """The stems of the words that stand anywhere, those that tell most first."""
    standing = (key for key, count in counts.items() if count)
    return sorted(standing, key=lambda key: (-told.words[key].worth(counts[key]), key))


def _proposed(
    everywhere: Candidates, sought: Sought, told: Telling, counts: Mapping[str, int], reach: Reach
) -> list[Candidate]:
    left, asked = reach.places, list[str]()
    for key in _by_worth(told, counts):
        if counts[key] < COMMON and counts[key] <= left and len(asked) < MOST_ASKED:
            left -= counts[key]
            asked.append(told.words[key].word)
    query = any_of(map(Together, asked))
    return everywhere.near(query, reach.passages, sought.project, sought.note_id) if asked else []


def _weighed(told: Telling, counts: Mapping[str, int], proposed: list[Candidate]) -> tuple[Passage, ...]:
    """The passages as a search would weigh them that asked for the words which tell most of the text."""
    if not proposed:
        return ()
    terms = {
        Term(word, "word", tuple(key.split()), Together(word)): told.words[key].worth(counts[key])
        for key in _by_worth(told, counts)[:MOST_WEIGHED]
        for word in [told.words[key].word]
    }
    ranker = Ranker(Question(tuple(terms), frozenset(), (), ()), terms)
    ranker.read(chain.from_iterable(candidate.text for candidate in proposed))
    return tuple(Passage(one, ranker.score(one.text, is_over=one.end is not None)) for one in proposed)


def _neighbours(
    db: Snapshot, told: Telling, counts: Mapping[str, int], passages: tuple[Passage, ...]
) -> tuple[Neighbour, ...]:
    best: dict[int, Passage] = {}
    whole = sum(told.words[key].worth(counts[key]) for key in _by_worth(told, counts)[:MOST_WEIGHED])
    for passage in passages:
        note_id, score = passage.found.note_id, passage.score
        is_like = len(score.words) >= LEAST_SHARED and _held(told, counts, score) >= LEAST_HELD * whole
        if is_like and (note_id not in best or score.total > best[note_id].score.total):
            best[note_id] = passage
    order = sorted(best, key=lambda note_id: (-best[note_id].score.total, note_id))
    facts = near_notes.facts(db, order)
    top = best[order[0]].score.total if order else 1.0
    return tuple(
        Neighbour(facts[note_id], best[note_id].score.total / top, _shared(best[note_id].score)) for note_id in order
    )


def _held(told: Telling, counts: Mapping[str, int], score: Score) -> float:
    """What the words are worth that a passage shares, each counted once."""
    return sum(told.words[key].worth(counts[key]) for key in (" ".join(term.words) for term in score.words))


def _shared(score: Score) -> tuple[str, ...]:
    return tuple(term.text for term, _ in sorted(score.words.items(), key=lambda pair: (-pair[1], pair[0].text)))
