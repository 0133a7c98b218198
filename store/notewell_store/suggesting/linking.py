"""Which notes a note may link to: those that it calls, those like it, and those to which the notes like it link."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from notewell_store.contract import Snapshot
from notewell_store.suggesting.mentions import SURE, Mention
from notewell_store.suggesting.neighbours import Neighbour
from notewell_store.tables import near_notes
from notewell_store.tables.near_notes import Facts

ASKED = 10  # neighbours whose links count
CALLED: Mapping[int, float] = {1: 0.2, 2: 0.5, SURE: 1.0}
"""What it is worth that the text calls a note by a name of so many telling words."""
LIKE, LINKED = 0.5, 1.0
"""What the likeness of a note is worth, and that all neighbours, each by its likeness, link to it."""


@dataclass(frozen=True, slots=True)
class Linkable:
    """A note that is not linked yet, and why it may be: `words` by which the text calls it, its `likeness`, and how
    many of the neighbours link to it."""

    facts: Facts
    worth: float
    words: str | None
    likeness: float
    linked_by: int


def linkable(
    db: Snapshot,
    neighbours: Sequence[Neighbour],
    called: Iterable[Mention],
    project: str | None,
    not_these: frozenset[int],
    most: int,
) -> tuple[Linkable, ...]:
    """The best of them, but `not_these`."""
    like = {one.facts.id: one.likeness for one in neighbours}
    words = {one.note_id: one for one in called}
    linking, votes = _votes(db, neighbours[:ASKED], like)
    worth = {
        note_id: LIKE * like.get(note_id, 0.0)
        + LINKED * votes.get(note_id, 0.0) / ASKED
        + (CALLED[min(words[note_id].telling, SURE)] if note_id in words else 0.0)
        for note_id in {*like, *words, *votes} - not_these
    }
    best = sorted(worth, key=lambda note_id: (-worth[note_id], note_id))[: 2 * most]
    facts = near_notes.facts(db, best, project)
    return tuple(
        Linkable(
            facts[note_id],
            round(worth[note_id], 3),
            words[note_id].words if note_id in words else None,
            round(like.get(note_id, 0.0), 2),
            linking[note_id],
        )
        for note_id in best
        if note_id in facts
    )[:most]


def _votes(
    db: Snapshot, neighbours: Sequence[Neighbour], like: Mapping[int, float]
) -> tuple[Counter[int], dict[int, float]]:
    """How many of them link to each note, and the sum of their likenesses."""
    linking, votes = Counter[int](), defaultdict[int, float](float)
    pairs = {(led.source, led.target) for led in near_notes.led_by(db, [one.facts.id for one in neighbours])}
    for source, target in pairs:
        linking[target] += 1
        votes[target] += like[source]
    return linking, votes
