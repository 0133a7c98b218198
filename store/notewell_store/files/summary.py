"""What an import is asked to do, and what it did."""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePosixPath
from typing import Generic, TypeVar

from notewell_store.files.project_file import Above
from notewell_store.names import is_markdown

T = TypeVar("T", bound=Hashable)

MOST_LISTED = 200  # of the skipped, the conflicting and the warnings: the rest is counted

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much; the second number stays the same throughout."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`project` is set for all notes, and made (with `repo_url`) where it does not exist. `branch` is for git.

    `prune` deletes the notes of files that vanished from a folder. `actor` makes the project of a repository.
    A dry run does everything to a copy of the store, and throws it away. `reader` is who reads the source, where it is
    not to be found out. `take` (`source` or `store`) says which counts where a page was changed in both. `types` give
    types by path, such as `alerts/**=runbook`. `above` is the project file above a folder that has none.
    """

    project: str | None = None
    repo_url: str | None = None
    branch: str | None = None
    prune: bool = False
    dry_run: bool = False
    actor: str = "import"
    reader: str | None = None
    take: str | None = None
    types: tuple[str, ...] = ()
    above: Above | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Conflicting:
    """A note that was changed in Notewell since it was imported, and in its file too: it was left as it is. What the
    file says is kept as the revision `offered`."""

    slug: str
    path: str
    reason: str
    offered: int | None = None


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """The first MOST_LISTED of `total` things."""

    total: int = 0
    items: tuple[T, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did. `notes` counts the living notes of the source, `revisions` all that it made;
    `created` to `restored` count notes' changes, of files and of folders alike; of the changed ones `merged` had been
    changed here as well.

    `unchanged` files brought nothing new; `gone` ones vanished from the folder, and their notes were kept.
    `passed_over` counts what is no page to the reader: `3 .html`, `1 node_modules/`, `2 Templates/*.md`; `typed` the
    notes that got a type from the name of their folder.
    """

    source: str
    notes: int
    revisions: int
    created: int
    updated: int
    merged: int
    renamed: int
    deleted: int
    restored: int
    folders: int
    aliases: int
    unchanged: int
    gone: int
    derived: int
    links: int
    dangling: int
    skipped: Listed[Skipped]
    conflicting: Listed[Conflicting]
    warnings: Listed[str]
    seconds: float
    dry_run: bool = False
    passed_over: Listed[str] = Listed()
    typed: Listed[str] = Listed()


KINDS = tuple(f.name for f in fields(Summary) if f.type is int)


@dataclass(slots=True)
class Tally:
    """Counts while the import runs."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: dict[Skipped, None] = field(default_factory=dict)
    conflicting: dict[str, Conflicting] = field(default_factory=dict)  # by path: a later change may settle one
    warnings: dict[str, None] = field(default_factory=dict)
    passed_over: Counter[str] = field(default_factory=Counter)
    typed: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def copy(self) -> "Tally":
        return replace(
            self,
            counts=self.counts.copy(),
            skipped=self.skipped.copy(),
            conflicting=self.conflicting.copy(),
            warnings=self.warnings.copy(),
        )

    def go_back(self, told: "Tally") -> None:
        """Count what `told` did, a copy of this from before."""
        self.counts, self.skipped = told.counts, told.skipped
        self.conflicting, self.warnings = told.conflicting, told.warnings

    def add(self, kind: str, number: int = 1) -> None:
        self.counts[kind] += number

    def skip(self, path: str, reason: str) -> None:
        self.skipped[Skipped(path.encode("utf-8", "replace").decode(), reason)] = None

    def warn(self, text: str) -> None:
        self.warnings[text] = None

    def pass_over(self, path: str) -> None:
        """Folders and pages are named, of other files the ending."""
        pure = PurePosixPath(path)
        if path.endswith("/"):
            self.passed_over[f"{pure.name}/"] += 1
        elif is_markdown(path):
            self.passed_over[f"{pure.parent}/*{pure.suffix}" if pure.parent.name else pure.name] += 1
        else:
            self.passed_over[pure.suffix.lower() or pure.name] += 1

    def summary(self, source: str, dry_run: bool) -> Summary:
        return Summary(
            source=source,
            skipped=listed(self.skipped),
            conflicting=listed(self.conflicting.values()),
            warnings=listed(self.warnings),
            seconds=round(time.monotonic() - self.started, 3),
            dry_run=dry_run,
            passed_over=listed(f"{number:,} {ending}" for ending, number in self.passed_over.most_common()),
            typed=listed(self.typed),
            **{kind: self.counts[kind] for kind in KINDS},
        )


def listed(things: Iterable[T]) -> Listed[T]:
    every = tuple(things)
    return Listed(len(every), every[:MOST_LISTED])


def together(summaries: Sequence[Summary]) -> Summary:
    """The summaries of the parts of one import, as one; the first is of the whole's own."""
    first, *others = summaries
    for other in others:
        numbers = {f.name: getattr(first, f.name) + getattr(other, f.name) for f in fields(Summary) if f.name in KINDS}
        first = replace(
            first,
            skipped=_both(first.skipped, other.skipped),
            conflicting=_both(first.conflicting, other.conflicting),
            warnings=_both(first.warnings, other.warnings),
            passed_over=_both(first.passed_over, other.passed_over),
            typed=_both(first.typed, other.typed),
            seconds=max(first.seconds, other.seconds),
            **numbers,
        )
    return first


def _both(one: Listed[T], other: Listed[T]) -> Listed[T]:
    return Listed(one.total + other.total, (one.items + other.items)[:MOST_LISTED])


def shares(progress: Progress | None, parts: int) -> list[Progress | None]:
    """For each part of an import what it may call as its own progress."""
    if progress is None or parts == 1:
        return [progress] * parts
    each = [0] * parts

    def share(part: int) -> Progress:
        def tell(done: int, total: int) -> None:
            each[part] = 1000 * done // max(1, total)
            progress(sum(each), 1000 * parts)

        return tell

    return [share(part) for part in range(parts)]
