"""What a write did, and what it warns of, as facts: whoever faces the caller words them."""

from dataclasses import dataclass
from typing import Literal

from notewell_store.models import Dangling, Outcome

Field = Literal["note_type", "project", "tags", "parent"]
"""What may be proposed of a note."""


@dataclass(frozen=True, slots=True)
class LostSection:
    """The new text of the note `slug` has a section no more that `links` other notes link to; what it named has the
    anchor `now`, if it stands there still."""

    slug: str
    anchor: str
    links: int
    now: str | None = None


@dataclass(frozen=True, slots=True)
class MovedSection:
    """Another section has the name `anchor` in the note `slug` than had it, so that links of the notes `sources`, the
    first few, lead elsewhere; what had it has the anchor `now`, if it stands there still."""

    slug: str
    anchor: str
    now: str | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StrayedLinks:
    """So many links of a section mean something else, or nothing, in the note `slug` to which it was moved; `links` are
    the first few, as they are written."""

    slug: str
    links: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class MissingSection:
    """A link was set to a section that its target, the note `slug`, has not; `nearest` are anchors much like it."""

    slug: str
    anchor: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MissingHeadings:
    """The text of the note `slug` lacks `headings` that the note `template` lists for notes of its type."""

    slug: str
    note_type: str
    template: str
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnusableParent:
    """An earlier state of the note `slug` was restored, but for its `parent` then: the one of now was left."""

    slug: str
    parent: str


@dataclass(frozen=True, slots=True)
class SeemingSecret:
    """These lines of the note `slug`, counted from 1, seem to hold a secret of this kind, such as `a GitHub token`."""

    slug: str
    kind: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LinksLeftOut:
    """Of the text of the note `slug` the first `kept` different links are kept; so many more are none."""

    slug: str
    kept: int
    left_out: int


@dataclass(frozen=True, slots=True)
class UsedKey:
    """The idempotency key of a rehearsed call was used: what the call would be answered again, and write nothing."""

    slug: str
    revision: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class KeptSentence:
    """A warning as an answer of version 0.1 kept it for its idempotency key: in words that suit any door."""

    text: str


Warned = (
    LostSection
    | MovedSection
    | StrayedLinks
    | MissingSection
    | MissingHeadings
    | UnusableParent
    | SeemingSecret
    | LinksLeftOut
    | UsedKey
    | KeptSentence
)


@dataclass(frozen=True, slots=True)
class Written:
    """What the same write did to one more note; `anchor` is what a section that was moved there is called now."""

    slug: str
    revision: int
    outcome: Outcome
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Near:
    """A note much like one that was made, as it stood at `revision`. `is_copy`: a passage of the new one stands there
    already, so much of it as `share` says, or the titles are equal."""

    slug: str
    title: str
    revision: int
    share: float | None = None
    is_copy: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A value for a field that is empty, which `agreeing` of the `voters` most like the note have."""

    field: Field
    value: str
    agreeing: int
    voters: int


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A note that the text calls by these words, without a link."""

    slug: str
    words: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """What stands near a note that was made: for its writer to judge, applied by nobody."""

    near: tuple[Near, ...] = ()
    proposed: tuple[Proposed, ...] = ()
    unlinked: tuple[Unlinked, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """What a write did. `merged_with` are the revisions made since the one that the writer had read; `diff` is filled
    by a dry run only, `replaced` by one that replaced all occurrences: how many."""

    slug: str
    revision: int
    outcome: Outcome
    dangling: tuple[Dangling, ...] = ()
    warnings: tuple[Warned, ...] = ()
    diff: str | None = None
    merged_with: tuple[int, ...] = ()
    project: str | None = ""
    """The note's project, None for none; empty in an answer that was kept without it."""
    replaced: int | None = None
    others: tuple[Written, ...] = ()
    suggested: Suggested | None = None
    """Of a note that was made, where it was asked for."""
