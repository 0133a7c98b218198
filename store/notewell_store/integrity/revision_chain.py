"""A note's revisions, read one by one and held against their SHA-256, however damaged the file around them is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.integrity.damaged_reading import DAMAGE, row, words
from notewell_store.models import Attribution
from notewell_store.tables import deltas
from notewell_store.tables.revisions import digest


class Kept(NamedTuple):
    """A row of the table of revisions, but for its note."""

    revision: int
    seq: int
    revised_at: str
    actor: str
    revised_by: str | None
    reason: str | None
    changed: str
    base: int
    metadata: str | None
    text: bytes | None
    sha256: bytes

    def is_proved_by(self, note_id: int, metadata: str, text: str) -> bool:
        """Whether this row with this metadata and text is what was written."""
        by = Attribution(self.actor, self.revised_by, self.reason)
        kinds = tuple(self.changed.split(","))
        facts = note_id, self.revision, self.seq, self.revised_at, by, kinds
        return digest(*facts, metadata, text) == self.sha256


ROW = """SELECT note_id, revision, seq, revised_at, actor, revised_by, reason, changed, base, metadata, text, sha256
  FROM revisions WHERE note_id = ? AND revision = ?"""
ABSENT = type(None)
TYPES: tuple[Any, ...] = (
    int,
    int,
    str,
    str,
    (str, ABSENT),
    (str, ABSENT),
    str,
    int,
    (str, ABSENT),
    (bytes, ABSENT),
    bytes,
)
ONWARDS = "SELECT revision FROM revisions WHERE note_id = ? ORDER BY revision"
BACKWARDS = "SELECT revision FROM revisions WHERE note_id = ? ORDER BY revision DESC"


@dataclass(frozen=True, slots=True)
class Proved:
    """All that a revision keeps, as its SHA-256 proves it."""

    kept: Kept
    metadata: str
    text: str


@dataclass(frozen=True, slots=True)
class State:
    """A note at a revision. `fault` says what is wrong with it; even then it may be proved."""

    revision: int
    proved: Proved | None = None
    fault: str | None = None


def states(db: Snapshot, note_id: int, newest: int) -> Iterator[State]:
    """Every revision from the first to the last that is there, or `newest` if that is later. Missing ones that
    follow one another come as one state, at the first of them."""
    walk = _Walk(note_id)
    last = 0
    listed, fault = _listed(db, note_id)
    if fault is not None:
        yield State(0, fault=f"its list of revisions cannot be read whole: {fault}")
    for revision in listed:
        if revision > last + 1:
            yield missing(last + 1, revision - 1)
        yield walk.step(revision, _fetched(db, note_id, revision))
        last = revision
    if last < newest:
        yield missing(last + 1, newest)


def _listed(db: Snapshot, note_id: int) -> tuple[list[int], str | None]:
    """The numbers of a note's revisions, as far as they can be read from both ends, and what went wrong between."""
    found: set[int] = set()
    fault: str | None = None
    for query in (ONWARDS, BACKWARDS):
        try:
            for (revision,) in db.execute(query, (note_id,)):
                if isinstance(revision, int):
                    found.add(revision)
            break
        except DAMAGE as error:
            fault = words(error)
    return sorted(found), fault


def _fetched(db: Snapshot, note_id: int, revision: int) -> Kept | str:
    """The row, reached as every reader reaches it, or what is wrong with it."""
    found = row(db, ROW, note_id, revision)
    if isinstance(found, str):
        return found
    if found is None:
        return "it is listed and cannot be found"
    owner, *values = found
    if (owner, values[0]) != (note_id, revision):
        return f"its row is that of revision {values[0]} of note {owner}"
    return _typed(values)


def _typed(values: list[Any]) -> Kept | str:
    if not all(isinstance(value, kind) for value, kind in zip(values, TYPES, strict=True)):
        return "its row holds values of another kind"
    return Kept(*values)


class _Walk:
    """Goes through a note's revisions, oldest first. After a broken one the SHA-256 tells what still holds."""

    def __init__(self, note_id: int) -> None:
        self._note_id = note_id
        self._text: str | None = None
        self._metadata: str | None = None
        self._base = 0
        self._seq = 0

    def step(self, revision: int, kept: Kept | str) -> State:
        if isinstance(kept, str):
            return State(revision, fault=kept)
        if kept.metadata is not None:
            self._metadata = kept.metadata
        self._text = self._decoded(kept)
        if self._text is None:
            return State(revision, fault="its text cannot be unpacked")
        if self._metadata is None:
            return State(revision, fault="its metadata are gone")
        if not kept.is_proved_by(self._note_id, self._metadata, self._text):
            return State(revision, fault="its SHA-256 does not match")
        state = State(revision, Proved(kept, self._metadata, self._text), self._misplaced(kept))
        self._seq = kept.seq
        return state

    def _decoded(self, kept: Kept) -> str | None:
        if kept.text is None:
            return self._text
        if deltas.is_whole(kept.text):
            self._base = kept.revision
        try:
            return deltas.decode((self._text or "").encode(), kept.text).decode()
        except ValueError:
            return None

    def _misplaced(self, kept: Kept) -> str | None:
        if kept.base != self._base:
            return f"its chain of differences is said to begin at {kept.base}, not at {self._base}"
        if kept.seq <= self._seq:
            return f"its change number, {kept.seq}, does not come after {self._seq}"
        return None


def missing(first: int, last: int) -> State:
    return State(first, fault="it is missing" if first == last else f"it and all up to {last} are missing")
