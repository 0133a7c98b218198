"""What a write did, and what it warns of, as facts: whoever faces the caller words them."""

from dataclasses import dataclass

from notewell_store.models import Dangling, Outcome


@dataclass(frozen=True, slots=True)
class LostSection:
    """The new text of the note `slug` has a section no more that `links` other notes link to."""

    slug: str
    anchor: str
    links: int


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
class UsedKey:
    """The idempotency key of a rehearsed call was used: what the call would be answered again, and write nothing."""

    slug: str
    revision: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class KeptSentence:
    """A warning as an answer of version 0.1 kept it for its idempotency key: in words that suit any door."""

    text: str


Warned = LostSection | MissingSection | MissingHeadings | UnusableParent | SeemingSecret | UsedKey | KeptSentence


@dataclass(frozen=True, slots=True)
class Saved:
    """What a write did. `merged_with` are the revisions made since the one that the writer had read; `diff` is filled
    by a dry run only."""

    slug: str
    revision: int
    outcome: Outcome
    dangling: tuple[Dangling, ...] = ()
    warnings: tuple[Warned, ...] = ()
    diff: str | None = None
    merged_with: tuple[int, ...] = ()
