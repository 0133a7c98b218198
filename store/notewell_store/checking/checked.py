"""What a check answers, as frozen dataclasses."""

from dataclasses import dataclass
from typing import Literal

State = Literal["exact", "alias", "deleted", "missing", "missing-section", "ambiguous"]
Kind = Literal["note", "key", "change"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One reference of a text, and what became of it.

    `slug`, `id`, `title` and `created_at` are those of the note that was found, also where a section or a revision
    of it is missing; `anchor` is the section that defines a key. A `change` is a pull request or a commit: `slug` and
    `revision` are then the newest revision on its account.
    """

    ref: str
    kind: Kind
    state: State
    lines: tuple[int, ...] = ()
    """Where it stands, counted from 1; the first few."""
    slug: str | None = None
    anchor: str | None = None
    revision: int | None = None
    id: int | None = None
    title: str | None = None
    created_at: str | None = None
    nearest: tuple[str, ...] = ()
    remark: str | None = None
    foreign: str | None = None
    """The project of the note that was found, where that is not the one that is spoken of: then the note is named,
    and nothing that it says."""

    @property
    def is_problem(self) -> bool:
        """Whether somebody should mend it. A pull request without a revision on its account may just be new."""
        return self.state not in ("exact", "alias") and self.kind != "change"


@dataclass(frozen=True, slots=True)
class Searched:
    """The scope of an answer: living notes, up to which change of the store."""

    notes: int
    seq: int


@dataclass(frozen=True, slots=True)
class Report:
    """The references of a text. `next_line` is the line from which on more were not looked at; None if none were."""

    refs: tuple[Checked, ...]
    searched: Searched
    next_line: int | None = None
