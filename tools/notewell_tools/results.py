"""What the tools answer, field by field: text, JSON, OpenAPI and docs/tools.md are made from these types.

A field that is not required is absent where it would say nothing; one that may be null is always there. Times are UTC,
as 2026-11-21T09:30:00.000Z.
"""

from typing import Annotated, Any, Literal, NotRequired, final

from typing_extensions import TypedDict

from notewell_store.models import Outcome as Outcome
from notewell_tools.arguments import Field

Account = Annotated[str | None, Field(description="on whose account: pull request URL, commit SHA or free text")]
Actor = Annotated[str, Field(description="who wrote")]
Changed = Annotated[list[str], Field(description="what kinds of thing changed, such as content or tags")]
Chars = Annotated[int, Field(description="characters of Markdown")]
Client = Annotated[str, Field(description="the program that wrote, as it calls itself, where the door tells")]
Cursor = Annotated[str | None, Field(description="send it as cursor for what follows; null after the last")]
Door = Annotated[str, Field(description="by which way it came: stdio, mcp, rest, pages, terminal, cli or import")]
ForeseenDiff = Annotated[str, Field(description="of a dry run: what would change; nothing was written")]
Nearest = Annotated[list[str], Field(description="what exists and is spelled much like it")]
Reason = Annotated[str | None, Field(description="why, in the writer's words")]
RevisionNumber = Annotated[int, Field(description="counted from 1 for each note")]
Seq = Annotated[int, Field(description="a change number, counted for the whole store")]
Time = str
Total = Annotated[int, Field(description="how many there are, shown or not")]
Yes = Literal[True]


class Closed(TypedDict):
    """A JSON object with the fields that its type names and no others."""


setattr(Closed, "__pydantic_config__", {"extra": "forbid"})  # noqa: B010 - what `pydantic.with_config` does


class Listed(Closed):
    """An answer that may be empty for who asks."""

    reads_as: NotRequired[Annotated[Literal["nobody"], Field(description="sees what is public; a token shows more")]]


class NextCall(Closed):
    """A call that helps on, as it is sent."""

    tool: str
    arguments: Annotated[dict[str, Any], Field(description="of the tool, by their names")]


class Labelled(Closed):
    """What a note is called, and what it is labelled with."""

    slug: str
    title: str
    note_type: str | None
    status: str | None
    project: str | None
    tags: list[str]


class NoteSummary(Labelled):
    """A note without its text."""

    id: int
    revision: RevisionNumber
    updated_at: Time
    chars: Chars


class NoteList(Listed):
    total: Total
    notes: list[NoteSummary]
    next_cursor: Cursor


class Ended(Closed, total=False):
    """What is told of a note that no longer holds."""

    over: Annotated[str, Field(description="the word that says so, such as superseded")]
    successor: Annotated[str, Field(description="slug of the note that holds in its place")]


class Hit(Ended):
    """A note that a search found, and the passage in it that matched best."""

    slug: str
    anchor: Annotated[str | None, Field(description="the section that matched; null: what stands before all headings")]
    title: str
    heading: str | None
    snippet: str
    score: float
    revision: RevisionNumber
    note_type: str | None
    status: str | None
    project: str | None
    found: NotRequired[Annotated[Literal["meaning"], Field(description="by its meaning: words had not found it")]]


class Correction(Closed):
    asked: Annotated[str, Field(description="a word that stands in no note")]
    searched: Annotated[str, Field(description="the word that was searched for in its place")]


class SearchResult(Listed):
    total: Total
    hits: Annotated[list[Hit], Field(description="best first, one for each note")]
    more: NotRequired[Annotated[Yes, Field(description="there are more than total")]]
    corrected: NotRequired[list[Correction]]
    of_projects: NotRequired[Annotated[int, Field(description="of how many projects the hits may be, if of several")]]
    meaning_not_asked: NotRequired[Annotated[str, Field(description="why words alone were searched for")]]


class LinkEnd(Closed):
    """A link, seen from the note that was asked about."""

    target: Annotated[str, Field(description="the note at the other end, with #anchor where the link points into it")]
    relation: str
    direction: Annotated[Literal["out", "in"], Field(description="in: the link is the other note's")]
    exists: bool
    anchor: NotRequired[Annotated[str, Field(description="the section of this note that a link to it names")]]
    written: NotRequired[Annotated[str, Field(description="how the text of a section names it")]]
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
    door: NotRequired[Door]
    client: NotRequired[Client]


class TocEntry(Closed):
    anchor: str
    heading: str
    level: int
    chars: Chars


class NoteFacts(Labelled, Ended):
    """What every answer about one note tells of it."""

    id: int
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
    toc_total: Annotated[int, Field(description="of a long page that is begun: how many entries there are")]
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


