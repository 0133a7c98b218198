"""Making the vectors that passages lack: behind the answers, in batches, by one filler of all processes at a time.

No transaction is open while the embedder works. What a batch brought is committed at once, so that whoever stops
loses one batch at most, and the next goes on.
"""

import secrets
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import NamedTuple, TypeVar

from notewell_store.clock import now, of_second
from notewell_store.contract import LARGEST, Background, Snapshot, Store
from notewell_store.errors import Busy, StoreError
from notewell_store.meaning.embedder import Embedder, Late, Space, Unreachable, Vector
from notewell_store.meaning.pieces import LONGEST_PIECE, digest_of, pieces_of
from notewell_store.meaning.quantised import packed, signatures
from notewell_store.tables import meanings
from notewell_store.tables.meanings import Amount, Lacking
from notewell_store.writing.background import InBackground

BATCH = 32  # pieces that are embedded at once, or those of one passage; fewer where that takes too long
MOST_READ = 64  # passages at a time
MOST_TIDIED = 500  # rows that are taken out at once
PATIENCE = 60.0  # seconds for a batch
LEASE = 180.0  # seconds after which another may fill, where nothing was heard of who does: more than a batch may take
WRITING_PATIENCE = 0.3  # seconds: writers go first
PAUSE = 0.5  # seconds after which the store is tried again
FIRST_REST, LONGEST_REST = 5.0, 300.0  # seconds after which the embedder is
WHOLE = 60.0  # seconds in which searches let the whole store be looked through once
EVERYTHING = 0  # in the place of a note's number

T = TypeVar("T")


class AlreadyFilling(Exception):
    """Another process fills the store, or a thread of this one."""


class Batched(NamedTuple):
    """A passage, with the digest of what is embedded and the texts that are; `vectors` once they are known, which have
    the number `meaning` once they are kept."""

    passage: Lacking
    digest: bytes
    texts: tuple[str, ...]
    meaning: int | None = None
    vectors: bytes | None = None


Progress = Callable[[int], None]
"""Told how many passages more have vectors."""


