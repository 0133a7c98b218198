"""How much a store holds, in figures that are worth watching."""

from dataclasses import dataclass

from notewell_store.contract import Snapshot, Store
from notewell_store.findings import Sizes
from notewell_store.tables import dangling, notes, revisions


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted is of one moment."""

    notes: int
    revisions: int
    dangling_links: int
    sizes: Sizes


def figures(store: Store) -> Figures:
    """Count what there is. Raises StoreError as any reading does."""
    with store.reading() as db:
        counts = notes.count_living(db), revisions.count(db), dangling.count_unresolved(db)
    return Figures(*counts, store.engine.upkeep.sizes(store))


def count_notes(db: Snapshot) -> int:
    """How many living notes are seen."""
    return notes.count_living(db)