@final
class Note(NoteFacts, NoteView):
    """A note: one of toc, markdown and html, unless only `meta` was asked for, and what `include` names. Of a long page
    that is read without bounds there are toc and the beginning of its Markdown."""


@final
class Notes(Closed):
    """The answer where `ref` names several."""

    notes: Annotated[list[Note], Field(description="in the order in which they were named")]


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


class Written(Closed):
    """What the same write did to one more note."""

    slug: str
    revision: RevisionNumber
    outcome: Outcome
    anchor: NotRequired[Annotated[str, Field(description="what the section that was moved there is called now")]]


Share = Annotated[float, Field(description="how much of a passage stands there, weighed by how rare its words are")]


class Near(Closed):
    """A note much like one that was made."""

    slug: str
    title: str
    copy: NotRequired[Annotated[Yes, Field(description="a passage stands there already, or the titles are equal")]]
    share: NotRequired[Share]


class Proposed(Closed):
    """A value for an empty field, which most of the notes like it have."""

    field: Annotated[Literal["note_type", "project", "tags", "parent"], Field(description="the argument that sets it")]
    value: str
    agreeing: Annotated[int, Field(description="how many of the notes that are most like it have that value")]
    voters: Annotated[int, Field(description="of how many")]


class Unlinked(Closed):
    """A note that a text calls without a link."""

    slug: str
    words: Annotated[str, Field(description="as the text calls it")]


class Like(Closed):
    """A note like the one that was asked about."""

    slug: str
    title: str
    likeness: Annotated[float, Field(description="1 for the nearest, the others in proportion")]
    shared: Annotated[list[str], Field(description="words that both have, those that tell most first")]


class Copied(Closed):
    """A note in which a passage of the one that was asked about stands already, or that has the same title."""

    slug: str
    title: str
    anchor: NotRequired[Annotated[str, Field(description="the section in which it stands")]]
    share: NotRequired[Annotated[Share, Field(description="none: the titles are equal")]]


class Linkable(Closed):
    """A note to which the one that was asked about may link."""

    slug: str
    title: str
    worth: Annotated[float, Field(description="by which they are ordered")]
    likeness: Annotated[float, Field(description="as in nearest; 0: not among those")]
    linked_by: Annotated[int, Field(description="how many of the ten nearest notes link to it")]
    words: NotRequired[Annotated[str, Field(description="by which the text may call it")]]


class Suggestions(Closed):
    """What may be done about a note: for people and agents to judge, done by nobody."""

    slug: str
    title: str
    revision: RevisionNumber
    copies: list[Copied]
    proposed: Annotated[list[Proposed], Field(description="for empty fields, where the nearest notes agree")]
    unlinked: Annotated[list[Unlinked], Field(description="notes that the text surely calls")]
    links: Annotated[list[Linkable], Field(description="others that it may link to, best first")]
    nearest: list[Like]


class Saved(Closed):
    """What a write did."""

    slug: str
    revision: RevisionNumber
    outcome: Outcome
    project: NotRequired[Annotated[str | None, Field(description="of a note that was created; null: of none")]]
    dangling: Annotated[list[Dangling], Field(description="links that dangle, first those that this write brought")]
    warnings: list[str]
    diff: NotRequired[ForeseenDiff]
    merged_with: NotRequired[Annotated[list[int], Field(description="revisions that the writer had not read")]]
    replaced: NotRequired[Annotated[int, Field(description="how many occurrences were replaced")]]
    others: NotRequired[Annotated[list[Written], Field(description="other notes that this write changed")]]
    dangling_before: NotRequired[Annotated[int, Field(description="how many of dangling did before this write")]]
    nearest: NotRequired[Annotated[list[Near], Field(description="of a note that was created: what stands near it")]]
    proposed: NotRequired[Annotated[list[Proposed], Field(description="of a note that was created: where sure")]]
    unlinked: NotRequired[Annotated[list[Unlinked], Field(description="of a note that was created: where sure")]]


class NotesSaved(Closed):
    notes: list[Written]
    warnings: list[str]
    diff: NotRequired[ForeseenDiff]


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
class RevisionList(Listed):
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
    revised_at: Time
    revised_by: Account
    actor: Actor
    reason: Reason
    lines: Annotated[str, Field(description="such as 3-5, counted from 1")]
    text: Annotated[str, Field(description="how the first of them begins")]
    or_before: NotRequired[
        Annotated[Yes, Field(description="maybe an older revision's: too many to look at, or redacted")]
    ]


@final
class Blame(Closed):
    """The answer where `blame` is sent."""

    total: Total
    blame: list[BlameLine]
    next_cursor: Cursor


