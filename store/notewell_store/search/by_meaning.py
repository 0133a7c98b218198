"""What meaning adds to a search: a part of each score, and two places where words are weak.

docs/search.md tells what each number is for, docs/decisions/0100 how they were found.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from notewell_store.contract import Asked, Meaning, Snapshot
from notewell_store.markdown.slugs import slugify
from notewell_store.meaning.embedder import Unreachable, Vector
from notewell_store.meaning.pieces import cut
from notewell_store.meaning.quantised import nearest
from notewell_store.search.candidates import Candidates
from notewell_store.search.question import Question
from notewell_store.search.ranking import Ranker, Weighed, best_of_notes, scored
from notewell_store.tables import meanings

WORTH = 0.03  # of all that words can reach, for each deviation from the mean
MOST_LACKING = 1 / 5  # of the candidates, before meaning says nothing of any
WEAK = 0.35  # of what words can reach, below which the best of them is weak
LEAST_Z = 3.5  # of what gets a place by its meaning
PLACES_OF_WORDS, PLACES_OF_MEANING = 3, 2
BEST_BY_MEANING = 3  # notes that may get one
RESCORED = 150, 3_000  # of the passages that are nearest by their signs; the latter where a reader may see few of them
ENOUGH = 100  # passages that may be seen
SAMPLE = 256  # passages by which the mean and the deviation are told
USUAL_DEVIATION, USUAL = 0.1, 2  # of cosines, and as how many passages that counts: a few tell little of it


class Near(NamedTuple):
    """How near a passage is to the query: by its best piece, in standard deviations above the mean of the store's."""

    z: float
    piece: int


class Spread(NamedTuple):
    """Cosines of a sample: of how many passages, their sum and that of their squares."""

    passages: int
    total: float
    squares: float

    def without(self, cosine: float) -> "Spread":
        return Spread(self.passages - 1, self.total - cosine, self.squares - cosine * cosine)

    def z(self, cosine: float) -> float:
        """How far a passage stands out from these."""
        if self.passages < 1:
            return 0.0
        mean = self.total / self.passages
        around = max(0.0, self.squares - self.passages * mean * mean)
        return (cosine - mean) / math.sqrt((around + USUAL * USUAL_DEVIATION**2) / (self.passages + USUAL))


def ask(db: Snapshot, meaning: Meaning, query: str, question: Question, within: Candidates) -> Asked | None:
    """Begin to ask what the query means; None for names, quoted words and what is cut short, which mean themselves."""
    kinds = [term.kind for term in question.terms]
    is_name = kinds[:1] == ["name"] and len(query.split()) == 1
    if not kinds or is_name or "phrase" in kinds or "prefix" in kinds or within.named([slugify(query)]):
        return None
    return meaning.ask(db, query)


def answered(db: Snapshot, meaning: Meaning, asked: Asked) -> "tuple[Sense | None, str | None]":
    """What the query means, as far as this store knows; and why that could not be told, where it could not."""
    try:
        space, vector = asked.answer()
    except Unreachable as error:
        return None, error.why
    number = meanings.space_id(db, space)
    if number is None:
        meaning.fill()
        return None, None
    return Sense(db, meaning, number, vector), None


