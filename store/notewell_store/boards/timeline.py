"""The timeline of a project: its milestones, its decisions, the phases and plans that were completed."""

from typing import Literal, NamedTuple

from notewell_store.boards.front import read_front
from notewell_store.clock import told_time
from notewell_store.contract import Snapshot
from notewell_store.models import Filter
from notewell_store.tables import boards
from notewell_store.tables.boards import DatedRow
from notewell_store.vocabulary import kind_of, standing

Kind = Literal["milestone", "decision", "phase", "plan"]

MOST = 200
"""Notes that are looked at, those that changed last."""
DATES = ("due", "date", "target")
"""The keys of front matter that say when."""


class Entry(NamedTuple):
    """Something of a project at its time; `is_done` tells whether a milestone was reached, or that it was completed."""

    at: str
    kind: Kind
    slug: str
    title: str
    status: str | None
    is_done: bool


def timeline_of(db: Snapshot, project: str) -> tuple[Entry, ...]:
    """Newest first. What its front matter says of a milestone's or a decision's time counts; else a decision is as old
    as its note, and what is over ended when it got its status."""
    wanted = Filter(any_tags=("milestone", "decision", "phase", "plan"), project=project)
    rows = [(row, kind) for row in boards.dated_notes(db, wanted, MOST) if (kind := _kind(row))]
    since = boards.entered_since(db, [row.id for row, _ in rows])
    entries = (_entry(row, kind, since.get(row.id, row.updated_at)) for row, kind in rows)
    return tuple(sorted((entry for entry in entries if entry), key=lambda entry: (entry.at, entry.slug), reverse=True))


def _kind(row: DatedRow) -> Kind | None:
    """By its type, else by its tags."""
    words = (row.note_type or "", *row.tags)
    if row.note_type == "milestone" or ("milestone" in words and row.note_type is None):
        return "milestone"
    if row.note_type == "phase" or ("phase" in words and row.note_type is None):
        return "phase"
    kind = kind_of(row.note_type, row.tags)
    return kind if kind == "decision" or kind == "plan" else None


def _entry(row: DatedRow, kind: Kind, since: str) -> Entry | None:
    is_done = standing(row.status, row.tags) == "over"
    if kind in ("phase", "plan") and not is_done:
        return None
    at = _said(row.page) if kind in ("milestone", "decision") else None
    if at is None:
        at = since if is_done and kind != "decision" else row.created_at
    return Entry(at, kind, row.slug, row.title, row.status, is_done)


def _said(page: str) -> str | None:
    try:
        front = read_front(page)
    except ValueError:
        return None
    return next((time for key in DATES if (time := told_time(str(front.get(key, ""))))), None)
