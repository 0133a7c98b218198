"""Which type, project, tags and parent a note may have: those on which the notes that are most like it agree."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from notewell_store.models import Metadata
from notewell_store.saved import Field, Proposed
from notewell_store.suggesting.neighbours import Neighbour
from notewell_store.tables.near_notes import Facts

VOTERS = 10  # neighbours that are asked
LEAST_VOTERS = 5  # of whom that many must be there, and LEAST_AGREEING be of one mind
LEAST_AGREEING = 4
AGREED = 0.7  # of the votes, each of the weight of its likeness
NO_KIND = frozenset({"folder", "template", "board", "project"})
"""Types that say what a note is there for, of which neighbours tell nothing."""
MOST_TAGS = 3


def proposed(neighbours: Sequence[Neighbour], metadata: Metadata) -> tuple[Proposed, ...]:
    """What is sure of the fields that are empty. Who is none of the kinds of note that are written does not vote."""
    voters = [one for one in neighbours if one.facts.note_type not in NO_KIND][:VOTERS]
    if len(voters) < LEAST_VOTERS:
        return ()
    asked: list[tuple[Field, bool, Callable[[Facts], Iterable[str | None]]]] = [
        ("note_type", metadata.note_type is None, lambda facts: [facts.note_type]),
        ("project", metadata.project is None, lambda facts: [facts.project]),
        ("tags", not metadata.tags, lambda facts: facts.tags),
        ("parent", metadata.parent is None, lambda facts: [facts.parent]),
    ]
    return tuple(
        one
        for field, is_empty, values in asked
        if is_empty
        for one in _agreed(voters, field, values)
        if one.value != metadata.slug
    )


def _agreed(
    voters: Sequence[Neighbour], field: Field, values: Callable[[Facts], Iterable[str | None]]
) -> list[Proposed]:
    """The values on which they agree, those with most votes first."""
    votes: dict[str, list[float]] = defaultdict(list)
    for voter in voters:
        for value in values(voter.facts):
            if value is not None:
                votes[value].append(voter.likeness)
    needed = AGREED * sum(voter.likeness for voter in voters)
    sure = [value for value, cast in votes.items() if sum(cast) >= needed and len(cast) >= LEAST_AGREEING]
    sure.sort(key=lambda value: (-sum(votes[value]), value))
    return [Proposed(field, value, len(votes[value]), len(voters)) for value in sure[:MOST_TAGS]]
