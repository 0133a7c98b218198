"""What a process knows of what the texts of one store mean: whom it asks, and the signs that it has read already."""

import threading
from array import array
from collections import Counter
from collections.abc import Callable, Collection
from time import monotonic

from notewell_store.contract import Snapshot
from notewell_store.meaning.embedder import Embedder, Space, Unreachable, Vector
from notewell_store.meaning.quantised import signs_of, width_of
from notewell_store.tables import meanings
from notewell_store.tables.meanings import Signature

QUERY_PATIENCE = 0.3  # seconds that an answer waits for the meaning of its question
MOST_LOOKED_THROUGH = 150_000  # passages: beyond them the look takes longer than all else that a search does
GROWN = 10_000  # signs that were read since, after which those of passages that are gone are got rid of


class KnownMeaning:
    """See contract.Meaning. Safe to share between threads, not across fork."""

    def __init__(self, embedder: Embedder, fill: Callable[[], None]) -> None:
        """`fill` is what contract.Meaning says of it."""
        self.embedder = embedder
        self._fill = fill
        self.space: Space | None = None
        """The one that was asked last: its model may be replaced."""
        self._signs = Signs()

    def ask(self, db: Snapshot, query: str) -> "AskedBehind | None":
        if self.space is not None and not _is_filled(db, self.space):
            self.fill()
            return None
        return AskedBehind(self, query)

    def nearest(self, db: Snapshot, space: int, query: Vector, among: Collection[int] | None) -> list[int]:
        return self._signs.nearest(db, space, query, among)

    def fill(self) -> None:
        self._fill()


def _is_filled(db: Snapshot, space: Space) -> bool:
    number = meanings.space_id(db, space.name)
    return number is not None and meanings.have_any(db, number)


class AskedBehind:
    """A query that a thread of its own asks about: see contract.Asked."""

    def __init__(self, meaning: KnownMeaning, query: str) -> None:
        self._meaning = meaning
        self._query = query
        self._until = monotonic() + QUERY_PATIENCE
        self._done = threading.Event()
        self._answer: tuple[str, Vector] | Exception | None = None
        threading.Thread(target=self._ask, name="meaning of a query", daemon=True).start()

    def answer(self) -> tuple[str, Vector]:
        self._done.wait(max(0.0, self._until - monotonic()))
        if self._answer is None:
            raise Unreachable(f"{self._meaning.embedder.name} did not answer within {QUERY_PATIENCE:g} s")
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def _ask(self) -> None:
        try:
            embedder = self._meaning.embedder
            self._meaning.space = space = embedder.space(QUERY_PATIENCE)
            self._answer = space.name, embedder.query(self._query, max(0.0, self._until - monotonic()))
        except Exception as error:
            self._answer = error
        finally:
            self._done.set()


class Signs:
    """The signs of all vectors of one space, read once; later only what is new."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._space = 0
        self._are_too_many = False
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._last: Signature | None = None
        self._passages = array("q")  # of each of the signs
        self._signs: list[int] = []
        self._at_first = 0

    def nearest(self, db: Snapshot, space: int, query: Vector, among: Collection[int] | None) -> list[int]:
        """See contract.Meaning."""
        with self._turn:
            self._read_on(db, space, width_of(len(query)))
            passages, signs = self._passages, self._signs
        asked = signs_of(query)
        distances = [(one ^ asked).bit_count() for one in signs]
        if among is not None:
            own = set(among)
            near = sorted((distance, place) for place, distance in enumerate(distances) if passages[place] in own)
        else:
            most = _distance_of_the_first(distances, NEAREST)
            near = sorted((distance, place) for place, distance in enumerate(distances) if distance <= most)
        return list(dict.fromkeys(passages[place] for _, place in near))

    def _read_on(self, db: Snapshot, space: int, width: int) -> None:
        """What was read last is asked for again: where it is not there any more, this may be another file."""
        last = self._last
        is_same = space == self._space and (last is None or meanings.signature_at(db, space, last.id) == last)
        if not is_same or len(self._signs) > 2 * self._at_first + GROWN:
            self._begin_anew()
            self._space = space
            self._are_too_many = meanings.are_more_than(db, space, MOST_LOOKED_THROUGH)
        if self._are_too_many:
            return
        for row in meanings.signatures_after(db, space, self._last.id if self._last else 0):
            self._take_in(row, width)
        self._at_first = self._at_first or len(self._signs)

    def _take_in(self, row: Signature, width: int) -> None:
        self._last = row
        _, passage, signature = row
        for start in range(0, len(signature), width):
            self._passages.append(passage)
            self._signs.append(int.from_bytes(signature[start : start + width], "big"))


NEAREST = 3_000  # pieces, at least: more are of use only to who may see few of them


def _distance_of_the_first(distances: list[int], most: int) -> int:
    """The least distance within which there are so many."""
    left = most
    counted = Counter(distances)
    for distance in sorted(counted):
        left -= counted[distance]
        if left <= 0:
            return distance
    return max(counted, default=0)