class Sense:
    """How near the passages of a store are to one query."""

    def __init__(self, db: Snapshot, meaning: Meaning, space: int, query: Vector) -> None:
        self._db = db
        self._meaning = meaning
        self._space = space
        self._vector = query
        self._query = tuple(query)
        self._sample = self._sampled()
        cosines = self._sample.values()
        self._spread = Spread(len(cosines), sum(cosines), sum(cosine * cosine for cosine in cosines))

    def _sampled(self) -> dict[bytes, float]:
        found = ((one, nearest(one, self._query)) for one in meanings.sample(self._db, self._space, SAMPLE))
        return {vectors: near.cosine for vectors, near in found if near is not None}

    def near(self, passages: Iterable[int]) -> dict[int, Near]:
        """Those of the passages that have vectors."""
        found: dict[int, Near] = {}
        for passage, vectors in meanings.vectors_of(self._db, self._space, passages).items():
            best = nearest(vectors, self._query)
            if best is not None:
                spread = self._spread.without(best.cosine) if vectors in self._sample else self._spread
                found[passage] = Near(spread.z(best.cosine), best.piece)
        return found

    def weighed(self, passages: Sequence[Weighed], ceiling: float) -> Sequence[Weighed]:
        """The passages, whose scores say what the meaning is worth. One that has no vectors counts as the middle one;
        where many have none, meaning says nothing: what is filled in part must not be worse than what is not."""
        near = self.near(one.found.passage for one in passages)
        lacking = len(passages) - len(near)
        if lacking:
            self._meaning.fill()
        if lacking > MOST_LACKING * len(passages):
            return passages
        middle = sorted(one.z for one in near.values())[len(near) // 2] if near else 0.0
        return [
            _with_meaning(one, near[one.found.passage].z if one.found.passage in near else middle, ceiling)
            for one in passages
        ]

    def nearest_of_all(self, within: Candidates) -> dict[int, tuple[int, Near]]:
        """The passages that stand out most by their meaning, each with its note, the best of a note alone."""
        found = self._meaning.nearest(self._db, self._space, self._vector, within.listed())
        notes = _taken(within, found)
        near = self.near(notes)
        best: dict[int, tuple[int, Near]] = {}
        for passage in sorted(near, key=lambda one: near[one].z, reverse=True):
            if len(best) < BEST_BY_MEANING and near[passage].z >= LEAST_Z:
                best.setdefault(notes[passage], (passage, near[passage]))
        return {passage: (note_id, one) for note_id, (passage, one) in best.items()}


def _taken(within: Candidates, passages: Sequence[int]) -> dict[int, int]:
    """Those of the first passages that count, each with its note."""
    taken: dict[int, int] = {}
    for most in RESCORED:
        taken = within.taken(passages[:most])
        if len(taken) >= ENOUGH or len(passages) <= most:
            break
    return taken


def _with_meaning(one: Weighed, z: float, ceiling: float) -> Weighed:
    return one._replace(score=one.score._replace(meaning=WORTH * z * ceiling, z=z))


def best(
    db: Snapshot,
    sense: Sense,
    ranker: Ranker,
    passages: Sequence[Weighed],
    named: Mapping[int, int],
    within: Candidates,
) -> tuple[Weighed, ...]:
    """The notes of these passages, best first by words and meaning; with those that meaning alone brings, in places
    behind the best, where words are weak."""
    ceiling = ranker.ceiling
    by_both = best_of_notes(sense.weighed(passages, ceiling))
    share = max((one.score.of_words / ceiling for one in passages), default=0.0)
    if share >= WEAK:
        return by_both
    shown = {one.found.note_id for one in by_both[: PLACES_OF_WORDS + PLACES_OF_MEANING]}
    found = {passage: near for passage, (note_id, near) in sense.nearest_of_all(within).items() if note_id not in shown}
    by_words = {one.found.passage for one in passages}
    brought = [
        _with_meaning(one, found[one.found.passage].z, ceiling)._replace(
            meant=None if one.found.passage in by_words else _piece(one, found[one.found.passage])
        )
        for one in scored(db, ranker, found, named)
    ]
    brought.sort(key=lambda one: one.score.z or 0.0, reverse=True)
    return _placed(by_both, brought[:PLACES_OF_MEANING])


def _piece(one: Weighed, near: Near) -> str:
    pieces = cut(one.found.text.body)
    return pieces[min(near.piece, len(pieces) - 1)]


def _placed(by_both: tuple[Weighed, ...], brought: Sequence[Weighed]) -> tuple[Weighed, ...]:
    notes = {one.found.note_id for one in brought}
    first = by_both[:PLACES_OF_WORDS]
    rest = (one for one in by_both[PLACES_OF_WORDS:] if one.found.note_id not in notes)
    return (*first, *brought, *rest)
