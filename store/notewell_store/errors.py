"""What can go wrong in the store, as data: whoever faces the caller words it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notewell_store.models import Revision


class StoreError(Exception):
    """Everything that the store raises on purpose."""


class NotFound(StoreError):
    """Nothing bears that name. `nearest` holds existing names that look like it, best first."""

    def __init__(self, kind: str, name: str, nearest: Sequence[str] = (), within: str | None = None) -> None:
        super().__init__(f"no {kind} {name!r}")
        self.kind = kind
        self.name = name
        self.nearest = tuple(nearest)
        self.within = within


class Deleted(StoreError):
    """The note is a tombstone since `revision`; its history is kept."""

    def __init__(self, slug: str, revision: int) -> None:
        super().__init__(f"{slug} is deleted")
        self.slug = slug
        self.revision = revision


class Invalid(StoreError):
    """A value that cannot be taken. `message` says what is wrong and what to send instead."""

    def __init__(self, message: str, argument: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.argument = argument


class Conflict(StoreError):
    """The note is not at the revision that the writer read.

    `sent` is None when the writer named no revision at all. `changes` are the revisions made since,
    newest first, and `diff` what they did to metadata and text (bounded). `overlap` names what both changed.
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


class NoMatch(StoreError):
    """`old_text` does not stand exactly once in the note.

    `lines` are the line numbers where it stands when there are several; when there is none, `nearest`
    is the passage most like it, with its line number.
    """

    def __init__(self, slug: str, lines: Sequence[int], nearest: tuple[int, str] | None) -> None:
        super().__init__(f"old_text found {len(lines)} times in {slug}")
        self.slug = slug
        self.lines = tuple(lines)
        self.nearest = nearest


class Forbidden(StoreError):
    """The caller may not do this; `message` says what would be needed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Busy(StoreError):
    """The file stayed locked by another program for longer than a writer waits."""


class Unusable(StoreError):
    """The file cannot serve as a store: not one of ours, made by a newer version, unreadable, damaged."""


class Damaged(StoreError):
    """A kept revision is not what was written: its SHA-256 does not match, or it cannot be unpacked."""

    def __init__(self, slug: str, revision: int) -> None:
        super().__init__(f"{slug}@{revision} is damaged")
        self.slug = slug
        self.revision = revision
