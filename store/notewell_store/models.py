"""What the store keeps and answers, as values that nothing changes. Times are UTC, `2026-11-21T09:30:00.000Z`."""

from dataclasses import dataclass
from typing import Final, Generic, Literal, NamedTuple, TypeVar

T = TypeVar("T")

Outcome = Literal["created", "updated", "merged", "confirmed", "unchanged"]
EditMode = Literal[
    "replace", "replace_all", "replace_section", "append", "prepend", "insert_before", "insert_after", "delete_section"
]
Sort = Literal["updated", "oldest", "created", "title", "slug", "position"]
Door = Literal["stdio", "mcp", "rest", "pages", "terminal", "cli", "import"]
"""The way in: MCP over a pipe and over HTTP, REST, pages, the command line for who sits at a terminal and for programs,
files that were taken in."""

MENTIONS: Final = "mentions"
EMBEDS: Final = "embeds"
OF_TEXT: Final = (MENTIONS, EMBEDS)
"""The relations of the links that stand in a text, `[[x]]` and `![[x]]`; every other relation is set on purpose."""


@dataclass(frozen=True, slots=True)
class ExplicitLink:
    """A link set on purpose: `target` is a slug, with `#anchor` where the link points into the note."""

    relation: str
    target: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """All that a revision keeps beside the Markdown."""

    slug: str
    title: str
    note_type: str | None = None
    status: str | None = None
    project: str | None = None
    tags: tuple[str, ...] = ()
    parent: str | None = None
    position: int | None = None
    is_public: bool = False
    deleted: bool = False
    links: tuple[ExplicitLink, ...] = ()


class NoteSummary(NamedTuple):
    """A note without its body, as lists show it. `chars` counts the Markdown's characters."""

    id: int
    slug: str
    title: str
    note_type: str | None
    status: str | None
    project: str | None
    tags: tuple[str, ...]
    revision: int
    updated_at: str
    chars: int


class Note(NamedTuple):
    """A note at one revision, whole."""

    id: int
    metadata: Metadata
    markdown: str
    revision: int
    seq: int
    created_at: str
    updated_at: str
    actor: str
    revised_by: str | None


@dataclass(frozen=True, slots=True)
class TocEntry:
    anchor: str
    heading: str
    level: int
    chars: int


@dataclass(frozen=True, slots=True)
class Link:
    """A link seen from one of its ends. `note` is the other end: its slug, or what was written where none exists.

    `direction` is `out` for a link of the note that was asked about, `in` for a link to it.
    """

    note: str
    anchor: str | None
    relation: str
    direction: Literal["out", "in"]
    exists: bool
    title: str | None = None
    foreign: str | None = None
    """The project of the other end, where the note that was asked about is of another: then it has no title here."""
    written: str | None = None
    """How the text names the other end, where it is asked for and another name than that."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One kept change. `changed` says what kinds of thing it changed, such as `content` or `tags`."""

    slug: str
    revision: int
    seq: int
    revised_at: str
    actor: str
    revised_by: str | None
    reason: str | None
    changed: tuple[str, ...]
    door: str | None = None
    """See Door; None of what was written before doors were kept."""
    client: str | None = None
    """The program that wrote, as it calls itself, where the door tells."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """That a revision of a note, the change `seq`, was redacted: its text taken out for good. `erased` tells whether
    nothing of it is left in the store's place."""

    note_id: int
    slug: str
    revision: int
    seq: int
    redacted_at: str
    actor: str
    reason: str
    erased: bool


@dataclass(frozen=True, slots=True)
class ChangedNote:
    """What some revisions of a note, `revision` the last of them, did to it together: the actors, those with most
    revisions first, and how many `lines` are there now that were not, and the other way round; None where that was not
    counted, for it is too much."""

    slug: str
    title: str
    revisions: int
    revision: int
    actors: tuple[str, ...]
    lines: tuple[int, int] | None


class RevisionFilter(NamedTuple):
    """Which revisions are meant. `since` is a time or, all digits, a change number: what came after it. `project` is
    that of the notes today."""

    revised_by: str | None = None
    actor: str | None = None
    since: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class BlameRange:
    """Lines `first` to `last` (counted from 1) of a note, and the revision that brought them."""

    revision: int
    revised_at: str
    revised_by: str | None
    actor: str
    reason: str | None
    first: int
    last: int
    text: str
    or_before: bool = False
    """Whether it may as well be one before, which were too many to look at, or redacted."""
    door: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A note that a search found, and the passage in it that matched best."""

    slug: str
    anchor: str | None
    title: str
    heading: str | None
    snippet: str
    score: float
    revision: int
    note_type: str | None
    status: str | None
    project: str | None
    end: "End | None"
    is_by_meaning: bool = False
    """Whether words had not proposed it."""


@dataclass(frozen=True, slots=True)
class End:
    """That a note no longer holds: `word` says so, as `superseded`; `successor` is the slug of what holds instead,
    where that is known."""

    word: str
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that stands in no note, and the one that was searched for in its place."""

    asked: str
    searched: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the best notes of `total`, or of more where `is_more`, and what it read otherwise. `unasked`
    is why it could not be told what the query means, where that was to be."""

    total: int
    items: tuple[Hit, ...]
    is_more: bool = False
    corrected: tuple[Correction, ...] = ()
    unasked: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    slug: str
    name: str
    platform: str | None
    repo_url: str | None
    notes: int


@dataclass(frozen=True, slots=True)
class TagCount:
    tag: str
    notes: int


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Some of `total` things. `next_cursor` fetches the next ones; None after the last."""

    total: int
    items: tuple[T, ...]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which notes a list or search takes; what is None does not restrict.

    `tags` must all be there and one of `any_tags`; type, status and project count as tags. `parent` is a
    note's id, 0 for notes without one; `within` that of a note whose children are taken, theirs too, and so on.
    `unlinked` takes notes that no other living note links to, `deleted` the tombstones instead of the living.
    """

    tags: tuple[str, ...] = ()
    any_tags: tuple[str, ...] = ()
    note_type: str | None = None
    project: str | None = None
    status: str | None = None
    parent: int | None = None
    within: int | None = None
    updated_since: str | None = None
    updated_before: str | None = None
    unlinked: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who writes, on whose account, why, and when (None: now; an import gives the original time); by which door, and
    with which program: both are the door's to say, and nothing that is written can."""

    actor: str
    revised_by: str | None = None
    reason: str | None = None
    at: str | None = None
    door: Door | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """An idempotency key, and a digest of the call that it stands for."""

    key: str
    call: str


@dataclass(frozen=True, slots=True)
class Dangling:
    """A reference whose target does not exist, and existing slugs that look like it; or that more than one note bears
    with equal right, which `nearest` names."""

    ref: str
    nearest: tuple[str, ...] = ()
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What a caller wants a note to become; what is None stays as it is.

    `project` and `parent` take `none` to clear, as do `note_type` and `status`. `tags` replaces the tags,
    `add_tags` and `remove_tags` change them one by one. `is_whole` confirms a content that looks like a part of
    the note; `confirm` says that what the note says still holds.
    """

    title: str | None = None
    content: str | None = None
    note_type: str | None = None
    status: str | None = None
    project: str | None = None
    tags: tuple[str, ...] | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    parent: str | None = None
    position: int | None = None
    is_public: bool | None = None
    new_slug: str | None = None
    is_whole: bool = False
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a part of a text. `anchor` narrows it to a section; `old_text` is for modes that look for it."""

    mode: EditMode
    new_text: str = ""
    old_text: str | None = None
    anchor: str | None = None