class ChangedNote(Closed):
    """What the revisions that were asked about did to a note together."""

    slug: str
    title: str
    revisions: Annotated[int, Field(description="how many")]
    revision: RevisionNumber
    actors: Annotated[list[str], Field(description="those with most revisions first")]
    added: NotRequired[Annotated[int, Field(description="lines that are new; absent: too much text to compare")]]
    removed: NotRequired[int]


@final
class RevisionSummary(Closed):
    """The answer where `summary` is sent."""

    total: Total
    notes: Annotated[list[ChangedNote], Field(description="the one that was changed last first")]
    next_cursor: Cursor


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


class ProjectList(Listed):
    projects: list[Project]
    deleted: NotRequired[Annotated[str, Field(description="the slug of the project that is no more")]]


class TagCount(Closed):
    tag: str
    notes: Annotated[int, Field(description="how many bear it")]


class TagList(Listed):
    total: Total
    tags: Annotated[list[TagCount], Field(description="most used first")]


class BoardCard(Labelled):
    """A card: a note without its text, with its place on the board."""

    position: Annotated[int | None, Field(description="its place in the column: steps of 1,000, others between them")]
    revision: RevisionNumber
    updated_at: Time
    actor: Annotated[str, Field(description="who wrote last")]
    door: NotRequired[Door]
    since: Annotated[Time, Field(description="since when it has its status")]
    days: Annotated[float, Field(description="since then")]


class BoardColumn(Closed):
    """A column; the last one may hold cards whose status is that of none."""

    name: str
    status: Annotated[str | None, Field(description="what a card's status becomes; null: cards of other statuses")]
    total: Total
    cards: Annotated[list[BoardCard], Field(description="in their order, the first of them")]
    limit: NotRequired[Annotated[int, Field(description="of cards; no other may come when they are as many")]]
    moves_to: NotRequired[Annotated[list[str], Field(description="the statuses allowed from here; absent: all")]]
    done: NotRequired[Annotated[Yes, Field(description="what stands here is over")]]
    next_position: NotRequired[
        Annotated[int, Field(description="what puts a card last; absent where not all are shown")]
    ]


class Moved(Closed):
    """A card that a sync made or changed, and the column's status in which it stands then."""

    slug: str
    revision: RevisionNumber
    status: str | None


class Synced(Closed):
    """What a sync did, or in a dry run would do."""

    board: str
    added: list[Moved]
    moved: Annotated[list[Moved], Field(description="cards that followed what they stand for")]
    orphaned: Annotated[list[str], Field(description="cards whose source is gone; they stay")]
    taken: Annotated[list[str], Field(description="names of notes that are no cards here, or were deleted: left alone")]
    left: Annotated[int, Field(description="how many more the same call brings when it is made again")]
    warnings: list[str]
    dry_run: NotRequired[Yes]


class FlowWeek(Closed):
    week: Annotated[str, Field(description="its Monday")]
    done: Annotated[int, Field(description="cards that were done in it")]
    counts: Annotated[list[int], Field(description="cards in each column at its end, as columns are listed")]


class FinishedCard(Closed):
    slug: str
    at: Annotated[Time, Field(description="when it was done")]
    days: Annotated[float, Field(description="since it came to the board")]


class OldCard(Closed):
    slug: str
    status: str
    days: Annotated[float, Field(description="in its column")]


class LeadTime(Closed):
    """Days from coming to the board to being done."""

    cards: Annotated[int, Field(description="of how many, all that were done in these weeks")]
    p50: Annotated[float | None, Field(description="half of them took no longer")]
    p85: Annotated[float | None, Field(description="85 of 100 took no longer")]


class Flow(Closed):
    """What the history tells of the cards that are on the board today."""

    lead_days: LeadTime
    in_work: Annotated[int, Field(description="cards that were begun and are not done")]
    oldest: Annotated[list[OldCard], Field(description="of those in work, the first few")]
    weeks: Annotated[list[FlowWeek], Field(description="oldest first")]
    finished: Annotated[list[FinishedCard], Field(description="newest first, at most 100")]
    part: NotRequired[Annotated[Yes, Field(description="the board has more cards than were looked at")]]


class TimelineEntry(Closed):
    at: Time
    kind: Literal["milestone", "decision", "phase", "plan"]
    slug: str
    title: str
    status: str | None
    done: bool


class Board(Closed):
    """A board with its cards, and what `include` names."""

    slug: str
    title: str
    project: str | None
    revision: RevisionNumber
    total: Total
    columns: list[BoardColumn]
    faults: NotRequired[Annotated[list[str], Field(description="what of its page cannot be read")]]
    flow: NotRequired[Flow]
    timeline: NotRequired[Annotated[list[TimelineEntry], Field(description="of its project, newest first")]]
    timeline_total: NotRequired[int]


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
class CheckedText(Listed):
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
