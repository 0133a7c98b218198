"""Stores of any size whose shape follows real ones: the same for the same seed.

    python bench/knowledge.py FILE --notes 10000 [--only-last]

Sizes are log-normal (half of the notes under 3.5 kB, nine in ten under 16 kB, some of 45 kB and more), tags and
words as unevenly common as real ones; 28 projects, trees three deep, three links in each body and hubs with hundreds,
about seven revisions each and some with 160. Everything passes the store's own writing functions, batched as an
import does it: a hundred thousand notes take minutes.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain, islice
from pathlib import Path
from random import Random

from notewell_store import Attribution, Store, open_store
from notewell_store.contract import Snapshot
from notewell_store.files.stale_notes import derive_stale, mark_stale
from notewell_store.models import Metadata, Note
from notewell_store.tables.projects import write_project
from notewell_store.writing import pipeline
from notewell_store.writing.drafts import Draft
from prose import asked, block, paragraph, section

PROJECTS = 28
TYPES = ("decision", "sop", "plan", "review", "note", "log", "architecture", "convention")
TYPE_SHARES = (20, 15, 15, 15, 12, 10, 8, 5)
STATUSES = ("active", "completed", "draft", "superseded")
STATUS_SHARES = (45, 35, 10, 10)
ACTORS = ("claude-code", "codex", "ada", "grace", "import")
MEDIAN_SIZE = 2_500  # as drawn: whole blocks and later revisions add about a kilobyte
SPREAD = math.log(14_500 / MEDIAN_SIZE) / 1.2816  # of the log-normal sizes: nine in ten are under 16 kB
LARGEST = 200_000
MEDIAN_REVISIONS = 4.3
MOST_REVISIONS = 160
OFTEN_REVISED = 1_000  # each so-many-th note has the most revisions
HUB_SHARE = 0.15  # of the links
NOTES_PER_HUB = 400
BLOCK = 1_000  # notes whose revisions come by turns
LATE = 0.2  # of the notes are changed once more when all are there
BATCH = 250  # revisions in one transaction
BEGINNING = datetime(2024, 1, 8, tzinfo=UTC)
YEARS = timedelta(days=1_000)


@dataclass
class Growing:
    """A note on its way: its sections so far, those still to come, and how it stands in the store."""

    number: int
    dice: Random
    metadata: Metadata
    shown: list[str]
    pending: list[str]
    revisions: int
    stored: Note | None = None

    @property
    def markdown(self) -> str:
        return "\n".join(self.shown)


class Shape:
    """What is drawn for each note of a store of so many, from the seed and the note's number alone."""

    def __init__(self, notes: int, seed: int) -> None:
        self.notes, self.seed = notes, seed
        self.tags = [
            f"{asked(1, Random(f'tag {n}'))}-{n}" if n % 3 else f"area:{n}" for n in range(60 + int(4 * notes**0.5))
        ]
        self._tag_shares = list(accumulate(1 / rank for rank in range(1, len(self.tags) + 1)))
        self._project_shares = list(accumulate(1 / rank for rank in range(1, PROJECTS + 1)))

    def slug(self, number: int) -> str:
        dice = Random(f"{self.seed} slug {number}")
        return f"{self.note_type(number)}-{'-'.join(asked(2, dice).split())}-{number}"

    def note_type(self, number: int) -> str:
        return Random(f"{self.seed} type {number}").choices(TYPES, TYPE_SHARES)[0]

    def note(self, number: int) -> Growing:
        dice = Random(f"{self.seed} note {number}")
        title = asked(dice.randint(2, 6), dice).capitalize()
        metadata = Metadata(
            slug=self.slug(number),
            title=title,
            note_type=self.note_type(number),
            status=dice.choices(STATUSES, STATUS_SHARES)[0],
            project=self._project(dice),
            tags=tuple(sorted(set(dice.choices(self.tags, cum_weights=self._tag_shares, k=dice.randint(3, 6))))),
            parent=self._parent(number, dice),
            position=number % 10 if dice.random() < 0.3 else None,
        )
        sections = self._sections(number, title, dice)
        revisions = self._revisions(number, dice)
        first = max(1, len(sections) - min(len(sections) // 2, (revisions - 1) // 2))
        return Growing(number, dice, metadata, sections[:first], sections[first:], revisions)

    def _project(self, dice: Random) -> str | None:
        return (
            None
            if dice.random() < 0.1
            else f"project-{dice.choices(range(PROJECTS), cum_weights=self._project_shares)[0]}"
        )

    def _parent(self, number: int, dice: Random) -> str | None:
        """Of each ten notes one is a root, three stand below it, and six below those."""
        place = number % 10
        if place == 0 or dice.random() < 0.2:
            return None
        above = number - place if place < 4 else number - place + 1 + place % 3
        return self.slug(above)

    def _revisions(self, number: int, dice: Random) -> int:
        if number % OFTEN_REVISED == OFTEN_REVISED // 2:
            return MOST_REVISIONS
        return max(1, min(MOST_REVISIONS, round(dice.lognormvariate(math.log(MEDIAN_REVISIONS), 1))))

    def _sections(self, number: int, title: str, dice: Random) -> list[str]:
        size = min(LARGEST, dice.lognormvariate(math.log(MEDIAN_SIZE), SPREAD))
        sections = [f"# {title}\n\n{paragraph(dice)}"]
        length = len(sections[0])
        while length < size:
            level = 2 if len(sections) == 1 else dice.choice((2, 2, 3))
            sections.append(section(level, int(min(size - length, dice.randint(300, 1_600))), dice))
            length += len(sections[-1])
        for _ in range(dice.randint(2, 5)):
            place = dice.randrange(len(sections))
            sections[place] += f"\nSee [[{self.slug(self._linked(number, dice))}]].\n"
        return sections

    def _linked(self, number: int, dice: Random) -> int:
        if dice.random() < HUB_SHARE:
            return dice.randrange(max(1, self.notes // NOTES_PER_HUB)) * NOTES_PER_HUB % self.notes
        near = number + dice.randint(-200, 200)
        return near % self.notes if dice.random() < 0.5 else dice.randrange(self.notes)


def revise(note: Growing) -> None:
    """Change the note as agents do: a section more, a block in other words or added, another status."""
    dice = note.dice
    kind = dice.random()
    if note.pending and kind < len(note.pending) / max(1, note.revisions):
        note.shown.append(note.pending.pop(0))
    elif kind < 0.9:
        place = dice.randrange(len(note.shown))
        heading, *blocks = note.shown[place].split("\n\n")
        if blocks and dice.random() < 0.5:
            blocks[dice.randrange(len(blocks))] = block(dice)
        else:
            blocks.append(block(dice))
        note.shown[place] = "\n\n".join([heading, *blocks])
    else:
        status = dice.choice([status for status in STATUSES if status != note.metadata.status])
        note.metadata = replace(note.metadata, status=status)


def turns(shape: Shape) -> Iterator[Growing]:
    """The notes in the order in which they are written, each as often as it has revisions.

    Within a block all are created first, then revised by turns; some are revised once more in the end.
    """
    late: list[Growing] = []
    for begin in range(0, shape.notes, BLOCK):
        block_notes = [shape.note(number) for number in range(begin, min(begin + BLOCK, shape.notes))]
        yield from block_notes
        dice = Random(f"{shape.seed} block {begin}")
        again = []
        for note in block_notes:
            is_late = note.revisions > 1 and dice.random() < LATE
            again += [note] * (note.revisions - 1 - is_late)
            late += [note] * is_late
        dice.shuffle(again)
        for note in again:
            revise(note)
            yield note
    Random(f"{shape.seed} late").shuffle(late)
    for note in late:
        revise(note)
        yield note


def as_they_end(shape: Shape) -> Iterator[Growing]:
    """The notes one after another, each once, with the last text that turns() gives it."""
    for note in map(shape.note, range(shape.notes)):
        for _ in range(note.revisions - 1):
            revise(note)
        yield note


def fill(store: Store, notes: int, seed: int = 1, *, only_last: bool = False) -> int:
    """Write so many notes into an empty store, with their history or only as they are at its end. Returns how many
    revisions there are."""
    shape = Shape(notes, seed)
    with store.writing() as db:
        for number in range(PROJECTS):
            write_project(db, f"project-{number}", "bench", f"Project {number}", "local", None)
    done = 0
    for batch in _batches(as_they_end(shape) if only_last else turns(shape)):
        with store.writing() as db:
            for note in batch:
                _write(db, note, Random(f"{seed} {done}"), BEGINNING + YEARS * (done / (7.5 * notes)))
                done += 1
    derive_stale(store)
    return done


def _write(db: Snapshot, note: Growing, dice: Random, at: datetime) -> None:
    by = Attribution(
        dice.choice(ACTORS),
        f"https://example.org/pull/{dice.randrange(1, 2_000)}" if dice.random() < 0.6 else None,
        asked(5, dice) if dice.random() < 0.5 else None,
        at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    )
    markdown, before = note.markdown, note.stored
    note_id, revision = pipeline.record(db, Draft(before, note.metadata, markdown), by)
    if before is None:
        mark_stale(db, None, note_id)
    note.stored = Note(note_id, note.metadata, markdown, revision, 0, "", "", by.actor, by.revised_by)


def _batches(notes: Iterator[Growing]) -> Iterator[Iterator[Growing]]:
    """A note goes on changing as it is taken, so that a batch may not be gathered beforehand."""
    for note in notes:
        yield chain([note], islice(notes, BATCH - 1))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a store of made-up knowledge")
    parser.add_argument("file", type=Path)
    parser.add_argument("--notes", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-last", action="store_true", help="no history: enough for searches")
    options = parser.parse_args()
    began = time.perf_counter()
    store = open_store(options.file)
    revisions = fill(store, options.notes, options.seed, only_last=options.only_last)
    store.close()
    size = options.file.stat().st_size / 1e6
    print(f"{options.notes:,} notes, {revisions:,} revisions, {size:,.0f} MB in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
