"""What the list of notes for people shows beside what list_notes tells: notes as they were, when the store was written
to, and which labels are in use."""

from dataclasses import dataclass
from typing import Any

from notewell_store.clock import parse_time
from notewell_store.models import NoteSummary
from notewell_store.tables import feed, labels
from notewell_store.tables.note_rows import count_notes
from notewell_store.tables.past_walk import list_walking_back
from notewell_tools.definition import Call
from notewell_tools.filters import make_filter

MOST_LABELLED = 20_000
"""Notes of a store whose labels are counted for a page: it takes as long as there are labels."""
LABELS = 14


@dataclass(frozen=True, slots=True)
class PastNotes:
    """`at` is the time that is meant; `following` where the list goes on, None at its end."""

    at: str
    notes: list[NoteSummary]
    following: str | None


def past_notes(call: Call, as_of: str, place: str, limit: int, **filters: Any) -> PastNotes:
    """The notes that fit as they were then, those first that had been changed last. Raises StoreError."""
    at = parse_time(f"{as_of}T23:59:59.999Z" if len(as_of.strip()) == len("2026-11-29") else as_of, "as_of")
    with call.store.reading() as db:
        part = list_walking_back(db, make_filter(db, **filters), at, place, limit)
    return PastNotes(at, list(part.notes), part.following)


def months_of(call: Call) -> dict[str, int]:
    """Of each month of history, such as 2026-11, about how many changes were made."""
    with call.store.reading() as db:
        return feed.months(db)


def labels_used(call: Call, project: str) -> dict[str, int]:
    """The labels that most notes bear, of a project or of all; none in a store with very many notes."""
    with call.store.reading() as db:
        if count_notes(db, None) > MOST_LABELLED:
            return {}
        _, counted = labels.count_labels(db, "", project or None, LABELS + 1)
    return {one.tag: one.notes for one in counted if one.tag != project}
