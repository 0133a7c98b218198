"""What is proposed, weighed: every passage by itself, and the notes by the best passage in each."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.search.ranking import Ranker, Score
from notewell_store.tables import found_passages
from notewell_store.tables.found_passages import Candidate


class Weighed(NamedTuple):
    """A note that was found, by a passage in it. `meant` is the piece of that which is nearest to the query, where
    meaning alone proposed it."""

    found: Candidate
    score: Score
    meant: str | None = None


def scored(db: Snapshot, ranker: Ranker, passages: Iterable[int], named: Mapping[int, int]) -> list[Weighed]:
    """These passages, in the order of their ids; `named` are the notes that the query names."""
    candidates = found_passages.candidates(db, passages)
    ranker.read(chain.from_iterable(found.text for found in candidates))
    return [
        Weighed(found, ranker.score(found.text, named=found.note_id in named, is_over=found.end is not None))
        for found in candidates
    ]


def best_of_notes(passages: Iterable[Weighed]) -> tuple[Weighed, ...]:
    """The notes of these passages, best first. Of two that are as good: what was changed on a later day, then what
    was there first, for a copy comes after its original."""
    best: dict[int, tuple[float, str, int, Weighed]] = {}
    for one in passages:
        note_id, total = one.found.note_id, one.score.total
        if note_id not in best or total > best[note_id][0]:
            best[note_id] = total, one.found.day, -note_id, one
    return tuple(one for *_, one in sorted(best.values(), key=lambda each: each[:3], reverse=True))
