"""What an import is asked to do, and what it did."""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)

MOST_LISTED = 200  # of the skipped, the conflicting and the warnings: the rest is counted

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much; the second number stays the same throughout."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`project` is set for all notes, and made (with `repo_url`) where it does not exist. `branch` is for git.

    `prune` deletes the notes of files that vanished from a folder. `actor` makes the project of a repository.
    A dry run does everything to a copy of the store, and throws it away.
    """

    project: str | None = None
    repo_url: str | None = None
    branch: str | None = None
    prune: bool = False
    dry_run: bool = False
    actor: str = "import"


@dataclass(frozen=True, slots=True)
class Skipped:
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Conflicting:
    """A note that was changed in Notewell since it was imported, and in its file too: it was left as it is."""

    slug: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """The first MOST_LISTED of `total` things."""

    total: int = 0
    items: tuple[T, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did. `notes` counts the living notes of the source, `revisions` all that it made;
    `created` to `restored` count notes' changes, of files and of folders alike.

    `unchanged` files brought nothing new; `gone` ones vanished from the folder, and their notes were kept.
    """

    source: str
    notes: int
    revisions: int
    created: int
    updated: int
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


@dataclass(slots=True)
class Tally:
    """Counts while the import runs."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: dict[Skipped, None] = field(default_factory=dict)
    conflicting: dict[str, Conflicting] = field(default_factory=dict)  # by path: a later change may settle one
    warnings: dict[str, None] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def add(self, kind: str, number: int = 1) -> None:
        self.counts[kind] += number

    def skip(self, path: str, reason: str) -> None:
        self.skipped[Skipped(path.encode("utf-8", "replace").decode(), reason)] = None

    def warn(self, text: str) -> None:
        self.warnings[text] = None

    def summary(self, source: str, dry_run: bool) -> Summary:
        names = "notes revisions created updated renamed deleted restored folders aliases unchanged gone derived"
        counts = {name: self.counts[name] for name in [*names.split(), "links", "dangling"]}
        return Summary(
            source=source,
            skipped=listed(self.skipped),
            conflicting=listed(self.conflicting.values()),
            warnings=listed(self.warnings),
            seconds=round(time.monotonic() - self.started, 3),
            dry_run=dry_run,
            **counts,
        )


def listed(things: Iterable[T]) -> Listed[T]:
    every = tuple(things)
    return Listed(len(every), every[:MOST_LISTED])
