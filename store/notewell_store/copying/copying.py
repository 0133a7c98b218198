"""From one store into another that is empty: every row as it is, in batches that are each committed; then the words of
all passages, made by the code that makes them for a write; then all of the copy is looked through.

Whoever is killed is gone on from. The rows that are there are held against those of the source's present moment, from
the first on: where they are the same, the rest is copied, so that the whole is of one moment, that of the last run.
Where they are not, the source has changed since, or it is another: that is said, and nothing is mixed.
"""

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from notewell_store.contract import Filling, Progress, Snapshot
from notewell_store.errors import Invalid, Unusable
from notewell_store.findings import Copied
from notewell_store.integrity.verify import verify_snapshot
from notewell_store.opening import engine_at, open_store, without_password
from notewell_store.tables import copied_rows, passages, tokens
from notewell_store.tables.copied_rows import ANEW, PARTS, TOKENS, Part, Row

AT_ONCE = 500  # rows of one transaction; each may hold a text of a megabyte
INDEXED_AT_ONCE = 100  # notes
MOST_NAMED = 5  # findings
LONGEST_KEY = 200  # characters


@dataclass(frozen=True, slots=True)
class Begun:
    """What is told in the target of the copy that was begun there: of which store, whether with its tokens, and up to
    which note the words of passages were taken in."""

    source: str
    tokens: bool
    indexed: int = 0


def copy_store(
    source: str | Path,
    target: str | Path,
    progress: Progress | None = None,
    *,
    with_tokens: bool = False,
    anew: bool = False,
    at_once: int = AT_ONCE,
) -> Copied:
    """Copy the store at one address to another, where there is none or an empty one, with all its history; or go on
    with the copy that was begun so, unless it is to be begun `anew`. Tokens stay behind unless they are asked for.

    `progress` counts rows, then notes whose passages are taken into the index, then notes that are verified. Raises
    Invalid where the target holds anything else, Unusable where the source is damaged or has changed since, or either
    place refuses. What was copied till then stays, and nobody else opens it.
    """
    must_differ(str(source), str(target))
    with (
        closing(open_store(source, create=False)) as store,
        engine_at(target).filling(str(target), anew=anew) as filling,
    ):
        begun = _begun(filling, Begun(store.address, with_tokens))
        parts = (*PARTS, TOKENS) if with_tokens else PARTS
        with store.reading() as seen:
            copied_rows.must_be_of_today(seen)
            laid = _Laying(seen, filling, begun, at_once, progress)
            laid.all(parts)
            laid.must_be_all(parts)
            vouched = tokens.vouched_for(seen) if with_tokens else {}
        _take_in(filling, begun, progress)
        with filling.reading() as copy:
            verdict = verify_snapshot(copy, engine_at(target).upkeep.checks, (), progress)
        if verdict.damage:
            shown = "; ".join(map(str, verdict.damage[:MOST_NAMED]))
            raise Unusable(f"the copy is damaged, as {begun.source} then is, and was not finished: {shown}")
        with filling.finishing() as copy:
            if with_tokens:
                tokens.vouch(copy, vouched)
    return Copied(store.address, without_password(str(target))[0], verdict, len(vouched), laid.found)


def must_differ(source: str, target: str) -> None:
    """Raise Invalid where both are the same place."""
    if "://" in source or "://" in target:
        is_same = without_password(source)[0] == without_password(target)[0]
    else:
        is_same = Path(source).expanduser().resolve() == Path(target).expanduser().resolve()
    if is_same:
        raise Invalid("a store cannot be copied into itself: name another place", "target")


def _begun(filling: Filling, wanted: Begun) -> Begun:
    """What was begun in the target, or is now."""
    with filling.writing() as copy:
        text = copied_rows.told(copy)
        if not text:
            copied_rows.tell(copy, json.dumps(asdict(wanted)))
            return wanted
    begun = Begun(**json.loads(text))
    if begun.tokens != wanted.tokens:
        how = "with" if begun.tokens else "without"
        raise Invalid(
            ("the copy was begun ", how, " tokens: go on with it so, or begin it anew, with ", ANEW), "tokens"
        )
    return begun


@dataclass(slots=True)
class _Laying:
    """The rows of a source on their way. `found` counts those that were there already."""

    seen: Snapshot
    filling: Filling
    begun: Begun
    at_once: int
    progress: Progress | None
    found: int = 0

    def all(self, parts: Iterable[Part]) -> None:
        """Let all rows of these parts be in the target."""
        sizes = {part: copied_rows.count(self.seen, part) for part in parts}
        done, total = 0, sum(sizes.values())
        for part in sizes:
            is_kept = True  # whether the target may have more of these rows
            after: Row | None = None
            for rows in copied_rows.batches(self.seen, part, self.at_once):
                is_kept = self._batch(part, after, rows, is_kept=is_kept)
                after = part.key_of(rows[-1])
                done += len(rows)
                if self.progress is not None:
                    self.progress(done, total)

    def _batch(self, part: Part, after: Row | None, rows: list[Row], *, is_kept: bool) -> bool:
        """Lay those that are not there. The answer is whether all were."""
        kept: list[Row] = []
        if is_kept:
            with self.filling.reading() as copy:
                kept = copied_rows.read(copy, part, after, len(rows))
        self._must_be_same(part, rows[: len(kept)], kept)
        self.found += len(kept)
        lacking = rows[len(kept) :]
        if lacking:
            self._lay(part, lacking)
        return not lacking

    def _lay(self, part: Part, rows: list[Row]) -> None:
        """One by one where there is one among them that the engine there cannot hold, to tell which."""
        try:
            with self.filling.writing() as copy:
                copied_rows.lay(copy, part, rows)
        except Invalid as error:
            if len(rows) == 1:
                key = ", ".join(map(repr, part.key_of(rows[0])))[:LONGEST_KEY]
                raise Unusable(f"the row {key} of {part.table} cannot be kept there: {error}") from error
            for row in rows:
                self._lay(part, [row])

    def must_be_all(self, parts: Iterable[Part]) -> None:
        """Hold all of the target against the source: what was laid is there, and nothing else."""
        for part in parts:
            after: Row | None = None
            with self.filling.reading() as copy:
                for rows in copied_rows.batches(self.seen, part, self.at_once):
                    self._must_be_same(part, rows, copied_rows.read(copy, part, after, len(rows)))
                    after = part.key_of(rows[-1])
                self._must_be_same(part, [], copied_rows.read(copy, part, after, 1))

    def _must_be_same(self, part: Part, rows: list[Row], kept: list[Row]) -> None:
        if list(map(part.kept_of, rows)) != list(map(part.kept_of, kept)):
            raise Unusable(
                f"the copy was begun from {self.begun.source}, and what it holds of {part.table} is not what the "
                "source holds now: that has changed since, or is another. Begin it anew, with ",
                ANEW,
            )


def _take_in(filling: Filling, begun: Begun, progress: Progress | None) -> None:
    """Let the passages be found by their words."""
    with filling.reading() as copy:
        done, total = passages.count_notes(copy, begun.indexed), passages.count_notes(copy)
    after: int | None = begun.indexed
    while after is not None:
        with filling.writing() as copy:
            after = passages.take_in_some(copy, after, INDEXED_AT_ONCE)
            if after is not None:
                copied_rows.tell(copy, json.dumps(asdict(replace(begun, indexed=after))))
        done = min(done + INDEXED_AT_ONCE, total)
        if progress is not None:
            progress(done, total)
    passages.merge_index(filling.writing)
