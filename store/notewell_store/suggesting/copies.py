"""What of a text stands in another note already: how much of what a passage says one passage of another note says too,
and equal titles.

Below SHARE nothing tells a copy from a neighbour: what was written again in other words shares less than sections of
one field do that have nothing to do with each other.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
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
SUSPECT = 0.75
"""So much of the words that were counted a passage must hold to be read for the others; and so much of all words, as
far as is known how rare they are, for those to be counted."""
SHORTEST = 8  # different telling words; a passage of fewer is in many others
MOST_READ = 4  # passages
MOST_COUNTED = 2  # of which all words are counted
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
        known = best.get(passage.facts.id)
        if share >= SHARE and (known is None or share > (known.share or 0)):
            best[passage.facts.id] = Copy(passage.facts.id, round(share, 2), passage.found.anchor)
    for note_id in _of_equal_title(db, sought):
        best.setdefault(note_id, Copy(note_id, None))
    return sorted(best.values(), key=lambda copy: (-(copy.share or 0), copy.note_id))


def _shares(db: Snapshot, found: Found) -> Iterator[tuple[float, Passage]]:
    """Of the passages that may be copies, how much they hold of a piece of the text."""
    read = sorted(_suspects(found), key=lambda suspect: -suspect.share)[:MOST_READ]
    likely = [one for one in map(_read, read) if one.share >= SUSPECT]
    for suspect in sorted(likely, key=lambda suspect: -suspect.share)[:MOST_COUNTED]:
        words = {key: found.telling.words[key].word for key in sorted(suspect.worth)[:MOST_WORDS]}
        counts = Candidates(db, Filter()).count_rare(words.values(), COMMON)
        worth = {key: rarity_of(counts.get(word, 0)) for key, word in words.items()}
        yield _share(worth, suspect.held), suspect.passage


class _Suspect(NamedTuple):
    """A passage that holds a share of a piece: what the words of the piece are worth, and which of them are held."""

    share: float
    worth: Mapping[str, float]
    held: AbstractSet[str]
    passage: Passage


def _suspects(found: Found) -> Iterator[_Suspect]:
    """By the words that were counted; of the others it is not known yet."""
    known = {key: rarity_of(count) for key, count in found.counts.items()}
    usual = sum(known.values()) / (len(known) or 1)
    pieces = [
        (piece, {key: known[key] for key in piece if key in known})
        for piece in found.telling.pieces
        if len(piece) >= SHORTEST
    ]
    for passage in found.passages:
        held = passage.shared.keys()
        for piece, worth in pieces:
            share = _share(worth, held)
            if share >= SUSPECT:
                yield _Suspect(share, {key: known.get(key, usual) for key in piece}, held, passage)


def _read(suspect: _Suspect) -> _Suspect:
    """By all words of the passage."""
    held = set(map(stem, words_of(" ".join(suspect.passage.found.text[:3]))))
    return suspect._replace(share=_share(suspect.worth, held), held=held)


def _share(worth: Mapping[str, float], held: AbstractSet[str]) -> float:
    return sum([value for key, value in worth.items() if key in held]) / (sum(worth.values()) or 1.0)


def _of_equal_title(db: Snapshot, sought: Sought) -> list[int]:
    key = fold(sought.title)
    called = near_notes.titled(db, [key], sought.project) if key else []
    return [one.id for one in called if one.key == key and one.id != sought.note_id]
