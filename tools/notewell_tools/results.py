"""What the tools answer, field by field: text, JSON, OpenAPI and docs/tools.md are made from these types.

A field that is not required is absent where it would say nothing; one that may be null is always there. Times are UTC,
as 2026-11-21T09:30:00.000Z.
"""

from typing import Annotated, Any, Literal, NotRequired, final

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from notewell_store.models import Outcome as Outcome

Account = Annotated[str | None, Field(description="on whose account: pull request URL, commit SHA or free text")]
Actor = Annotated[str, Field(description="who wrote")]
Changed = Annotated[list[str], Field(description="what kinds of thing changed, such as content or tags")]
Chars = Annotated[int, Field(description="characters of Markdown")]
Cursor = Annotated[str | None, Field(description="send it as cursor for what follows; null after the last")]
Nearest = Annotated[list[str], Field(description="what exists and is spelled much like it")]
Reason = Annotated[str | None, Field(description="why, in the writer's words")]
RevisionNumber = Annotated[int, Field(description="counted from 1 for each note")]
Seq = Annotated[int, Field(description="a change number, counted for the whole store")]
Time = str
Total = Annotated[int, Field(description="how many there are, shown or not")]
Yes = Literal[True]


@with_config(ConfigDict(extra="forbid"))
class Closed(TypedDict):
    """A JSON object with the fields that its type names and no others."""


class NextCall(Closed):
    """A call that helps on, as it is sent."""

    tool: str
    arguments: Annotated[dict[str, Any], Field(description="of the tool, by their names")]


class NoteSummary(Closed):
    """A note without its text."""

    id: int
    slug: str
    title: str
    note_type: str | None
    status: str | None
    project: str | None
    tags: list[str]
    revision: RevisionNumber
    updated_at: Time
    chars: Chars


class NoteList(Closed):
    total: Total
    notes: list[NoteSummary]
    next_cursor: Cursor


class Hit(Closed):
    """A note that a search found, and the passage in it that matched best."""

    slug: str
    anchor: Annotated[str | None, Field(description="the section that matched; null: what stands before all headings")]
    title: str
    heading: str | None
    snippet: str
    score: float
    revision: RevisionNumber


class Correction(Closed):
    asked: Annotated[str, Field(description="a word that stands in no note")]
    searched: Annotated[str, Field(description="the word that was searched for in its place")]


class SearchResult(Closed):
    total: Total
    hits: Annotated[list[Hit], Field(description="best first, one for each note")]
    more: NotRequired[Annotated[Yes, Field(description="there are more than total")]]
    corrected: NotRequired[list[Correction]]


class LinkEnd(Closed):
    """A link, seen from the note that was asked about."""

    target: Annotated[str, Field(description="the note at the other end, with #anchor where the link points into it")]
    relation: str
    direction: Annotated[Literal["out", "in"], Field(description="in: the link is the other note's")]
    exists: bool
    anchor: NotRequired[Annotated[str, Field(description="the section of this note that a link to it names")]]
    title: NotRequired[str]
    project: NotRequired[Annotated[str, Field(description="of a note of another project, whose title is left out")]]


class Revision(Closed):
    """One kept change."""

    slug: str
    revision: RevisionNumber
    seq: Seq
    revised_at: Time
    actor: Actor
    revised_by: Account
    reason: Reason
    changed: Changed


class TocEntry(Closed):
    anchor: str
    heading: str
    level: int
    chars: Chars


class NoteFacts(Closed):
    """What every answer about one note tells of it."""

    id: int
    slug: str
    title: str
    note_type: str | None
    status: str | None
    project: str | None
    tags: list[str]
    parent: Annotated[str | None, Field(description="slug of the note above")]
    is_public: bool
    revision: RevisionNumber
    revised_by: Account
    updated_at: Time
    created_at: Time
    anchor: NotRequired[Annotated[str, Field(description="of the section that was asked for")]]
    heading: NotRequired[str]
    deleted: NotRequired[Annotated[Yes, Field(description="a tombstone, shown as it was")]]


class NoteView(Closed, total=False):
    """What `view` and `include` ask for."""

    toc: list[TocEntry]
    markdown: str
    html: str
    chars: Annotated[int, Field(description="of the whole text, where it is cut")]
    truncated: Yes
    next_offset: Annotated[int, Field(description="send it as offset for what follows")]
    links: list[LinkEnd]
    links_total: int
    links_unread: Annotated[int, Field(description="notes that may have linked here, too many to read")]
    children: list[NoteSummary]
    children_total: int
    history: Annotated[list[Revision], Field(description="newest first")]
    history_total: int


class Note(NoteFacts, NoteView):
    """A note: one of toc, markdown and html, unless only `meta` was asked for, and what `include` names."""


class WholeNote(NoteFacts):
    """A note with its Markdown and its page."""

    markdown: str
    html_content: str


class NoteLinks(Closed):
    """A note's links in both directions."""

    slug: str
    revision: RevisionNumber
    links: list[LinkEnd]
    links_total: int


