"""What can go wrong in the store, and what helps on, as data: whoever faces the caller words it."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from notewell_store.models import Revision
    from notewell_store.saved import MissingHeadings

PROGRAM = "notewell"


class Open(str):
    """What stands in the place of a value that the caller is to choose."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


ANY = Open("…")
A_SECTION = Open("'slug#anchor'")
"""What names a section, in the place of the one that the caller means."""
OTHERS = "…"
"""A name in the place of further arguments, for the caller to choose."""


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


class NextCall(NamedTuple):
    """A call of a tool; without `arguments` (None), the tool by its name. Each door says it as its callers make it:
    `str` is how a model does."""

    tool: str
    arguments: Mapping[str, object] | None = None

    def __str__(self) -> str:
        if self.arguments is None:
            return self.tool
        written = (name if name == OTHERS else f"{name}={_written(value)}" for name, value in self.arguments.items())
        return f"{self.tool}({', '.join(written)})"


class NextArgument(NamedTuple):
    """The same call again, with this argument; without a `value` (None), the argument by its name."""

    name: str
    value: object = None

    def __str__(self) -> str:
        if self.value is None:
            return self.name
        return f"{self.name}={self.value if isinstance(self.value, str) else _written(self.value)}"


class NextCommand(NamedTuple):
    """A command of whoever keeps the store: one that no tool does, so that all doors say it alike."""

    name: str
    arguments: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return " ".join((PROGRAM, self.name, *self.arguments))

    def __str__(self) -> str:
        return f"`{self.line}`"


NextStep = NextCall | NextArgument | NextCommand
Say = Callable[[NextStep], str]
"""How a door says what comes next."""
Text = tuple[str | NextStep, ...]
"""A sentence in pieces: joined, once the steps in it are said."""


class StoreError(Exception):
    """Everything that the store raises on purpose. `text` says what is wrong, without a stop at its end."""

    def __init__(self, *text: str | NextStep) -> None:
        super().__init__(*text)
        self.text: Text = text

    @property
    def next(self) -> tuple[NextStep, ...]:
        """The steps that the text names."""
        return tuple(part for part in self.text if not isinstance(part, str))

    def __str__(self) -> str:
        return "".join(map(str, self.text))


Thing = Literal["note", "section", "revision", "project", "token", "resource"]
Purpose = Literal["change", "link to", "revoke"]


class NotFound(StoreError):
    """A name was sent that nothing bears, or nothing that the caller may see.

    `kind` is what it should be a name of, `purpose` what it was needed for, where the next step follows from that.
    `nearest` holds existing names that look like it, best first; `within` the slug of the note that a section or a
    revision was looked for in.
    """

    def __init__(
        self,
        kind: Thing,
        name: str,
        nearest: Sequence[str] = (),
        within: str | None = None,
        purpose: Purpose | None = None,
    ) -> None:
        super().__init__(f"no {kind} {name!r}")
        self.kind = kind
        self.name = name
        self.nearest = tuple(nearest)
        self.within = within
        self.purpose = purpose


class NotYetMade(NotFound):
    """A note was asked for as of a moment when there was none of that name.

    `as_of` is that moment, a change number or a time; `created_at` and `seq` tell when its first revision was made.
    """

    def __init__(self, slug: str, as_of: int | str, created_at: str, seq: int) -> None:
        super().__init__("note", slug)
        self.as_of = as_of
        self.created_at = created_at
        self.seq = seq


class Deleted(StoreError):
    """A living note was asked for, and `slug` is a tombstone since `revision`; its history is kept."""

    def __init__(self, slug: str, revision: int) -> None:
        super().__init__(f"{slug} is deleted")
        self.slug = slug
        self.revision = revision


class Invalid(StoreError):
    """A value was sent that cannot be taken. `text` says what is wrong with it and what to send instead; `argument`
    names the argument that it came in, where that is known."""

    def __init__(self, text: str | Text, argument: str | None = None) -> None:
        super().__init__(*((text,) if isinstance(text, str) else text))
        self.argument = argument


class Incomplete(Invalid):
    """A text lacks headings that its type's template, which is strict, lists: `missing` names them."""

    def __init__(self, missing: "MissingHeadings") -> None:
        super().__init__(f"{missing.slug} lacks {', '.join(missing.headings)} of {missing.template}", "content")
        self.missing = missing