class Filler:
    """Fills one store as one embedder sees it, until `stop` is set. Used by one thread."""

    def __init__(
        self, store: Store, embedder: Embedder, stop: threading.Event, progress: Progress | None = None
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._stop = stop
        self._progress = progress or (lambda _: None)
        self._holder = secrets.token_hex(8)
        self._is_holding = False
        self._batch = BATCH

    def amount(self, *, anew: bool = False) -> Amount:
        """How much lacks vectors, or may have any where they are to be made `anew`. Raises Unreachable, StoreError."""
        name = self._embedder.space(PATIENCE).name
        with self._store.reading() as db:
            number = None if anew else meanings.space_id(db, name)
            return meanings.amount_lacking(db, number, LONGEST_PIECE, public_only=self._public_only)

    def fill(self, notes: Iterable[int] | None = None) -> None:
        """Give vectors to the passages that lack them, the newest first; to those of these notes alone, where any are
        named. Raises Unreachable, AlreadyFilling, StoreError; what is kept by then stays."""
        space = self._embedder.space(PATIENCE)
        wanted = None if notes is None else tuple(notes)
        if not self._next(space, wanted, LARGEST):
            return
        with self._holding(space) as number:
            while self._fill_down(number, space, wanted) and not self._stop.is_set():
                pass  # what was written meanwhile stands above
            if wanted is None:
                self._tidy()

    def _fill_down(self, number: int, space: Space, notes: tuple[int, ...] | None) -> bool:
        """From the newest passage to the oldest, and from the newest again where one was written meanwhile; whether
        anything was to be done."""
        below = newest = LARGEST
        while not self._stop.is_set():
            with self._store.reading() as db:
                latest = meanings.newest_passage(db)
            if latest != newest:
                below, newest = LARGEST, latest
            batch = self._next(space, notes, below)
            if not batch:
                break
            try:
                self._keep(number, space, self._embedded(batch, space))
            except Late:  # a slow model may yet manage a few
                if self._batch == 1:
                    raise
                self._batch = max(1, self._batch // 4)
            else:
                below = batch[-1].passage.passage
        return below < LARGEST

    def _tidy(self) -> None:
        """Take out rows of passages that are gone."""
        while not self._stop.is_set():
            with self._store.reading() as db:
                rows = meanings.stale(db, MOST_TIDIED)
            if not rows:
                return
            self._written(partial(meanings.take_out, rows=rows))

    def forget(self) -> None:
        """Let all of the embedder's vectors be made anew. Raises as fill does."""
        with self._holding(self._embedder.space(PATIENCE)) as number, self._store.writing() as db:
            meanings.forget(db, number)

    def sweep(self) -> int:
        """Take out the vectors that no passage has any more, and those of other spaces. Says how many of the former.
        Raises as fill does."""
        with self._holding(self._embedder.space(PATIENCE)) as number, self._store.writing() as db:
            meanings.sweep_other_spaces(db, number)
            return meanings.sweep(db)

    @property
    def _public_only(self) -> bool:
        return self._embedder.sends == "public"

    @contextmanager
    def _holding(self, space: Space) -> Iterator[int]:
        """Fill alone, in the space of the number that the block gets."""
        number = self._written(lambda db: self._take(db, space))
        if number is None:
            raise AlreadyFilling
        self._is_holding = True
        try:
            yield number
        finally:
            if not self._stop.is_set():  # else who set it does: the store may be closed by now
                self.leave()

    def leave(self) -> None:
        """Let others fill."""
        if self._is_holding:
            self._is_holding = False
            with suppress(StoreError), self._store.writing(WRITING_PATIENCE) as db:
                meanings.leave_filling(db, self._holder)

    def _take(self, db: Snapshot, space: Space) -> int | None:
        return meanings.keep_space(db, *space) if self._renew(db) else None

    def _renew(self, db: Snapshot) -> bool:
        until = of_second((datetime.now(UTC) + timedelta(seconds=LEASE)).timestamp())
        return meanings.take_filling(db, self._holder, now(), until)

    def _next(self, space: Space, notes: tuple[int, ...] | None, below: int) -> list[Batched]:
        """What is to be done next, below that passage: those whose vectors are known, and about as many pieces of
        others as are embedded at once."""
        batch: list[Batched] = []
        pieces = 0
        with self._store.reading() as db:
            number = meanings.space_id(db, space.name) or 0
            found = meanings.lacking(db, number, below, MOST_READ, public_only=self._public_only, notes=notes)
            digests = [digest_of(space.name, one.title, one.heading, one.body) for one in found]
            known = meanings.known(db, number, digests)
        for passage, digest in zip(found, digests, strict=True):
            if digest in known:
                batch.append(Batched(passage, digest, (), *known[digest]))
                continue
            texts = pieces_of(passage.title, passage.heading, passage.body)
            if pieces and pieces + len(texts) > self._batch:
                break
            pieces += len(texts)
            batch.append(Batched(passage, digest, tuple(texts)))
        return batch

    def _embedded(self, batch: list[Batched], space: Space) -> list[Batched]:
        """The batch with all vectors. Raises Unreachable, also where a model came in the place of the former."""
        texts = [text for one in batch for text in one.texts]
        made = iter(self._embedder.passages(texts, PATIENCE) if texts else ())
        if self._embedder.space(PATIENCE) != space:
            raise Unreachable(f"{self._embedder.name} has another model by now")
        return [
            one if one.vectors is not None else one._replace(vectors=_packed([next(made) for _ in one.texts], space))
            for one in batch
        ]

    def _keep(self, number: int, space: Space, batch: list[Batched]) -> None:
        """Commit the batch, unless the work is to end. Raises AlreadyFilling."""
        kept = self._written(lambda db: self._renew(db) and _write(db, number, space, batch))
        if kept:
            self._progress(len(batch))
        elif not self._stop.is_set():
            raise AlreadyFilling

    def _written(self, write: Callable[[Snapshot], T]) -> T | None:
        """What is written once no writer is in the way; None where the work ends before."""
        while not self._stop.is_set():
            with suppress(Busy), self._store.writing(WRITING_PATIENCE) as db:
                return write(db)
            self._stop.wait(PAUSE)
        return None


def _packed(vectors: "Sequence[Vector | None]", space: Space) -> bytes:
    """The vectors of a passage, of which a piece that has none is like no question; empty where no piece has any."""
    if not any(vectors):
        return b""
    return packed([array("f", bytes(4 * space.dimensions)) if one is None else one for one in vectors])


def _write(db: Snapshot, number: int, space: Space, batch: Iterable[Batched]) -> bool:
    """Of texts that are gone by now nothing is kept: one may have been redacted."""
    for passage, digest, _, meaning, vectors in batch:
        if vectors is not None and meanings.still_says(db, passage):
            known = meanings.add(db, number, digest, vectors) if meaning is None else meaning
            meanings.point(db, number, passage, known, signatures(vectors, space.dimensions))
    return True


class Filling:
    """A filler in the background of a store: what was written gets its vectors, and with the first of it whatever
    lacks them. Where the embedder cannot be reached, it is tried again later."""

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._stop = threading.Event()
        self._filler = Filler(store, embedder, self._stop)
        self._behind = InBackground(self._fill)
        self._looked_at: float | None = None
        """When the whole store was last to be looked through."""

    def add(self, note_id: int) -> None:
        self._behind.add(note_id)
        if self._looked_at is None:
            self.add_all()

    def add_all(self) -> None:
        """Let the whole store be looked through soon, unless it just was."""
        if self._looked_at is None or monotonic() >= self._looked_at + WHOLE:
            self._looked_at = monotonic()
            self._behind.add(EVERYTHING)

    def stop(self) -> None:
        """Begin no more."""
        self._stop.set()

    def finish(self) -> None:
        """Stop. A batch that is with the embedder is left to the next who fills."""
        self.stop()
        self._behind.finish()
        self._filler.leave()

    def _fill(self, notes: frozenset[int]) -> None:
        rest = FIRST_REST
        while not self._stop.is_set():
            with suppress(Unreachable, AlreadyFilling):
                with suppress(StoreError):
                    self._filler.fill(None if EVERYTHING in notes else notes)
                return
            self._stop.wait(rest)
            rest = min(2 * rest, LONGEST_REST)


class PagesAndMeanings:
    """What follows the writes of a store that knows meaning; see contract.Background."""

    def __init__(self, pages: Background, meanings: Filling) -> None:
        self._pages = pages
        self._meanings = meanings

    def add(self, note_id: int) -> None:
        self._pages.add(note_id)
        self._meanings.add(note_id)

    def finish(self) -> None:
        """One waits for the other, but both for no longer than one may."""
        self._meanings.stop()
        self._pages.finish()
        self._meanings.finish()