class Dangling(Closed):
    """A link whose target does not exist."""

    ref: str
    nearest: Nearest
    ambiguous: NotRequired[Annotated[Literal[True], Field(description="which of `nearest` is meant, nothing tells")]]


class Saved(Closed):
    """What a write did."""

    slug: str
    revision: RevisionNumber
    outcome: Outcome
    dangling: Annotated[list[Dangling], Field(description="links that dangle, first those that this write brought")]
    warnings: list[str]
    diff: NotRequired[Annotated[str, Field(description="of a dry run: what would change; nothing was written")]]
    merged_with: NotRequired[Annotated[list[int], Field(description="revisions that the writer had not read")]]
    dangling_before: NotRequired[Annotated[int, Field(description="how many of dangling did before this write")]]


class Deleted(Closed):
    slug: str
    revision: RevisionNumber
    outcome: Outcome
    backlinks: Annotated[list[str], Field(description="notes whose links to it now dangle")]


class LinksSaved(Closed):
    source: str
    revision: RevisionNumber
    outcome: Outcome
    links: Annotated[list[LinkEnd], Field(description="all that are set on purpose, less those in the text")]
    warnings: NotRequired[list[str]]


@final
class RevisionList(Closed):
    slug: NotRequired[Annotated[str, Field(description="the note that was asked about; absent: the whole store")]]
    total: Total
    revisions: Annotated[list[Revision], Field(description="newest first")]
    next_cursor: Cursor


@final
class RevisionDiff(Closed):
    """The answer where `diff` is sent."""

    diff: Annotated[str, Field(description="unified; empty: no difference")]


class BlameLine(Closed):
    """Neighbouring lines that one revision brought."""

    revision: RevisionNumber
    revised_by: Account
    actor: Actor
    lines: Annotated[str, Field(description="such as 3-5, counted from 1")]
    text: Annotated[str, Field(description="how the first of them begins")]
    or_before: NotRequired[Annotated[Yes, Field(description="maybe an older revision's, too many to look at")]]


@final
class Blame(Closed):
    """The answer where `blame` is sent."""

    blame: list[BlameLine]


class Changes(Closed):
    """What came after a change, for who follows the store."""

    changes: Annotated[list[Revision], Field(description="oldest first")]
    next: Annotated[int, Field(description="send it as since for what follows")]
    more: Annotated[bool, Field(description="there is more by now")]


class Project(Closed):
    slug: str
    name: str
    platform: str | None
    repo_url: str | None
    notes: Annotated[int, Field(description="how many")]


class ProjectList(Closed):
    projects: list[Project]


class TagCount(Closed):
    tag: str
    notes: Annotated[int, Field(description="how many bear it")]


class TagList(Closed):
    total: Total
    tags: Annotated[list[TagCount], Field(description="most used first")]


class Searched(Closed):
    """The scope without which `does not exist` says nothing."""

    notes: Annotated[int, Field(description="living notes")]
    seq: Annotated[int, Field(description="the newest change of the store")]


class ReferenceDetails(Closed, total=False):
    """What is told of a reference where there is something to tell."""

    anchor: Annotated[str, Field(description="the section that defines a key")]
    revision: Annotated[int, Field(description="the newest on account of a change")]
    remark: str


class ReferenceFacts(ReferenceDetails):
    """A reference, and the note that it names: also where a section or a revision of that is missing."""

    ref: str
    kind: Literal["note", "key", "change"]
    state: Literal["exact", "alias", "deleted", "missing", "missing-section", "ambiguous"]
    slug: str | None
    id: int | None
    title: str | None
    created_at: Time | None
    nearest: Nearest
    lines: Annotated[list[int], Field(description="where it stands, counted from 1; the first few")]


@final
class CheckedReference(ReferenceFacts):
    """A reference, and the note that it names: also where a section or a revision of that is missing."""


@final
class NoteProblem(ReferenceFacts):
    """A reference of a stored note that somebody should mend."""

    note: Annotated[str, Field(description="the note in which it stands")]


@final
class RestOfText(Closed):
    """What was not checked, where a text has more references than one answer tells."""

    from_line: Annotated[int, Field(description="counted from 1: send the text from there on")]


@final
class RestOfProject(Closed):
    """What is not shown, where a project has more than one answer tells."""

    problems: Annotated[int, Field(description="how many more were found")]
    after: NotRequired[Annotated[str, Field(description="the last note, by slug, that was looked through")]]
    command: Annotated[list[str], Field(description="the words of the notewell command that shows all")]


@final
class CheckedText(Closed):
    """The answer about a text or a note."""

    total: Total
    refs: Annotated[list[CheckedReference], Field(description="those that do not exist first")]
    searched: Searched
    left_out: NotRequired[RestOfText]


@final
class CheckedProject(Closed):
    """The answer about a project: its problems; what exists is counted."""

    total: Annotated[int, Field(description="references")]
    notes: Annotated[int, Field(description="notes that were looked through")]
    problems: int
    refs: list[NoteProblem]
    searched: Searched
    left_out: NotRequired[RestOfProject]
