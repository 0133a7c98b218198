"""What a page for people shows of a project: what its own page begins with, its plans, stories, open work, timeline and
activity."""

from dataclasses import dataclass

from notewell_store.boards.timeline import timeline_of
from notewell_store.briefing.excerpts import steps_of, tidy
from notewell_store.briefing.plans import chain_of
from notewell_store.briefing.project_page import page_of
from notewell_store.contract import Snapshot
from notewell_store.markdown import Section
from notewell_store.models import Note, TagCount
from notewell_store.tables import feed, labels, notes, pages
from notewell_store.tables.feed import FeedEntry
from notewell_store.tables.note_rows import Row, count_notes, notes_of
from notewell_store.tables.project_rows import ProjectRow, project_named
from notewell_store.tables.sections import sections_of
from notewell_tools.board import entry_told
from notewell_tools.definition import Call
from notewell_tools.results import TimelineEntry

STORY = "story:"
MOST_STORIES = 24
MOST_OPEN = 12
MOST_DECISIONS = 6
MOST_CHANGES = 10
MOST_ENTRIES = 12  # of the timeline


@dataclass(frozen=True, slots=True)
class ShownPage:
    """The note that tells of the project; `html` is what it begins with, `is_cut` whether it says more."""

    slug: str
    title: str
    html: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, and how many of its steps are done."""

    note: Row
    done: int
    steps: int


@dataclass(frozen=True, slots=True)
class ProjectOverview:
    """`before` is the plan that the first one continues, or the last one where none is under way."""

    project: ProjectRow
    notes: int
    page: ShownPage | None
    plans: list[Plan]
    before: Row | None
    timeline: list[TimelineEntry]
    timeline_total: int
    stories: list[TagCount]
    open_work: list[Row]
    has_more_work: bool
    decisions: list[Row]
    changes: tuple[FeedEntry, ...]


def project_overview(call: Call, name: str) -> ProjectOverview:
    """By any name that the project has or had. Raises NotFound."""
    with call.store.reading() as db:
        project = project_named(db, name)
        chain = chain_of(db, project.id)
        todos = notes_of(db, ("todo", "review"), project.id, most=4 * MOST_OPEN)
        work = [row for row in todos.notes if row.kind == "todo" or row.standing == "waiting"]
        entries = timeline_of(db, project.slug)
        _, stories = labels.count_labels(db, STORY, project.slug, MOST_STORIES)
        return ProjectOverview(
            project,
            count_notes(db, project.id),
            _page(db, project),
            [_plan(db, row) for row in (chain.plan, *chain.others) if row],
            chain.before,
            [entry_told(entry) for entry in entries[:MOST_ENTRIES]],
            len(entries),
            list(stories),
            work[:MOST_OPEN],
            todos.more or len(work) > MOST_OPEN,
            list(notes_of(db, ("decision",), project.id, most=MOST_DECISIONS).notes),
            feed.newest_first(db, project=project.slug, limit=MOST_CHANGES).entries,
        )


def _plan(db: Snapshot, row: Row) -> Plan:
    steps = steps_of(notes.load(db, row.id).markdown)
    return Plan(row, steps.done, steps.done + len(steps.open))


def _page(db: Snapshot, project: ProjectRow) -> ShownPage | None:
    row = page_of(db, project)
    if row is None:
        return None
    note = notes.load(db, row.id)
    end = _end_of_first(note, sections_of(db, note))
    html = pages.page_of(db, note, 0, end)
    return ShownPage(row.slug, row.title, html, end < len(note.markdown.rstrip()))


def _end_of_first(note: Note, sections: tuple[Section, ...]) -> int:
    """Where ends what stands before the second heading; where that is nothing, the section after it."""
    for section in sections[:3]:
        if tidy(note.markdown[section.body_start : section.own_end]):
            return section.own_end
    return len(note.markdown)
