"""What of a text stands in another note already: how much of what a passage says one passage of another note says too,
and equal titles.

Below SHARE nothing tells a copy from a neighbour: what was written again in other words shares less than sections of
one field do that have nothing to do with each other.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.models import Filter
from notewell_store.resolution import fold
from notewell_store.search.candidates import Candidates
from notewell_store.search.ranking import rarity_of
from notewell_store.search.stems import stem
from notewell_store.suggesting.neighbours import COMMON, Found, Passage, Sought
from notewell_store.suggesting.telling_words import words_of
from notewell_store.tables import near_notes

SHARE = 0.85
SUSPECT = 0.75  # of the words that were counted: from there on all are
SHORTEST = 8  # different telling words; a passage of fewer is in many others
MOST_SUSPECTS = 2  # passages of which all words are counted
MOST_WORDS = 150  # of one passage


class Copy(NamedTuple):
    """A note in which a passage stands already: so much of it, weighed by how rare its words are; None where that is
    not known, and the titles are equal."""

    note_id: int
    share: float | None
    anchor: str | None = None


def copies(db: Snapshot, sought: Sought, found: Found) -> list[Copy]:
    """Those of the notes that are seen, the largest share first, each once; then those with an equal title."""
    best: dict[int, Copy] = {}
    for share, passage in _shares(db, found):
        known = best.get(passage.found.note_id)
        if share >= SHARE and (known is None or share > (known.share or 0)):
            best[passage.found.note_id] = Copy(passage.found.note_id, round(share, 2), passage.found.anchor)
    for note_id in _of_equal_title(db, sought):
        best.setdefault(note_id, Copy(note_id, None))
    return sorted(best.values(), key=lambda copy: (-(copy.share or 0), copy.note_id))


def _shares(db: Snapshot, found: Found) -> Iterator[tuple[float, Passage]]:
    """Of the passages that may be copies, how much they hold of a piece of the text."""
    suspects = sorted(_suspects(found), key=lambda each: -each[0])[:MOST_SUSPECTS]
    for _, piece, passage in suspects:
        wanted = {stem_: _word(found, stem_) for stem_ in sorted(piece)[:MOST_WORDS]}
        counts = Candidates(db, Filter()).count_each(wanted.values(), COMMON)
        worth = {key: rarity_of(counts.get(word, 0)) for key, word in wanted.items()}
        held = set(map(stem, words_of(" ".join(passage.found.text[:3]))))
        yield sum(worth[key] for key in wanted if key in held) / sum(worth.values()), passage


def _word(found: Found, key: str) -> str:
    return found.telling.words[key].word


def _suspects(found: Found) -> Iterator[tuple[float, frozenset[str], Passage]]:
    pieces = [(piece, _worth(found.counts, piece)) for piece in found.telling.pieces if len(piece) >= SHORTEST]
    for passage in found.passages:
        held = {" ".join(term.words) for term in passage.score.words}
        for piece, worth in pieces:
            share = sum(worth[key] for key in worth if key in held) / sum(worth.values()) if worth else 0.0
            if share >= SUSPECT:
                yield share, piece, passage


def _worth(counts: Mapping[str, int], piece: Iterable[str]) -> dict[str, float]:
    """Of the words of a piece that were counted how rare they are."""
    return {key: rarity_of(counts[key]) for key in piece if key in counts}


def _of_equal_title(db: Snapshot, sought: Sought) -> list[int]:
    key = fold(sought.title)
    called = near_notes.titled(db, [key], sought.project) if key else []
    return [one.id for one in called if one.key == key and one.id != sought.note_id]
