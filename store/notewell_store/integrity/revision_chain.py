"""A note's revisions, read one by one and held against their SHA-256, however damaged the file around them is."""

from collections.abc import Iterator
from dataclasses import dataclass

from notewell_store.contract import Snapshot
from notewell_store.tables import deltas, kept_rows
from notewell_store.tables.kept_rows import KeptRevision, Unreadable


@dataclass(frozen=True, slots=True)
class Verified:
    """All that a revision keeps, as its SHA-256 says that it was written."""

    kept: KeptRevision
    metadata: str
    text: str


@dataclass(frozen=True, slots=True)
class State:
    """A note at a revision. `fault` says what is wrong with it; even then it may be verified."""

    revision: int
    verified: Verified | None = None
    fault: str | None = None


def states(db: Snapshot, note_id: int, newest: int) -> Iterator[State]:
    """Every revision from the first to the last that is there, or `newest` if that is later. Missing ones that
    follow one another come as one state, at the first of them."""
    walk = _Walk(note_id)
    last = 0
    listed, fault = kept_rows.revision_numbers(db, note_id)
    if fault is not None:
        yield State(0, fault=f"its list of revisions cannot be read whole: {fault}")
    for revision in sorted(listed):
        if revision > last + 1:
            yield missing(last + 1, revision - 1)
        yield walk.step(revision, _fetched(db, note_id, revision))
        last = revision
    if last < newest:
        yield missing(last + 1, newest)


def _fetched(db: Snapshot, note_id: int, revision: int) -> KeptRevision | str:
    """The row, or what is wrong with it."""
    try:
        found = kept_rows.revision_row(db, note_id, revision)
    except Unreadable as error:
        return f"cannot be read: {error}"
    if found is None:
        return "it is listed and cannot be found"
    owner, *values = found
    if (owner, values[0]) != (note_id, revision):
        return f"its row is that of revision {values[0]} of note {owner}"
    return kept_rows.as_revision(values) or "its row holds values of another kind"


class _Walk:
    """Goes through a note's revisions, oldest first. After a broken one the SHA-256 tells what still holds."""

    def __init__(self, note_id: int) -> None:
        self._note_id = note_id
        self._text: str | None = None
        self._metadata: str | None = None
        self._base = 0
        self._seq = 0

    def step(self, revision: int, kept: KeptRevision | str) -> State:
        if isinstance(kept, str):
            return State(revision, fault=kept)
        if kept.metadata is not None:
            self._metadata = kept.metadata
        self._text = self._decoded(kept)
        if self._text is None:
            return State(revision, fault="its text cannot be unpacked")
        if self._metadata is None:
            return State(revision, fault="its metadata are gone")
        if not kept.is_checksum_of(self._note_id, self._metadata, self._text):
            return State(revision, fault="its SHA-256 does not match")
        state = State(revision, Verified(kept, self._metadata, self._text), self._misplaced(kept))
        self._seq = kept.seq
        return state

    def _decoded(self, kept: KeptRevision) -> str | None:
        if kept.text is None:
            return self._text
        if deltas.is_whole(kept.text):
            self._base = kept.revision
        try:
            return deltas.decode((self._text or "").encode(), kept.text).decode()
        except ValueError:
            return None

    def _misplaced(self, kept: KeptRevision) -> str | None:
        if kept.base != self._base:
            return f"its chain of differences is said to begin at {kept.base}, not at {self._base}"
        if kept.seq <= self._seq:
            return f"its change number, {kept.seq}, does not come after {self._seq}"
        return None


def missing(first: int, last: int) -> State:
    return State(first, fault="it is missing" if first == last else f"it and all up to {last} are missing")
