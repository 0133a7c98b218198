"""Which sections answer a prompt so well that they are worth telling unasked; mostly none.

A search always finds something. What stands out holds several of the prompt's words, rare ones, and a good part of
what a perfect answer would hold. docs/brief.md tells how the bounds were chosen, and what they are worth.
"""

import re
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.models import Filter, Hit
from notewell_store.search.ranking import SATURATION, Score, rarity_of
from notewell_store.search.search import hits_of, look
from notewell_store.tables.note_rows import note_by_slug
from notewell_store.tables.project_rows import project_slug

LEAST_WORDS = 3
LEAST_SCORE = 26.0
LEAST_SHARE = 1 / 3  # of the score of a passage that holds all words of the prompt, over and over

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Standout(NamedTuple):
    """A section that stands out, with the sentence that matched."""

    slug: str
    anchor: str | None
    title: str
    heading: str | None
    status: str | None
    project: str | None
    sentence: str
    successor: str | None
    """What holds in the place of the note that is over, where that is known."""


def standing_out(db: Snapshot, prompt: str, most: int) -> tuple[Standout, ...]:
    """The best `most` sections for a prompt, less those that do not stand out."""
    looked = look(db, prompt, Filter(), most)
    perfect = (SATURATION + 1) * sum(map(rarity_of, looked.counts.values()))
    return tuple(
        _standout(db, hit)
        for hit, one in zip(hits_of(db, looked), looked.best, strict=True)
        if _stands_out(one.score, perfect)
    )


def _standout(db: Snapshot, hit: Hit) -> Standout:
    row = note_by_slug(db, hit.slug)
    said = (row.status, project_slug(db, row.project_id)) if row else (None, None)
    successor = hit.end.successor if hit.end else None
    return Standout(hit.slug, hit.anchor, hit.title, hit.heading, *said, _matching_sentence(hit.snippet), successor)


def _stands_out(score: Score, perfect: float) -> bool:
    return len(score.words) >= LEAST_WORDS and score.total >= max(LEAST_SCORE, LEAST_SHARE * perfect)


def _matching_sentence(snippet: str) -> str:
    """The sentence of a snippet in which most is marked, of several the longest, without the marks: names in links
    are not marked."""
    sentences = SENTENCE_END.split(snippet)
    return max(sentences, key=lambda sentence: (sentence.count("**"), len(sentence))).replace("**", "")
