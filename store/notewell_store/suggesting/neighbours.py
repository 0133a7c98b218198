"""The notes that are most like a text, by the words that they share.

Everything else here asks for neighbours and for nothing more: what votes, what is a copy, which links they have. Who
knows neighbours in another way as well, such as by the distance of vectors, adds them to those that `found` gives,
each with a `likeness` of the same kind: a share of that of the best, which has 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.index_query import Together, any_of
from notewell_store.models import Filter
from notewell_store.search.candidates import Candidates
from notewell_store.search.ranking import OVER
from notewell_store.suggesting.telling_words import Reach, Telling, most_telling, telling
from notewell_store.suggesting.weighing import shared
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
    """A passage that was read, and the facts of its note; what each stem is worth that it shares with the text, and
    what it is worth by all of them."""

    found: Candidate
    facts: Facts
    shared: Mapping[str, float]
    total: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A note like the text. `likeness` is its share of what the best of them is worth; `words` are those that its best
    passage has in common with the text, each with its worth."""

    facts: Facts
    likeness: float
    words: Mapping[str, float]

    @property
    def shared(self) -> list[str]:
        """The words, those that tell most first."""
        return sorted(self.words, key=lambda word: (-self.words[word], word))


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
    worth = _worth(told, counts)
    passages: tuple[Passage, ...] = ()
    if asked := _asked(told, counts, worth, reach.places):
        query, own = any_of(map(Together, asked)), sought.note_id
        passages = _weighed(worth, near_notes.near(db, query, everywhere.most, reach.passages, sought.project, own))
    return Found(told, counts, passages, _neighbours(told, worth, passages))


def _worth(told: Telling, counts: Mapping[str, int]) -> dict[str, float]:
    """How much each of the stems tells that stand anywhere, those that tell most first."""
    worth = {key: told.words[key].worth(count) for key, count in counts.items() if count}
    return dict(sorted(worth.items(), key=lambda pair: (-pair[1], pair[0])))


def _asked(told: Telling, counts: Mapping[str, int], stems: Iterable[str], places: int) -> list[str]:
    """Words that stand in so many passages together at most."""
    asked = list[str]()
    for key in stems:
        if counts[key] < COMMON and counts[key] <= places and len(asked) < MOST_ASKED:
            places -= counts[key]
            asked.append(told.words[key].word)
    return asked


def _weighed(worth: Mapping[str, float], proposed: Sequence[tuple[Candidate, Facts]]) -> tuple[Passage, ...]:
    """The passages as a search would weigh them that asked for the words which tell most of the text."""
    if not proposed:
        return ()
    weighed = dict(islice(worth.items(), MOST_WEIGHED))
    shares = shared([candidate.text for candidate, _ in proposed], weighed)
    return tuple(
        Passage(candidate, facts, words, sum(words.values()) * of_title * (1.0 if candidate.end is None else OVER))
        for (candidate, facts), (words, of_title) in zip(proposed, shares, strict=True)
    )


def _neighbours(told: Telling, worth: Mapping[str, float], passages: Iterable[Passage]) -> tuple[Neighbour, ...]:
    best: dict[int, Passage] = {}
    least = LEAST_HELD * sum(islice(worth.values(), MOST_WEIGHED))
    for passage in passages:
        is_like = len(passage.shared) >= LEAST_SHARED and sum(map(worth.__getitem__, passage.shared)) >= least
        note_id = passage.facts.id
        if is_like and (note_id not in best or passage.total > best[note_id].total):
            best[note_id] = passage
    order = sorted(best.values(), key=lambda passage: (-passage.total, passage.facts.id))
    return tuple(
        Neighbour(
            passage.facts,
            passage.total / order[0].total,
            {told.words[key].word: value for key, value in passage.shared.items()},
        )
        for passage in order
    )