class Conflict(StoreError):
    """A note was to be changed from a revision that is not its newest, and the two changes overlap; or its content was
    to be replaced without a revision.

    `slug` is at revision `current`. `sent` is the writer's, None where none was named; it may be one that there never
    was. `changes` are the revisions made since, newest first, and `diff` what they did to metadata and text (bounded).
    `overlap` names what both changed: `content`, or a field of the metadata.
    """

    def __init__(
        self,
        slug: str,
        current: int,
        sent: int | None,
        changes: Sequence["Revision"],
        diff: str,
        overlap: Sequence[str] = (),
    ) -> None:
        super().__init__(f"{slug} is at revision {current}, not {sent}")
        self.slug = slug
        self.current = current
        self.sent = sent
        self.changes = tuple(changes)
        self.diff = diff
        self.overlap = tuple(overlap)


class OfAnotherProject(StoreError):
    """A note was to be written for one project, and its slug is that of another project's note, which the writer does
    not say to have read.

    `slug` is at `revision`, and of `project`; `wanted` is the project that was meant, `free` a slug that a note of its
    own may have. `taking` tells whether the note would be moved there.
    """

    def __init__(
        self,
        slug: str,
        title: str,
        note_type: str | None,
        project: str,
        revision: int,
        *,
        wanted: str,
        free: str,
        taking: bool,
    ) -> None:
        super().__init__(f"{slug} is a note of the project {project}, not of {wanted}")
        self.slug = slug
        self.title = title
        self.note_type = note_type
        self.project = project
        self.revision = revision
        self.wanted = wanted
        self.free = free
        self.taking = taking


class ProjectInUse(StoreError):
    """A project was to be deleted, and there is something of it: `notes`, `deleted` ones, which may come back, or
    `tokens` that reach its notes."""

    def __init__(self, slug: str, notes: int, deleted: int, tokens: int) -> None:
        super().__init__(f"the project {slug} is in use")
        self.slug = slug
        self.notes = notes
        self.deleted = deleted
        self.tokens = tokens


class MoveNotAllowed(StoreError):
    """A card would move on a board (`board` and `card` are slugs) from the column of the status `was` to that of
    `status`, and may from there to those of `allowed` only."""

    def __init__(self, board: str, card: str, was: str, status: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{card} may not move from {was} to {status} on {board}")
        self.board = board
        self.card = card
        self.was = was
        self.status = status
        self.allowed = tuple(allowed)


class FullColumn(StoreError):
    """A card would come to the column of `status`, which holds as many as it may, `limit`; `cards` are the first of
    them."""

    def __init__(self, board: str, card: str, status: str, limit: int, cards: Sequence[str]) -> None:
        super().__init__(f"{status} on {board} holds {limit} cards: {card} may not come")
        self.board = board
        self.card = card
        self.status = status
        self.limit = limit
        self.cards = tuple(cards)


class Near(NamedTuple):
    """What stands in a note nearest to a text that does not: from which line, and how it reads exactly. `is_alike`
    tells that they differ in capitals, spaces, quotes, dashes or Unicode form at most."""

    line: int
    passage: str
    is_alike: bool = False


class NoMatch(StoreError):
    """A text was to be replaced that does not stand exactly once in the note.

    `slug` is the note, or a section of it as `slug#anchor`. `lines` are the line numbers where the text stands when
    there are several places; when there is none, `nearest` is the passage most like it, with its line number.
    """

    def __init__(self, slug: str, lines: Sequence[int], nearest: Near | None) -> None:
        super().__init__(f"old_text found {len(lines)} times in {slug}")
        self.slug = slug
        self.lines = tuple(lines)
        self.nearest = nearest


class Forbidden(StoreError):
    """The caller may see this, but not do it; `text` says what the caller's rights are for."""


class Busy(StoreError):
    """The file stayed locked by another program for longer than a writer waits. `text` names the file, which is not for
    strangers."""


class Unusable(StoreError):
    """The file cannot serve as a store: not one of ours, made by a newer version, unreadable, damaged, or its disk
    refuses. `text` names the file, which is not for strangers."""


class Lost(Unusable):
    """The connection to the store was lost. What was being written was not written: to do it all again may do."""


class Unsure(Unusable):
    """The connection to the store was lost while a write was committed, and the store stayed away: it is not known
    whether this was written. Nobody else's file or host is in `text`."""


class Damaged(StoreError):
    """A kept revision is not what was written: its SHA-256 does not match, or it cannot be unpacked.

    `slug` and `revision` name it; `note` and its id where the slug cannot be read.
    """

    def __init__(self, slug: str, revision: int) -> None:
        super().__init__(f"{slug}@{revision} is damaged")
        self.slug = slug
        self.revision = revision
