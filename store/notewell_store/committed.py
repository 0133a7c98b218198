"""What a writer remembers of its commits. Apart from what upkeep answers: whoever opens a store needs it."""

from typing import NamedTuple


class CommittedChange(NamedTuple):
    """A change that was committed. `digest` begins the SHA-256 of its revision, in hexadecimal."""

    seq: int
    note_id: int
    revision: int
    digest: str
    slug: str
